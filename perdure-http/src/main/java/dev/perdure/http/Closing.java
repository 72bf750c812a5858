package dev.perdure.http;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;

/**
 * Ends the waits of requests when their server begins to close, so that they can still be answered.
 * Safe from any thread.
 */
public final class Closing {
  /** By objects that stand for them: futures have no equality of their own. */
  private final Map<Object, CompletableFuture<?>> waits = new ConcurrentHashMap<>();

  private volatile boolean begun;

  /**
   * Has a wait end with a {@link TimeoutException} when the server begins to close; at once if it
   * has.
   */
  public void limit(CompletableFuture<?> wait) {
    Object key = new Object();
    waits.put(key, wait);
    var unused = wait.whenComplete((result, failure) -> waits.remove(key));
    if (begun) {
      end(wait);
    }
  }

  /** The server begins to close. */
  void begin() {
    begun = true;
    waits.values().forEach(Closing::end);
  }

  private static void end(CompletableFuture<?> wait) {
    wait.completeExceptionally(new TimeoutException("The server is being closed."));
  }
}
