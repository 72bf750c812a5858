package dev.perdure.engine.functions;

import static dev.perdure.engine.functions.FunctionName.refused;

import dev.perdure.api.EntityUpdate;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A class as an entity: its fields are the state, its methods the operations. */
final class ClassEntity implements EntityFunction {
  private final String name;
  private final Class<?> type;
  private final MethodHandle constructor;
  private final OperationTable<MethodOperation> operations;

  private ClassEntity(
      String name,
      Class<?> type,
      MethodHandle constructor,
      OperationTable<MethodOperation> operations) {
    this.name = name;
    this.type = type;
    this.constructor = constructor;
    this.operations = operations;
  }

  /**
   * Prepares a class.
   *
   * @throws dev.perdure.api.InvalidRegistrationException if it cannot be an entity
   */
  static ClassEntity of(String name, Class<?> type) {
    FunctionName.requireEntity(name, type.getName());
    requireObjects(type);
    MethodHandle constructor = Handles.of(constructor(type), type.getName());
    return new ClassEntity(
        name.toLowerCase(Locale.ROOT),
        type,
        constructor.asType(MethodType.methodType(Object.class)),
        operations(type));
  }

  private static void requireObjects(Class<?> type) {
    if (type.isInterface()) {
      throw refused(
          type.getName(),
          "it is an interface, and an entity's state is an object of its class",
          "Register the class that implements it.");
    }
    if (type.isPrimitive() || type.isArray()) {
      throw refused(
          type.getName(),
          "it has no methods that could be operations",
          "Register a class, or give the operations as EntityOperations.");
    }
    if (Modifier.isAbstract(type.getModifiers())) {
      throw refused(
          type.getName(),
          "it is abstract, and an entity's state is an object of its class",
          "Register a class that extends it.");
    }
  }

  private static Constructor<?> constructor(Class<?> type) {
    try {
      return type.getDeclaredConstructor();
    } catch (NoSuchMethodException e) {
      throw refused(
          type.getName(),
          isInner(type)
              ? "it is an inner class, of which there is none without an outer object"
              : "it has no constructor without parameters, which makes the state of an entity that"
                  + " has none yet",
          constructorRemedy(type),
          e);
    } catch (LinkageError e) {
      throw refused(
          type.getName(),
          "its constructors cannot be read (%s)".formatted(e),
          "Add what is missing to the class path.");
    }
  }

  private static String constructorRemedy(Class<?> type) {
    if (isInner(type)) {
      return "Make it static, or a class of its own.";
    }
    return type.isRecord()
        ? "Add %s() { this(...); } with the values to begin with.".formatted(type.getSimpleName())
        : "Add one; it may be private.";
  }

  private static boolean isInner(Class<?> type) {
    return type.getEnclosingClass() != null && !Modifier.isStatic(type.getModifiers());
  }

  private static OperationTable<MethodOperation> operations(Class<?> type) {
    TypeResolver types = new TypeResolver(type);
    OperationTable<MethodOperation> operations = new OperationTable<>();
    for (Method method : OperationMethods.of(type, types)) {
      MethodOperation operation = MethodOperation.of(type, method, types);
      MethodOperation other = operations.putIfAbsent(operation.name(), operation);
      if (other != null) {
        throw refused(
            type.getName(),
            "its operations %s and %s have the same name, upper and lower case being the same"
                .formatted(other, operation),
            "Operations are called by name: rename one, or make it private if it is none.");
      }
    }
    return operations;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public @Nullable Object invoke(OperationScope scope) throws Throwable {
    MethodOperation operation = operations.get(scope.operation());
    if (operation == null) {
      return operations.runUnwritten(
          scope, "Add a method of that name to %s".formatted(type.getName()));
    }
    Object entity = entity(scope);
    Object returned = operation.call(entity, scope);
    return switch (operation.returns()) {
      case RESULT -> {
        // What the operation told its context is meant; the object is what was there before.
        if (!scope.hasTouchedState()) {
          scope.keepState(entity);
        }
        yield returned;
      }
      case STATE -> {
        StateChanges.replace(scope, returned);
        yield returned;
      }
      case UPDATE ->
          StateChanges.apply(scope, (EntityUpdate<?, ?>) returned, type, operation.toString());
    };
  }

  private Object entity(OperationScope scope) throws Throwable {
    Object state = scope.liveState(type);
    if (state != null) {
      return state;
    }
    Object initial = (Object) constructor.invokeExact();
    scope.beginState(initial);
    return initial;
  }

  @Override
  public String toString() {
    return type.getName();
  }
}
