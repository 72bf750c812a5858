package dev.perdure.store;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The storage of one hub, opened by one host.
 *
 * <p><b>Log.</b> Each partition has a log of records with consecutive positions. {@link #commit}
 * makes records of several partitions durable together, all or nothing.
 *
 * <p><b>Rows.</b> {@link #writeRows} writes checkpoint rows, atomically for one call but not
 * necessarily durably; a crash may lose the latest calls, never an earlier one while keeping a
 * later. {@link #advanceLogStart} says that the log before a position is not needed once the rows
 * written so far are durable; the store then makes them durable and frees the log when it likes.
 *
 * <p><b>Fence.</b> Everything that writes carries the epoch under which the caller holds the
 * partition. A write under any epoch but the latest throws {@link FencedException} (a commit
 * reports it) and changes nothing, however late it comes.
 *
 * <p>Thread-safe. For one partition, calls of {@code commit} come from one thread at a time and in
 * the order of their positions; rows are written by one thread at a time.
 *
 * <p>All methods throw {@link StoreException} if the medium fails.
 */
public interface Store extends AutoCloseable {

  /** The number of partitions, chosen when the hub was made; it never changes. */
  int partitions();

  // ---- leases -------------------------------------------------------------------------------

  /**
   * Takes a partition, fencing off whoever held it. After this call no write under an earlier epoch
   * will be accepted, and {@link #readLog} shows everything that ever was.
   *
   * @param owner who takes it, for people who look
   * @return the epoch to write under; larger than any before, also across restarts
   */
  long acquire(int partition, String owner);

  /**
   * Has somebody told when rows that were written, and not durable yet, are gone: as after a crash,
   * but with the store in use. Whatever the rows told is in the log. The partition's epoch has
   * ended then, and before it is acquired again reading its rows and querying instances throws
   * {@link RowsLostException}.
   *
   * @param listener told the partition, once for each loss; must be quick, must not throw and must
   *     not call the store
   */
  default void onRowsLost(IntConsumer listener) {}

  // ---- log ----------------------------------------------------------------------------------

  /**
   * Makes records durable, all or none of them; then calls back, exactly once, from any thread and
   * possibly before this method returns.
   *
   * <p>After a failure it is unknown whether the records are durable. The store accepts no more
   * commits for these partitions until they have been acquired again; {@link #readLog} then tells.
   *
   * @param records at most one for each partition; each begins one position after the last one
   *     committed. Buffers may be reused after the callback, not before
   */
  void commit(List<LogRecord> records, CommitCallback callback);

  /** Told how a commit ended. Must be quick and must not throw. */
  @FunctionalInterface
  interface CommitCallback {
    /**
     * Called once.
     *
     * @param failure null if the records are durable; otherwise why it is not known that they are
     */
    void committed(@Nullable Throwable failure);
  }

  /**
   * Reads a partition's records in order.
   *
   * @param fromPosition records that end before this position may be left out
   * @throws CorruptStoreException if a record that was committed cannot be read; an incomplete
   *     record at the end, left by a crash, is not an error and is not shown
   */
  void readLog(int partition, long fromPosition, LogVisitor visitor);

  /**
   * Reads all records of several partitions, those of each in order. What a host that takes them up
   * needs: a store whose partitions share their log reads it once.
   *
   * @throws CorruptStoreException as {@link #readLog}
   */
  default void readLogs(Set<Integer> partitions, LogVisitor visitor) {
    for (int partition : partitions) {
      readLog(partition, 0, visitor);
    }
  }

  /** Sees log records. */
  @FunctionalInterface
  interface LogVisitor {
    /** Called for each record, in order; the record's buffer is valid during the call only. */
    void record(LogRecord record);
  }

  // ---- rows ---------------------------------------------------------------------------------

  /** Writes and deletes rows of one partition, atomically, in the order of calls. */
  void writeRows(int partition, long epoch, RowBatch rows);

  /**
   * Says that the log before a position is not needed once all rows written so far are durable.
   *
   * @param position the first position that is still needed
   */
  void advanceLogStart(int partition, long epoch, long position);

  /** Makes all rows written so far durable and frees the log that is no longer needed. Blocks. */
  void flush();

  /**
   * Bytes of log that a restart would have to read, over all partitions; for deciding when to
   * checkpoint.
   */
  long logBytes();

  /** The partition's own row; null if none was ever written. */
  byte @Nullable [] loadPartition(int partition);

  /** An instance's row; null if there is none. */
  @Nullable InstanceRow loadInstance(int partition, String instanceId);

  /**
   * The chunks of one execution's history, in order.
   *
   * @param chunks how many chunks, from the first, are wanted; all must be there
   * @throws CorruptStoreException if a chunk is missing
   */
  void readHistory(
      int partition, String instanceId, long execution, int chunks, HistoryVisitor visitor);

  /** Sees history chunks. */
  @FunctionalInterface
  interface HistoryVisitor {
    /** Called for each chunk, in order. */
    void chunk(byte[] bytes);
  }

  /**
   * Ids of instances that are marked active, in order. Their rows are read one by one, so that one
   * that is damaged is no obstacle to the others.
   *
   * @param afterId ids up to and including this one are left out; null to begin
   * @param limit at most so many
   */
  List<String> scanActive(int partition, @Nullable String afterId, int limit);

  /**
   * Timers in the order of their due times, then of instance id and task id.
   *
   * @param after timers up to and including this one are left out; null to begin
   * @param limit at most so many
   */
  List<TimerRow> scanTimers(int partition, @Nullable TimerRow after, int limit);

  /**
   * Messages not yet acknowledged, by receiver and number.
   *
   * @param after messages up to and including this one are left out; null to begin
   * @param limit at most so many
   */
  List<OutboxRow> scanOutbox(int partition, @Nullable OutboxRow after, int limit);

  /**
   * Lists instances of all partitions from their written rows, in a stable order: by creation time
   * and id, or by id where a prefix is given.
   *
   * @param limit at most so many
   * @param continuationToken where an earlier page ended; null to begin
   * @throws IllegalArgumentException if the token is not one of this store's
   */
  InstancePage query(InstanceFilter filter, int limit, @Nullable String continuationToken);

  /**
   * Copies the hub, as of one moment between commits, into another directory while it is in use.
   *
   * @param directory must not exist or be empty
   */
  void backup(Path directory);

  /** Makes rows durable and lets go of the medium. Commits under way are finished first. */
  @Override
  void close();
}
