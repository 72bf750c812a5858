package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/** An instance id is empty, too long, or holds characters that are not allowed. */
public final class InvalidInstanceIdException extends PerdureException {
  private static final long serialVersionUID = 1L;

  /** An error with its explanation. */
  public InvalidInstanceIdException(String message) {
    this(message, null);
  }

  /** An error with its explanation and the exception behind it. */
  public InvalidInstanceIdException(String message, @Nullable Throwable cause) {
    super("PD-1005", message, cause);
  }
}
