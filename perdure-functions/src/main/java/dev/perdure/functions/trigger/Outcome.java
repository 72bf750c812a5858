package dev.perdure.functions.trigger;

import org.jspecify.annotations.Nullable;

/**
 * What came of running a function.
 *
 * @param value what it returned, or what its binding {@code $return} or its HTTP output was set to;
 *     null for nothing
 * @param failure why it failed, after the last attempt; null if it did not
 * @param handled what the function threw although it did not fail, because a middleware took it up;
 *     null for nothing
 */
public record Outcome(
    @Nullable Object value, @Nullable Throwable failure, @Nullable Throwable handled) {
  /** What came of a function that threw nothing but its failure. */
  public Outcome(@Nullable Object value, @Nullable Throwable failure) {
    this(value, failure, null);
  }

  /** Whether it did not fail. */
  public boolean succeeded() {
    return failure == null;
  }
}
