package dev.perdure.engine.functions;

import static dev.perdure.engine.functions.FunctionName.refused;

import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityUpdate;
import dev.perdure.api.Task;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * An operation that is a method of the entity's class: its parameters checked and its call
 * prepared, so that a call costs no reflection and what it throws arrives as it was thrown.
 */
final class MethodOperation {
  private static final int NONE = -1;

  /** Takes the entity, the context and the input, whatever the method itself takes. */
  private static final MethodType CALL =
      MethodType.methodType(Object.class, Object.class, Object.class, Object.class);

  /** What the value is that the method returns. */
  enum Returns {
    /** The result; the state is the object on which the method was called. */
    RESULT,
    /** The new state, which is the result as well. */
    STATE,
    /** An {@link EntityUpdate}. */
    UPDATE
  }

  private final Method method;
  private final MethodHandle handle;
  private final @Nullable Type inputType;
  private final @Nullable Parameter primitiveInput;
  private final Returns returns;

  private MethodOperation(
      Method method,
      MethodHandle handle,
      @Nullable Type inputType,
      @Nullable Parameter primitiveInput,
      Returns returns) {
    this.method = method;
    this.handle = handle;
    this.inputType = inputType;
    this.primitiveInput = primitiveInput;
    this.returns = returns;
  }

  /**
   * Prepares a method.
   *
   * @param entity the class of the entity, which has or inherits the method
   * @param types what type variables mean in that class
   * @throws dev.perdure.api.InvalidRegistrationException if the method cannot be an operation
   */
  static MethodOperation of(Class<?> entity, Method method, TypeResolver types) {
    Class<?>[] parameters = method.getParameterTypes();
    int input = inputIndex(method, parameters);
    Type inputType =
        input == NONE
            ? null
            : TypeResolver.boxed(types.resolve(method.getGenericParameterTypes()[input]));
    Parameter primitiveInput =
        input != NONE && parameters[input].isPrimitive() ? method.getParameters()[input] : null;

    int[] order = new int[parameters.length + 1]; // the entity is 0
    for (int i = 0; i < parameters.length; i++) {
      order[i + 1] = i == input ? 2 : 1;
    }
    MethodHandle handle = Handles.of(method, AnnotatedMethod.describe(method));
    return new MethodOperation(
        method,
        MethodHandles.permuteArguments(handle.asType(handle.type().generic()), CALL, order),
        inputType,
        primitiveInput,
        returns(entity, method, types.resolve(method.getGenericReturnType())));
  }

  private static int inputIndex(Method method, Class<?>[] parameters) {
    int first = parameters.length > 0 && parameters[0] == EntityContext.class ? 1 : 0;
    for (int i = first; i < parameters.length; i++) {
      if (FunctionKind.isContext(parameters[i])) {
        String name = parameters[i].getSimpleName();
        throw refused(
            AnnotatedMethod.describe(method),
            parameters[i] == EntityContext.class
                ? "its EntityContext is not the first parameter and the only one of that type"
                : "it is an operation of an entity and takes an " + name,
            allowed());
      }
    }
    int inputs = parameters.length - first;
    if (inputs > 1) {
      throw refused(
          AnnotatedMethod.describe(method),
          "it has %d input parameters, and an operation has at most one".formatted(inputs),
          allowed() + " Put several values into one record.");
    }
    return inputs == 0 ? NONE : first;
  }

  private static String allowed() {
    return "Write (), (Input input), (EntityContext ctx) or (EntityContext ctx, Input input), or"
        + " make the method private if it is no operation.";
  }

  private static Returns returns(Class<?> entity, Method method, Type returned) {
    Class<?> returnedClass = TypeResolver.erase(returned);
    if (Task.class.isAssignableFrom(returnedClass)) {
      throw refused(
          AnnotatedMethod.describe(method),
          "it returns a Task, which means nothing outside the orchestration that made it",
          "Return the result itself; who calls the operation gets a Task for it.");
    }
    if (returnedClass == EntityUpdate.class) {
      requireState(entity, method, TypeResolver.erase(OperationMethods.argument(returned, 0)));
      return Returns.UPDATE;
    }
    return entity.isAssignableFrom(returnedClass) ? Returns.STATE : Returns.RESULT;
  }

  /** The next operation reads the state as an object of the entity's class, or fails. */
  private static void requireState(Class<?> entity, Method method, Class<?> state) {
    boolean maybe = entity.isAssignableFrom(state) || state.isAssignableFrom(entity);
    if (!maybe && state != Void.class) {
      throw refused(
          AnnotatedMethod.describe(method),
          "its EntityUpdate has a state of %s, but the state of the entity is of %s"
              .formatted(state.getName(), entity.getName()),
          "Return an EntityUpdate<%s, Result>.".formatted(entity.getSimpleName()));
    }
  }

  /** The name of the operation, as it is written. */
  String name() {
    return method.getName();
  }

  /** What its value is. */
  Returns returns() {
    return returns;
  }

  /**
   * Runs the method.
   *
   * @throws dev.perdure.api.DataConversionException if the input is null and the parameter a
   *     primitive, or does not fit it
   * @throws Throwable what the user's code throws, as it was thrown
   */
  @Nullable Object call(Object entity, OperationScope scope) throws Throwable {
    Object input = inputType == null ? null : scope.input(inputType);
    if (primitiveInput != null && input == null) {
      throw MethodFunction.nullForPrimitive(
          "Operation '%s' of entity %s (%s)".formatted(scope.operation(), scope.id(), this),
          primitiveInput);
    }
    return (Object) handle.invokeExact(entity, (Object) scope, input);
  }

  @Override
  public String toString() {
    return AnnotatedMethod.describe(method);
  }
}
