package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/**
 * The root of what Perdure throws on purpose. The message says what failed, why, and what to do;
 * the code names the kind of error for documentation and alerts.
 */
public class PerdureException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;

  /**
   * An error with its explanation.
   *
   * @param code a stable identifier such as {@code PD-1001}, listed in {@code docs/errors.md}
   * @param message what failed, why, and what to do
   */
  public PerdureException(String code, String message) {
    this(code, message, null);
  }

  /**
   * An error with its explanation and the exception behind it.
   *
   * @param code a stable identifier such as {@code PD-1001}, listed in {@code docs/errors.md}
   * @param message what failed, why, and what to do
   * @param cause the exception behind it, if any
   */
  public PerdureException(String code, String message, @Nullable Throwable cause) {
    super(code + ": " + message, cause);
    this.code = code;
  }

  /** A stable identifier of the kind of error. */
  public String code() {
    return code;
  }
}
