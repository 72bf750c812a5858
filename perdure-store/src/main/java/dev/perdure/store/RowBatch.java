package dev.perdure.store;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of one partition to be written and deleted together. Filled by one thread, then handed over.
 *
 * <p>Deletes are applied before puts, so that a batch may replace an instance by a new one of the
 * same id.
 */
public final class RowBatch {
  /**
   * A row to write.
   *
   * @param row the row
   * @param replaces where the row stood before; null if there was none
   */
  public record PutInstance(InstanceRow row, @Nullable InstanceKey replaces) {}

  /**
   * A row to delete.
   *
   * @param instanceId the instance
   * @param key where the row stood
   */
  public record DeleteInstance(String instanceId, InstanceKey key) {}

  /**
   * The history of an execution to delete, from its first chunk.
   *
   * @param instanceId whose history
   * @param execution which execution
   * @param chunks how many chunks there are
   */
  public record DeleteHistory(String instanceId, long execution, int chunks) {}

  /**
   * Messages that were acknowledged.
   *
   * @param receiver the receiving partition
   * @param firstNumber the first number to delete
   * @param lastNumber the last number to delete
   */
  public record DeleteOutbox(int receiver, long firstNumber, long lastNumber) {}

  private final List<PutInstance> instances = new ArrayList<>();
  private final List<DeleteInstance> deletedInstances = new ArrayList<>();
  private final List<HistoryRow> history = new ArrayList<>();
  private final List<DeleteHistory> deletedHistory = new ArrayList<>();
  private final List<TimerRow> timers = new ArrayList<>();
  private final List<TimerRow> deletedTimers = new ArrayList<>();
  private final List<OutboxRow> outbox = new ArrayList<>();
  private final List<DeleteOutbox> deletedOutbox = new ArrayList<>();
  private byte @Nullable [] partition;
  private long bytes;
  private int rows;

  /** Writes an instance's row. */
  public void put(InstanceRow row, @Nullable InstanceKey replaces) {
    instances.add(new PutInstance(row, replaces));
    count(200 + (row.state() == null ? 0 : row.state().length));
  }

  /** Deletes an instance's row. */
  public void delete(String instanceId, InstanceKey key) {
    deletedInstances.add(new DeleteInstance(instanceId, key));
    count(100);
  }

  /** Appends a chunk of history. */
  public void put(HistoryRow row) {
    history.add(row);
    count(60 + row.events().length);
  }

  /** Deletes the history of an execution. */
  public void deleteHistory(String instanceId, long execution, int chunks) {
    if (chunks > 0) {
      deletedHistory.add(new DeleteHistory(instanceId, execution, chunks));
      count(60L * chunks);
    }
  }

  /** Writes a timer. */
  public void put(TimerRow row) {
    timers.add(row);
    count(60);
  }

  /** Deletes a timer. */
  public void delete(TimerRow row) {
    deletedTimers.add(row);
    count(60);
  }

  /** Writes a message. */
  public void put(OutboxRow row) {
    outbox.add(row);
    count(40 + row.message().length);
  }

  /** Deletes acknowledged messages; numbers that are not there are passed over. */
  public void deleteOutbox(int receiver, long firstNumber, long lastNumber) {
    deletedOutbox.add(new DeleteOutbox(receiver, firstNumber, lastNumber));
    count(40 * (lastNumber - firstNumber + 1));
  }

  /** Writes the partition's own row. */
  public void putPartition(byte[] content) {
    partition = content;
    count(content.length);
  }

  private void count(long more) {
    rows++;
    bytes += more;
  }

  /** Whether there is nothing to do. */
  public boolean isEmpty() {
    return rows == 0;
  }

  /** About how many bytes are written. */
  public long bytes() {
    return bytes;
  }

  /** Instance rows to write. */
  public List<PutInstance> instances() {
    return instances;
  }

  /** Instance rows to delete. */
  public List<DeleteInstance> deletedInstances() {
    return deletedInstances;
  }

  /** History chunks to write. */
  public List<HistoryRow> history() {
    return history;
  }

  /** Histories to delete. */
  public List<DeleteHistory> deletedHistory() {
    return deletedHistory;
  }

  /** Timers to write. */
  public List<TimerRow> timers() {
    return timers;
  }

  /** Timers to delete. */
  public List<TimerRow> deletedTimers() {
    return deletedTimers;
  }

  /** Messages to write. */
  public List<OutboxRow> outbox() {
    return outbox;
  }

  /** Messages to delete. */
  public List<DeleteOutbox> deletedOutbox() {
    return deletedOutbox;
  }

  /** The partition's own row to write; null to leave it. */
  public byte @Nullable [] partition() {
    return partition;
  }
}
