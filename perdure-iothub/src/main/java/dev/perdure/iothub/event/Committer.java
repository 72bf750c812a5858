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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
 *
 * <p>When a commit has failed, so does whatever comes after it, until all who had events in it, or
 * behind it, have heard of that: what a device sent later must not be stored before what it will
 * send again. Then the next commit is tried. The database itself waits for room on a full disk.
 */
final class Committer implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Committer.class.getName());

  /** Enough for the disk to stall for a moment; beyond it, devices and producers have to wait. */
  private static final long WAITING_BYTES_MAX = 32 << 20;

  /** How long nothing is stored after a failure. */
  private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** How often to look, after that, whether all have heard of it. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

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

  /** Why nothing is stored at the moment; of the committer's thread alone. */
  private @Nullable EventStoreException broken;

  private long brokenSinceNanos;

  /** Whether the last commit that was tried has failed. */
  private boolean isFailing;

  /** Whether nothing more is tried. */
  private boolean isDefective;

  /** Tasks that tell how it went and have not been run yet. */
  private final AtomicInteger untold = new AtomicInteger();

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
          long rest = restNanos();
          if (rest == 0) {
            isWork.awaitUninterruptibly();
          } else {
            long unused = isWork.awaitNanos(rest);
          }
        }
        if (waiting.isEmpty() && tasks.isEmpty()) {
          return;
        }
        events = takeCommit();
        todo = tasks;
        tasks = new ArrayList<>();
        isRoom.signalAll();
      } catch (InterruptedException e) {
        continue; // nobody does that; the next look is as good
      } finally {
        lock.unlock();
      }
      todo.forEach(task -> runIfOpen(task));
      if (!events.isEmpty()) {
        commit(events);
      }
    }
  }

  /**
   * How long to rest after a failure while nothing is to be done; 0 if there was none. Called with
   * nothing waiting, and then ends the rest when it is over.
   */
  private long restNanos() {
    if (broken == null || isDefective) {
      return 0;
    }
    long rest = brokenSinceNanos + REST_NANOS - System.nanoTime();
    if (rest > 0 || untold.get() > 0) {
      return Math.max(rest, LOOK_NANOS);
    }
    broken = null; // all have heard of it, and nothing that they sent before waits
    return 0;
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
      if (isFailing) {
        isFailing = false;
        LOG.log(Level.WARNING, "The hub stores events again."); // as loud as the failure
      }
    } catch (RocksDBException e) {
      failure = failure(e, "Look at the disk; the hub goes on when it can be written.");
      LOG.log(
          isFailing ? Level.DEBUG : Level.ERROR,
          "The hub cannot store events. It tries again each second; if it does not go on when the disk is well, start it again.",
          e);
      isFailing = true;
    } catch (RuntimeException | Error e) {
      // It is not known what is stored of it.
      failure = failure(e, "This is a defect of the hub. Start it again.");
      LOG.log(Level.ERROR, "The hub stores nothing more until it is started again.", e);
      isDefective = true;
    }
    if (failure != null) {
      broken = failure;
      brokenSinceNanos = System.nanoTime();
    }
    tell(events, failure);
    listeners.forEach(listener -> runIfOpen(listener));
  }

  private static EventStoreException failure(Throwable cause, String remedy) {
    return new EventStoreException(
        "Events cannot be stored: %s. %s".formatted(cause.getMessage(), remedy), cause);
  }

  /** Writes durably; the committer's thread only. */
  void write(WriteBatch batch) throws RocksDBException {
    db.write(synced, batch);
  }

  private void tell(List<Pending> events, @Nullable EventStoreException failure) {
    IdentityHashMap<Executor, List<AppendOutcome>> outcomes = new IdentityHashMap<>();
    for (Pending event : events) {
      outcomes
          .computeIfAbsent(event.outcome().executor(), executor -> new ArrayList<>())
          .add(event.outcome());
    }
    outcomes.forEach(
        (executor, told) -> {
          untold.incrementAndGet();
          if (!runIfOpen(() -> executor.execute(() -> tellNow(told, failure)))) {
            untold.decrementAndGet();
          }
        });
  }

  private void tellNow(List<AppendOutcome> told, @Nullable EventStoreException failure) {
    told.forEach(outcome -> runIfOpen(() -> outcome.onAppended(failure)));
    if (untold.decrementAndGet() == 0) {
      lookAgain();
    }
  }

  /** A rest that is over ends when nothing waits; more may come before the next look. */
  private void lookAgain() {
    lock.lock();
    try {
      isWork.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Runs something of others; the thread that stores has to go on whatever they do.
   *
   * @return false if it has thrown, as a front does that has closed its connections: it takes no
   *     tasks, and has nobody to tell
   */
  private static boolean runIfOpen(Runnable task) {
    try {
      task.run();
      return true;
    } catch (RejectedExecutionException e) {
      LOG.log(Level.DEBUG, "A front is closed already.");
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "A defect of the hub", e);
    }
    return false;
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
