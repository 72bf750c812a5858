package dev.perdure.functions.invoke;

/** A function cannot be run as it is. Others can. */
public final class InvalidFunctionException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says what is wrong and what to do. */
  public InvalidFunctionException(String message) {
    super(message);
  }

  /** Says what is wrong and what to do. */
  public InvalidFunctionException(String message, Throwable cause) {
    super(message, cause);
  }
}
