package dev.perdure.functions.invoke;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts the thread that made it if it is not closed in time, and tells if it is not closed
 * some time after that either. After it is closed it does nothing more, and nothing is kept of it.
 *
 * <p>One thread watches all that are open. It sleeps until the earliest of them is due, which
 * hardly ever is one that begins now: a timer for each would be woken for each run.
 */
final class Deadline implements AutoCloseable {
  /** Those that may still have to interrupt. For tests too. */
  static final Set<Deadline> OPEN = ConcurrentHashMap.newKeySet();

  private static final long START = System.nanoTime();
  private static final long NEVER = Long.MAX_VALUE;

  /** When the watch wakes by itself. Whoever is due before has to wake it. */
  private static volatile long wakes = NEVER;

  private static final Thread WATCH =
      Thread.ofPlatform().daemon().name("perdure-function-timeouts").start(Deadline::watch);

  private final @Nullable Duration limit;
  private final Duration grace;
  private final Runnable goesOn;
  private final Thread thread = Thread.currentThread();

  /** When the next thing is to be done. */
  private volatile long due;

  // Guarded by this.
  private boolean passed;
  private boolean closed;

  private Deadline(@Nullable Duration limit, Duration grace, Runnable goesOn) {
    this.limit = limit;
    this.grace = grace;
    this.goesOn = goesOn;
    this.due = limit == null ? NEVER : from(now(), limit);
  }

  private static long from(long now, Duration time) {
    return now + Math.min(TimeUnit.NANOSECONDS.convert(time), NEVER / 2);
  }

  /**
   * Begins to count.
   *
   * @param limit when the thread is interrupted; null for never
   * @param grace how long after that it is told if it is still open
   * @param goesOn what tells it; must not block. Called again some time later if it throws
   */
  static Deadline in(@Nullable Duration limit, Duration grace, Runnable goesOn) {
    Deadline deadline = new Deadline(limit, grace, goesOn);
    if (limit != null) {
      OPEN.add(deadline);
      if (deadline.due < wakes) {
        LockSupport.unpark(WATCH);
      }
    }
    return deadline;
  }

  private static void watch() {
    while (true) {
      long now = now();
      long earliest;
      try {
        earliest = look(now);
      } catch (RuntimeException | Error e) { // such as too little memory
        earliest = now + TimeUnit.SECONDS.toNanos(1);
      }
      LockSupport.parkNanos(earliest - now);
    }
  }

  /** Ends what is over; when the next is due. */
  private static long look(long now) {
    // In this order: who is added while the others are looked at and is missed finds NEVER, or
    // the time that was found without it, and wakes the watch if that is too late.
    wakes = NEVER;
    long earliest = NEVER;
    for (Deadline open : OPEN) {
      if (open.due <= now) {
        open.pass(now);
      }
      earliest = Math.min(earliest, open.due);
    }
    wakes = earliest;
    return earliest;
  }

  /** Nanoseconds since some moment; not negative. */
  private static long now() {
    return System.nanoTime() - START;
  }

  private synchronized void pass(long now) {
    if (closed) {
      due = NEVER;
    } else if (!passed) {
      passed = true;
      due = from(now, grace);
      thread.interrupt();
    } else {
      goesOn.run(); // first, since it is called again if it fails
      due = NEVER;
      OPEN.remove(this);
    }
  }

  synchronized boolean passed() {
    return passed;
  }

  /** What a run that took too long fails with. */
  Throwable failure(Throwable thrown) {
    TimeoutException failure =
        new TimeoutException(
            "The function took longer than %s and was interrupted. The limit is functionTimeout in host.json."
                .formatted(limit));
    failure.initCause(thrown);
    return failure;
  }

  @Override
  public void close() {
    OPEN.remove(this);
    synchronized (this) {
      closed = true;
    }
  }
}
