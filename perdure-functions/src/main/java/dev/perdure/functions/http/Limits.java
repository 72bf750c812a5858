package dev.perdure.functions.http;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** How many requests are taken and worked on at once, over all functions. */
final class Limits {
  private final int outstandingMax;
  private final @Nullable Semaphore running;
  private final AtomicInteger outstanding = new AtomicInteger();

  /** Negative numbers are no limits. */
  Limits(int outstandingMax, int concurrentMax) {
    this.outstandingMax = outstandingMax;
    this.running = concurrentMax < 0 ? null : new Semaphore(concurrentMax, true);
  }

  /** Whether one more is taken; if so, {@link #leave} has to follow. */
  boolean enter() {
    if (outstanding.incrementAndGet() > outstandingMax && outstandingMax >= 0) {
      outstanding.decrementAndGet();
      return false;
    }
    return true;
  }

  void leave() {
    outstanding.decrementAndGet();
  }

  /** Waits until one more may be worked on; {@link #end} has to follow. */
  void begin() throws InterruptedException {
    if (running != null) {
      running.acquire();
    }
  }

  void end() {
    if (running != null) {
      running.release();
    }
  }
}
