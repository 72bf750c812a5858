package dev.perdure.engine.functions;

import dev.perdure.api.Entity;
import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityUpdate;
import dev.perdure.api.FunctionRef;
import dev.perdure.api.Task;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the operation that a method reference means. It need not be one of a registered class: a
 * caller may know no more than an interface. What was found once is kept by the class of the
 * reference, as {@link MethodReferences} does.
 */
final class OperationReferences {
  private final Map<Class<?>, ResolvedOperation> resolved = new ConcurrentHashMap<>();

  ResolvedOperation resolve(FunctionRef.ToEntityOperation reference) {
    ResolvedOperation known = resolved.get(reference.getClass());
    if (known != null) {
      return known;
    }
    ResolvedOperation found = find(reference);
    resolved.put(reference.getClass(), found);
    return found;
  }

  private static ResolvedOperation find(FunctionRef.ToEntityOperation reference) {
    ReferencedMethod referenced = ReferencedMethod.of(reference);
    Method method = referenced.method();
    if (!OperationMethods.isOperation(method)) {
      throw notAnOperation(referenced);
    }
    boolean takesInput =
        Arrays.stream(method.getParameterTypes()).anyMatch(type -> type != EntityContext.class);
    ReferencedMethod.requireInput(reference, takesInput, referenced.description());
    return new ResolvedOperation(
        referenced.owner(),
        method.getName(),
        resultType(referenced),
        method.getReturnType() == EntityUpdate.class,
        entityName(referenced.owner()));
  }

  private static IllegalArgumentException notAnOperation(ReferencedMethod referenced) {
    int modifiers = referenced.method().getModifiers();
    return new IllegalArgumentException(
        "%s is not an operation: it is %s. Refer to another method, or call the operation by name."
            .formatted(
                referenced.description(),
                Modifier.isStatic(modifiers)
                    ? "static"
                    : Modifier.isPrivate(modifiers) ? "private" : "a method of every object"));
  }

  private static Type resultType(ReferencedMethod referenced) {
    Type returned =
        new TypeResolver(referenced.owner()).resolve(referenced.method().getGenericReturnType());
    Class<?> returnedClass = TypeResolver.erase(returned);
    if (Task.class.isAssignableFrom(returnedClass)) {
      throw new IllegalArgumentException(
          "%s returns a Task, and a call by reference makes a Task of what the method returns."
                  .formatted(referenced.description())
              + " Use an entityProxy of the interface, or declare the method with the result"
              + " itself.");
    }
    if (returnedClass == EntityUpdate.class) {
      return OperationMethods.resultType(returned);
    }
    // Ops<Integer>::get gives an Integer, which is no longer to be seen in the class Ops.
    Class<?> expected = TypeResolver.erase(TypeResolver.boxed(referenced.resultClass()));
    boolean saysMore =
        expected != Void.class
            && expected != returnedClass
            && returnedClass.isAssignableFrom(expected);
    return saysMore ? expected : OperationMethods.resultType(returned);
  }

  /** An abstract class may stand for any entity that extends it. */
  private static @Nullable String entityName(Class<?> owner) {
    return owner.isAnnotationPresent(Entity.class) && !Modifier.isAbstract(owner.getModifiers())
        ? EntityId.nameOf(owner)
        : null;
  }
}
