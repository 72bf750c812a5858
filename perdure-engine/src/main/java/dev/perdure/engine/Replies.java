package dev.perdure.engine;

import dev.perdure.api.HubClosedException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Waits for what a partition answers. */
final class Replies {
  private Replies() {}

  static <T> T get(CompletableFuture<T> reply) {
    return Objects.requireNonNull(getNullable(reply));
  }

  static <T extends @Nullable Object> T getNullable(CompletableFuture<T> reply) {
    try {
      return reply.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted();
    } catch (ExecutionException e) {
      throw rethrown(e);
    }
  }

  /** A time in nanoseconds; the most that there is for one that is longer. */
  static long nanos(Duration timeout) {
    try {
      return timeout.toNanos();
    } catch (ArithmeticException e) {
      return timeout.isNegative() ? 0 : Long.MAX_VALUE;
    }
  }

  static HubClosedException interrupted() {
    return new HubClosedException(
        "The thread was interrupted while it waited for the hub. Whether the request took effect is"
            + " not known; ask for the instance's status.");
  }

  /** The exception itself, with the stack of whoever asked: the partition's would help nobody. */
  static RuntimeException rethrown(ExecutionException wrapper) {
    Throwable cause = wrapper.getCause();
    if (cause instanceof RuntimeException e) {
      e.fillInStackTrace();
      return e;
    }
    return new HubClosedException("The hub failed: " + cause, cause);
  }
}
