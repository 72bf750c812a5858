package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/** A value could not be serialized, or a payload does not fit the wanted type. */
public final class DataConversionException extends PerdureException {
  private static final long serialVersionUID = 1L;

  /** An error with its explanation. */
  public DataConversionException(String message) {
    this(message, null);
  }

  /** An error with its explanation and the exception behind it. */
  public DataConversionException(String message, @Nullable Throwable cause) {
    super("PD-1001", message, cause);
  }
}
