package dev.perdure.functions.trigger;

/** The trigger of a function is wrong. */
public final class InvalidTriggerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says what is wrong and what to do; the function is named by whoever reports it. */
  public InvalidTriggerException(String message) {
    super(message);
  }

  /** Says what is wrong and what to do; the function is named by whoever reports it. */
  public InvalidTriggerException(String message, Throwable cause) {
    super(message, cause);
  }
}
