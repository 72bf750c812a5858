package dev.perdure.store;

import org.jspecify.annotations.Nullable;

/** What was written cannot be read back. Nothing was changed. */
public final class CorruptStoreException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** An error with its explanation. */
  public CorruptStoreException(String message, @Nullable Throwable cause) {
    super("PD-2003", message, cause);
  }
}
