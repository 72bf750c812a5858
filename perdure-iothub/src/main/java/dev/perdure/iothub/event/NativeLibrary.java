package dev.perdure.iothub.event;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;

/**
 * Loads RocksDB's native library into this process and leaves no file of it behind, even if the
 * process is killed. (The RocksDB store of the engine has the same, and nothing else in common with
 * this module.)
 */
final class NativeLibrary {
  private static boolean loaded;

  private NativeLibrary() {}

  static synchronized void load() {
    if (loaded) {
      return;
    }
    try {
      if (System.getenv("ROCKSDB_SHAREDLIB_DIR") == null) {
        Path unpacked = Files.createTempDirectory("perdure-rocksdb");
        try {
          NativeLibraryLoader.getInstance().loadLibrary(unpacked.toString());
        } finally {
          delete(unpacked);
        }
      }
      RocksDB.loadLibrary();
      loaded = true;
    } catch (UnsatisfiedLinkError | IOException | RuntimeException e) {
      throw new EventStoreException(
          "RocksDB's native library cannot be loaded: %s. It is unpacked to java.io.tmpdir (%s), which must be writable and allow programs to run."
              .formatted(e, System.getProperty("java.io.tmpdir")),
          e);
    }
  }

  /** Deletes the directory and its files: now, or on systems that refuse it, at the JVM's end. */
  private static void delete(Path directory) {
    directory.toFile().deleteOnExit();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        file.toFile().deleteOnExit();
        Files.delete(file);
      }
      Files.delete(directory);
    } catch (IOException e) {
      // Windows keeps what a process has loaded.
    }
  }
}
