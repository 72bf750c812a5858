package dev.perdure.engine.functions;

import dev.perdure.api.EntityUpdate;
import org.jspecify.annotations.Nullable;

/** Puts what an operation has returned in the place of the state. */
final class StateChanges {
  private StateChanges() {}

  /** Replaces the state, whatever the operation has done to it before; null deletes it. */
  static void replace(OperationScope scope, @Nullable Object state) {
    if (state == null) {
      scope.deleteState();
    } else {
      scope.keepState(state);
    }
  }

  /**
   * Replaces the state as an update says.
   *
   * @param stateClass what the state must be an object of, so that the next operation can read it
   * @param operation what to call the operation in an error message
   * @return the result of the operation
   */
  static @Nullable Object apply(
      OperationScope scope,
      @Nullable EntityUpdate<?, ?> update,
      Class<?> stateClass,
      String operation) {
    if (update == null) {
      throw new IllegalStateException(
          "%s returned null where an EntityUpdate is needed.".formatted(operation)
              + " Return EntityUpdate.of(state, result); a state of null deletes the entity.");
    }
    Object state = update.state();
    if (state != null && !stateClass.isInstance(state)) {
      throw new IllegalStateException(
          "%s returned a state of %s, but the state of the entity is of %s. Return one of that."
              .formatted(operation, state.getClass().getName(), stateClass.getName()));
    }
    replace(scope, state);
    return update.result();
  }
}
