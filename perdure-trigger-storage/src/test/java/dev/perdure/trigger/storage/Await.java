package dev.perdure.trigger.storage;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Waits for what has to happen. */
final class Await {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Await() {}

  /** The next of what happens. */
  static <T> T next(BlockingQueue<T> happenings) {
    try {
      T next = happenings.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("Nothing happened in " + PATIENCE);
      }
      return next;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits until something is so. */
  static void until(String what, Callable<Boolean> condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (!condition.call()) {
        if (System.nanoTime() - deadline > 0) {
          throw new AssertionError("Not in " + PATIENCE + ": " + what);
        }
        Thread.sleep(10);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
