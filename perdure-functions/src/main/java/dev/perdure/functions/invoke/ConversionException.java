package dev.perdure.functions.invoke;

/** A value does not fit the type of a parameter. The message does not quote it. */
final class ConversionException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ConversionException(String message) {
    super(message);
  }

  ConversionException(String message, Throwable cause) {
    super(message, cause);
  }
}
