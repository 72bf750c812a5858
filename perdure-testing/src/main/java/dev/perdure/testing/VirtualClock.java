package dev.perdure.testing;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/** Time that stands still until it is moved, and never goes back. */
final class VirtualClock implements InstantSource {
  private volatile Instant now;

  /** Timers and time stamps are precise to the millisecond, and so is this. */
  VirtualClock(Instant start) {
    now = start.truncatedTo(ChronoUnit.MILLIS);
  }

  @Override
  public Instant instant() {
    return now;
  }

  synchronized void moveTo(Instant later) {
    if (later.isAfter(now)) {
      now = later;
    }
  }
}
