package dev.perdure.iothub.event;

import dev.perdure.iothub.codec.EventContent;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The one thread that writes. Whatever came while the disk was busy is the next commit: one write,
 * one sync, one task for each executor that waits. Thread-safe.
 */
final class Committer implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Committer.class.getName());

  /** Enough for the disk to stall for a moment; beyond it, devices and producers have to wait. */
  private static final long WAITING_BYTES_MAX = 32 << 20;

  /** So that no commit is so large that others wait long for it. */
  private static final long COMMIT_BYTES_MAX = 8 << 20;

  record Pending(Partition partition, EventContent content, AppendOutcome outcome) {}

  private final RocksDB db;
  private final WriteOptions synced = new WriteOptions().setSync(true);
  private final InstantSource clock;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition isWork = lock.newCondition();
  private final Condition isRoom = lock.newCondition();
  private List<Pending> waiting = new ArrayList<>();
  private List<Runnable> tasks = new ArrayList<>();
  private long waitingBytes;

  /** Why nothing is stored any more; of the committer's thread alone. */
  private @Nullable EventStoreException broken;

  private boolean isClosed;

  Committer(RocksDB db, InstantSource clock) {
    this.db = db;
    this.clock = clock;
    this.thread = Thread.ofPlatform().name("perdure-iothub-log").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Has somebody told, on the committer's thread, whenever there is something new to read. */
  void onCommitted(Runnable listener) {
    listeners.add(listener);
  }

  void append(Pending event) {
    lock.lock();
    try {
      while (waitingBytes > WAITING_BYTES_MAX && !isClosed) {
        isRoom.awaitUninterruptibly();
      }
      requireOpen();
      waiting.add(event);
      waitingBytes += event.content().size();
      isWork.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Has something done on the committer's thread. */
  void execute(Runnable task) {
    lock.lock();
    try {
      requireOpen();
      tasks.add(task);
      isWork.signal();
    } finally {
      lock.unlock();
    }
  }

  private void requireOpen() {
    if (isClosed) {
      throw new IllegalStateException("The event store is closed.");
    }
  }

  private void run() {
    while (true) {
      List<Pending> events;
      List<Runnable> todo;
      lock.lock();
      try {
        while (waiting.isEmpty() && tasks.isEmpty() && !isClosed) {
          isWork.awaitUninterruptibly();
        }
        if (waiting.isEmpty() && tasks.isEmpty()) {
          return;
        }
        events = takeCommit();
        todo = tasks;
        tasks = new ArrayList<>();
        isRoom.signalAll();
      } finally {
        lock.unlock();
      }
      todo.forEach(Committer::runIfOpen);
      if (!events.isEmpty()) {
        commit(events);
      }
    }
  }

  private List<Pending> takeCommit() {
    long bytes = 0;
    int count = 0;
    while (count < waiting.size() && bytes < COMMIT_BYTES_MAX) {
      bytes += waiting.get(count++).content().size();
    }
    List<Pending> taken = waiting;
    if (count == waiting.size()) {
      waiting = new ArrayList<>();
    } else {
      taken = new ArrayList<>(waiting.subList(0, count));
      waiting = new ArrayList<>(waiting.subList(count, waiting.size()));
    }
    waitingBytes -= bytes;
    return taken;
  }

  /** What a commit adds to a partition. */
  private static final class Addition {
    private final List<StoredEvent> events = new ArrayList<>();
    private Bounds bounds;

    Addition(Bounds bounds) {
      this.bounds = bounds;
    }
  }

  private void commit(List<Pending> events) {
    if (broken != null) {
      tell(events, broken);
      return;
    }
    Map<Partition, Addition> additions = new LinkedHashMap<>();
    long now = clock.millis();
    EventStoreException failure = null;
    try (WriteBatch batch = new WriteBatch()) {
      for (Pending event : events) {
        Partition partition = event.partition();
        Addition addition =
            additions.computeIfAbsent(partition, added -> new Addition(added.bounds()));
        StoredEvent placed = Partition.place(event.content(), addition.bounds, now);
        addition.bounds = addition.bounds.append(placed);
        addition.events.add(placed);
        partition.table().put(batch, placed);
      }
      write(batch);
      additions.forEach((partition, addition) -> partition.show(addition.events, addition.bounds));
    } catch (RocksDBException | RuntimeException | Error e) {
      // What came after it must not be stored before it, so nothing more is.
      failure =
          new EventStoreException(
              "Events cannot be stored: %s. Look at the disk, then start the hub again."
                  .formatted(e.getMessage()),
              e);
      broken = failure;
      LOG.log(Level.ERROR, "The hub stores nothing more until it is started again.", e);
    }
    tell(events, failure);
    listeners.forEach(Committer::runIfOpen);
  }

  /** Writes durably; the committer's thread only. */
  void write(WriteBatch batch) throws RocksDBException {
    db.write(synced, batch);
  }

  private static void tell(List<Pending> events, @Nullable EventStoreException failure) {
    IdentityHashMap<Executor, List<AppendOutcome>> outcomes = new IdentityHashMap<>();
    for (Pending event : events) {
      outcomes
          .computeIfAbsent(event.outcome().executor(), executor -> new ArrayList<>())
          .add(event.outcome());
    }
    outcomes.forEach(
        (executor, told) ->
            runIfOpen(
                () ->
                    executor.execute(() -> told.forEach(outcome -> outcome.onAppended(failure)))));
  }

  /** A front that has closed its connections takes no tasks, and has nobody to tell. */
  private static void runIfOpen(Runnable handOver) {
    try {
      handOver.run();
    } catch (RejectedExecutionException e) {
      LOG.log(Level.DEBUG, "A front is closed already.");
    } catch (RuntimeException e) {
      // The thread that stores has to go on.
      LOG.log(Level.ERROR, "A defect of the hub", e);
    }
  }

  /** Commits what waits and ends the thread. */
  @Override
  public void close() {
    lock.lock();
    try {
      isClosed = true;
      isWork.signal();
      isRoom.signalAll();
    } finally {
      lock.unlock();
    }
    boolean isInterrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        isInterrupted = true;
      }
    }
    synced.close();
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
