package dev.perdure.functions;

import dev.perdure.functions.definition.AnnotationScan;
import dev.perdure.functions.definition.AppDefinition;
import dev.perdure.functions.definition.FunctionDefinition;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Functions that are written in the classes of tests. */
public final class TestFunctions {
  private TestFunctions() {}

  /** The app that some classes would be. */
  public static AppDefinition of(Class<?>... classes) {
    try {
      Path directory = Files.createTempDirectory("functions");
      try {
        for (Class<?> type : classes) {
          Path file = directory.resolve(type.getName().replace('.', '/') + ".class");
          Files.createDirectories(file.getParent());
          try (InputStream in =
              type.getResourceAsStream(
                  type.getName().substring(type.getPackageName().length() + 1) + ".class")) {
            Files.copy(in, file);
          }
        }
        return AnnotationScan.scan(List.of(directory), List.of(TestApp.annotations()));
      } finally {
        delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One function of a class. */
  public static FunctionDefinition function(Class<?> type, String name) {
    AppDefinition app = of(type);
    return app.functions().stream()
        .filter(function -> function.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("No function " + name + ": " + app.problems()));
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
