package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/** An entity has no operation of the name it was called with. */
public final class EntityOperationNotFoundException extends PerdureException
    implements NonRetriable {
  private static final long serialVersionUID = 1L;

  /** An error with its explanation. */
  public EntityOperationNotFoundException(String message) {
    this(message, null);
  }

  /** An error with its explanation and the exception behind it. */
  public EntityOperationNotFoundException(String message, @Nullable Throwable cause) {
    super("PD-1021", message, cause);
  }
}
