package dev.perdure.iothub;

import org.jspecify.annotations.Nullable;

/** A hub cannot be started or reached. */
public final class IotHubException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public IotHubException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
