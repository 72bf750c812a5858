package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/** The code no longer does what the instance's history says it did. */
public final class NonDeterminismException extends PerdureException {
  private static final long serialVersionUID = 1L;

  /** An error with its explanation. */
  public NonDeterminismException(String message) {
    this(message, null);
  }

  /** An error with its explanation and the exception behind it. */
  public NonDeterminismException(String message, @Nullable Throwable cause) {
    super("PD-1014", message, cause);
  }
}
