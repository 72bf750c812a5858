package dev.perdure.engine.functions;

import static dev.perdure.engine.functions.FunctionName.refused;

import dev.perdure.api.Activity;
import dev.perdure.api.Entity;
import dev.perdure.api.Orchestrator;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the annotated methods of a class: its own, inherited ones, and those of its interfaces,
 * whatever their visibility. A method that overrides an annotated one is the function, and the
 * nearest annotation is the one that counts.
 */
final class AnnotatedMethods {
  private final Class<?> target;
  private final TypeResolver types;
  private final Map<String, List<Found>> foundByName = new LinkedHashMap<>();

  /** A method with the nearest annotated declaration of it. */
  private static final class Found {
    final Method method;
    Method declaration;

    Found(Method method) {
      this.method = method;
      this.declaration = method;
    }

    boolean isAnnotated() {
      return AnnotatedMethods.isAnnotated(declaration);
    }
  }

  private AnnotatedMethods(Class<?> target) {
    this.target = target;
    this.types = new TypeResolver(target);
  }

  /** The annotated methods of a class, in a stable order; never empty. */
  static List<AnnotatedMethod> of(Class<?> target) {
    List<AnnotatedMethod> methods = ofAny(target);
    if (methods.isEmpty()) {
      throw refused(
          target.getName(),
          "neither it nor anything it inherits from has a method with @Orchestrator, @Activity or"
              + " @Entity",
          "Annotate the methods that are functions (with the annotations of dev.perdure.api), or"
              + " the class if it is an entity, or register a lambda by name.");
    }
    return methods;
  }

  /** The annotated methods of a class, which need not have any. */
  static List<AnnotatedMethod> ofAny(Class<?> target) {
    AnnotatedMethods scan = new AnnotatedMethods(target);
    lineage(target).forEach(scan::addMethodsOf);
    return scan.foundByName.values().stream()
        .flatMap(List::stream)
        .filter(Found::isAnnotated)
        .map(scan::read)
        .toList();
  }

  /** The class, its superclasses, then all interfaces, each before those that it extends. */
  static List<Class<?>> lineage(Class<?> type) {
    Set<Class<?>> lineage = new LinkedHashSet<>();
    Deque<Class<?>> interfaces = new ArrayDeque<>();
    for (Class<?> at = type; at != null && at != Object.class; at = at.getSuperclass()) {
      lineage.add(at);
      interfaces.addAll(Arrays.asList(at.getInterfaces()));
    }
    while (!interfaces.isEmpty()) {
      Class<?> next = interfaces.removeFirst();
      lineage.remove(next); // it comes again: behind everything that extends it
      lineage.add(next);
      interfaces.addAll(Arrays.asList(next.getInterfaces()));
    }
    return List.copyOf(lineage);
  }

  private void addMethodsOf(Class<?> declaring) {
    for (Method method : declaredBy(declaring, target)) {
      // Compilers copy annotations to the bridges they make; only what the user wrote counts.
      boolean inherited = !declaring.isInterface() || !Modifier.isStatic(method.getModifiers());
      if (!method.isSynthetic() && (inherited || declaring == target)) {
        add(method);
      }
    }
  }

  /**
   * The methods that one class of a lineage declares, in a stable order.
   *
   * @param target the class that is to be registered
   */
  static Method[] declaredBy(Class<?> declaring, Class<?> target) {
    try {
      Method[] methods = declaring.getDeclaredMethods();
      // The JVM promises no order; a stable one makes the first error always the same.
      Arrays.sort(methods, Comparator.comparing(Method::getName).thenComparing(Method::toString));
      return methods;
    } catch (LinkageError e) {
      throw refused(
          target.getName(),
          "the methods of %s cannot be read (%s)".formatted(declaring.getName(), e),
          "Add what is missing to the class path.");
    }
  }

  private void add(Method method) {
    List<Found> sameName = foundByName.computeIfAbsent(method.getName(), n -> new ArrayList<>(1));
    for (Found found : sameName) {
      if (overrides(found.method, method, types)) {
        if (!found.isAnnotated()) {
          found.declaration = method;
        }
        return;
      }
    }
    sameName.add(new Found(method));
  }

  /**
   * Whether calling one method on the target runs another one.
   *
   * @param method a method of the target
   * @param inherited a method with the same name from further up; may be the same method
   * @param types what type variables mean in the target
   */
  static boolean overrides(Method method, Method inherited, TypeResolver types) {
    if (method.equals(inherited)) {
      return true;
    }
    return isVirtual(method)
        && isVirtual(inherited)
        && isVisibleFrom(method.getDeclaringClass(), inherited)
        && Arrays.equals(types.parameterClasses(method), types.parameterClasses(inherited));
  }

  private static boolean isVirtual(Method method) {
    return (method.getModifiers() & (Modifier.PRIVATE | Modifier.STATIC)) == 0;
  }

  private static boolean isVisibleFrom(Class<?> subclass, Method inherited) {
    return (inherited.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) != 0
        || inherited.getDeclaringClass().getPackageName().equals(subclass.getPackageName());
  }

  static boolean isAnnotated(Method method) {
    return method.isAnnotationPresent(Orchestrator.class)
        || method.isAnnotationPresent(Activity.class)
        || method.isAnnotationPresent(Entity.class);
  }

  private AnnotatedMethod read(Found found) {
    Method declaration = found.declaration;
    Orchestrator orchestrator = declaration.getAnnotation(Orchestrator.class);
    Activity activity = declaration.getAnnotation(Activity.class);
    Entity entity = declaration.getAnnotation(Entity.class);
    requireOneOf(declaration, orchestrator, activity, entity);
    if (orchestrator != null) {
      return method(
          found, FunctionKind.ORCHESTRATOR, orchestrator.name(), orchestrator.version(), 0);
    }
    if (activity != null) {
      return method(found, FunctionKind.ACTIVITY, activity.name(), "", activity.maxConcurrent());
    }
    return method(found, FunctionKind.ENTITY, entity.name(), "", 0);
  }

  private static void requireOneOf(Method declaration, @Nullable Annotation... kinds) {
    List<String> present =
        Arrays.stream(kinds)
            .filter(Objects::nonNull)
            .map(kind -> "@" + kind.annotationType().getSimpleName())
            .toList();
    if (present.size() > 1) {
      throw refused(
          AnnotatedMethod.describe(declaration),
          "it has both " + String.join(" and ", present),
          "Keep one: an orchestrator coordinates, an activity does the work, an entity keeps"
              + " state.");
    }
  }

  private AnnotatedMethod method(
      Found found, FunctionKind kind, String name, String version, int maxConcurrent) {
    return new AnnotatedMethod(
        kind,
        nameOf(name, found.method),
        version,
        maxConcurrent,
        target,
        found.method,
        found.declaration);
  }

  private static String nameOf(String annotated, Method method) {
    return annotated.isEmpty() ? method.getName() : annotated;
  }
}
