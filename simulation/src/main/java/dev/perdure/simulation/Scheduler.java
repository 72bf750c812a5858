package dev.perdure.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs everything there is, one thing at a time, in an order that chance decides. Time stands still
 * while there is something to do, but for small random steps; when there is nothing, it leaps to
 * where there is.
 *
 * <p>Used by one thread. The virtual threads it makes run on that thread, too: a piece from one
 * wait to the next is one thing to do.
 */
final class Scheduler {
  /** One in so many steps lets some time pass although there are things to do. */
  private static final int TIME_PASSES_EVERY = 40;

  private static final long TIME_PASSES_NANOS_MAX = 5_000_000;

  /** Whoever things are done for. What is left to do for one that has died is not done. */
  interface Actor {
    /** Whether it still runs. */
    boolean lives();

    /** Whether it has something to do that it has not handed over. */
    boolean hasWork();

    /** In how many nanoseconds it has something to do; only asked if there is nothing now. */
    long nanosUntilNext();

    /** Does something. */
    void work();
  }

  private record Task(Actor actor, Runnable action) {}

  private record Timer(long at, long number, Actor actor, Runnable action) {}

  /** The world itself, which does not die. */
  static final Actor WORLD =
      new Actor() {
        @Override
        public boolean lives() {
          return true;
        }

        @Override
        public boolean hasWork() {
          return false;
        }

        @Override
        public long nanosUntilNext() {
          return Long.MAX_VALUE;
        }

        @Override
        public void work() {}
      };

  private final Random random;
  private final List<Task> ready = new ArrayList<>();
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(Comparator.comparingLong(Timer::at).thenComparingLong(Timer::number));
  private final List<Actor> actors = new ArrayList<>();
  private long nanos;
  private long numbers;
  private long steps;
  private long trace = 17;

  Scheduler(Random random) {
    this.random = random;
  }

  // ---- what there is to do ------------------------------------------------------------------

  void add(Actor actor, Runnable action) {
    ready.add(new Task(actor, action));
  }

  void after(Duration delay, Actor actor, Runnable action) {
    timers.add(new Timer(nanos + delay.toNanos(), numbers++, actor, action));
  }

  /** Has the calling thread, which must be one of the simulation's, wait on behalf of an actor. */
  void pause(Duration time, Actor actor) {
    Thread sleeper = Thread.currentThread();
    boolean[] over = new boolean[1];
    after(
        time,
        actor,
        () -> {
          over[0] = true;
          LockSupport.unpark(sleeper);
        });
    while (!over[0]) {
      LockSupport.park();
    }
  }

  void join(Actor actor) {
    actors.add(actor);
  }

  void leave(Actor actor) {
    actors.remove(actor);
  }

  /** An executor that runs one task after the other, at times that chance chooses. */
  Executor serial(Actor actor) {
    return new Serial(actor);
  }

  private final class Serial implements Executor {
    private final Actor actor;
    private final List<Runnable> waiting = new ArrayList<>();

    private Serial(Actor actor) {
      this.actor = actor;
    }

    @Override
    public void execute(Runnable task) {
      waiting.add(task);
      if (waiting.size() == 1) {
        add(actor, this::runFirst);
      }
    }

    private void runFirst() {
      waiting.getFirst().run();
      waiting.removeFirst();
      if (!waiting.isEmpty()) {
        add(actor, this::runFirst);
      }
    }
  }

  /** Makes virtual threads that run when it is their turn. */
  ThreadFactory threads(Actor actor, String name) {
    return VirtualThreads.factory(name, piece -> add(actor, piece));
  }

  // ---- doing it -----------------------------------------------------------------------------

  /** Does one thing. Returns whether there was anything; if not, nothing will ever happen again. */
  boolean step() {
    if (random.nextInt(TIME_PASSES_EVERY) == 0) {
      passTime(nanos + (long) (random.nextDouble() * TIME_PASSES_NANOS_MAX));
    }
    while (true) {
      if (runOne()) {
        steps++;
        return true;
      }
      long next = timers.isEmpty() ? Long.MAX_VALUE : timers.peek().at();
      @Nullable Actor first = null;
      for (Actor actor : actors) {
        if (actor.lives()) {
          long wait = actor.nanosUntilNext();
          long at = wait > Long.MAX_VALUE - nanos ? Long.MAX_VALUE : nanos + wait;
          if (at < next) {
            next = at;
            first = actor;
          }
        }
      }
      if (next == Long.MAX_VALUE) {
        return false;
      }
      passTime(next);
      if (first != null) {
        first.work(); // it has slept for as long as it wanted to
        note(-2);
        steps++;
        return true;
      }
    }
  }

  private boolean runOne() {
    int busy = 0;
    for (Actor actor : actors) {
      if (actor.lives() && actor.hasWork()) {
        busy++;
      }
    }
    while (!ready.isEmpty() || busy > 0) {
      int choice = random.nextInt(ready.size() + busy);
      if (choice >= ready.size()) {
        busyActor(choice - ready.size()).work();
        note(-1);
        return true;
      }
      Task task = ready.get(choice);
      Task last = ready.removeLast();
      if (choice < ready.size()) {
        ready.set(choice, last);
      }
      if (task.actor().lives()) {
        task.action().run();
        note(choice);
        return true;
      }
    }
    return false;
  }

  private Actor busyActor(int number) {
    int left = number;
    for (Actor actor : actors) {
      if (actor.lives() && actor.hasWork() && left-- == 0) {
        return actor;
      }
    }
    throw new IllegalStateException("An actor lost its work without doing it.");
  }

  private void passTime(long until) {
    nanos = Math.max(nanos, until);
    while (!timers.isEmpty() && timers.peek().at() <= nanos) {
      Timer due = timers.remove();
      ready.add(new Task(due.actor(), due.action()));
    }
  }

  private void note(int choice) {
    trace = trace * 31 + choice;
    trace = trace * 31 + nanos;
  }

  // ---- what it knows ------------------------------------------------------------------------

  /** Time since the beginning, in nanoseconds. */
  long nanos() {
    return nanos;
  }

  /** Things done so far. */
  long steps() {
    return steps;
  }

  /** A number that two runs have in common only if they did the same at the same times. */
  long trace() {
    return trace;
  }
}
