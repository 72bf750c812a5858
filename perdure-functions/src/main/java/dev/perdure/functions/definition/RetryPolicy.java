package dev.perdure.functions.definition;

import java.time.Duration;

/**
 * How often, and after what time, the host runs a function again that has failed.
 *
 * @param strategy how waits grow
 * @param retriesMax attempts after the first; {@link #UNLIMITED} for no limit
 * @param first the wait before the second attempt, and all others if it is fixed
 * @param most the longest wait
 */
public record RetryPolicy(Strategy strategy, int retriesMax, Duration first, Duration most) {
  /** No limit of attempts. */
  public static final int UNLIMITED = -1;

  /** How waits grow. */
  public enum Strategy {
    /** Not at all. */
    FIXED_DELAY,
    /** By a factor of two, a little at random. */
    EXPONENTIAL_BACKOFF
  }

  /** Whether there is another attempt after some retries. */
  public boolean allows(int retries) {
    return retriesMax == UNLIMITED || retries < retriesMax;
  }

  /**
   * How long to wait before a retry.
   *
   * @param retry 1 for the first
   * @param random between 0 and 1, so that those that failed together do not come again together
   */
  public Duration wait(int retry, double random) {
    if (strategy == Strategy.FIXED_DELAY || retry <= 1) {
      return first;
    }
    double millis =
        first.toMillis() + first.toMillis() * Math.pow(2, retry - 2.0) * (0.8 + 0.4 * random);
    return millis >= most.toMillis() ? most : Duration.ofMillis((long) millis);
  }
}
