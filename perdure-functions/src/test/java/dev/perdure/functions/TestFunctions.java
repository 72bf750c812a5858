package dev.perdure.functions;

import dev.perdure.functions.definition.AnnotationScan;
import dev.perdure.functions.definition.AppDefinition;
import dev.perdure.functions.definition.FunctionDefinition;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Functions that are written in the classes of tests. */
public final class TestFunctions {
  private static final Map<Class<?>, AppDefinition> KNOWN = new ConcurrentHashMap<>();

  private TestFunctions() {}

  /** The app that some classes would be. */
  public static AppDefinition of(Class<?>... classes) {
    try {
      Path directory = Files.createTempDirectory("functions");
      try {
        for (Class<?> type : withAnnotations(classes)) {
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

  /** The classes, and the annotations that are written beside them. */
  private static Set<Class<?>> withAnnotations(Class<?>... classes) {
    Set<Class<?>> all = new LinkedHashSet<>();
    for (Class<?> type : classes) {
      all.add(type);
      for (Class<?> beside : type.getNestHost().getDeclaredClasses()) {
        if (beside.isAnnotation()) {
          all.add(beside);
        }
      }
    }
    return all;
  }

  /** One function of a class. */
  public static FunctionDefinition function(Class<?> type, String name) {
    AppDefinition app = KNOWN.computeIfAbsent(type, TestFunctions::of);
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
