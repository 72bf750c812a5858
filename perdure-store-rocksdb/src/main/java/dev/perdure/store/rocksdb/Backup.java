package dev.perdure.store.rocksdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Copies a hub while it is in use. First the rows, then the log up to where it ends after that: the
 * log goes on from any rows that it is newer than, so nobody has to stop writing. That it still
 * begins early enough is seen to by retaining it from before the rows are copied.
 */
final class Backup {
  private static final System.Logger LOGGER = System.getLogger(Backup.class.getName());
  private static final int COPY_BYTES = 1 << 20;

  private final HubDirectory directory;
  private final RowTables tables;
  private final CommitLog log;

  Backup(HubDirectory directory, RowTables tables, CommitLog log) {
    this.directory = directory;
    this.tables = tables;
    this.log = log;
  }

  void to(Path target) {
    boolean existed = Files.exists(target);
    directory.beginCopy(target);
    boolean finished = false;
    log.retain();
    try {
      tables.checkpoint(target.resolve(directory.rows().getFileName()));
      Path copies = target.resolve(directory.log().getFileName());
      for (CommitLog.Extent extent : log.extents()) {
        Uninterrupted.run(() -> copy(extent, copies));
      }
      CommitLog.forceDirectory(copies);
      directory.finishCopy(target);
      finished = true;
    } catch (IOException e) {
      throw Errors.io("Writing the backup", target, e);
    } finally {
      log.release();
      if (!finished) {
        remove(target, existed);
      }
    }
  }

  /** Half a copy helps nobody, and would be in the way of the next attempt. */
  private static void remove(Path target, boolean existed) {
    try (Stream<Path> files = Files.walk(target)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!existed || !file.equals(target)) {
          Files.delete(file);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      LOGGER.log(
          System.Logger.Level.WARNING,
          () -> "Delete what is in " + target + ": it is half a backup, which failed",
          e);
    }
  }

  private static Path copy(CommitLog.Extent extent, Path copies) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(COPY_BYTES);
    Path copy = LogSegment.path(copies, extent.segment().number());
    try (FileChannel channel =
        FileChannel.open(
            copy,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      for (long offset = 0; offset < extent.end(); offset += buffer.limit()) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), extent.end() - offset));
        extent.segment().file().read(buffer, offset);
        buffer.flip();
        for (long at = offset; buffer.hasRemaining(); ) {
          at += channel.write(buffer, at);
        }
      }
      channel.force(true);
    }
    return copy;
  }
}
