package dev.perdure.trigger.storage;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A queue in a storage account. Blocks; safe from any thread. */
interface MessageQueue {
  /** Its name. */
  String name();

  /** What it is known by in this process. */
  String address();

  /**
   * Takes messages.
   *
   * @param most how many, 1 to 32
   * @param invisible how long others do not see them
   * @return empty if there is no such queue
   */
  Optional<List<Received>> receive(int most, Duration invisible)
      throws StorageException, InterruptedException;

  /**
   * Makes a message invisible for a time from now on; for no time: visible.
   *
   * @return the message with its new receipt; empty if it is no longer ours
   */
  Optional<Received> hide(Received message, Duration time)
      throws StorageException, InterruptedException;

  /**
   * Deletes a message.
   *
   * @return false if it is no longer ours
   */
  boolean delete(Received message) throws StorageException, InterruptedException;

  /** Puts a text into the queue, which is made if need be. Durable when this returns. */
  default void send(String text) throws StorageException, InterruptedException {
    send(text, Duration.ZERO);
  }

  /**
   * The same for a message that is seen later.
   *
   * @param after when it is visible, from now on
   */
  void send(String text, Duration after) throws StorageException, InterruptedException;
}
