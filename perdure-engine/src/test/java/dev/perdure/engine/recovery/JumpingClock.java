package dev.perdure.engine.recovery;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that runs, and can be moved ahead. */
final class JumpingClock implements InstantSource {
  private static final Instant BEGIN = Instant.parse("2030-01-01T12:00:00Z");

  private final long began = System.nanoTime();
  private final AtomicLong ahead = new AtomicLong();

  @Override
  public Instant instant() {
    return BEGIN.plusNanos(System.nanoTime() - began + ahead.get());
  }

  void jump(Duration by) {
    ahead.addAndGet(by.toNanos());
  }
}
