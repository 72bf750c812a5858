package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/** A task did not complete in the time that was set for it. */
public final class TaskTimeoutException extends PerdureException {
  private static final long serialVersionUID = 1L;

  /** An error with its explanation. */
  public TaskTimeoutException(String message) {
    this(message, null);
  }

  /** An error with its explanation and the exception behind it. */
  public TaskTimeoutException(String message, @Nullable Throwable cause) {
    super("PD-1012", message, cause);
  }
}
