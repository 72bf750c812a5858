package dev.perdure.functions.invoke;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts the thread that made it if it is not closed in time. After it is closed it does not
 * interrupt any more.
 */
final class Deadline implements AutoCloseable {
  private static final ScheduledExecutorService TIMER =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("perdure-function-timeouts").factory());

  private final @Nullable Duration limit;
  private final Thread thread = Thread.currentThread();
  private final @Nullable Future<?> alarm;

  // Guarded by this.
  private boolean passed;
  private boolean closed;

  private Deadline(@Nullable Duration limit) {
    this.limit = limit;
    this.alarm =
        limit == null ? null : TIMER.schedule(this::pass, limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Begins to count; null for no limit. */
  static Deadline in(@Nullable Duration limit) {
    return new Deadline(limit);
  }

  private synchronized void pass() {
    if (!closed) {
      passed = true;
      thread.interrupt();
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
    if (alarm == null) {
      return;
    }
    alarm.cancel(false);
    synchronized (this) {
      closed = true;
      if (passed) {
        boolean unused = Thread.interrupted(); // it was meant for the function
      }
    }
  }
}
