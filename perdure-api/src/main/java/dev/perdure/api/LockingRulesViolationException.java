package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/**
 * An orchestration did in a critical section, or with one, what could make orchestrations wait for
 * each other for ever. See {@link CriticalSection} for the rules.
 */
public final class LockingRulesViolationException extends PerdureException {
  private static final long serialVersionUID = 1L;

  /** An error with its explanation. */
  public LockingRulesViolationException(String message) {
    this(message, null);
  }

  /** An error with its explanation and the exception behind it. */
  public LockingRulesViolationException(String message, @Nullable Throwable cause) {
    super("PD-1020", message, cause);
  }
}
