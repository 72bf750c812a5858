package dev.perdure.functions.app;

import org.jspecify.annotations.Nullable;

/** An app is not there, is damaged, cannot be built, or does not fit this host. */
public final class InvalidAppException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says what is wrong, why, and what to do. */
  public InvalidAppException(String message) {
    super(message);
  }

  /** Says what is wrong, why, and what to do. */
  public InvalidAppException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
