package dev.perdure.store.rocksdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Copies directories as a crash would leave them. */
final class Directories {
  private static final int LISTINGS_MAX = 20;
  private static final int COPIES_MAX = 50;

  private Directories() {}

  /**
   * Copies a directory as of one moment. What the store does in the background may make and delete
   * files meanwhile; a copy with some files of before and some of after is nothing that a crash
   * leaves, and is made again.
   */
  static void copy(Path from, Path to) {
    try {
      for (int attempt = 1; attempt <= COPIES_MAX; attempt++) {
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

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Lists a directory in use, again if a file goes away while it is being listed. */
  private static List<Path> list(Path from) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try (Stream<Path> files = Files.walk(from)) {
        return files.sorted().toList();
      } catch (UncheckedIOException e) {
        if (attempt == LISTINGS_MAX || !(e.getCause() instanceof NoSuchFileException)) {
          throw e;
        }
      }
    }
  }

  private static void copyOne(Path from, Path to) throws IOException {
    try {
      if (Files.isDirectory(from)) {
        Files.createDirectories(to);
      } else {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (NoSuchFileException e) {
      // deleted since it was listed
    }
  }
}
