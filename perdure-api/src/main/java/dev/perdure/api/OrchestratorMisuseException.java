package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/**
 * The orchestration context was used in a way that cannot be durable: from another thread, after
 * the end, or by waiting inside a callback.
 */
public final class OrchestratorMisuseException extends PerdureException {
  private static final long serialVersionUID = 1L;

  /** An error with its explanation. */
  public OrchestratorMisuseException(String message) {
    this(message, null);
  }

  /** An error with its explanation and the exception behind it. */
  public OrchestratorMisuseException(String message, @Nullable Throwable cause) {
    super("PD-1013", message, cause);
  }
}
