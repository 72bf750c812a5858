package dev.perdure.engine.http;

import dev.perdure.api.NonRetriable;
import org.jspecify.annotations.Nullable;

/** A request that cannot be made, now or later. */
public final class InvalidHttpRequestException extends IllegalArgumentException
    implements NonRetriable {
  private static final long serialVersionUID = 1L;

  /**
   * For a request that is wrong.
   *
   * @param message what is wrong and what to do, without credentials
   */
  public InvalidHttpRequestException(String message) {
    this(message, null);
  }

  InvalidHttpRequestException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
