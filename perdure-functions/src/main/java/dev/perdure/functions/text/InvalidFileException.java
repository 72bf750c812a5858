package dev.perdure.functions.text;

import org.jspecify.annotations.Nullable;

/** A file of an app cannot be read, or says what does not make sense. */
public final class InvalidFileException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says which file, what is wrong with it, and what to do. */
  public InvalidFileException(String message) {
    super(message);
  }

  /** Says which file, what is wrong with it, and what to do. */
  public InvalidFileException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
