package dev.perdure.engine.functions;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A method that is to be registered, with what its annotation says about it.
 *
 * @param kind which annotation it has
 * @param name the name for the registry
 * @param version the version, for an orchestrator; empty for none
 * @param maxConcurrent the limit, for an activity; 0 for none
 * @param target the class that is being registered
 * @param method the method that will run: the most specific one in the target
 * @param declaration the method that bears the annotation; the same one, or one it overrides
 */
record AnnotatedMethod(
    FunctionKind kind,
    String name,
    String version,
    int maxConcurrent,
    Class<?> target,
    Method method,
    Method declaration) {

  /** The method as error messages name it. */
  String description() {
    return describe(method);
  }

  /** A method as error messages name it: {@code com.acme.Cities.sayHello(String)}. */
  static String describe(Method method) {
    return Arrays.stream(method.getParameterTypes())
        .map(Class::getSimpleName)
        .collect(
            Collectors.joining(
                ", ", method.getDeclaringClass().getName() + "." + method.getName() + "(", ")"));
  }
}
