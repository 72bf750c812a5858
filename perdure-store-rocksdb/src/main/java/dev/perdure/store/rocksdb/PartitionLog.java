package dev.perdure.store.rocksdb;

import dev.perdure.store.LogRecord;

/** What is known about one partition's log. Guarded by its {@link CommitLog}. */
final class PartitionLog {
  private static final long UNKNOWN = Long.MIN_VALUE;

  private final LogSizes sizes = new LogSizes();
  private long start;
  private long last = UNKNOWN;
  private long epoch;

  /**
   * A log.
   *
   * @param start the first position needed after a restart; {@code Long.MIN_VALUE} if it was never
   *     cut
   */
  PartitionLog(long start) {
    this.start = start;
  }

  static PartitionLog uncut() {
    return new PartitionLog(UNKNOWN);
  }

  boolean hasStart() {
    return start != UNKNOWN;
  }

  /** The first position needed after a restart. */
  long start() {
    return start;
  }

  /** The largest epoch in the log. */
  long epoch() {
    return epoch;
  }

  /** Whether a record may come next. */
  boolean continuesWith(LogRecord record) {
    if (last == UNKNOWN) {
      // What lies wholly before the start may be there or not; a gap behind it must not be.
      return !hasStart() || record.firstPosition() <= start;
    }
    return record.firstPosition() == last + 1;
  }

  /** The position that a next record must have; meaningless if any will do. */
  long nextPosition() {
    return last == UNKNOWN ? start : last + 1;
  }

  /** Whether the log would not end before a new start. */
  boolean mayStartAt(long position) {
    return last != UNKNOWN && position <= last + 1;
  }

  /** What recovery has seen so far is not needed, and something is missing after it. */
  void passedOverGap() {
    last = UNKNOWN;
  }

  /**
   * Whether the log ends before it starts: it was cut up to where it reached, so its end is gone.
   */
  boolean isCutShort() {
    return last != UNKNOWN && last + 1 < start;
  }

  /** Recovery has seen all records; if there were none, the log ends where it starts. */
  void recovered() {
    if (last == UNKNOWN && hasStart()) {
      last = start - 1;
    }
  }

  /**
   * A record comes next.
   *
   * @param bytes what it takes of the log
   */
  void append(LogRecord record, long bytes) {
    last = record.lastPosition();
    epoch = Math.max(epoch, record.epoch());
    if (last >= start) {
      sizes.add(last, bytes);
    }
  }

  void startsAt(long position) {
    start = Math.max(start, position);
    sizes.cut(start);
  }

  /** Bytes that a restart has to read. */
  long bytes() {
    return sizes.total();
  }

  /** Bytes that a restart would no longer have to read if the log started at a position. */
  long bytesBefore(long position) {
    return sizes.before(position);
  }
}
