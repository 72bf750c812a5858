package dev.perdure.api;

/** The awaited task was cancelled. */
public final class TaskCancelledException extends PerdureException {
  private static final long serialVersionUID = 1L;

  /** An error with its explanation. */
  public TaskCancelledException(String message) {
    super("PD-1015", message);
  }
}
