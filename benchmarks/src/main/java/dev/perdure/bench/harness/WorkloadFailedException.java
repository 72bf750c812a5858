package dev.perdure.bench.harness;

import org.jspecify.annotations.Nullable;

/** A workload could not be run, or what it got was wrong. The message says which and what. */
public final class WorkloadFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A failure with its explanation. */
  public WorkloadFailedException(String message) {
    this(message, null);
  }

  /** A failure with its explanation and the exception behind it. */
  public WorkloadFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Fails unless a condition holds. */
  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  public static void unless(boolean condition, String message, @Nullable Object... arguments) {
    if (!condition) {
      throw new WorkloadFailedException(message.formatted(arguments));
    }
  }
}
