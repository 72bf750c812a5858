package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/** A function cannot be registered: its signature does not fit, or its name is taken. */
public final class InvalidRegistrationException extends PerdureException {
  private static final long serialVersionUID = 1L;

  /** An error with its explanation. */
  public InvalidRegistrationException(String message) {
    this(message, null);
  }

  /** An error with its explanation and the exception behind it. */
  public InvalidRegistrationException(String message, @Nullable Throwable cause) {
    super("PD-1004", message, cause);
  }
}
