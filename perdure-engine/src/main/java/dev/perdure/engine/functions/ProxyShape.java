package dev.perdure.engine.functions;

import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityUpdate;
import dev.perdure.api.Task;
import dev.perdure.engine.functions.EntityProxies.ProxyMethod;
import dev.perdure.engine.functions.EntityProxies.Use;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The operations behind the methods of an interface, found and checked once. */
final class ProxyShape {
  /** Takes the proxy and what it was called with, which is null for nothing. */
  private static final MethodType DEFAULT =
      MethodType.methodType(Object.class, Object.class, Object[].class);

  private final Map<String, ProxyMethod> methods;
  private final Map<Method, MethodHandle> hiddenDefaults;

  private ProxyShape(Map<String, ProxyMethod> methods, Map<Method, MethodHandle> hiddenDefaults) {
    this.methods = methods;
    this.hiddenDefaults = hiddenDefaults;
  }

  /**
   * Looks at an interface.
   *
   * @throws IllegalArgumentException if no proxy can be made of it, or not for this use
   */
  static ProxyShape of(Class<?> type, Use use) {
    if (!type.isInterface()) {
      throw refused(
          type.getName(), "it is not an interface", "Declare the operations in an interface");
    }
    if (type.isSealed()) {
      throw refused(
          type.getName(), "it is sealed, and a proxy implements it", "Leave 'sealed' out");
    }
    TypeResolver types = new TypeResolver(type);
    Map<String, Method> byKey = new HashMap<>();
    for (Method method : operations(type)) {
      byKey.merge(
          method.getName().toLowerCase(Locale.ROOT),
          method,
          (one, other) -> sameOperation(one, other, types));
    }
    Map<String, ProxyMethod> methods = new HashMap<>();
    byKey.values().forEach(method -> methods.put(method.getName(), read(method, use, types)));
    return new ProxyShape(methods, hiddenDefaults(type));
  }

  private static Method[] operations(Class<?> type) {
    return Arrays.stream(type.getMethods())
        .filter(method -> Modifier.isAbstract(method.getModifiers()))
        .filter(method -> !OperationMethods.isOfEveryObject(method))
        // The JVM promises no order; a stable one makes the first error always the same.
        .sorted(Comparator.comparing(Method::getName).thenComparing(Method::toString))
        .toArray(Method[]::new);
  }

  /** Two interfaces may declare the same method; the narrower result is what both must give. */
  private static Method sameOperation(Method one, Method other, TypeResolver types) {
    if (!one.getName().equals(other.getName())
        || !Arrays.equals(types.parameterClasses(one), types.parameterClasses(other))) {
      throw refused(
          one.getDeclaringClass().getName(),
          "its methods %s and %s have the same name, upper and lower case being the same"
              .formatted(AnnotatedMethod.describe(one), AnnotatedMethod.describe(other)),
          "Operations are called by name: rename one, or make it a default method");
    }
    return one.getReturnType().isAssignableFrom(other.getReturnType()) ? other : one;
  }

  private static ProxyMethod read(Method method, Use use, TypeResolver types) {
    String description = AnnotatedMethod.describe(method);
    if (method.getTypeParameters().length > 0) {
      throw refused(
          description,
          "it has type parameters, so nothing says what to read the result as",
          "Declare it with the types themselves");
    }
    if (method.getParameterCount() > 1) {
      throw refused(
          description,
          "it has %d parameters, and an operation takes one input or none"
              .formatted(method.getParameterCount()),
          "Put several values into one record");
    }
    for (Class<?> parameter : method.getParameterTypes()) {
      if (parameter == EntityContext.class) {
        throw refused(
            description,
            "it takes an EntityContext, which an entity gets from the engine, not from callers",
            "Leave it out");
      }
    }
    return new ProxyMethod(
        method.getName(),
        resultType(method, description, use, types),
        method.getReturnType() == Task.class);
  }

  private static Type resultType(Method method, String description, Use use, TypeResolver types) {
    Type returned = types.resolve(method.getGenericReturnType());
    if (use == Use.SIGNAL && returned != void.class) {
      throw refused(
          description,
          "it returns %s, and nobody waits for the result of a signal"
              .formatted(TypeResolver.erase(returned).getSimpleName()),
          "Declare it void, or call the entity through an entityProxy in an orchestrator");
    }
    if (TypeResolver.erase(returned) == EntityUpdate.class) {
      throw refused(
          description,
          "it returns an EntityUpdate, of which a caller gets the result alone",
          "Return the type of the result");
    }
    return TypeResolver.erase(returned) == Task.class
        ? OperationMethods.argument(returned, 0)
        : TypeResolver.boxed(returned);
  }

  /** The code of the default methods that may not be called in the usual way. */
  private static Map<Method, MethodHandle> hiddenDefaults(Class<?> type) {
    Map<Method, MethodHandle> hidden = new HashMap<>();
    for (Method method : type.getMethods()) {
      if (method.isDefault() && !isVisible(method.getDeclaringClass())) {
        hidden.put(method, codeOf(method));
      }
    }
    return hidden;
  }

  private static boolean isVisible(Class<?> declaring) {
    try {
      return MethodHandles.lookup().accessClass(declaring) == declaring;
    } catch (IllegalAccessException e) {
      return false;
    }
  }

  private static MethodHandle codeOf(Method method) {
    Class<?> declaring = method.getDeclaringClass();
    try {
      return MethodHandles.privateLookupIn(declaring, MethodHandles.lookup())
          .unreflectSpecial(method, declaring)
          .asFixedArity()
          .asSpreader(Object[].class, method.getParameterCount())
          .asType(DEFAULT);
    } catch (IllegalAccessException e) {
      throw new IllegalArgumentException(
          "No entity proxy can be made of %s: the module %s does not open the package %s, so its"
                  .formatted(
                      declaring.getName(),
                      declaring.getModule().getName(),
                      declaring.getPackageName())
              + " default methods cannot be called. Add 'opens %s;' to its module-info."
                  .formatted(declaring.getPackageName()),
          e);
    }
  }

  /** The code of a default method that may not be called in the usual way; null if it may. */
  @Nullable MethodHandle hiddenDefault(Method method) {
    return hiddenDefaults.get(method);
  }

  /** The operation behind an abstract method. */
  ProxyMethod method(String name) {
    ProxyMethod method = methods.get(name);
    if (method == null) {
      throw new IllegalStateException("No method '%s' was found in the interface".formatted(name));
    }
    return method;
  }

  private static IllegalArgumentException refused(String what, String why, String remedy) {
    return new IllegalArgumentException(
        "No entity proxy can be made of %s: %s. %s.".formatted(what, why, remedy));
  }
}
