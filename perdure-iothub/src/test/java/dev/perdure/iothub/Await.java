package dev.perdure.iothub;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for conditions, not for time to pass. */
public final class Await {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private Await() {}

  /** Waits until something is so, and fails with its name if it takes too long. */
  public static void until(String what, Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("In vain waited until " + what);
      }
      Thread.sleep(5);
    }
  }
}
