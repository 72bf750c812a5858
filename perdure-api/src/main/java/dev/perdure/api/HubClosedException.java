package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/**
 * The hub was closed, or is recovering from a failed commit. Whether the request took effect is not
 * known unless the message says so.
 */
public final class HubClosedException extends PerdureException {
  private static final long serialVersionUID = 1L;

  /** An error with its explanation. */
  public HubClosedException(String message) {
    this(message, null);
  }

  /** An error with its explanation and the exception behind it. */
  public HubClosedException(String message, @Nullable Throwable cause) {
    super("PD-1011", message, cause);
  }
}
