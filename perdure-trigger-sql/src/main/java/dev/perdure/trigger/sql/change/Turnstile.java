package dev.perdure.trigger.sql.change;

import java.time.Duration;

/** Lets runs of a function begin until the host closes, which then waits for the one under way. */
public final class Turnstile {
  private int within;
  private boolean closed;

  /** One made for one function. */
  public Turnstile() {}

  /**
   * A run begins.
   *
   * @throws InterruptedException if the host closes
   */
  public synchronized void enter() throws InterruptedException {
    if (closed) {
      throw new InterruptedException("The host closes.");
    }
    within++;
  }

  /** A run has ended, and what came of it has been noted. */
  public synchronized void leave() {
    within--;
    notifyAll();
  }

  /** Lets no more begin, and waits for those under way for a time. */
  public synchronized void close(Duration time) throws InterruptedException {
    closed = true;
    long deadline = System.nanoTime() + time.toNanos();
    while (within > 0) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return;
      }
      wait(Math.max(1, left / 1_000_000));
    }
  }
}
