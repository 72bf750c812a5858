package dev.perdure.testing;

import dev.perdure.api.HubClosedException;
import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineEnvironment;
import dev.perdure.engine.functions.ActivityFunction;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.store.Store;
import dev.perdure.store.StoreException;
import dev.perdure.store.memory.MemoryDisk;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A disk, and the hosts that are started on it one after the other: each a life, which ends in an
 * orderly way or because the power goes off. Thread-safe.
 */
final class Lives implements AutoCloseable {
  /** What is asked of a host; possibly again of the next one, if the first died over it. */
  @FunctionalInterface
  interface Request<T extends @Nullable Object> {
    /**
     * Asks.
     *
     * @param again whether it has been asked before, perhaps with success
     */
    T of(Engine engine, boolean again);
  }

  private final VirtualClock clock;
  private final CallLog calls;
  private final MemoryDisk disk = new MemoryDisk();
  private final Random random;
  private final int partitions;
  private final Duration patience;
  private final @Nullable CrashPoint crash;

  /** Clears away who died, and starts the next one. */
  private final ExecutorService janitor =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon(true).name("perdure-testing").factory());

  private Supplier<TestHub.Builder> program;
  private int number;
  private volatile boolean over;
  private volatile @Nullable Life life;
  private volatile @Nullable Throwable broken;
  private volatile String diedAt = "";

  private final class Life {
    final CrashingStore store;
    volatile boolean powerIsOff;
    volatile boolean ending;
    private @Nullable Engine engine;

    Life(@Nullable CrashPoint at) {
      store = new CrashingStore(disk, partitions, at, calls::endedCount, () -> powerWentOff(this));
    }

    Engine engine() {
      Engine started = engine;
      if (started == null) {
        throw new HubClosedException("The host died while it was being started.");
      }
      return started;
    }

    void start(TestHub.Builder from) {
      FunctionRegistry functions = from.functions();
      FunctionRegistry.Builder watched = functions.toBuilder();
      for (ActivityFunction activity : functions.activities()) {
        watched.replace(calls.watch(activity, () -> powerIsOff));
      }
      EngineEnvironment system = EngineEnvironment.system();
      engine =
          Engine.start(
              store,
              watched.build(),
              from.converter(),
              from.engineOptions(),
              new EngineEnvironment(
                  clock,
                  random,
                  system.orchestratorThreads(),
                  system.activityThreads(),
                  system.entityThreads()));
    }

    void end() {
      ending = true;
      if (engine == null) {
        store.close();
      } else {
        engine.close(store::close);
      }
    }
  }

  /**
   * No life yet.
   *
   * @param program makes the program of the next life
   * @param crash when the first life ends; null if it is not to be cut short
   */
  Lives(
      VirtualClock clock,
      CallLog calls,
      TestHub.Builder settings,
      Supplier<TestHub.Builder> program,
      @Nullable CrashPoint crash) {
    this.clock = clock;
    this.calls = calls;
    this.random = new Random(settings.seed());
    this.partitions = settings.partitions();
    this.patience = settings.patience();
    this.program = program;
    this.crash = crash;
  }

  synchronized void open() {
    Life next = new Life(number++ == 0 ? crash : null);
    try {
      next.start(program.get());
    } catch (RuntimeException | Error e) {
      if (!next.powerIsOff) {
        next.store.close();
        throw e;
      }
    }
    life = next;
    notifyAll();
  }

  /** Stops the host and starts another one with the same program. */
  synchronized void restart() {
    restart(program);
  }

  /** Stops the host and starts another one, perhaps with another program. */
  synchronized void restart(Supplier<TestHub.Builder> nextProgram) {
    current().end();
    program = nextProgram;
    open();
  }

  /** The power goes off and on. */
  synchronized void crash() {
    Life dead = current();
    dead.powerIsOff = true;
    disk.crash();
    replace(dead);
  }

  private void powerWentOff(Life dead) {
    dead.powerIsOff = true;
    String latest = calls.latest();
    diedAt = latest.isEmpty() ? "before any activity ran" : latest;
    if (dead.ending) {
      dead.store.letGo(); // whoever ends it waits for it
    } else {
      janitor.execute(() -> succeed(dead));
    }
  }

  /** A life that dies young is waited for until it has begun. */
  private void succeed(Life dead) {
    dead.store.letGo();
    synchronized (this) {
      try {
        if (life == dead) {
          replace(dead);
        }
      } catch (RuntimeException | Error e) {
        broken = e;
        notifyAll();
      }
    }
  }

  private void replace(Life dead) {
    try (Quiet quiet = Quiet.begin()) {
      dead.end();
    }
    if (!over) {
      open();
    }
  }

  /**
   * Asks the host. If the power goes off at it, asks the next host again.
   *
   * @throws HubClosedException if the hub is closed
   */
  <T extends @Nullable Object> T ask(Request<T> request) {
    boolean again = false;
    while (true) {
      Life asked = current();
      try {
        return request.of(asked.engine(), again);
      } catch (HubClosedException | StoreException e) {
        if (crash == null) {
          throw e;
        }
        awaitNext(asked, e);
        again = true;
      }
    }
  }

  /** Whether the power may go off. */
  boolean mayDie() {
    return crash != null;
  }

  private synchronized void awaitNext(Life dead, RuntimeException why) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (life == dead && broken == null && !over) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        throw why; // it has not died: it has a reason of its own
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw why;
      }
    }
    Throwable reason = broken;
    if (reason != null) {
      throw new AssertionError("The hub could not be opened again: " + reason.getMessage(), reason);
    }
    if (over) {
      throw why;
    }
  }

  private Life current() {
    Life now = life;
    if (now == null) {
      throw new IllegalStateException("The hub has not been opened.");
    }
    return now;
  }

  /** Commits of the host that lives. */
  int commits() {
    return current().store.commits();
  }

  /** The store of the host that lives. */
  Store store() {
    return current().store;
  }

  /** What was going on when the power went off; empty if it did not. */
  String diedAt() {
    return diedAt;
  }

  boolean isOver() {
    return over;
  }

  @Override
  public void close() {
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
    }
    janitor.shutdown();
    try {
      janitor.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      if (life != null) {
        life.end();
      }
    }
  }
}
