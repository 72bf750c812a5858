package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/** The instance did not get there within the time given. The instance itself goes on. */
public final class WaitTimeoutException extends PerdureException {
  private static final long serialVersionUID = 1L;

  /** An error with its explanation. */
  public WaitTimeoutException(String message) {
    this(message, null);
  }

  /** An error with its explanation and the exception behind it. */
  public WaitTimeoutException(String message, @Nullable Throwable cause) {
    super("PD-1009", message, cause);
  }
}
