package dev.perdure.functions.trigger;

import org.jspecify.annotations.Nullable;

/**
 * What came of running a function.
 *
 * @param value what it returned, or what its binding {@code $return} or its HTTP output was set to;
 *     null for nothing
 * @param failure why it failed, after the last attempt; null if it did not
 */
public record Outcome(@Nullable Object value, @Nullable Throwable failure) {
  /** Whether it did not fail. */
  public boolean succeeded() {
    return failure == null;
  }
}
