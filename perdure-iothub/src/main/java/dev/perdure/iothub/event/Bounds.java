package dev.perdure.iothub.event;

/**
 * Where a partition begins and ends.
 *
 * @param first the sequence number of the oldest event, or of the next one if there is none
 * @param next the sequence number that the next event will have
 * @param firstOffset the offset of the oldest event, or of the next one
 * @param nextOffset the offset that the next event will have
 * @param lastOffset the offset of the newest event that there ever was, -1 if there was none
 * @param lastEnqueuedMillis when it was enqueued, in milliseconds since 1970; 0 if there was none
 */
public record Bounds(
    long first,
    long next,
    long firstOffset,
    long nextOffset,
    long lastOffset,
    long lastEnqueuedMillis) {
  static final Bounds NOTHING = new Bounds(0, 0, 0, 0, -1, 0);

  public boolean isEmpty() {
    return first == next;
  }

  /** The bytes of all messages that are there. */
  public long bytes() {
    return nextOffset - firstOffset;
  }

  Bounds append(StoredEvent event) {
    return new Bounds(
        first,
        event.sequenceNumber() + 1,
        firstOffset,
        event.offset() + event.message().length,
        event.offset(),
        event.enqueuedMillis());
  }

  Bounds startingAt(long sequenceNumber, long offset) {
    return new Bounds(sequenceNumber, next, offset, nextOffset, lastOffset, lastEnqueuedMillis);
  }
}
