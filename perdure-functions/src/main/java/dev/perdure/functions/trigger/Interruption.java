package dev.perdure.functions.trigger;

import java.nio.channels.ClosedByInterruptException;
import org.jspecify.annotations.Nullable;

/** Tells failures that only mean that a thread was interrupted, which clients like to wrap. */
public final class Interruption {
  /** How deep it is looked for; causes may go round in circles. */
  private static final int CAUSES_MAX = 20;

  private Interruption() {}

  /** Whether a failure, or one that it was caused by, is an interruption. */
  public static boolean isCauseOf(Throwable failure) {
    @Nullable Throwable cause = failure;
    for (int depth = 0; cause != null && depth < CAUSES_MAX; depth++) {
      if (cause instanceof InterruptedException || cause instanceof ClosedByInterruptException) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }
}
