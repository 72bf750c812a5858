package dev.perdure.functions.trigger;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the listener of a function up: what it listens to may be away when the host starts, and may
 * go away at any time. The listener runs on a virtual thread of its own; when it fails, this is
 * said and it is begun again, after 2 seconds at first and up to 2 minutes later on. Safe from any
 * thread.
 */
public final class Listening implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.perdure.functions");
  private static final Duration FIRST_DELAY = Duration.ofSeconds(2);
  private static final Duration LONGEST_DELAY = Duration.ofMinutes(2);

  /** Brings what happens elsewhere to a function. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Listens until it is interrupted.
     *
     * @param up to be run once it listens
     * @throws InterruptedException if it was interrupted, which means that the host closes
     * @throws Exception if it cannot listen, or no longer; its message says why and what to do
     */
    void listen(Runnable up) throws Exception;
  }

  private final String function;
  private final Listener listener;
  private final Duration firstDelay;
  private final Duration closing;
  private @Nullable Thread thread;
  private boolean closed;
  private volatile boolean isUp;
  private final CompletableFuture<@Nullable Void> begun = new CompletableFuture<>();

  /**
   * A listener that has not begun.
   *
   * @param function the name of the function, for the log
   * @param closing how long it may take to stop before it is left alone
   */
  public Listening(String function, Listener listener, Duration closing) {
    this(function, listener, closing, FIRST_DELAY);
  }

  Listening(String function, Listener listener, Duration closing, Duration firstDelay) {
    this.function = function;
    this.listener = listener;
    this.closing = closing;
    this.firstDelay = firstDelay;
  }

  /** Begins; called once. */
  public synchronized void start() {
    if (!closed) {
      thread = Thread.ofVirtual().name("listener " + function).start(this::live);
    }
  }

  /** Completes once it listens, or could not at first and tries again. */
  public CompletableFuture<@Nullable Void> begun() {
    return begun.copy();
  }

  /** Whether it listens. */
  public boolean isUp() {
    return isUp;
  }

  private void live() {
    Duration delay = firstDelay;
    boolean failedBefore = false;
    while (!isClosed()) {
      boolean again = failedBefore;
      try {
        listener.listen(() -> up(again));
        return;
      } catch (InterruptedException e) {
        return;
      } catch (Exception | Error e) { // also what a client library lacks
        if (isClosed()) {
          return;
        }
        if (isUp) {
          delay = firstDelay;
        }
        LOG.log(
            Level.ERROR,
            (isUp
                    ? "The listener for function '%s' has stopped: %s It is started again in %d s."
                    : "The listener for function '%s' was unable to start. %s It is tried again in %d s.")
                .formatted(function, sentence(e), Math.max(1, delay.toSeconds())));
        LOG.log(Level.DEBUG, "Why the listener for '%s' failed".formatted(function), e);
        isUp = false;
        failedBefore = true;
      } finally {
        begun.complete(null);
      }
      try {
        Thread.sleep(delay);
      } catch (InterruptedException e) {
        return;
      }
      delay = delay.multipliedBy(2);
      if (delay.compareTo(LONGEST_DELAY) > 0) {
        delay = LONGEST_DELAY;
      }
    }
  }

  private void up(boolean again) {
    isUp = true;
    begun.complete(null);
    LOG.log(
        again ? Level.INFO : Level.DEBUG,
        "The listener for function '%s' is up.".formatted(function));
  }

  /** What went wrong, as a sentence. */
  private static String sentence(Throwable e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage().strip();
    return message.endsWith(".") || message.endsWith("!") ? message : message + ".";
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** Interrupts the listener and waits a short time until it has stopped. */
  @Override
  public void close() {
    Thread running;
    synchronized (this) {
      closed = true;
      running = thread;
    }
    if (running == null) {
      return;
    }
    running.interrupt();
    try {
      if (!running.join(closing)) {
        LOG.log(
            Level.WARNING,
            "The listener for function '%s' does not stop in time; it is left behind."
                .formatted(function));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
