package dev.perdure.engine.recovery;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that runs, and can be moved. */
final class JumpingClock implements InstantSource {
  private static final Instant BEGIN = Instant.parse("2030-01-01T12:00:00Z");

  private final long began = System.nanoTime();
  private final AtomicLong moved = new AtomicLong();

  @Override
  public Instant instant() {
    return BEGIN.plusNanos(System.nanoTime() - began + moved.get());
  }

  void jump(Duration by) {
    moved.addAndGet(by.toNanos());
  }
}
