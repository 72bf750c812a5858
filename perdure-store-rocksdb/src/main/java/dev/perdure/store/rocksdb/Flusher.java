package dev.perdure.store.rocksdb;

import dev.perdure.store.StoreException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** Makes rows durable and then cuts the log that they cover: in this order, one at a time. */
final class Flusher {
  private static final System.Logger LOGGER = System.getLogger(Flusher.class.getName());

  private final RowTables tables;
  private final CommitLog log;
  private final ExecutorService background;
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicBoolean requested = new AtomicBoolean();

  /** Where each partition's log starts as soon as the rows written so far are durable. */
  private final AtomicLongArray starts;

  /** Whether that is known: not while the tables are opened again, nor if that failed half way. */
  private boolean startsKnown = true;

  /**
   * A flusher.
   *
   * @param starts where each partition's log starts
   * @param background a single thread
   */
  Flusher(RowTables tables, CommitLog log, long[] starts, ExecutorService background) {
    this.tables = tables;
    this.log = log;
    this.starts = new AtomicLongArray(starts);
    this.background = background;
  }

  /** The start that was written last. */
  long start(int partition) {
    return starts.get(partition);
  }

  /** Notes a start whose row has been written. */
  void startWritten(int partition, long position) {
    starts.set(partition, position);
  }

  /** Bytes of log that a flush would free. */
  long freeableBytes() {
    return log.bytesBefore(startsNow());
  }

  private long[] startsNow() {
    long[] now = new long[starts.length()];
    for (int partition = 0; partition < now.length; partition++) {
      now[partition] = starts.get(partition);
    }
    return now;
  }

  /**
   * Does something to the tables while nothing is flushed, after which the starts may be others.
   *
   * @param action returns where each partition's log starts by the rows there are
   */
  void meanwhile(Supplier<long[]> action) {
    lock.lock();
    try {
      startsKnown = false;
      long[] now = action.get();
      for (int partition = 0; partition < now.length; partition++) {
        starts.set(partition, now[partition]);
      }
      startsKnown = true;
      log.cut(now);
    } finally {
      lock.unlock();
    }
  }

  void flush() {
    lock.lock();
    try {
      requested.set(false);
      long[] covered = startsNow(); // before the flush, so that their rows are in it
      tables.flush();
      if (startsKnown) {
        log.cut(covered);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Flushes soon, on the background thread. */
  void request() {
    if (requested.compareAndSet(false, true)) {
      try {
        background.execute(
            () -> {
              try {
                flush();
              } catch (StoreException e) {
                failed(e);
              }
            });
      } catch (RuntimeException | Error e) { // such as that there can be no more threads
        failed(e);
      }
    }
  }

  /** The log stays and grows; the next request tries again. */
  private void failed(Throwable e) {
    requested.set(false);
    LOGGER.log(System.Logger.Level.ERROR, "Flushing rows in the background failed", e);
  }
}
