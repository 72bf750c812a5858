package dev.perdure.simulation;

import dev.perdure.store.ForwardingStore;
import dev.perdure.store.LogRecord;
import dev.perdure.store.RowBatch;
import dev.perdure.store.StoreException;
import dev.perdure.store.memory.MemoryStore;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The store of one host: commits take time and may fail, rows are durable only after a flush. It
 * watches that nobody writes to a partition but who took it last.
 */
final class SimulatedStore extends ForwardingStore {
  /** What the world does with a store's requests. */
  interface Fate {
    /** How long a commit takes. */
    Duration commitTakes();

    /** Carries out a commit, well or not, by calling {@link SimulatedStore#carryOut}. */
    void commit(SimulatedStore store, List<LogRecord> records, CommitCallback callback);

    /** Whether rows cannot be written this time. */
    boolean rowsFail();

    /** Whether everything written so far is made durable now. */
    boolean flushNow();

    /** Whether another host has taken over from the one of this store, which gets nothing back. */
    boolean isTakenOver(SimulatedStore store);

    /** A partition was taken under an epoch. */
    void acquired(int partition, long epoch);

    /** Tells what happens, where somebody wants to follow it. */
    void tell(String format, @Nullable Object... arguments);

    /** Records are durable. */
    void durable(List<LogRecord> records);
  }

  private final Scheduler scheduler;
  private final Fate fate;

  SimulatedStore(MemoryStore memory, Scheduler scheduler, Fate fate) {
    super(memory);
    this.scheduler = scheduler;
    this.fate = fate;
  }

  @Override
  public void commit(List<LogRecord> records, CommitCallback callback) {
    // The disk works for itself: what it was given may become durable after its host has died.
    scheduler.after(
        fate.commitTakes(), Scheduler.WORLD, () -> fate.commit(this, records, callback));
  }

  /** Makes records durable, or not, as faults that were ordered decide. */
  void carryOut(List<LogRecord> records, CommitCallback callback) {
    super.commit(
        records,
        failure -> {
          if (failure == null) {
            fate.durable(records);
          }
          callback.committed(failure);
        });
  }

  @Override
  public long acquire(int partition, String owner) {
    if (fate.isTakenOver(this)) {
      // Otherwise the other host would answer from its memory, not knowing that it is outdated.
      throw new StoreException("PD-2001", "Another host has taken over.", null);
    }
    long epoch = super.acquire(partition, owner);
    fate.tell("acquired: partition %d epoch %d", partition, epoch);
    fate.acquired(partition, epoch);
    return epoch;
  }

  @Override
  public void writeRows(int partition, long epoch, RowBatch rows) {
    if (fate.rowsFail()) {
      throw new StoreException("PD-2011", "Rows cannot be written at the moment.", null);
    }
    super.writeRows(partition, epoch, rows);
    fate.tell(
        "rows: partition %d epoch %d, written %s, deleted %s",
        partition,
        epoch,
        rows.instances().stream().map(put -> put.row().id() + "@" + put.row().position()).toList(),
        rows.deletedInstances().stream().map(RowBatch.DeleteInstance::instanceId).toList());
  }

  @Override
  public void advanceLogStart(int partition, long epoch, long position) {
    super.advanceLogStart(partition, epoch, position);
    fate.tell("log start: partition %d epoch %d at %d", partition, epoch, position);
    if (fate.flushNow()) {
      flush();
      fate.tell("flushed");
    }
  }
}
