package dev.perdure.engine.recovery;

import dev.perdure.store.ForwardingStore;
import dev.perdure.store.LogRecord;
import dev.perdure.store.RowBatch;
import dev.perdure.store.StoreException;
import dev.perdure.store.memory.MemoryDisk;
import dev.perdure.store.memory.MemoryStore;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * A store whose power goes off at a chosen commit. What was committed before is on the disk, of the
 * rows only what had been flushed, and perhaps a few calls more.
 */
final class CrashingStore extends ForwardingStore {
  /** When the power goes off. */
  enum Moment {
    /** The commit never reaches the disk. */
    BEFORE_IT_IS_DURABLE,
    /** The commit is on the disk, but nobody is told. */
    AFTER_IT_IS_DURABLE
  }

  /**
   * A crash to come.
   *
   * @param commit at which commit of this store, counting from 1
   * @param when before or after it became durable
   * @param rowCallsKept how many calls that wrote rows without a flush survive
   */
  record Crash(int commit, Moment when, int rowCallsKept) {
    static final Crash NEVER = new Crash(Integer.MAX_VALUE, Moment.BEFORE_IT_IS_DURABLE, 0);
  }

  private final MemoryDisk disk;
  private final MemoryStore store;
  private final Crash crash;
  private final int flushEvery;
  private final Consumer<CrashingStore> onCrash;
  private int commits;
  private boolean spared;
  private boolean crashed;
  private final AtomicBoolean failRead = new AtomicBoolean();
  private final AtomicBoolean failRows = new AtomicBoolean();
  private final AtomicInteger cuts = new AtomicInteger();
  private final AtomicReference<CommitCallback> unanswered = new AtomicReference<>();

  CrashingStore(
      MemoryDisk disk,
      int partitions,
      Crash crash,
      int flushEvery,
      Consumer<CrashingStore> onCrash) {
    this(disk, MemoryStore.open(disk, partitions), crash, flushEvery, onCrash);
  }

  private CrashingStore(
      MemoryDisk disk,
      MemoryStore store,
      Crash crash,
      int flushEvery,
      Consumer<CrashingStore> onCrash) {
    super(store);
    this.disk = disk;
    this.store = store;
    this.crash = crash;
    this.flushEvery = flushEvery;
    this.onCrash = onCrash;
  }

  MemoryStore memory() {
    return store;
  }

  /** The power goes off now. */
  void crashNow(int rowCallsKept) {
    spare();
    disk.crash(rowCallsKept);
  }

  /** The power will not go off any more. Returns whether it already has. */
  synchronized boolean spare() {
    spared = true;
    return crashed;
  }

  private synchronized boolean goesOff() {
    commits++;
    crashed |= commits == crash.commit() && !spared;
    return commits == crash.commit() && !spared;
  }

  /** Tells, late, that the commit at which the power went off has failed. */
  void answerLate() {
    CommitCallback callback = unanswered.getAndSet(null);
    if (callback != null) {
      callback.committed(new StoreException("PD-2000", "The power went off.", null));
    }
  }

  @Override
  public void commit(List<LogRecord> records, CommitCallback callback) {
    if (!goesOff()) {
      super.commit(records, callback);
      return;
    }
    unanswered.set(callback);
    if (crash.when() == Moment.AFTER_IT_IS_DURABLE) {
      super.commit(records, failure -> {});
    }
    disk.crash(crash.rowCallsKept());
    onCrash.accept(this);
  }

  @Override
  public void advanceLogStart(int partition, long epoch, long position) {
    super.advanceLogStart(partition, epoch, position);
    if (flushEvery > 0 && cuts.incrementAndGet() % flushEvery == 0) {
      flush();
    }
  }

  /** The next log to be read cannot be read to its end. */
  void failNextReadOfALog() {
    failRead.set(true);
  }

  /** The next rows cannot be written. */
  void failNextRows() {
    failRows.set(true);
  }

  @Override
  public void readLog(int partition, long fromPosition, LogVisitor visitor) {
    super.readLog(partition, fromPosition, visitor);
    if (failRead.compareAndSet(true, false)) {
      throw new StoreException("PD-2000", "The log cannot be read at the moment.", null);
    }
  }

  @Override
  public void writeRows(int partition, long epoch, RowBatch rows) {
    if (failRows.compareAndSet(true, false)) {
      throw new StoreException("PD-2000", "Rows cannot be written at the moment.", null);
    }
    super.writeRows(partition, epoch, rows);
  }
}
