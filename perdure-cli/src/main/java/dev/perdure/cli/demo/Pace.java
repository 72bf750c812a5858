package dev.perdure.cli.demo;

import java.time.Duration;

/**
 * How fast the stories go. Their steps do nothing useful, so each takes its time: a person must be
 * able to read along, and to kill the process in the middle.
 *
 * @param factor 1 for people, much less for tests
 */
public record Pace(double factor) {
  /** For people. */
  public static final Pace READABLE = new Pace(1);

  /** A time at this pace. */
  Duration of(double seconds) {
    return Duration.ofMillis(Math.max(1, Math.round(seconds * 1000 * factor)));
  }

  /** What an activity does instead of calling somebody else's system. */
  void work(double seconds) throws InterruptedException {
    Thread.sleep(of(seconds));
  }
}
