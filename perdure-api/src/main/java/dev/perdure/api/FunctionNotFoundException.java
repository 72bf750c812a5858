package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/** No function of the wanted name and version is registered. */
public final class FunctionNotFoundException extends PerdureException implements NonRetriable {
  private static final long serialVersionUID = 1L;

  /** An error with its explanation. */
  public FunctionNotFoundException(String message) {
    this(message, null);
  }

  /** An error with its explanation and the exception behind it. */
  public FunctionNotFoundException(String message, @Nullable Throwable cause) {
    super("PD-1003", message, cause);
  }
}
