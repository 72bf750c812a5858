package dev.perdure.engine.recovery;

import dev.perdure.store.InstanceFilter;
import dev.perdure.store.InstancePage;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.LogRecord;
import dev.perdure.store.OutboxRow;
import dev.perdure.store.RowBatch;
import dev.perdure.store.Store;
import dev.perdure.store.StoreException;
import dev.perdure.store.TimerRow;
import dev.perdure.store.memory.MemoryDisk;
import dev.perdure.store.memory.MemoryStore;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * A store whose power goes off at a chosen commit. What was committed before is on the disk, of the
 * rows only what had been flushed, and perhaps a few calls more.
 */
final class CrashingStore implements Store {
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
    this.disk = disk;
    this.store = MemoryStore.open(disk, partitions);
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
      store.commit(records, callback);
      return;
    }
    unanswered.set(callback);
    if (crash.when() == Moment.AFTER_IT_IS_DURABLE) {
      store.commit(records, failure -> {});
    }
    disk.crash(crash.rowCallsKept());
    onCrash.accept(this);
  }

  @Override
  public void advanceLogStart(int partition, long epoch, long position) {
    store.advanceLogStart(partition, epoch, position);
    if (flushEvery > 0 && cuts.incrementAndGet() % flushEvery == 0) {
      store.flush();
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
    store.readLog(partition, fromPosition, visitor);
    if (failRead.compareAndSet(true, false)) {
      throw new StoreException("PD-2000", "The log cannot be read at the moment.", null);
    }
  }

  @Override
  public void writeRows(int partition, long epoch, RowBatch rows) {
    if (failRows.compareAndSet(true, false)) {
      throw new StoreException("PD-2000", "Rows cannot be written at the moment.", null);
    }
    store.writeRows(partition, epoch, rows);
  }

  // ---- the rest is the store's ----------------------------------------------------------------

  @Override
  public int partitions() {
    return store.partitions();
  }

  @Override
  public long acquire(int partition, String owner) {
    return store.acquire(partition, owner);
  }

  @Override
  public void flush() {
    store.flush();
  }

  @Override
  public long logBytes() {
    return store.logBytes();
  }

  @Override
  public byte[] loadPartition(int partition) {
    return store.loadPartition(partition);
  }

  @Override
  public InstanceRow loadInstance(int partition, String instanceId) {
    return store.loadInstance(partition, instanceId);
  }

  @Override
  public void readHistory(
      int partition, String instanceId, long execution, int chunks, HistoryVisitor visitor) {
    store.readHistory(partition, instanceId, execution, chunks, visitor);
  }

  @Override
  public List<InstanceRow> scanActive(int partition, String afterId, int limit) {
    return store.scanActive(partition, afterId, limit);
  }

  @Override
  public List<TimerRow> scanTimers(int partition, TimerRow after, int limit) {
    return store.scanTimers(partition, after, limit);
  }

  @Override
  public List<OutboxRow> scanOutbox(int partition, OutboxRow after, int limit) {
    return store.scanOutbox(partition, after, limit);
  }

  @Override
  public InstancePage query(InstanceFilter filter, int limit, String continuationToken) {
    return store.query(filter, limit, continuationToken);
  }

  @Override
  public void backup(Path directory) {
    store.backup(directory);
  }

  @Override
  public void close() {
    store.close();
  }
}
