package dev.perdure.trigger.sql.change;

/** A table cannot be watched the way it is, or no longer; the message says why and what to do. */
public class CannotWatchException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says why and what to do. */
  public CannotWatchException(String message) {
    super(message);
  }

  /** Says why and what to do. */
  public CannotWatchException(String message, Throwable cause) {
    super(message, cause);
  }
}
