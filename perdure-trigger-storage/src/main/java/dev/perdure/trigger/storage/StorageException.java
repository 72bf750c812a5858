package dev.perdure.trigger.storage;

/**
 * Something could not be done in a storage account. The message is for people; it has no secrets.
 */
final class StorageException extends Exception {
  private static final long serialVersionUID = 1;

  StorageException(String message, Throwable cause) {
    super(message, cause);
  }
}
