package dev.perdure.functions.invoke;

import com.microsoft.azure.functions.internal.spi.middleware.Middleware;
import com.microsoft.azure.functions.spi.inject.FunctionInstanceInjector;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** The code of an app and what it brings to run it with. Safe from any thread. */
public final class AppCode {
  final ClassLoader loader;
  final List<Middleware> middlewares;
  private final @Nullable FunctionInstanceInjector injector;

  /** Objects that functions get as parameters without an annotation, by type. */
  final Map<Class<?>, Object> hostObjects;

  private AppCode(
      ClassLoader loader,
      List<Middleware> middlewares,
      @Nullable FunctionInstanceInjector injector,
      Map<Class<?>, Object> hostObjects) {
    this.loader = loader;
    this.middlewares = List.copyOf(middlewares);
    this.injector = injector;
    this.hostObjects = Map.copyOf(hostObjects);
  }

  /**
   * Finds what an app brings.
   *
   * @param hostObjects objects that functions get as parameters without an annotation, by type
   * @throws InvalidFunctionException if the app brings more than one source of objects, or its
   *     middlewares cannot be made
   */
  public static AppCode of(ClassLoader loader, Map<Class<?>, Object> hostObjects) {
    List<Middleware> middlewares = services(Middleware.class, loader);
    List<FunctionInstanceInjector> injectors = services(FunctionInstanceInjector.class, loader);
    if (injectors.size() > 1) {
      throw new InvalidFunctionException(
          "The app brings %d classes that make the objects of functions (FunctionInstanceInjector), but one can be used: %s"
              .formatted(
                  injectors.size(),
                  String.join(
                      ", ", injectors.stream().map(found -> found.getClass().getName()).toList())));
    }
    return new AppCode(
        loader, middlewares, injectors.isEmpty() ? null : injectors.getFirst(), hostObjects);
  }

  private static <T> List<T> services(Class<T> type, ClassLoader loader) {
    List<T> found = new ArrayList<>();
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      ServiceLoader.load(type, loader).forEach(found::add);
    } catch (ServiceConfigurationError | LinkageError e) {
      throw new InvalidFunctionException(
          "The app names a %s in META-INF/services that cannot be used: %s"
              .formatted(type.getSimpleName(), e.getMessage()),
          e);
    } finally {
      thread.setContextClassLoader(before);
    }
    return found;
  }

  /** An object to call an instance method on; a new one each time, unless the app gives it. */
  Object instance(FunctionMethod function) throws Exception {
    Class<?> type = function.method.getDeclaringClass();
    FunctionInstanceInjector source = injector;
    if (source != null) {
      return source.getInstance(type);
    }
    try {
      Constructor<?> constructor = type.getConstructor();
      constructor.setAccessible(true); // a public constructor of a class that may not be public
      return constructor.newInstance();
    } catch (NoSuchMethodException e) {
      throw new InvalidFunctionException(
          "Class %s has no public constructor without parameters; function '%s' needs an object of it."
              .formatted(type.getName(), function.definition.name()),
          e);
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
