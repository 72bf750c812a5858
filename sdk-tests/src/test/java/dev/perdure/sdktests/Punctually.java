package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Things that have their time: they are never early. How late they are depends on the machine as
 * well, so that one of several attempts has to be in time.
 */
final class Punctually {
  private static final int ATTEMPTS = 5;

  private Punctually() {}

  /** Does something, and again if need be, that returns how late it was. */
  static void within(Duration bound, Callable<Duration> lateness) throws Exception {
    List<Duration> late = new ArrayList<>();
    do {
      Duration latest = lateness.call();
      assertThat(latest)
          .as("too early by %s", latest.negated())
          .isGreaterThanOrEqualTo(Duration.ZERO);
      late.add(latest);
    } while (late.getLast().compareTo(bound) > 0 && late.size() < ATTEMPTS);
    assertThat(late.getLast()).as("late in every attempt: %s", late).isLessThanOrEqualTo(bound);
  }

  /** How much later than due it was, where a date has whole milliseconds. */
  static Duration late(Instant due, Instant was) {
    return Duration.between(Instant.ofEpochMilli(due.toEpochMilli()), was);
  }
}
