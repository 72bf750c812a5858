package dev.perdure.functions.host;

import dev.perdure.api.Activity;
import dev.perdure.api.InvalidRegistrationException;
import dev.perdure.api.Orchestrator;
import dev.perdure.engine.functions.FunctionRegistry;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;

/** Registers classes of apps: an object of those with functions that need one. */
final class DurableClasses {
  private DurableClasses() {}

  static void register(FunctionRegistry.Builder registry, Class<?> type) {
    if (!needsAnObject(type)) {
      registry.register(type);
      return;
    }
    try {
      Constructor<?> constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      registry.register(constructor.newInstance());
    } catch (ReflectiveOperationException e) {
      throw new InvalidRegistrationException(
          "No object of it can be made (%s). Its functions are methods that need one; give it a constructor without parameters, or make them static."
              .formatted(e.getCause() == null ? e : e.getCause()));
    }
  }

  private static boolean needsAnObject(Class<?> type) {
    for (Method method : type.getDeclaredMethods()) {
      if (!Modifier.isStatic(method.getModifiers())
          && (method.isAnnotationPresent(Orchestrator.class)
              || method.isAnnotationPresent(Activity.class))) {
        return true;
      }
    }
    return false;
  }
}
