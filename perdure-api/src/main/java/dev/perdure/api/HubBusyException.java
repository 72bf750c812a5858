package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/** The hub has as much unfinished work as its limits allow. Try again later. */
public final class HubBusyException extends PerdureException {
  private static final long serialVersionUID = 1L;

  /** An error with its explanation. */
  public HubBusyException(String message) {
    this(message, null);
  }

  /** An error with its explanation and the exception behind it. */
  public HubBusyException(String message, @Nullable Throwable cause) {
    super("PD-1010", message, cause);
  }
}
