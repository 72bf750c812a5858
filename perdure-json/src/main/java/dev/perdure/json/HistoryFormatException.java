package dev.perdure.json;

import org.jspecify.annotations.Nullable;

/** What should have been a history is not; the message says what is wrong and where. */
public final class HistoryFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  HistoryFormatException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
