package dev.perdure.store.rocksdb;

import dev.perdure.store.FencedException;
import dev.perdure.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Who may write to which partition. The directory is locked, so that all who write are in this
 * process, and epochs need no disk: each opening of the hub begins a new range of them, which is
 * durable before the first is given out.
 *
 * <p>An epoch is changed while holding both the log's lock and the partition's own; whoever holds
 * either knows that it stays.
 */
final class Fences {
  private static final int OPENING_SHIFT = 32;

  private final CommitLog log;
  private final Path directory;
  private final ReentrantLock[] rowLocks;
  private final long[] epochs;
  private final @Nullable Throwable[] failures;
  private long lastEpoch;

  /**
   * Fences for partitions that nobody has acquired.
   *
   * @param opening the number of this opening of the hub
   */
  Fences(CommitLog log, Path directory, int partitions, long opening) {
    this.log = log;
    this.directory = directory;
    this.rowLocks = new ReentrantLock[partitions];
    Arrays.setAll(rowLocks, partition -> new ReentrantLock());
    this.epochs = new long[partitions];
    this.failures = new Throwable[partitions];
    this.lastEpoch = opening << OPENING_SHIFT;
  }

  /** The opening in which an epoch was given out. */
  static long openingOf(long epoch) {
    return epoch >>> OPENING_SHIFT;
  }

  long acquire(int partition) {
    log.lock.lock();
    try {
      log.repair();
      rowLocks[partition].lock();
      try {
        epochs[partition] = ++lastEpoch;
        failures[partition] = null;
        return lastEpoch;
      } finally {
        rowLocks[partition].unlock();
      }
    } catch (IOException e) {
      throw Errors.io("Repairing the log after a failed commit", directory, e);
    } finally {
      log.lock.unlock();
    }
  }

  /** Lets nobody write to any partition before it is acquired again. */
  void endAll() {
    log.lock.lock();
    try {
      for (int partition = 0; partition < epochs.length; partition++) {
        rowLocks[partition].lock();
        try {
          epochs[partition] = 0;
        } finally {
          rowLocks[partition].unlock();
        }
      }
    } finally {
      log.lock.unlock();
    }
  }

  /** The lock under which rows of a partition are written. */
  ReentrantLock rowLock(int partition) {
    return rowLocks[partition];
  }

  /** Refuses a write; the caller holds the partition's row lock or the log's lock. */
  void check(int partition, long epoch) {
    if (partition < 0 || partition >= epochs.length) {
      throw new IllegalArgumentException(
          "There is no partition %d; the hub has %d.".formatted(partition, epochs.length));
    }
    long current = epochs[partition];
    if (epoch != current || epoch == 0) {
      throw new FencedException(partition, epoch, current);
    }
  }

  /** Refuses a commit; the caller holds the log's lock. */
  void checkCommit(int partition, long epoch) {
    check(partition, epoch);
    if (failures[partition] != null) {
      throw StoreException.mustBeAcquiredAgain(partition, failures[partition]);
    }
  }

  /**
   * Remembers that a commit failed; the caller holds the log's lock. Whoever holds the partition
   * under a newer epoch is not bothered.
   */
  void commitFailed(int partition, long epoch, Throwable failure) {
    boolean exists = partition >= 0 && partition < epochs.length;
    if (exists && epochs[partition] == epoch && failures[partition] == null) {
      failures[partition] = failure;
    }
  }
}
