package dev.perdure.store.rocksdb;

import dev.perdure.store.StoreException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;

/** Loads RocksDB's native library into this process. */
final class NativeLibrary {
  /** Where RocksDB unpacks to and leaves its library, if its user wants it so. */
  private static final String OWN_PLACE = "ROCKSDB_SHAREDLIB_DIR";

  private static boolean loaded;

  private NativeLibrary() {}

  /**
   * Loads the library unless this process has it. Left to itself, RocksDB unpacks it to a file that
   * stays until the JVM ends well: every process that is killed would leave 17 MB behind. A process
   * needs no name for what it has loaded, so that file is deleted at once.
   */
  static synchronized void load() {
    if (loaded) {
      return;
    }
    try {
      if (System.getenv(OWN_PLACE) == null) {
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
      throw new StoreException(
          "PD-2012",
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
