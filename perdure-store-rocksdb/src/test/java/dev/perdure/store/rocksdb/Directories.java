package dev.perdure.store.rocksdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** Copies directories as a crash would leave them. */
final class Directories {
  private static final int LISTINGS_MAX = 20;

  private Directories() {}

  static void copy(Path from, Path to) {
    try {
      for (Path file : list(from)) {
        copyOne(file, to.resolve(from.relativize(file).toString()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lists a directory in use, again if a file goes away while it is being listed. */
  private static List<Path> list(Path from) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try (Stream<Path> files = Files.walk(from)) {
        return files.toList();
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
