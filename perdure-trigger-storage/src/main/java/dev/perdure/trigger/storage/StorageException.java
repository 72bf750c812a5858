package dev.perdure.trigger.storage;

/**
 * Something could not be done in a storage account. The message is for people; it has no secrets.
 */
final class StorageException extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean lasting;

  StorageException(String message, Throwable cause) {
    this(message, cause, false);
  }

  StorageException(String message, Throwable cause, boolean lasting) {
    super(message, cause);
    this.lasting = lasting;
  }

  /** Whether the account was reached, and will say the same of this one thing the next time. */
  boolean isLasting() {
    return lasting;
  }
}
