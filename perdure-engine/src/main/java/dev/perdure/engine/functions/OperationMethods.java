package dev.perdure.engine.functions;

import dev.perdure.api.EntityUpdate;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Says which methods of a class are operations, and what a caller gets from them. */
final class OperationMethods {
  private OperationMethods() {}

  /** The operations of a class, also inherited ones, in a stable order; perhaps none. */
  static List<Method> of(Class<?> entity, TypeResolver types) {
    List<Method> operations = new ArrayList<>();
    for (Class<?> declaring : AnnotatedMethods.lineage(entity)) {
      for (Method method : AnnotatedMethods.declaredBy(declaring, entity)) {
        if (isOperation(method)
            && operations.stream().noneMatch(nearer -> overrides(nearer, method, types))) {
          operations.add(method);
        }
      }
    }
    return operations;
  }

  private static boolean overrides(Method nearer, Method method, TypeResolver types) {
    return nearer.getName().equals(method.getName())
        && AnnotatedMethods.overrides(nearer, method, types);
  }

  /** Whether a method is an operation wherever it is found. */
  static boolean isOperation(Method method) {
    return (method.getModifiers() & (Modifier.PRIVATE | Modifier.STATIC)) == 0
        && !method.isSynthetic()
        && !isOfEveryObject(method);
  }

  /** Whether every object has the method: {@code toString()}, but not {@code toString(int)}. */
  static boolean isOfEveryObject(Method method) {
    return Arrays.stream(Object.class.getDeclaredMethods())
        .anyMatch(
            every ->
                every.getName().equals(method.getName())
                    && Arrays.equals(every.getParameterTypes(), method.getParameterTypes()));
  }

  /** What a caller gets from a method that returns this: never a primitive. */
  static Type resultType(Type returned) {
    return TypeResolver.erase(returned) == EntityUpdate.class
        ? argument(returned, 1)
        : TypeResolver.boxed(returned);
  }

  /** What stands between the angle brackets; {@code Object} if nothing does. */
  static Type argument(Type type, int index) {
    if (type instanceof ParameterizedType parameterized) {
      Type argument = parameterized.getActualTypeArguments()[index];
      return argument instanceof WildcardType wildcard ? wildcard.getUpperBounds()[0] : argument;
    }
    return Object.class;
  }
}
