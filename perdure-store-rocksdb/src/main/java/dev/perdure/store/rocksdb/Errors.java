package dev.perdure.store.rocksdb;

import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.StoreException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** Tells people what went wrong on the disk and what to do about it. */
final class Errors {
  /** With less room than this on the disk, a failed write is put down to the full disk. */
  private static final long HARDLY_ANY_BYTES = 64 << 10;

  private Errors() {}

  static StoreException io(String what, Path path, IOException cause) {
    if (isDiskFull(path, cause)) {
      return diskFull(what, path, cause);
    }
    return new StoreException(
        "PD-2011",
        "%s failed at %s: %s. Check the disk and the file system."
            .formatted(what, path, cause.getMessage()),
        cause);
  }

  static StoreException rows(String what, Path directory, RocksDBException cause) {
    Status status = cause.getStatus();
    if (status != null && status.getCode() == Status.Code.Corruption) {
      return corrupt(what + " failed in " + directory + ": " + cause.getMessage(), cause);
    }
    if ((status != null && status.getSubCode() == Status.SubCode.NoSpace)
        || isDiskFull(directory, cause)) {
      return diskFull(what, directory, cause);
    }
    return new StoreException(
        "PD-2011",
        "%s failed in %s: %s. Check the disk and the file system."
            .formatted(what, directory, cause.getMessage()),
        cause);
  }

  static CorruptStoreException corrupt(String what, @Nullable Throwable cause) {
    return new CorruptStoreException(
        what
            + " Nothing was changed. Check the disk, then restore the newest backup; keep a copy of"
            + " this directory, most of what is in it can still be read.",
        cause);
  }

  private static StoreException diskFull(String what, Path path, Exception cause) {
    return new StoreException(
        "PD-2007",
        "%s failed at %s: the disk is full. Nothing that was acknowledged is lost; free some space and it goes on."
            .formatted(what, path),
        cause);
  }

  private static boolean isDiskFull(Path path, Exception cause) {
    String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    if (message.contains("no space left") || message.contains("quota exceeded")) {
      return true;
    }
    try { // the system's message may be in any language
      FileStore disk = Files.getFileStore(path);
      // What is no disk, such as /proc, has no space at all.
      return disk.getTotalSpace() > 0 && disk.getUsableSpace() < HARDLY_ANY_BYTES;
    } catch (IOException e) {
      return false;
    }
  }
}
