package dev.perdure.engine.entity;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** When something may be asked to happen. */
public final class DueTimes {
  private static final Duration DELAY_MAX = Duration.ofDays(365_250);

  private DueTimes() {}

  /**
   * Checks a time that code has chosen, before it gets where it must be written. What lies in the
   * past is due now. The stored precision is a millisecond; rounding up keeps what is due later
   * from coming too early.
   *
   * @param method what the user called, for an error message
   * @throws IllegalArgumentException if the time is more than 1000 years away
   */
  public static @Nullable Instant checked(String method, @Nullable Instant at, Instant now) {
    if (at == null) {
      return null;
    }
    if (Duration.between(now, at).compareTo(DELAY_MAX) > 0) {
      throw new IllegalArgumentException(
          "%s: the time %s is more than 1000 years away.".formatted(method, at));
    }
    return Instant.ofEpochMilli(
        at.isAfter(now) ? at.plusNanos(999_999).toEpochMilli() : now.toEpochMilli());
  }
}
