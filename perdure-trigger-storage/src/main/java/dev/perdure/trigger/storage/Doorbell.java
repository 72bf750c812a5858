package dev.perdure.trigger.storage;

import java.time.Duration;

/** Wakes a thread that waits. Safe from any thread. */
final class Doorbell {
  private long rings;

  /** How often it has rung; to be asked before looking at what it tells of. */
  synchronized long rings() {
    return rings;
  }

  synchronized void ring() {
    rings++;
    notifyAll();
  }

  /**
   * Waits until it has rung more often, for a time at most.
   *
   * @return whether it has
   */
  synchronized boolean await(long heard, Duration time) throws InterruptedException {
    long deadline = System.nanoTime() + time.toNanos();
    while (rings == heard) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      wait(left / 1_000_000, (int) (left % 1_000_000));
    }
    return true;
  }
}
