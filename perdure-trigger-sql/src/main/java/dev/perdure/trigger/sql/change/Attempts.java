package dev.perdure.trigger.sql.change;

import java.time.Duration;

/**
 * How often changes are given to a function that fails.
 *
 * @param max how often at most, the first included
 * @param firstDelay the time until the second; it doubles with each
 */
public record Attempts(int max, Duration firstDelay) {
  /** As often as the reference host; half a minute in all, because later changes wait meanwhile. */
  public static final Attempts DEFAULTS = new Attempts(5, Duration.ofSeconds(2));

  /** The time after a failed attempt, counting from 1. */
  Duration delayAfter(int attempt) {
    return firstDelay.multipliedBy(1L << (attempt - 1));
  }
}
