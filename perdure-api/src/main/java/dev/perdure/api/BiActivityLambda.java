package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/**
 * An activity with a context and an input, registered by name.
 *
 * @param <I> the type of the input
 */
@FunctionalInterface
public interface BiActivityLambda<I extends @Nullable Object> {
  /** Runs the activity; returns its result, or null for none. */
  @Nullable Object run(ActivityContext ctx, I input) throws Exception;
}
