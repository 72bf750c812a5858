package dev.perdure.functions.timer;

import dev.perdure.testing.TestHub;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Lets one timer wait in the time of a test hub. */
final class VirtualTicker implements Ticker {
  private static final long PATIENCE_MILLIS = 10_000;

  private final TestHub hub;
  private @Nullable Instant due;

  VirtualTicker(TestHub hub) {
    this.hub = hub;
  }

  @Override
  public synchronized void await(Instant time, InstantSource clock) throws InterruptedException {
    try {
      while (clock.instant().isBefore(time)) {
        due = time;
        notifyAll();
        wait();
      }
    } finally {
      due = null;
    }
  }

  /** Waits until the timer has nothing to do but wait; until when it waits. */
  synchronized Instant whenWaiting() {
    long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
    while (due == null) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("The timer does not come to rest.");
      }
      try {
        wait(100);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    return due;
  }

  /** Lets time pass; what is due on the way runs at its time, and is over when this returns. */
  void advance(Duration duration) {
    Instant then = hub.now().plus(duration);
    for (Instant next = whenWaiting(); !next.isAfter(then); next = whenWaiting()) {
      hub.advanceTo(next);
      wake();
    }
    hub.advanceTo(then);
  }

  synchronized void wake() {
    due = null;
    notifyAll();
  }
}
