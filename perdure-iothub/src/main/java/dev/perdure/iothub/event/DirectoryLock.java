package dev.perdure.iothub.event;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps others out of a directory until it is closed or the process ends. */
final class DirectoryLock implements AutoCloseable {
  private final FileChannel file;

  private DirectoryLock(FileChannel file) {
    this.file = file;
  }

  /** Makes the directory if need be, and locks it. */
  static DirectoryLock take(Path directory) {
    try {
      Files.createDirectories(directory);
      FileChannel file =
          FileChannel.open(
              directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (isLocked(file)) {
        return new DirectoryLock(file);
      }
      file.close();
    } catch (IOException e) {
      throw new EventStoreException(
          "The directory %s cannot be used: %s. Give another one, or look at its permissions."
              .formatted(directory, e),
          e);
    }
    throw new EventStoreException(
        "The directory %s is in use by another hub. Stop that one, or give this one a directory of its own."
            .formatted(directory));
  }

  private static boolean isLocked(FileChannel file) throws IOException {
    try {
      FileLock lock = file.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException inThisProcess) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
