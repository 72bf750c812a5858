package dev.perdure.functions.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

/** What stands on the class paths of apps. */
final class ClassPaths {
  /** Jars whose classes the host supplies. */
  private static final List<String> OF_HOST =
      List.of("azure-functions-java-core-library", "azure-functions-java-spi");

  private ClassPaths() {}

  /**
   * Makes sure that a directory or jar file can be read.
   *
   * @throws InvalidAppException if not
   */
  static void check(Path element) {
    if (!Files.exists(element)) {
      throw new InvalidAppException(
          "'%s' belongs to the class path of the app and does not exist. Build the app again."
              .formatted(element));
    }
    if (Files.isDirectory(element)) {
      return;
    }
    try (ZipFile jar = new ZipFile(element.toFile())) {
      if (jar.size() == 0) {
        throw new InvalidAppException("The jar file '%s' is empty.".formatted(element));
      }
    } catch (IOException e) {
      throw new InvalidAppException(
          "The jar file '%s' is damaged (%s). Build the app again, or copy the file again."
              .formatted(element, e.getMessage()),
          e);
    }
  }

  /** Whether the host supplies the classes of a jar, so that the app's copy is left out. */
  static boolean isSuppliedByHost(Path jar) {
    String name = String.valueOf(jar.getFileName());
    return OF_HOST.stream()
        .anyMatch(
            artifact ->
                name.equals(artifact + ".jar") || name.matches(artifact + "-\\d[^/]*\\.jar"));
  }

  /** The jars in all directories beside a file whose names end in {@code lib}, by name. */
  static List<Path> libraries(Path directory) {
    try (Stream<Path> children = Files.list(directory)) {
      return children
          .filter(child -> String.valueOf(child.getFileName()).endsWith("lib"))
          .filter(Files::isDirectory)
          .sorted()
          .flatMap(lib -> jars(lib).stream())
          .filter(jar -> !isSuppliedByHost(jar))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The jar files in a directory, by name. */
  static List<Path> jars(Path directory) {
    try (Stream<Path> children = Files.list(directory)) {
      return children.filter(ClassPaths::isJar).sorted(Comparator.naturalOrder()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static boolean isJar(Path file) {
    return Files.isRegularFile(file)
        && String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".jar");
  }

  /** Whether there are class files somewhere below a directory. */
  static boolean hasClasses(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      Optional<Path> any =
          files
              .filter(file -> file.toString().endsWith(".class"))
              .filter(Files::isRegularFile)
              .findAny();
      return any.isPresent();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
