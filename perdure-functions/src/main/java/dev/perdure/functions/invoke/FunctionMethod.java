package dev.perdure.functions.invoke;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import java.lang.reflect.MalformedParameterizedTypeException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A function with the method that it is. Immutable. */
final class FunctionMethod {
  /** Where the value of a parameter comes from. */
  sealed interface Source {
    /** The context of the invocation. */
    record Context() implements Source {}

    /** An object that the host offers to all functions. */
    record HostObject(Class<?> type) implements Source {}

    /** The input of a binding. */
    record Input(String binding, String annotation, Type type) implements Source {}

    /** Metadata of the trigger. */
    record Metadata(String name, Type type) implements Source {}

    /** A place for an output. */
    record Output(String binding) implements Source {}
  }

  private static final String CONTEXT = "com.microsoft.azure.functions.ExecutionContext";
  private static final String OUTPUT = "com.microsoft.azure.functions.OutputBinding";

  final FunctionDefinition definition;
  final Method method;
  final List<Source> sources;

  /** Whether what it returns, or what a middleware sets, is the value of {@code $return}. */
  final boolean returns;

  private FunctionMethod(
      FunctionDefinition definition, Method method, List<Source> sources, boolean returns) {
    this.definition = definition;
    this.method = method;
    this.sources = List.copyOf(sources);
    this.returns = returns;
  }

  /**
   * Finds the method of a function.
   *
   * @param hostObjects types of objects that the host offers without an annotation
   * @throws InvalidFunctionException if there is no such class or method, or its parameters cannot
   *     be filled
   */
  static FunctionMethod load(
      FunctionDefinition definition, ClassLoader loader, List<Class<?>> hostObjects) {
    Class<?> type = loadClass(definition, loader);
    List<Method> found = new ArrayList<>();
    Method[] declared;
    try {
      declared = type.getDeclaredMethods();
    } catch (LinkageError e) {
      throw new InvalidFunctionException(
          "Class %s cannot be used: %s. Is a library missing, or is it of another version than the one that the app was compiled with?"
              .formatted(type.getName(), e),
          e);
    }
    for (Method method : declared) {
      if (method.getName().equals(definition.methodName())
          && Modifier.isPublic(method.getModifiers())
          && !method.isSynthetic()) {
        found.add(method);
      }
    }
    if (found.size() != 1) {
      throw new InvalidFunctionException(
          found.isEmpty()
              ? "Class %s has no public method '%s' of its own."
                  .formatted(type.getName(), definition.methodName())
              : "Class %s has %d public methods '%s'; which one is the function cannot be told. Rename the others."
                  .formatted(type.getName(), found.size(), definition.methodName()));
    }
    Method method = found.getFirst();
    List<Source> sources = new ArrayList<>();
    boolean returns = method.getReturnType() != void.class;
    for (Parameter parameter : method.getParameters()) {
      sources.add(source(definition, parameter, hostObjects));
      returns |= BindingAnnotations.hasImplicitOutput(parameter);
    }
    method.setAccessible(true); // a public method of a class that may not be public
    return new FunctionMethod(definition, method, sources, returns);
  }

  private static Class<?> loadClass(FunctionDefinition definition, ClassLoader loader) {
    try {
      return Class.forName(definition.className(), false, loader);
    } catch (ClassNotFoundException e) {
      throw new InvalidFunctionException(
          "There is no class %s in the app.".formatted(definition.className()), e);
    } catch (UnsupportedClassVersionError e) {
      throw new InvalidFunctionException(
          "Class %s is built for a newer Java than the one that runs here, which is Java %d (%s). Run the host with a newer Java, or build the app with a lower 'release'."
              .formatted(definition.className(), Runtime.version().feature(), e.getMessage()),
          e);
    } catch (LinkageError e) {
      throw new InvalidFunctionException(
          "Class %s cannot be loaded: %s. The app may be damaged, or a library may be missing."
              .formatted(definition.className(), e),
          e);
    }
  }

  private static Source source(
      FunctionDefinition definition, Parameter parameter, List<Class<?>> hostObjects) {
    Type type = type(definition, parameter);
    BindingAnnotations.Wanted wanted = BindingAnnotations.of(parameter);
    Class<?> raw = parameter.getType();
    if (raw.getName().equals(OUTPUT)) {
      if (wanted == null || wanted.metadata()) {
        throw new InvalidFunctionException(
            "Parameter '%s' of %s is an OutputBinding without an annotation that says what it is bound to."
                .formatted(parameter.getName(), definition.entryPoint()));
      }
      Binding binding = definition.binding(wanted.name());
      if (binding == null || !binding.isOut()) {
        throw new InvalidFunctionException(
            "Parameter '%s' of %s is an OutputBinding, but there is no output binding of the name '%s'."
                .formatted(parameter.getName(), definition.entryPoint(), wanted.name()));
      }
      return new Source.Output(wanted.name());
    }
    if (wanted != null) {
      return wanted.metadata()
          ? new Source.Metadata(wanted.name(), type)
          : new Source.Input(wanted.name(), wanted.simpleName(), type);
    }
    if (raw.getName().equals(CONTEXT)) {
      return new Source.Context();
    }
    if (hostObjects.contains(raw)) {
      return new Source.HostObject(raw);
    }
    throw new InvalidFunctionException(
        "Parameter '%s' of %s has no annotation that says what it is bound to. Without one it can only be an ExecutionContext or a PerdureClient."
            .formatted(parameter.getName(), definition.entryPoint()));
  }

  /** The classes that its arguments name are looked up here, and may be missing. */
  private static Type type(FunctionDefinition definition, Parameter parameter) {
    try {
      return parameter.getParameterizedType();
    } catch (TypeNotPresentException | MalformedParameterizedTypeException | LinkageError e) {
      throw new InvalidFunctionException(
          "The type of parameter '%s' of %s cannot be loaded: %s. A library of the app may be missing."
              .formatted(parameter.getName(), definition.entryPoint(), e.getMessage()),
          e);
    }
  }

  /** The name of the binding of the first parameter with an annotation; null if there is none. */
  @Nullable String parameterOf(String annotation) {
    for (Source source : sources) {
      if (source instanceof Source.Input input && input.annotation().equals(annotation)) {
        return input.binding();
      }
    }
    return null;
  }

  boolean isStatic() {
    return Modifier.isStatic(method.getModifiers());
  }

  /** The raw class of a type. */
  static Class<?> raw(Type type) {
    return switch (type) {
      case Class<?> c -> c;
      case ParameterizedType p -> (Class<?>) p.getRawType();
      case java.lang.reflect.GenericArrayType a -> raw(a.getGenericComponentType()).arrayType();
      default -> Object.class;
    };
  }

  /** The argument of a generic type, such as of a list; {@code Object} if it is not given. */
  static Type argument(Type type) {
    if (type instanceof ParameterizedType p && p.getActualTypeArguments().length > 0) {
      Type argument = p.getActualTypeArguments()[0];
      if (argument instanceof java.lang.reflect.WildcardType w) {
        return w.getUpperBounds()[0];
      }
      return argument;
    }
    return Object.class;
  }
}
