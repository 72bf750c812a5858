package dev.perdure.engine.partition;

/**
 * The kinds of entry in a log record. Each takes one position. Entries of one record are durable
 * together or not at all.
 */
final class LogEntry {
  /** Events of one instance: id, length, events. */
  static final int INSTANCE = 1;

  /** A message was sent to another partition: receiver, number, length, message. */
  static final int SENT = 2;

  /** A message of another partition was received: sender, number. */
  static final int RECEIVED = 3;

  /** Another partition has received our messages: receiver, up to which number. */
  static final int ACKNOWLEDGED = 4;

  /** Instances were removed: their ids. */
  static final int PURGED = 5;

  /**
   * A host took up the partition. Whatever it hands out waits for this to be durable, so that a
   * crash right after an orderly shutdown is known to be one.
   */
  static final int OPENED = 6;

  /** Events of one entity: id, length, events. */
  static final int ENTITY = 7;

  private LogEntry() {}
}
