package dev.perdure.store.memory;

import dev.perdure.store.FencedException;
import dev.perdure.store.InstanceFilter;
import dev.perdure.store.InstancePage;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.LogRecord;
import dev.perdure.store.OutboxRow;
import dev.perdure.store.PageToken;
import dev.perdure.store.RowBatch;
import dev.perdure.store.RowsLostException;
import dev.perdure.store.Store;
import dev.perdure.store.StoreException;
import dev.perdure.store.TimerRow;
import dev.perdure.store.Utf8Order;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A store in the heap. Commits call back before they return. What a store on disk could not check
 * cheaply is checked here: positions without gaps, and index keys that say where rows stand.
 *
 * <p>Commits can be made to {@linkplain #failNextCommits fail} or to {@linkplain #holdCommits
 * wait}, and the {@link MemoryDisk} beneath can crash.
 */
public final class MemoryStore implements Store {
  private static final int PARTITIONS_MAX = 1 << 16;

  /** A store may cut its log when it likes; this one does once so much of it has piled up. */
  private static final long LOG_BYTES_MAX = 64L << 20;

  private record Held(List<LogRecord> records, CommitCallback callback) {}

  private enum Fault {
    LOSE,
    KEEP
  }

  private final MemoryDisk disk;
  private final int crashesSeen;
  private final int partitions;

  /** The epochs under which partitions were acquired through this store; 0 for not at all. */
  private final long[] held;

  /** Why a partition takes no commits until it is acquired again. */
  private final @Nullable Throwable[] failed;

  /** Partitions that have lost rows, until they are acquired again. */
  private final Set<Integer> lost = new HashSet<>();

  private final List<IntConsumer> lossListeners = new CopyOnWriteArrayList<>();
  private final List<Held> waiting = new ArrayList<>();
  private boolean holding;
  private int faults;
  private Fault fault = Fault.LOSE;
  private RuntimeException faultCause = new IllegalStateException();
  private boolean closed;

  /** A store of its own. */
  public MemoryStore(int partitions) {
    this(new MemoryDisk(), partitions);
  }

  private MemoryStore(MemoryDisk disk, int partitions) {
    if (partitions < 1 || partitions > PARTITIONS_MAX) {
      throw new IllegalArgumentException(
          "A hub has 1 to %d partitions, not %d.".formatted(PARTITIONS_MAX, partitions));
    }
    this.disk = disk;
    this.crashesSeen = disk.open(partitions);
    this.partitions = partitions;
    this.held = new long[partitions];
    this.failed = new Throwable[partitions];
  }

  /**
   * Opens the store on a disk.
   *
   * @param partitions must be the same whenever this disk is opened
   */
  public static MemoryStore open(MemoryDisk disk, int partitions) {
    return new MemoryStore(disk, partitions);
  }

  // ---- faults -------------------------------------------------------------------------------

  /** Makes the next commits fail, and their records are not kept. */
  public void failNextCommits(int count, RuntimeException failure) {
    fail(count, failure, Fault.LOSE);
  }

  /** Makes the next commits fail although their records are kept: the answer got lost. */
  public void failNextCommitsButKeepThem(int count, RuntimeException failure) {
    fail(count, failure, Fault.KEEP);
  }

  private void fail(int count, RuntimeException failure, Fault kind) {
    synchronized (disk) {
      faults = count;
      faultCause = failure;
      fault = kind;
    }
  }

  /**
   * Loses rows that were written since the last flush, while the store goes on.
   *
   * @param kept how many of the {@link MemoryDisk#unflushedCalls()}, from the first, stay
   */
  public void loseRows(int kept) {
    synchronized (disk) {
      checkAlive();
      disk.lose(kept);
      for (int partition = 0; partition < partitions; partition++) {
        held[partition] = 0;
        lost.add(partition);
      }
    }
    for (int partition = 0; partition < partitions; partition++) {
      int told = partition;
      lossListeners.forEach(listener -> listener.accept(told));
    }
  }

  /** Lets commits wait until {@link #releaseCommits()}. They are not durable as long as they do. */
  public void holdCommits() {
    synchronized (disk) {
      holding = true;
    }
  }

  /** How many commits wait. */
  public int heldCommits() {
    synchronized (disk) {
      return waiting.size();
    }
  }

  /** Carries out the commits that wait, on this thread, and holds no more. */
  public void releaseCommits() {
    List<Held> released;
    synchronized (disk) {
      holding = false;
      released = List.copyOf(waiting);
      waiting.clear();
    }
    released.forEach(commit -> commitNow(commit.records(), commit.callback()));
  }

  @Override
  public void onRowsLost(IntConsumer listener) {
    lossListeners.add(listener);
  }

  // ---- leases and log -----------------------------------------------------------------------

  @Override
  public int partitions() {
    return partitions;
  }

  @Override
  public long acquire(int partition, String owner) {
    return locked(
        () -> {
          held[partition] = disk.nextEpoch(partition);
          lost.remove(partition);
          failed[partition] = null;
          return held[partition];
        });
  }

  @Override
  public void commit(List<LogRecord> records, CommitCallback callback) {
    synchronized (disk) {
      if (holding) {
        waiting.add(new Held(List.copyOf(records), callback));
        return;
      }
    }
    commitNow(records, callback);
  }

  private void commitNow(List<LogRecord> records, CommitCallback callback) {
    Throwable failure = null;
    synchronized (disk) {
      try {
        append(records);
      } catch (RuntimeException e) {
        failure = e;
        block(records, e);
      }
    }
    callback.committed(failure);
  }

  private void append(List<LogRecord> records) {
    checkAlive();
    for (LogRecord record : records) {
      checkFence(record.partition(), record.epoch());
      if (failed[record.partition()] != null) {
        throw StoreException.mustBeAcquiredAgain(record.partition(), failed[record.partition()]);
      }
      disk.checkPosition(record);
    }
    boolean fails = faults > 0;
    if (fails) {
      faults--;
    }
    if (!fails || fault == Fault.KEEP) {
      disk.append(records);
    }
    if (fails) {
      throw faultCause;
    }
  }

  /** Who holds a partition under a newer epoch is not bothered by the failure of an older one. */
  private void block(List<LogRecord> records, Throwable failure) {
    for (LogRecord record : records) {
      int partition = record.partition();
      if (held[partition] == record.epoch() && failed[partition] == null) {
        failed[partition] = failure;
      }
    }
  }

  @Override
  public void readLog(int partition, long fromPosition, LogVisitor visitor) {
    List<LogRecord> records = locked(() -> disk.log(partition, fromPosition));
    for (LogRecord record : records) {
      visitor.record(
          new LogRecord(
              record.partition(),
              record.epoch(),
              record.firstPosition(),
              record.lastPosition(),
              record.data().duplicate()));
    }
  }

  // ---- rows ---------------------------------------------------------------------------------

  @Override
  public void writeRows(int partition, long epoch, RowBatch rows) {
    synchronized (disk) {
      checkAlive();
      checkFence(partition, epoch);
      disk.write(partition, rows);
    }
  }

  @Override
  public void advanceLogStart(int partition, long epoch, long position) {
    synchronized (disk) {
      checkAlive();
      checkFence(partition, epoch);
      disk.advanceLogStart(partition, position);
      if (disk.logBytes() > LOG_BYTES_MAX) {
        disk.flush();
      }
    }
  }

  @Override
  public void flush() {
    synchronized (disk) {
      checkAlive();
      disk.flush();
    }
  }

  @Override
  public long logBytes() {
    return locked(disk::logBytes);
  }

  @Override
  public byte @Nullable [] loadPartition(int partition) {
    synchronized (disk) {
      return rows(partition).partition();
    }
  }

  @Override
  public @Nullable InstanceRow loadInstance(int partition, String instanceId) {
    synchronized (disk) {
      return rows(partition).instance(instanceId);
    }
  }

  @Override
  public void readHistory(
      int partition, String instanceId, long execution, int chunks, HistoryVisitor visitor) {
    List<byte[]> wanted = locked(() -> rows(partition).history(instanceId, execution, chunks));
    wanted.forEach(visitor::chunk);
  }

  @Override
  public List<String> scanActive(int partition, @Nullable String afterId, int limit) {
    return locked(() -> rows(partition).active(afterId, limit));
  }

  @Override
  public List<TimerRow> scanTimers(int partition, @Nullable TimerRow after, int limit) {
    return locked(() -> rows(partition).timers(after, limit));
  }

  @Override
  public List<OutboxRow> scanOutbox(int partition, @Nullable OutboxRow after, int limit) {
    return locked(() -> rows(partition).outbox(after, limit));
  }

  // ---- query --------------------------------------------------------------------------------

  @Override
  public InstancePage query(InstanceFilter filter, int limit, @Nullable String continuationToken) {
    PageToken after = PageToken.decode(filter, continuationToken);
    Comparator<InstanceRow> byId = Comparator.comparing(InstanceRow::id, Utf8Order::compare);
    if (!filter.idPrefix().isEmpty()) {
      return locked(() -> page(filter, limit, byId, tables -> byPrefix(tables, filter, after)));
    }
    Comparator<InstanceRow> byCreation =
        Comparator.<InstanceRow>comparingLong(row -> row.columns().createdAt()).thenComparing(byId);
    return locked(
        () -> page(filter, limit, byCreation, tables -> byCreation(tables, filter, after)));
  }

  private static Iterable<InstanceRow> byPrefix(
      PartitionTables tables, InstanceFilter filter, @Nullable PageToken after) {
    return after == null ? tables.byId(filter.idPrefix(), true) : tables.byId(after.id(), false);
  }

  private static Iterable<InstanceRow> byCreation(
      PartitionTables tables, InstanceFilter filter, @Nullable PageToken after) {
    return after == null
        ? tables.byCreation(filter.createdFrom())
        : tables.byCreation(new PartitionTables.Created(after.createdAt(), after.id()));
  }

  private InstancePage page(
      InstanceFilter filter,
      int limit,
      Comparator<InstanceRow> order,
      Function<PartitionTables, Iterable<InstanceRow>> candidates) {
    List<InstanceRow> found = new ArrayList<>();
    for (int partition = 0; partition < partitions; partition++) {
      int wanted = limit + 1; // one more tells whether there is another page
      for (InstanceRow row : candidates.apply(rows(partition))) {
        if (!filter.idPrefix().isEmpty() && !row.id().startsWith(filter.idPrefix())) {
          break;
        }
        if (filter.matches(row.columns())) {
          found.add(filter.withState() ? row : withoutState(row));
          if (--wanted == 0) {
            break;
          }
        }
      }
    }
    found.sort(order);
    if (found.size() <= limit) {
      return new InstancePage(found, null);
    }
    List<InstanceRow> rows = List.copyOf(found.subList(0, limit));
    return new InstancePage(rows, PageToken.at(filter, rows.getLast().columns()).encoded());
  }

  private static InstanceRow withoutState(InstanceRow row) {
    return new InstanceRow(row.columns(), row.position(), row.active(), null);
  }

  // ---- life ---------------------------------------------------------------------------------

  /** There are no files to copy; a {@link MemoryDisk} is kept by keeping it. */
  @Override
  public void backup(Path directory) {
    throw new UnsupportedOperationException(
        "The memory store has nothing that could be copied to " + directory);
  }

  @Override
  public void close() {
    releaseCommits();
    synchronized (disk) {
      if (!closed && disk.crashes() == crashesSeen) {
        disk.flush();
        disk.close();
      }
      closed = true;
    }
  }

  private <T> T locked(Supplier<T> action) {
    synchronized (disk) {
      checkAlive();
      return action.get();
    }
  }

  private PartitionTables rows(int partition) {
    checkAlive();
    if (lost.contains(partition)) {
      throw new RowsLostException(partition);
    }
    return disk.written(partition);
  }

  private void checkAlive() {
    if (closed) {
      throw StoreException.closed("This memory store");
    }
    if (disk.crashes() != crashesSeen) {
      throw StoreException.closed("This memory store's disk has crashed; the store");
    }
  }

  private void checkFence(int partition, long epoch) {
    if (epoch != held[partition] || epoch == 0) {
      throw new FencedException(partition, epoch, disk.epoch(partition));
    }
  }
}
