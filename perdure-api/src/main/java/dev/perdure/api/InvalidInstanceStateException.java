package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/** The instance's status does not allow the operation. */
public final class InvalidInstanceStateException extends PerdureException {
  private static final long serialVersionUID = 1L;

  /** An error with its explanation. */
  public InvalidInstanceStateException(String message) {
    this(message, null);
  }

  /** An error with its explanation and the exception behind it. */
  public InvalidInstanceStateException(String message, @Nullable Throwable cause) {
    super("PD-1008", message, cause);
  }
}
