package dev.perdure.trigger.storage;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long to wait before an empty queue is asked again: longer each time, in steps that are partly
 * random, so that hosts which start together do not ask together. For one thread.
 */
final class Backoff {
  private static final Duration SHORTEST = Duration.ofMillis(100);

  private final Duration longest;
  private final DoubleSupplier random;
  private int waits;
  private Duration last = Duration.ZERO;

  /**
   * Begins with short waits.
   *
   * @param longest no wait is longer
   * @param random numbers from 0 on, below 1
   */
  Backoff(Duration longest, DoubleSupplier random) {
    this.longest = longest;
    this.random = random;
  }

  /** The next wait. */
  Duration next() {
    if (last.compareTo(longest) < 0) {
      double factor = 0.8 + 0.4 * random.getAsDouble();
      double more = waits == 0 ? 0 : SHORTEST.toMillis() * Math.pow(2, waits - 1) * factor;
      double millis = Math.min(SHORTEST.toMillis() + more, (double) longest.toMillis());
      last = Duration.ofMillis((long) millis);
      waits++;
    }
    return last;
  }

  /** Something was there: waits are short again. */
  void reset() {
    waits = 0;
    last = Duration.ZERO;
  }
}
