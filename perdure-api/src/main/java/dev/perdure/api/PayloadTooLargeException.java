package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/** A serialized value is larger than the hub allows; nothing was recorded. */
public final class PayloadTooLargeException extends PerdureException {
  private static final long serialVersionUID = 1L;

  /** An error with its explanation. */
  public PayloadTooLargeException(String message) {
    this(message, null);
  }

  /** An error with its explanation and the exception behind it. */
  public PayloadTooLargeException(String message, @Nullable Throwable cause) {
    super("PD-1002", message, cause);
  }
}
