package dev.perdure.store;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A store that leaves everything to another one. For stores that do one thing differently: they
 * extend this and override what that is.
 */
public abstract class ForwardingStore implements Store {
  private final Store store;

  /** Leaves everything to a store, which is closed with this one. */
  protected ForwardingStore(Store store) {
    this.store = store;
  }

  @Override
  public int partitions() {
    return store.partitions();
  }

  @Override
  public long acquire(int partition, String owner) {
    return store.acquire(partition, owner);
  }

  @Override
  public void onRowsLost(IntConsumer listener) {
    store.onRowsLost(listener);
  }

  @Override
  public void commit(List<LogRecord> records, CommitCallback callback) {
    store.commit(records, callback);
  }

  @Override
  public void readLog(int partition, long fromPosition, LogVisitor visitor) {
    store.readLog(partition, fromPosition, visitor);
  }

  @Override
  public void readLogs(Set<Integer> partitions, LogVisitor visitor) {
    store.readLogs(partitions, visitor);
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
  public List<String> scanActive(int partition, @Nullable String afterId, int limit) {
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
