package dev.perdure.store.rocksdb;

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
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A hub in a directory, used by one process. What {@link #commit} has acknowledged survives a kill
 * and a power failure; checkpoint rows survive from the last flush on, and the log tells what came
 * after.
 *
 * <p>{@code commit} works on the caller's thread and blocks for one synced append; callers that
 * come meanwhile are combined into the next. All other methods may run beside it.
 *
 * <p>Ids are stored as UTF-8; one with half of a surrogate pair throws {@link
 * IllegalArgumentException}.
 */
public final class RocksStore implements Store {
  private static final System.Logger LOGGER = System.getLogger(RocksStore.class.getName());

  /** Rows looked at for one page of a query, about 0.1 s. */
  private static final int SCAN_MAX = 50_000;

  /** Deletions that may lie in memory, where scans have to step over them, before a flush. */
  private static final int DELETIONS_MAX = 50_000;

  private static final int PARTITION_CLOSE_SECONDS = 60;

  private final HubDirectory directory;
  private final RocksStoreOptions options;
  private final RowTables tables;
  private final RowReader reader;
  private final CommitLog log;
  private final Fences fences;
  private final GroupCommit commits;
  private final Flusher flusher;
  private final ExecutorService logThread;
  private final ExecutorService flushThread;
  private final AtomicInteger deletions = new AtomicInteger();

  /** Partitions whose rows have lost what was not durable, until they are acquired again. */
  private final Set<Integer> lost = ConcurrentHashMap.newKeySet();

  private final List<IntConsumer> lossListeners = new CopyOnWriteArrayList<>();

  /** Held for reading by all who use the store, so that it is not closed under their feet. */
  private final ReentrantReadWriteLock life = new ReentrantReadWriteLock();

  private boolean closed;

  private RocksStore(
      HubDirectory directory, RocksStoreOptions options, RowTables tables, LogFile.Opener opener) {
    this.directory = directory;
    this.options = options;
    this.tables = tables;
    this.reader = new RowReader(tables);
    this.logThread = thread("perdure-log");
    this.flushThread = thread("perdure-flush");
    int partitions = directory.partitions();
    long[] starts = logStarts();
    PartitionLog[] logs = new PartitionLog[partitions];
    for (int partition = 0; partition < partitions; partition++) {
      logs[partition] = new PartitionLog(starts[partition]);
    }
    this.log =
        CommitLog.open(
            directory.log(), directory.hub(), options.logSegmentBytes(), opener, logs, logThread);
    log.cut(starts);
    long opening = Math.max(directory.opening(), Fences.openingOf(log.epoch()) + 1);
    this.fences = new Fences(log, directory.log(), partitions, opening);
    this.commits = new GroupCommit(log, fences);
    this.flusher = new Flusher(tables, log, starts, flushThread);
  }

  private long[] logStarts() {
    long[] starts = new long[directory.partitions()];
    for (int partition = 0; partition < starts.length; partition++) {
      starts[partition] = reader.logStart(partition);
    }
    return starts;
  }

  private static ExecutorService thread(String name) {
    return Executors.newSingleThreadExecutor(
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  /** Whether there is a hub in a directory, so that opening it would not make one. */
  public static boolean isHub(Path directory) {
    return HubDirectory.isHub(directory);
  }

  /** Opens a hub with {@link RocksStoreOptions#DEFAULTS}; makes it if there is none. */
  public static RocksStore open(Path directory) {
    return open(directory, RocksStoreOptions.DEFAULTS);
  }

  /**
   * Opens a hub; makes it if there is none.
   *
   * @param directory the hub's own directory; made if it is not there
   * @throws StoreException PD-2001 if it is open already, PD-2003 if it is damaged, PD-2004 if a
   *     newer Perdure wrote it, PD-2005 if it cannot be written, PD-2006 if it holds something
   *     else, PD-2010 if it has another number of partitions
   */
  public static RocksStore open(Path directory, RocksStoreOptions options) {
    return open(directory, options, LogFile::open);
  }

  static RocksStore open(Path path, RocksStoreOptions options, LogFile.Opener opener) {
    HubDirectory directory = HubDirectory.open(path, options);
    RowTables tables;
    try {
      tables = RowTables.open(directory.rows(), options);
    } catch (RuntimeException | Error e) {
      directory.close();
      throw e;
    }
    try {
      return new RocksStore(directory, options, tables, opener);
    } catch (RuntimeException | Error e) {
      tables.close();
      directory.close();
      throw e;
    }
  }

  // ---- leases and log -----------------------------------------------------------------------

  @Override
  public int partitions() {
    return directory.partitions();
  }

  /** Takes a partition. Owners are not kept: within one process there is nobody to tell apart. */
  @Override
  public long acquire(int partition, String owner) {
    if (tables.isStopped()) {
      reopenRows();
    }
    return whileOpen(
        () -> {
          long epoch = fences.acquire(partition);
          lost.remove(partition);
          return epoch;
        });
  }

  /**
   * After a failed write or flush RocksDB takes no rows until it is opened again, and what it had
   * in memory is gone then. The log has all of it, so partitions recover as after a crash; until
   * they have, nothing may be written that builds upon it, nor read.
   */
  private void reopenRows() {
    life.writeLock().lock();
    try {
      if (closed) {
        throw StoreException.closed("The hub in " + directory.path());
      }
      if (tables.isStopped()) {
        fences.endAll();
        for (int partition = 0; partition < partitions(); partition++) {
          if (lost.add(partition)) {
            int told = partition;
            lossListeners.forEach(listener -> listener.accept(told));
          }
        }
        flusher.meanwhile(this::reopenedStarts);
        LOGGER.log(
            System.Logger.Level.WARNING,
            "The rows in {0} have been opened again after an error",
            directory.rows());
      }
    } finally {
      life.writeLock().unlock();
    }
  }

  private long[] reopenedStarts() {
    tables.reopen();
    try {
      return logStarts();
    } catch (RuntimeException | Error e) {
      tables.stop(); // where the log starts is not known
      throw e;
    }
  }

  @Override
  public void onRowsLost(IntConsumer listener) {
    lossListeners.add(listener);
  }

  private void checkRows(int partition) {
    if (lost.contains(partition)) {
      throw new RowsLostException(partition);
    }
  }

  @Override
  public void commit(List<LogRecord> records, CommitCallback callback) {
    commits.commit(records, callback);
  }

  @Override
  public void readLog(int partition, long fromPosition, LogVisitor visitor) {
    whileOpen(() -> log.read(Set.of(partition), fromPosition, visitor::record));
  }

  @Override
  public void readLogs(Set<Integer> partitions, LogVisitor visitor) {
    whileOpen(() -> log.read(partitions, 0, visitor::record));
  }

  // ---- rows ---------------------------------------------------------------------------------

  @Override
  public void writeRows(int partition, long epoch, RowBatch rows) {
    whileOpen(
        () -> {
          byte[] batch = new RowWriter(tables, rows.bytes()).add(partition, rows).serialized();
          write(partition, epoch, batch);
          noteDeletions(rows);
        });
  }

  private void write(int partition, long epoch, byte[] batch) {
    Lock lock = fences.rowLock(partition);
    lock.lock();
    try {
      fences.check(partition, epoch);
      tables.write(batch);
    } finally {
      lock.unlock();
    }
  }

  private void noteDeletions(RowBatch rows) {
    int more = rows.deletedInstances().size() + rows.deletedTimers().size();
    if (more > 0 && deletions.addAndGet(more) > DELETIONS_MAX) {
      deletions.set(0);
      flusher.request();
    }
  }

  @Override
  public void advanceLogStart(int partition, long epoch, long position) {
    whileOpen(
        () -> {
          boolean possible = mayStartAt(partition, position);
          Lock lock = fences.rowLock(partition);
          lock.lock();
          try {
            fences.check(partition, epoch);
            if (!possible) {
              throw new IllegalArgumentException(
                  "Partition %d: the log cannot start at position %d, it does not reach so far."
                      .formatted(partition, position));
            }
            if (position > flusher.start(partition)) {
              tables.write(new RowWriter(tables, 0).logStart(partition, position).serialized());
              flusher.startWritten(partition, position);
            }
          } finally {
            lock.unlock();
          }
          if (flusher.freeableBytes() > options.flushLogBytes()) {
            flusher.request();
          }
        });
  }

  /** Asked before the row lock is taken, for whoever acquires takes the log's lock first. */
  private boolean mayStartAt(int partition, long position) {
    log.lock.lock();
    try {
      return log.mayStartAt(partition, position);
    } finally {
      log.lock.unlock();
    }
  }

  @Override
  public void flush() {
    whileOpen(flusher::flush);
  }

  @Override
  public long logBytes() {
    return whileOpen(log::bytes);
  }

  @Override
  public byte @Nullable [] loadPartition(int partition) {
    enter();
    try {
      checkRows(partition);
      return reader.partition(partition);
    } finally {
      exit();
    }
  }

  @Override
  public @Nullable InstanceRow loadInstance(int partition, String instanceId) {
    enter();
    try {
      checkRows(partition);
      return reader.instance(partition, instanceId);
    } finally {
      exit();
    }
  }

  @Override
  public void readHistory(
      int partition, String instanceId, long execution, int chunks, HistoryVisitor visitor) {
    List<byte[]> history =
        rowsOf(partition, () -> reader.history(partition, instanceId, execution, chunks));
    history.forEach(visitor::chunk);
  }

  @Override
  public List<String> scanActive(int partition, @Nullable String afterId, int limit) {
    return rowsOf(partition, () -> reader.active(partition, afterId, limit));
  }

  @Override
  public List<TimerRow> scanTimers(int partition, @Nullable TimerRow after, int limit) {
    return rowsOf(partition, () -> reader.timers(partition, after, limit));
  }

  @Override
  public List<OutboxRow> scanOutbox(int partition, @Nullable OutboxRow after, int limit) {
    return rowsOf(partition, () -> reader.outbox(partition, after, limit));
  }

  /** Lists instances; a page may be short or empty where few among many rows match. */
  @Override
  public InstancePage query(InstanceFilter filter, int limit, @Nullable String continuationToken) {
    PageToken after = PageToken.decode(filter, continuationToken);
    return whileOpen(
        () -> {
          lost.stream().findAny().ifPresent(this::checkRows);
          return new RowQuery(tables, partitions(), SCAN_MAX, filter, limit, after).page();
        });
  }

  // ---- life ---------------------------------------------------------------------------------

  @Override
  public void backup(Path target) {
    whileOpen(() -> new Backup(directory, tables, log).to(target));
  }

  @Override
  public void close() {
    commits.close();
    life.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      closeAll();
    } finally {
      life.writeLock().unlock();
    }
  }

  private void closeAll() {
    try {
      stop(flushThread);
      flusher.flush();
    } finally {
      closeFiles();
    }
  }

  private void closeFiles() {
    stop(logThread);
    tables.close();
    log.close();
    directory.close();
  }

  private static void stop(ExecutorService thread) {
    thread.shutdown();
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = thread.awaitTermination(PARTITION_CLOSE_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        interrupted = true; // native code must not be left behind running
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private <T> T rowsOf(int partition, Supplier<T> action) {
    return whileOpen(
        () -> {
          checkRows(partition);
          return action.get();
        });
  }

  private <T> T whileOpen(Supplier<T> action) {
    enter();
    try {
      return action.get();
    } finally {
      exit();
    }
  }

  private void whileOpen(Runnable action) {
    enter();
    try {
      action.run();
    } finally {
      exit();
    }
  }

  private void enter() {
    life.readLock().lock();
    if (closed) {
      life.readLock().unlock();
      throw StoreException.closed("The hub in " + directory.path());
    }
  }

  private void exit() {
    life.readLock().unlock();
  }

  /** For tests that look inside. */
  RowTables tables() {
    return tables;
  }
}
