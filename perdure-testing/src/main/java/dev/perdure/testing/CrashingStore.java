package dev.perdure.testing;

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
import dev.perdure.testing.CrashPoint.AfterActivity;
import dev.perdure.testing.CrashPoint.AtCommit;
import dev.perdure.testing.CrashPoint.Side;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A store that counts commits, and whose power goes off at a chosen one: then nothing reaches the
 * disk any more.
 */
final class CrashingStore implements Store {
  private final MemoryDisk disk;
  private final MemoryStore store;
  private final @Nullable CrashPoint crash;
  private final IntSupplier activitiesEnded;
  private final Runnable onCrash;
  private final AtomicInteger commits = new AtomicInteger();
  private final AtomicBoolean crashed = new AtomicBoolean();
  private final AtomicReference<@Nullable CommitCallback> unanswered = new AtomicReference<>();

  /**
   * Opens the store.
   *
   * @param crash null for never
   * @param activitiesEnded how many activities have run
   * @param onCrash is run at the crash, on a thread that must not be held up
   */
  CrashingStore(
      MemoryDisk disk,
      int partitions,
      @Nullable CrashPoint crash,
      IntSupplier activitiesEnded,
      Runnable onCrash) {
    this.disk = disk;
    this.store = MemoryStore.open(disk, partitions);
    this.crash = crash;
    this.activitiesEnded = activitiesEnded;
    this.onCrash = onCrash;
  }

  int commits() {
    return commits.get();
  }

  @Override
  public void commit(List<LogRecord> records, CommitCallback callback) {
    int number = commits.incrementAndGet();
    if (crash == null || !isDue(crash, number) || !crashed.compareAndSet(false, true)) {
      store.commit(records, callback);
      return;
    }
    unanswered.set(callback);
    if (crash instanceof AtCommit at && at.side() == Side.AFTER) {
      store.commit(records, failure -> {});
    }
    disk.crash();
    onCrash.run();
  }

  private boolean isDue(CrashPoint point, int commit) {
    return switch (point) {
      case AtCommit at -> commit == at.commit();
      // A commit that was begun before the activity ended does not hold its result.
      case AfterActivity after -> activitiesEnded.getAsInt() >= after.run();
    };
  }

  /** A dead host waits for an answer for ever; this one is to be cleared away. */
  void letGo() {
    CommitCallback callback = unanswered.getAndSet(null);
    if (callback != null) {
      callback.committed(new StoreException("PD-2011", "The power went off.", null));
    }
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
  public void readLog(int partition, long fromPosition, LogVisitor visitor) {
    store.readLog(partition, fromPosition, visitor);
  }

  @Override
  public void writeRows(int partition, long epoch, RowBatch rows) {
    store.writeRows(partition, epoch, rows);
  }

  @Override
  public void advanceLogStart(int partition, long epoch, long position) {
    store.advanceLogStart(partition, epoch, position);
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
  public byte @Nullable [] loadPartition(int partition) {
    return store.loadPartition(partition);
  }

  @Override
  public @Nullable InstanceRow loadInstance(int partition, String instanceId) {
    return store.loadInstance(partition, instanceId);
  }

  @Override
  public void readHistory(
      int partition, String instanceId, long execution, int chunks, HistoryVisitor visitor) {
    store.readHistory(partition, instanceId, execution, chunks, visitor);
  }

  @Override
  public List<InstanceRow> scanActive(int partition, @Nullable String afterId, int limit) {
    return store.scanActive(partition, afterId, limit);
  }

  @Override
  public List<TimerRow> scanTimers(int partition, @Nullable TimerRow after, int limit) {
    return store.scanTimers(partition, after, limit);
  }

  @Override
  public List<OutboxRow> scanOutbox(int partition, @Nullable OutboxRow after, int limit) {
    return store.scanOutbox(partition, after, limit);
  }

  @Override
  public InstancePage query(InstanceFilter filter, int limit, @Nullable String continuationToken) {
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
