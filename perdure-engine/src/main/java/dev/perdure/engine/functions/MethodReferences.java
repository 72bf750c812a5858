package dev.perdure.engine.functions;

import dev.perdure.api.Entity;
import dev.perdure.api.FunctionNotFoundException;
import java.io.Serializable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

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
    Method referenced = ReferencedMethod.of(reference).method();
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
                  switch (actual) {
                    case ORCHESTRATOR -> "callSubOrchestrator or startNew";
                    case ACTIVITY -> "call";
                    case ENTITY -> "callEntity or signalEntity, by name";
                  }));
    }
  }

  /** References of the users' own types do not say whether an input is passed. */
  private static void requireInput(Serializable reference, MethodFunction function) {
    if (FunctionKind.of(reference) != null) {
      ReferencedMethod.requireInput(
          reference, function.inputType() != Void.class, function.method().description());
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
    if (referenced.getDeclaringClass().isAnnotationPresent(Entity.class)
        && OperationMethods.isOperation(referenced)) {
      return new FunctionNotFoundException(
          "%s is not a function but an operation of the entity %s. Use callEntity or signalEntity."
              .formatted(description, owner));
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
}
