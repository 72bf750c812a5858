package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/**
 * An activity with an input, registered by name.
 *
 * @param <I> the type of the input
 */
@FunctionalInterface
public interface ActivityLambda<I extends @Nullable Object> {
  /** Runs the activity; returns its result, or null for none. */
  @Nullable Object run(I input) throws Exception;
}
