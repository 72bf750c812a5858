package dev.perdure.trigger.storage;

import dev.perdure.functions.trigger.Listening;
import java.time.Duration;

/**
 * A listener that is asked to stop, and interrupted only if it does not: what is cut off in the
 * middle of a call may have happened without anybody knowing. Safe from any thread.
 */
final class GentleListening implements AutoCloseable {
  /** How long a listener may take to notice that it is to stop. */
  private static final Duration STOPPING = Duration.ofSeconds(3);

  private static final Duration INTERRUPTED = Duration.ofSeconds(1);

  private final Listening listening;
  private final Listening.Listener listener;
  private final Runnable wake;

  // Guarded by this.
  private boolean running;
  private boolean closed;

  /**
   * A listener that has not begun.
   *
   * @param function the function for which it listens, for the log
   * @param listener returns soon after {@link #isClosed} has become true
   * @param wake has it look whether it is to stop
   */
  GentleListening(String function, Listening.Listener listener, Runnable wake) {
    this.listening = new Listening(function, this::listen, INTERRUPTED);
    this.listener = listener;
    this.wake = wake;
  }

  /** Begins; called once. */
  void start() {
    if (!isClosed()) {
      listening.start();
    }
  }

  /** Whether it is to stop. */
  synchronized boolean isClosed() {
    return closed;
  }

  private void listen(Runnable up) throws Exception {
    synchronized (this) {
      if (closed) {
        return;
      }
      running = true;
    }
    try {
      listener.listen(up);
    } finally {
      synchronized (this) {
        running = false;
        notifyAll();
      }
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    wake.run();
    try {
      awaitEnd();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    listening.close();
  }

  private synchronized void awaitEnd() throws InterruptedException {
    long deadline = System.nanoTime() + STOPPING.toNanos();
    long left = STOPPING.toNanos();
    while (running && left > 0) {
      wait(Math.max(1, left / 1_000_000));
      left = deadline - System.nanoTime();
    }
  }
}
