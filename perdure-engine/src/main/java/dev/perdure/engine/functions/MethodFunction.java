package dev.perdure.engine.functions;

import static dev.perdure.engine.functions.FunctionName.refused;

import dev.perdure.api.ActivityContext;
import dev.perdure.api.DataConversionException;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.Task;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.Type;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A method as a function: its parameters checked and its call prepared, so that a call costs no
 * reflection and what it throws arrives as it was thrown.
 */
final class MethodFunction {
  private static final int NONE = -1;

  /** Takes the context and the input, in this order, whatever the method itself takes. */
  private static final MethodType CALL =
      MethodType.methodType(Object.class, Object.class, Object.class);

  private final AnnotatedMethod method;
  private final MethodHandle handle;
  private final Type inputType;
  private final Type outputType;
  private final @Nullable Parameter primitiveInput;

  private MethodFunction(
      AnnotatedMethod method,
      MethodHandle handle,
      Type inputType,
      Type outputType,
      @Nullable Parameter primitiveInput) {
    this.method = method;
    this.handle = handle;
    this.inputType = inputType;
    this.outputType = outputType;
    this.primitiveInput = primitiveInput;
  }

  /**
   * Prepares a method.
   *
   * @param receiver the object to call it on; null for a static method
   * @throws dev.perdure.api.InvalidRegistrationException if the method cannot be a function
   */
  static MethodFunction of(AnnotatedMethod method, @Nullable Object receiver) {
    FunctionName.requireLimit(method.maxConcurrent(), method.description());
    Method code = method.method();
    Class<?>[] parameters = code.getParameterTypes();
    int context = contextIndex(method, parameters);
    int input = inputIndex(method, parameters, context);

    TypeResolver types = new TypeResolver(method.target());
    Type inputType =
        input == NONE
            ? Void.class
            : TypeResolver.boxed(
                types.resolve(method.declaration().getGenericParameterTypes()[input]));
    Parameter primitiveInput =
        input != NONE && parameters[input].isPrimitive() ? code.getParameters()[input] : null;

    int[] order = new int[parameters.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = i == context ? 0 : 1;
    }
    MethodHandle handle = Handles.of(code, method.description());
    MethodHandle bound = Modifier.isStatic(code.getModifiers()) ? handle : handle.bindTo(receiver);
    return new MethodFunction(
        method,
        MethodHandles.permuteArguments(bound.asType(bound.type().generic()), CALL, order),
        inputType,
        TypeResolver.boxed(outputType(method, types)),
        primitiveInput);
  }

  private static int contextIndex(AnnotatedMethod method, Class<?>[] parameters) {
    Class<?> contextClass = method.kind().contextClass();
    int index = NONE;
    for (int i = 0; i < parameters.length; i++) {
      if (parameters[i] == contextClass) {
        if (index != NONE) {
          throw refused(
              method.description(),
              "it takes more than one " + contextClass.getSimpleName(),
              allowedParameters(method.kind()));
        }
        index = i;
      } else if (FunctionKind.isContext(parameters[i])) {
        throw refused(
            method.description(),
            "it is %s and takes an %s"
                .formatted(method.kind().noun(), parameters[i].getSimpleName()),
            allowedParameters(method.kind()));
      }
    }
    if (index != 0 && method.kind() != FunctionKind.ACTIVITY) {
      throw refused(
          method.description(),
          "the first parameter of %s is its %s, and it has %s"
              .formatted(
                  method.kind().noun(),
                  contextClass.getSimpleName(),
                  index == NONE ? "none" : "it in another place"),
          allowedParameters(method.kind()));
    }
    return index;
  }

  private static int inputIndex(AnnotatedMethod method, Class<?>[] parameters, int context) {
    int inputs = parameters.length - (context == NONE ? 0 : 1);
    if (inputs > 0 && method.kind() == FunctionKind.ENTITY) {
      throw refused(
          method.description(),
          "it is called for every operation, so no parameter can be the input",
          allowedParameters(method.kind()));
    }
    if (inputs > 1) {
      throw refused(
          method.description(),
          "it has %d input parameters, and a function has at most one".formatted(inputs),
          allowedParameters(method.kind()) + " Put several values into one record.");
    }
    return inputs == 0 ? NONE : context == 0 ? 1 : 0;
  }

  private static String allowedParameters(FunctionKind kind) {
    return switch (kind) {
      case ORCHESTRATOR ->
          "Write (OrchestrationContext ctx) or (OrchestrationContext ctx, Input input).";
      case ACTIVITY ->
          "Write (), (Input input), (ActivityContext ctx) or (ActivityContext ctx, Input input).";
      case ENTITY ->
          "Write (EntityContext ctx), and ask it for ctx.operation() and ctx.input(Input.class).";
    };
  }

  private static Type outputType(AnnotatedMethod method, TypeResolver types) {
    Type declared = types.resolve(method.declaration().getGenericReturnType());
    Type own = types.resolve(method.method().getGenericReturnType());
    if (Task.class.isAssignableFrom(TypeResolver.erase(own))) {
      throw refused(
          method.description(),
          "it returns a Task, which means nothing outside the orchestration that made it",
          "Return the result: task.await().");
    }
    // A proxy made at run time overrides without generics: the declaration then says more. An
    // override with a narrower result says more than the declaration.
    return TypeResolver.erase(own) == TypeResolver.erase(declared) ? declared : own;
  }

  AnnotatedMethod method() {
    return method;
  }

  Type inputType() {
    return inputType;
  }

  Type outputType() {
    return outputType;
  }

  @Nullable Object invoke(Object context, @Nullable Object input) throws Throwable {
    if (primitiveInput != null && input == null) {
      throw nullForPrimitive(
          "%s '%s' (%s)".formatted(method.kind().title(), method.name(), method.description()),
          primitiveInput);
    }
    return (Object) handle.invokeExact(context, input);
  }

  /** The error for an input that is missing where there must be one. */
  static DataConversionException nullForPrimitive(String function, Parameter parameter) {
    return new DataConversionException(
        "%s was called with null, but its parameter '%s' is of the primitive type %s."
                .formatted(function, parameter.getName(), parameter.getType())
            + " Pass a value, or declare the parameter as %s."
                .formatted(((Class<?>) TypeResolver.boxed(parameter.getType())).getSimpleName()));
  }

  /** The method as an orchestrator. */
  OrchestratorFunction asOrchestrator() {
    return new MethodOrchestrator(this);
  }

  /** The method as an activity. */
  ActivityFunction asActivity() {
    return new MethodActivity(this);
  }

  /** The method as an entity. */
  EntityFunction asEntity() {
    return new MethodEntity(method.name().toLowerCase(Locale.ROOT), this);
  }

  private record MethodOrchestrator(MethodFunction function) implements OrchestratorFunction {
    @Override
    public String name() {
      return function.method.name();
    }

    @Override
    public String version() {
      return function.method.version();
    }

    @Override
    public Type inputType() {
      return function.inputType;
    }

    @Override
    public @Nullable Object invoke(OrchestrationContext ctx, @Nullable Object input)
        throws Throwable {
      return function.invoke(ctx, input);
    }

    @Override
    public String toString() {
      return function.method.description();
    }
  }

  private record MethodActivity(MethodFunction function) implements ActivityFunction {
    @Override
    public String name() {
      return function.method.name();
    }

    @Override
    public Type inputType() {
      return function.inputType;
    }

    @Override
    public Type outputType() {
      return function.outputType;
    }

    @Override
    public int maxConcurrent() {
      return function.method.maxConcurrent();
    }

    @Override
    public @Nullable Object invoke(ActivityContext ctx, @Nullable Object input) throws Throwable {
      return function.invoke(ctx, input);
    }

    @Override
    public String toString() {
      return function.method.description();
    }
  }

  private record MethodEntity(String name, MethodFunction function) implements EntityFunction {
    @Override
    public @Nullable Object invoke(OperationScope scope) throws Throwable {
      return function.invoke(scope, null);
    }

    @Override
    public String toString() {
      return function.method.description();
    }
  }
}
