package dev.perdure.api;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When and how often a failed activity or sub-orchestration is tried again. The waits in between
 * are durable timers. Immutable.
 *
 * <p>A failure that is {@linkplain FailureDetails#nonRetriable() not retriable} is never tried
 * again: an activity that is not registered, an HTTP request that cannot be made, an exception that
 * is {@link NonRetriable}.
 *
 * @param maxAttempts attempts in all, the first included; at least 1
 * @param firstInterval the wait before the second attempt; zero or more
 * @param backoffCoefficient by how much each wait is longer than the one before; at least 1
 * @param maxInterval the longest wait; null for no bound
 * @param timeout no attempt is planned for later than this after the first; null for no bound. One
 *     whose time comes while the orchestration is suspended, or no host runs, starts after that
 * @param handler sees each failure and decides; null to decide by the numbers alone
 */
public record RetryPolicy(
    int maxAttempts,
    Duration firstInterval,
    double backoffCoefficient,
    @Nullable Duration maxInterval,
    @Nullable Duration timeout,
    @Nullable RetryHandler handler) {

  /** Checks the numbers. */
  public RetryPolicy {
    require(maxAttempts >= 1, "maxAttempts is %s; use 1 or more", maxAttempts);
    require(!firstInterval.isNegative(), "firstInterval is %s; use zero or more", firstInterval);
    require(
        backoffCoefficient >= 1 && Double.isFinite(backoffCoefficient),
        "backoffCoefficient is %s; use a finite number of 1 or more",
        backoffCoefficient);
    require(
        maxInterval == null || maxInterval.compareTo(firstInterval) >= 0,
        "maxInterval is %s; use at least firstInterval",
        maxInterval);
    require(
        timeout == null || (!timeout.isNegative() && !timeout.isZero()),
        "timeout is %s; use more than zero",
        timeout);
  }

  /**
   * Tries a number of times with the same wait in between.
   *
   * @param maxAttempts attempts in all, the first included
   * @param interval the wait between two attempts
   */
  public static RetryPolicy of(int maxAttempts, Duration interval) {
    return new RetryPolicy(maxAttempts, interval, 1, null, null, null);
  }

  /** This policy with waits that grow by a factor. */
  public RetryPolicy withBackoff(double coefficient) {
    return new RetryPolicy(maxAttempts, firstInterval, coefficient, maxInterval, timeout, handler);
  }

  /** This policy with a longest wait. */
  public RetryPolicy withMaxInterval(Duration longest) {
    return new RetryPolicy(
        maxAttempts, firstInterval, backoffCoefficient, longest, timeout, handler);
  }

  /** This policy with a bound on the time of all attempts together. */
  public RetryPolicy withTimeout(Duration total) {
    return new RetryPolicy(
        maxAttempts, firstInterval, backoffCoefficient, maxInterval, total, handler);
  }

  /** This policy with a function that sees each failure and decides whether to go on. */
  public RetryPolicy withHandler(RetryHandler decider) {
    return new RetryPolicy(
        maxAttempts, firstInterval, backoffCoefficient, maxInterval, timeout, decider);
  }

  /**
   * The wait after a failed attempt.
   *
   * @param attempt the attempt that failed, counting from 1
   */
  public Duration intervalAfter(int attempt) {
    double first = Math.floor(firstInterval.getSeconds() * 1e3 + firstInterval.getNano() / 1e6);
    double millis = first * Math.pow(backoffCoefficient, attempt - 1.0);
    Duration wait = Duration.ofMillis((long) Math.min(millis, 1e15));
    return maxInterval != null && wait.compareTo(maxInterval) > 0 ? maxInterval : wait;
  }

  private static void require(boolean condition, String message, @Nullable Object value) {
    if (!condition) {
      throw new IllegalArgumentException("Retry policy: " + message.formatted(value) + ".");
    }
  }
}
