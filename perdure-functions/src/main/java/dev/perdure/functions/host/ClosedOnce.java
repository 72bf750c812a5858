package dev.perdure.functions.host;

/**
 * Closes something once, whoever asks for it and however often, on a thread of its own: what
 * happens to those who wait for it does not reach it. They may be functions, which are interrupted
 * in the course of it. Safe from any thread.
 */
final class ClosedOnce {
  private final Thread thread;
  private boolean begun;

  /**
   * Closes nothing yet.
   *
   * @param work what is to be done; it must end by itself
   */
  ClosedOnce(Runnable work) {
    this.thread = Thread.ofPlatform().name("perdure-close").unstarted(work);
  }

  /**
   * Has it done, and waits for its end. An interrupt does not cut that short for the first who
   * asks; the flag is set again afterwards. Those who ask later return when they are interrupted,
   * and at once if it is the work itself that asks.
   */
  void close() {
    if (begin()) {
      awaitInAnyCase();
    } else if (!Thread.currentThread().equals(thread)) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // it may be a function that the work waits for
      }
    }
  }

  /** Whether it was this call that has begun. */
  private synchronized boolean begin() {
    if (begun) {
      return false;
    }
    thread.start();
    begun = true;
    return true;
  }

  private void awaitInAnyCase() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          thread.join();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
