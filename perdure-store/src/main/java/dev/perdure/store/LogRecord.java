package dev.perdure.store;

import java.nio.ByteBuffer;

/**
 * A run of one partition's log.
 *
 * @param partition whose log
 * @param epoch the epoch under which it is written
 * @param firstPosition the position of the first transition in it
 * @param lastPosition the position of the last transition in it; at least {@code firstPosition}
 * @param data the content, from the buffer's position to its limit; readers use a duplicate
 */
public record LogRecord(
    int partition, long epoch, long firstPosition, long lastPosition, ByteBuffer data) {

  /** Checks the positions. */
  public LogRecord {
    if (lastPosition < firstPosition) {
      throw new IllegalArgumentException(
          "A log record ends at position %d, before its first position %d."
              .formatted(lastPosition, firstPosition));
    }
  }
}
