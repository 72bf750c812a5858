package dev.perdure.engine.functions;

import dev.perdure.api.FunctionNotFoundException;
import dev.perdure.api.FunctionRef;
import java.io.Serializable;
import java.lang.invoke.MethodType;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the registered function that a method reference means. The compiler gives every reference
 * in the source a class of its own, so what was found once is kept by class; a reference that
 * captures its receiver has one class too, and always means the same method.
 */
final class MethodReferences {
  private final Map<String, List<MethodFunction>> functionsByMethodName;
  private final Map<Class<?>, ResolvedFunction> resolved = new ConcurrentHashMap<>();

  MethodReferences(List<MethodFunction> functions) {
    this.functionsByMethodName =
        functions.stream().collect(Collectors.groupingBy(f -> f.method().method().getName()));
  }

  ResolvedFunction resolve(Serializable reference) {
    ResolvedFunction known = resolved.get(reference.getClass());
    if (known != null) {
      return known;
    }
    ResolvedFunction found = find(reference);
    resolved.put(reference.getClass(), found);
    return found;
  }

  private ResolvedFunction find(Serializable reference) {
    Method referenced = referencedMethod(reference);
    List<MethodFunction> matches =
        functionsByMethodName.getOrDefault(referenced.getName(), List.of()).stream()
            .filter(function -> isMeant(function.method(), referenced))
            .toList();
    if (matches.isEmpty()) {
      throw notRegistered(referenced);
    }
    if (matches.size() > 1) {
      throw ambiguous(referenced, matches);
    }
    MethodFunction function = matches.getFirst();
    requireKind(reference, function);
    requireInput(reference, function);
    return new ResolvedFunction(
        function.method().name(), function.method().version(), function.outputType());
  }

  /** Whether calling the referenced method on the registered object would run the function. */
  private static boolean isMeant(AnnotatedMethod function, Method referenced) {
    Class<?> declaring = referenced.getDeclaringClass();
    if (Modifier.isStatic(referenced.getModifiers())) {
      return function.method().equals(referenced);
    }
    return declaring.isAssignableFrom(function.target())
        && AnnotatedMethods.overrides(
            function.method(), referenced, new TypeResolver(function.target()));
  }

  private static void requireKind(Serializable reference, MethodFunction function) {
    FunctionKind wanted = FunctionKind.of(reference);
    FunctionKind actual = function.method().kind();
    if (wanted != null && wanted != actual) {
      throw new IllegalArgumentException(
          "%s is %s, and was passed where %s is called. Use %s."
              .formatted(
                  function.method().description(),
                  actual.noun(),
                  wanted.noun(),
                  actual == FunctionKind.ACTIVITY ? "call" : "callSubOrchestrator or startNew"));
    }
  }

  /**
   * The compiler takes {@code call(Statics::hello)} for a call without an input, on an object of
   * the class that is really the input; and {@code call(Cities::refresh, cities)} the other way
   * round.
   */
  private static void requireInput(Serializable reference, MethodFunction function) {
    boolean called = !(reference instanceof FunctionRef.ToFunctionWithoutInput);
    boolean taken = function.inputType() != Void.class;
    if (FunctionKind.of(reference) != null && called != taken) {
      throw new IllegalArgumentException(
          taken
              ? "%s takes an input and was called without one. Pass the input as second argument."
                  .formatted(function.method().description())
              : "%s takes no input and was called with one. Leave the input out."
                  .formatted(function.method().description()));
    }
  }

  private static FunctionNotFoundException notRegistered(Method referenced) {
    String description = AnnotatedMethod.describe(referenced);
    String owner = referenced.getDeclaringClass().getSimpleName();
    if (AnnotatedMethods.isAnnotated(referenced)) {
      return new FunctionNotFoundException(
          "%s is not registered. Register %s before the engine starts."
              .formatted(
                  description,
                  Modifier.isStatic(referenced.getModifiers())
                      ? "the class " + owner
                      : "an object of the class " + owner));
    }
    return new FunctionNotFoundException(
        "%s is not a registered function: it has neither @Activity nor @Orchestrator."
                .formatted(description)
            + " Annotate it and register its class; a lambda registered by name is called by"
            + " that name.");
  }

  private static IllegalArgumentException ambiguous(
      Method referenced, List<MethodFunction> matches) {
    return new IllegalArgumentException(
        "%s may mean any of the registered functions %s. Refer to the method of one class, or call"
                .formatted(
                    AnnotatedMethod.describe(referenced),
                    SimilarNames.quoted(
                        matches.stream().map(f -> f.method().name()).sorted().toList(), ", "))
            + " the function by name.");
  }

  // ---- from the reference to its method -----------------------------------------------------

  private static Method referencedMethod(Serializable reference) {
    SerializedLambda form = serializedForm(reference);
    String className = form.getImplClass().replace('/', '.');
    String methodName = form.getImplMethodName();
    if (methodName.startsWith("lambda$")) {
      throw new IllegalArgumentException(
          "A lambda in %s was passed where a method reference is needed."
                  .formatted(form.getCapturingClass().replace('/', '.'))
              + " Functions are found by their method: write Cities::sayHello, or call the function"
              + " by name. (Compilers also make a lambda of super::method, of a method with"
              + " varargs, and some of another class's private method; there, call it by name.)");
    }
    if (methodName.equals("<init>")) {
      throw new IllegalArgumentException(
          "The constructor of %s is not a function. Pass a reference to an annotated method."
              .formatted(className));
    }
    try {
      ClassLoader loader = reference.getClass().getClassLoader();
      Class<?> named = Class.forName(className, false, loader);
      MethodType type =
          MethodType.fromMethodDescriptorString(form.getImplMethodSignature(), loader);
      Method method = findMethod(named, methodName, type);
      if (method != null) {
        return method;
      }
    } catch (ClassNotFoundException | TypeNotPresentException e) {
      throw new IllegalArgumentException(
          "The method reference to %s.%s cannot be read: %s. Call the function by name."
              .formatted(className, methodName, e),
          e);
    }
    throw new IllegalArgumentException(
        "The method reference to %s.%s does not lead to a method. Call the function by name."
            .formatted(className, methodName));
  }

  private static SerializedLambda serializedForm(Serializable reference) {
    try {
      Method writeReplace = reference.getClass().getDeclaredMethod("writeReplace");
      writeReplace.setAccessible(true);
      if (writeReplace.invoke(reference) instanceof SerializedLambda form) {
        return form;
      }
      throw notALambda(reference, null);
    } catch (InaccessibleObjectException e) {
      Class<?> type = reference.getClass();
      throw new IllegalArgumentException(
          "The module %s does not open the package %s, so the method reference cannot be read."
                  .formatted(type.getModule().getName(), type.getPackageName())
              + " Add 'opens %s;' to its module-info, or call the function by name."
                  .formatted(type.getPackageName()),
          e);
    } catch (ReflectiveOperationException e) {
      throw notALambda(reference, e);
    }
  }

  private static IllegalArgumentException notALambda(
      Serializable reference, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "%s is not a method reference. Pass one, such as Cities::sayHello, or call the function by"
                .formatted(reference.getClass().getName())
            + " name.",
        cause);
  }

  private static @Nullable Method findMethod(Class<?> named, String name, MethodType type) {
    for (Class<?> declaring : AnnotatedMethods.lineage(named)) {
      for (Method method : declaring.getDeclaredMethods()) {
        if (method.getName().equals(name)
            && method.getReturnType() == type.returnType()
            && MethodType.methodType(method.getReturnType(), method.getParameterTypes())
                .equals(type)) {
          return method;
        }
      }
    }
    return null;
  }
}
