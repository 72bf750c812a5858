package dev.perdure.functions.invoke;

/**
 * What a function was given does not fit its parameter. It is the caller's mistake rather than the
 * function's. The message does not quote the value.
 */
public final class ParameterException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ParameterException(String message, Throwable cause) {
    super(message, cause);
  }
}
