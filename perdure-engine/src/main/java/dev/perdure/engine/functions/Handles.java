package dev.perdure.engine.functions;

import static dev.perdure.engine.functions.FunctionName.refused;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;

/** Prepares calls of users' code, so that a call costs no reflection. */
final class Handles {
  private Handles() {}

  /**
   * A call of a method, which takes its object first unless it is static.
   *
   * @param function what to call it in an error message
   * @throws dev.perdure.api.InvalidRegistrationException if its module keeps it from being called
   */
  static MethodHandle of(Method code, String function) {
    try {
      code.setAccessible(true);
      return MethodHandles.lookup().unreflect(code).asFixedArity();
    } catch (InaccessibleObjectException | IllegalAccessException e) {
      throw closed("method", code, function, e);
    }
  }

  /**
   * A call of a constructor.
   *
   * @param function what to call it in an error message
   * @throws dev.perdure.api.InvalidRegistrationException if its module keeps it from being called
   */
  static MethodHandle of(Constructor<?> code, String function) {
    try {
      code.setAccessible(true);
      return MethodHandles.lookup().unreflectConstructor(code).asFixedArity();
    } catch (InaccessibleObjectException | IllegalAccessException e) {
      throw closed("constructor", code, function, e);
    }
  }

  private static RuntimeException closed(
      String what, Executable code, String function, Exception cause) {
    Class<?> declaring = code.getDeclaringClass();
    return refused(
        function,
        "the module %s does not open the package %s, so the %s cannot be called"
            .formatted(declaring.getModule().getName(), declaring.getPackageName(), what),
        "Add 'opens %s;' to its module-info, or make class and %s public and export the package."
            .formatted(declaring.getPackageName(), what),
        cause);
  }
}
