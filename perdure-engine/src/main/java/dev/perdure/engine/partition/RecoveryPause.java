package dev.perdure.engine.partition;

import java.time.InstantSource;

/**
 * How long a partition that has failed waits before it tries to recover: twice as long each time,
 * until what it does reaches the disk again. Used by the partition's thread only.
 */
final class RecoveryPause {
  private static final long MILLIS_MIN = 50;
  private static final long MILLIS_MAX = 5_000;

  private final InstantSource clock;
  private long next = MILLIS_MIN;
  private long endsAt;

  /** Whether rows could not be written since a pass was: commits alone are no recovery then. */
  private boolean rowsFail;

  RecoveryPause(InstantSource clock) {
    this.clock = clock;
  }

  /** Begins a pause. */
  void begin() {
    endsAt = clock.millis() + next;
    next = Math.min(next * 2, MILLIS_MAX);
  }

  /** When it ends, in milliseconds since 1970. */
  long endsAt() {
    return endsAt;
  }

  /** Whether it has failed for so long that somebody should be told. */
  boolean isLongest() {
    return next == MILLIS_MAX;
  }

  void committed() {
    if (!rowsFail) {
      next = MILLIS_MIN;
    }
  }

  void rowsFailed() {
    rowsFail = true;
  }

  /** All rows of a pass have been written. */
  void rowsWritten() {
    rowsFail = false;
    next = MILLIS_MIN;
  }

  void clockWentBack(long millis) {
    endsAt -= millis;
  }
}
