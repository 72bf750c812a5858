package dev.perdure.iothub.event;

import org.jspecify.annotations.Nullable;

/** Events cannot be stored or read, or a directory cannot be used. */
public class EventStoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public EventStoreException(String message) {
    this(message, null);
  }

  public EventStoreException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
