package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/** An instance of that id exists and the id-reuse policy does not allow another. */
public final class InstanceAlreadyExistsException extends PerdureException {
  private static final long serialVersionUID = 1L;

  /** An error with its explanation. */
  public InstanceAlreadyExistsException(String message) {
    this(message, null);
  }

  /** An error with its explanation and the exception behind it. */
  public InstanceAlreadyExistsException(String message, @Nullable Throwable cause) {
    super("PD-1007", message, cause);
  }
}
