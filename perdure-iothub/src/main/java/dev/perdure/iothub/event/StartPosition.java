package dev.perdure.iothub.event;

/** Where a reader wants to begin. */
public sealed interface StartPosition {
  /** With the oldest event. */
  record Earliest() implements StartPosition {}

  /** With what comes next. */
  record Latest() implements StartPosition {}

  /** With or after the event that has an offset; between two events, with the later. */
  record Offset(long offset, boolean isInclusive) implements StartPosition {}

  /** With or after the event that has a sequence number. */
  record SequenceNumber(long sequenceNumber, boolean isInclusive) implements StartPosition {}

  /** With the first event enqueued at or after a time, in milliseconds since 1970. */
  record EnqueuedTime(long epochMillis, boolean isInclusive) implements StartPosition {}
}
