package dev.perdure.store.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Copies directories in use as a crash of the machine at that moment would leave them. */
public final class CrashCopy {
  private static final int ATTEMPTS_MAX = 100;

  private CrashCopy() {}

  /**
   * Copies a directory as of one moment. What a store does in the background may make and delete
   * files meanwhile; a copy with some files of before and some of after is nothing that a crash
   * leaves, and is made again.
   *
   * @param to must not exist; its parent must
   */
  public static void of(Path from, Path to) {
    try {
      for (int attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
        List<Path> before = list(from);
        for (Path file : before) {
          copyOne(file, to.resolve(from.relativize(file).toString()));
        }
        if (list(from).equals(before)) {
          return;
        }
        delete(to);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new AssertionError(from + " does not come to rest");
  }

  /** Lists a directory in use, again if a file goes away while it is being listed. */
  private static List<Path> list(Path from) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try (Stream<Path> files = Files.walk(from)) {
        return files.sorted().toList();
      } catch (UncheckedIOException e) {
        if (attempt == ATTEMPTS_MAX || !(e.getCause() instanceof NoSuchFileException)) {
          throw e;
        }
      }
    }
  }

  private static void copyOne(Path from, Path to) throws IOException {
    try {
      Files.copy(from, to);
    } catch (NoSuchFileException e) {
      // deleted since it was listed
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
