package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/** There is no instance of that id, or it has been purged. */
public final class InstanceNotFoundException extends PerdureException {
  private static final long serialVersionUID = 1L;

  /** An error with its explanation. */
  public InstanceNotFoundException(String message) {
    this(message, null);
  }

  /** An error with its explanation and the exception behind it. */
  public InstanceNotFoundException(String message, @Nullable Throwable cause) {
    super("PD-1006", message, cause);
  }
}
