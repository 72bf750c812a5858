package dev.perdure.functions.timer;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** How timers wait. Safe from any thread. */
@FunctionalInterface
interface Ticker {
  /** Waits by sleeping; made for virtual threads, which may sleep in great numbers. */
  Ticker SLEEPING =
      (time, clock) -> {
        // Not all at once: a clock that is set, or a machine that was asleep, is noticed then.
        Duration longest = Duration.ofSeconds(30);
        Duration left = Duration.between(clock.instant(), time);
        while (left.isPositive()) {
          Thread.sleep(left.compareTo(longest) < 0 ? left : longest);
          left = Duration.between(clock.instant(), time);
        }
      };

  /** Returns when a clock has reached a time, at once if it has already. */
  void await(Instant time, InstantSource clock) throws InterruptedException;
}
