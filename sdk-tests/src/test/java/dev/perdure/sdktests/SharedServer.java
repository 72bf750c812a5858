package dev.perdure.sdktests;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** One server for all test classes that do it no harm. It ends with the last of them. */
final class SharedServer implements BeforeAllCallback {
  private static volatile ServerProcess server;

  /** The server. */
  static ServerProcess server() {
    return server;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    server =
        context
            .getRoot()
            .getStore(Namespace.create(SharedServer.class))
            .computeIfAbsent("server", key -> new Started(), Started.class)
            .server;
  }

  private static final class Started implements AutoCloseable {
    private final Path directory;
    private final ServerProcess server;

    Started() {
      try {
        directory = Files.createTempDirectory("perdure-sdk-tests");
        server = ServerProcess.start(directory.resolve("store"));
      } catch (Exception e) {
        throw new IllegalStateException("No server, no tests", e);
      }
    }

    @Override
    public void close() throws Exception {
      server.close();
      server.audit();
      try (Stream<Path> files = Files.walk(directory)) {
        List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
        for (Path file : deepestFirst) {
          Files.delete(file);
        }
      }
    }
  }
}
