package dev.perdure.bench.harness;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What uses the published SDK, with its libraries: in a directory beside that of our own jars. */
public final class SdkJars {
  private SdkJars() {}

  /** All jars. */
  public static List<Path> all() throws IOException {
    Path directory;
    try {
      Path here =
          Path.of(SdkJars.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      directory = Objects.requireNonNull(here.getParent()).resolveSibling("sdk");
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
    if (!Files.isDirectory(directory)) {
      throw new WorkloadFailedException(
          "There is no SDK in %s. Run the workload with ./perdure bench.".formatted(directory));
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
  }

  /** All jars as a class path. */
  public static String classPath() throws IOException {
    return all().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }
}
