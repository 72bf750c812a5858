package dev.perdure.testing;

import dev.perdure.store.ForwardingStore;
import dev.perdure.store.LogRecord;
import dev.perdure.store.StoreException;
import dev.perdure.store.memory.MemoryDisk;
import dev.perdure.store.memory.MemoryStore;
import dev.perdure.testing.CrashPoint.AfterActivity;
import dev.perdure.testing.CrashPoint.AtCommit;
import dev.perdure.testing.CrashPoint.Side;
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
final class CrashingStore extends ForwardingStore {
  private final MemoryDisk disk;
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
    super(MemoryStore.open(disk, partitions));
    this.disk = disk;
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
      super.commit(records, callback);
      return;
    }
    unanswered.set(callback);
    if (crash instanceof AtCommit at && at.side() == Side.AFTER) {
      super.commit(records, failure -> {});
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
}
