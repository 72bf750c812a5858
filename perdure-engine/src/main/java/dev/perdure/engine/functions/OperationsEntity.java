package dev.perdure.engine.functions;

import static dev.perdure.engine.functions.FunctionName.refused;

import dev.perdure.api.EntityOperations;
import dev.perdure.api.EntityOperations.Operation;
import dev.perdure.api.EntityUpdate;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** An entity whose operations were given as lambdas. */
final class OperationsEntity<S> implements EntityFunction {
  private final String name;
  private final EntityOperations<S> definition;
  private final Class<?> stateClass;
  private final OperationTable<Operation<S>> operations;

  private OperationsEntity(
      String name, EntityOperations<S> definition, OperationTable<Operation<S>> operations) {
    this.name = name;
    this.definition = definition;
    this.stateClass = TypeResolver.erase(TypeResolver.boxed(definition.stateType()));
    this.operations = operations;
  }

  /**
   * Takes over the operations; what is added to them later is not seen.
   *
   * @throws dev.perdure.api.InvalidRegistrationException if a name is taken or cannot be used
   */
  static <S> OperationsEntity<S> of(String name, EntityOperations<S> definition) {
    FunctionName.requireEntity(name, "An entity of operations");
    OperationTable<Operation<S>> operations = new OperationTable<>();
    for (Operation<S> operation : definition.operations()) {
      FunctionName.requireOperation(
          operation.name(), "An operation of the entity '%s'".formatted(name));
      Operation<S> other = operations.putIfAbsent(operation.name(), operation);
      if (other != null) {
        throw refused(
            "Entity '%s'".formatted(name),
            "its operations '%s' and '%s' have the same name, upper and lower case being the same"
                .formatted(other.name(), operation.name()),
            "Give one of them another name.");
      }
    }
    return new OperationsEntity<>(name.toLowerCase(Locale.ROOT), definition, operations);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public @Nullable Object invoke(OperationScope scope) throws Exception {
    Operation<S> operation = operations.get(scope.operation());
    if (operation == null) {
      return operations.runUnwritten(
          scope, "Add the operation to those of the entity '%s'".formatted(name));
    }
    S state = state(scope);
    Object input =
        operation.inputType() == Void.class
            ? null
            : scope.input(TypeResolver.boxed(operation.inputType()));
    EntityUpdate<?, ?> update = operation.code().run(scope, state, input);
    return StateChanges.apply(
        scope,
        update,
        stateClass,
        "Operation '%s' of entity '%s'".formatted(operation.name(), name));
  }

  /** The state arrives as the declared type, because that is what it was converted to. */
  @SuppressWarnings("unchecked")
  private S state(OperationScope scope) {
    Object state = scope.liveState(stateClass);
    if (state != null) {
      return (S) state;
    }
    S initial = definition.initialState();
    if (initial == null) {
      throw new IllegalStateException(
          "The initial state of entity '%s' is null. Give it a state to begin with; one that no"
                  .formatted(name)
              + " operation changes is not kept.");
    }
    scope.beginState(initial);
    return initial;
  }

  @Override
  public String toString() {
    return "operations on a state of %s".formatted(stateClass.getName());
  }
}
