package dev.perdure.api;

import org.jspecify.annotations.Nullable;

/**
 * What an operation returns that has both a new state and a result.
 *
 * @param state the new state; null deletes the entity
 * @param result the result for whoever called the operation
 * @param <S> the type of the state
 * @param <R> the type of the result
 */
public record EntityUpdate<S extends @Nullable Object, R extends @Nullable Object>(
    S state, R result) {

  /** A new state and a result. */
  public static <S extends @Nullable Object, R extends @Nullable Object> EntityUpdate<S, R> of(
      S state, R result) {
    return new EntityUpdate<>(state, result);
  }
}
