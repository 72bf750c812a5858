package dev.perdure.iothub.event;

import java.time.Duration;

/**
 * How long events stay.
 *
 * @param time from a second to seven days
 * @param bytes the most that a partition keeps, counting messages; 0 for as much as there is
 */
public record Retention(Duration time, long bytes) {
  /** As Event Hubs does it. */
  public static final Duration TIME_MAX = Duration.ofDays(7);

  public static final Retention DEFAULT = new Retention(Duration.ofDays(1), 0);

  public Retention {
    if (time.compareTo(Duration.ofSeconds(1)) < 0 || time.compareTo(TIME_MAX) > 0) {
      throw new IllegalArgumentException(
          "The retention is %s; use a second to seven days.".formatted(time));
    }
    if (bytes < 0) {
      throw new IllegalArgumentException(
          "The retention is %d bytes; use 1 or more, or 0 for no limit.".formatted(bytes));
    }
  }
}
