package dev.perdure.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.grpc.GrpcServerOptions;
import dev.perdure.server.PerdureServer;
import dev.perdure.server.ServerOptions;
import dev.perdure.store.rocksdb.RocksStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * A server on free ports, for commands to ask. When it is closed, {@code perdure audit} proves of
 * it while it still runs, and of its hubs when it has ended, that everything will be woken.
 */
final class AuditedServer implements AutoCloseable {
  private final Path store;
  private final PerdureServer server;

  private AuditedServer(Path store, PerdureServer server) {
    this.store = store;
    this.server = server;
  }

  static AuditedServer start(Path store) {
    return start(ServerOptions.of(store));
  }

  /** Starts a server, with options that say nothing of ports. */
  static AuditedServer start(ServerOptions options) {
    return new AuditedServer(
        options.directory(),
        PerdureServer.start(
            options.withGrpc(GrpcServerOptions.DEFAULTS.withPorts(0)).withHttp("127.0.0.1", 0)));
  }

  int grpcPort() {
    return server.grpcPort();
  }

  String url() {
    return "http://127.0.0.1:" + server.httpPort();
  }

  @Override
  public void close() {
    try {
      Path keys = store.resolve("http.keys");
      List<String> ask = new ArrayList<>(List.of("--server", url()));
      if (Files.exists(keys)) {
        ask.addAll(List.of("--key", keys.toString()));
      }
      audit(ask);
    } finally {
      server.close();
    }
    auditHubsIn(store);
  }

  /** Has {@code perdure audit} look at all hubs of a store that no program has open. */
  static void auditHubsIn(Path store) {
    List<Path> hubs;
    try (Stream<Path> entries = Files.list(store)) {
      hubs = entries.filter(RocksStore::isHub).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(hubs).as("hubs in " + store).isNotEmpty();
    hubs.forEach(hub -> audit(List.of(hub.toString())));
  }

  private static void audit(List<String> of) {
    StringWriter said = new StringWriter();
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(said, true));
    commandLine.setErr(new PrintWriter(said, true));
    List<String> arguments = new ArrayList<>(List.of("audit"));
    arguments.addAll(of);
    int exitCode = commandLine.execute(arguments.toArray(String[]::new));
    assertThat(exitCode).as("perdure audit %s says: %s", of, said).isZero();
  }
}
