package dev.perdure.functionstests;

import dev.perdure.functions.app.AppLayout;
import dev.perdure.functions.app.AppSource;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** A directory such as the build plugin for Azure makes of an app. */
final class StagedApp {
  private static final String JAR = "app-1.0.0.jar";

  private final Path directory;

  private StagedApp(Path directory) {
    this.directory = directory;
  }

  /**
   * Begins one, with the settings and the libraries of the example.
   *
   * @param classes a directory, of which the app has
   * @param which these classes
   */
  static StagedApp begin(Path directory, Path classes, Predicate<Path> which) throws IOException {
    Path example = ExampleAppTest.EXAMPLE;
    Files.copy(example.resolve("host.json"), directory.resolve("host.json"));
    Path lib = Files.createDirectory(directory.resolve("lib"));
    for (Path library : example().libraries()) {
      Files.copy(library, lib.resolve(library.getFileName()));
    }
    jar(classes, which, directory.resolve(JAR));
    return new StagedApp(directory);
  }

  /** What the build of the example made. */
  static AppLayout example() throws IOException {
    return AppSource.find(ExampleAppTest.EXAMPLE, true, note -> {});
  }

  private static void jar(Path classes, Predicate<Path> which, Path jar) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(classes)) {
      files = all.filter(Files::isRegularFile).filter(which).toList();
    }
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file)) {
      for (Path each : files) {
        out.putNextEntry(new JarEntry(classes.relativize(each).toString().replace('\\', '/')));
        Files.copy(each, out);
      }
    }
  }

  /** Adds a function; {@code bindings} are objects of JSON with commas between them. */
  StagedApp function(String name, String entryPoint, String bindings) throws IOException {
    Files.writeString(
        Files.createDirectory(directory.resolve(name)).resolve("function.json"),
        """
        {
          "scriptFile" : "../%s",
          "entryPoint" : "%s",
          "bindings" : [ %s ]
        }
        """
            .formatted(JAR, entryPoint, bindings));
    return this;
  }
}
