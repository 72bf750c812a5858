package dev.perdure.engine.functions;

import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says what a type that was written in a generic superclass means in a subclass: {@code T} of
 * {@code Base<T>} is {@code Order} in {@code Orders extends Base<Order>}.
 */
final class TypeResolver {
  private final Map<TypeVariable<?>, Type> bindings = new HashMap<>();

  /** A resolver for types that appear in a class or in anything it inherits from. */
  TypeResolver(Class<?> subclass) {
    bindSupertypes(subclass, new HashSet<>());
  }

  private void bindSupertypes(Class<?> type, Set<Class<?>> seen) {
    if (!seen.add(type)) {
      return;
    }
    bind(type.getGenericSuperclass(), seen);
    for (Type implemented : type.getGenericInterfaces()) {
      bind(implemented, seen);
    }
  }

  private void bind(@Nullable Type supertype, Set<Class<?>> seen) {
    if (supertype instanceof ParameterizedType parameterized) {
      Class<?> raw = (Class<?>) parameterized.getRawType();
      TypeVariable<?>[] variables = raw.getTypeParameters();
      Type[] arguments = parameterized.getActualTypeArguments();
      for (int i = 0; i < variables.length; i++) {
        bindings.put(variables[i], resolve(arguments[i]));
      }
      bindSupertypes(raw, seen);
    } else if (supertype instanceof Class<?> raw) {
      bindSupertypes(raw, seen);
    }
  }

  /** The type without type variables; those that nothing binds become their bound. */
  Type resolve(Type type) {
    return resolve(type, new HashSet<>());
  }

  private Type resolve(Type type, Set<TypeVariable<?>> open) {
    return switch (type) {
      case Class<?> plain -> plain;
      case TypeVariable<?> variable -> resolveVariable(variable, open);
      case ParameterizedType parameterized -> resolveParameterized(parameterized, open);
      case GenericArrayType array -> {
        Type component = resolve(array.getGenericComponentType(), open);
        yield component instanceof Class<?> plain
            ? plain.arrayType()
            : component.equals(array.getGenericComponentType()) ? array : new ArrayOf(component);
      }
      case WildcardType wildcard -> {
        Type bound = resolve(wildcard.getUpperBounds()[0], open);
        yield bound.equals(wildcard.getUpperBounds()[0]) ? wildcard : bound;
      }
      default -> type;
    };
  }

  private Type resolveVariable(TypeVariable<?> variable, Set<TypeVariable<?>> open) {
    Type bound = bindings.get(variable);
    if (bound != null) {
      return bound;
    }
    if (!open.add(variable)) {
      return erase(variable); // T extends Comparable<T>: one round is enough
    }
    try {
      return resolve(variable.getBounds()[0], open);
    } finally {
      open.remove(variable);
    }
  }

  private Type resolveParameterized(ParameterizedType type, Set<TypeVariable<?>> open) {
    Type[] arguments = type.getActualTypeArguments();
    Type[] resolved = new Type[arguments.length];
    boolean changed = false;
    for (int i = 0; i < arguments.length; i++) {
      resolved[i] = resolve(arguments[i], open);
      changed |= !resolved[i].equals(arguments[i]);
    }
    return changed ? new Parameterized(type.getRawType(), type.getOwnerType(), resolved) : type;
  }

  /** The classes of a method's parameters once its type variables are known. */
  Class<?>[] parameterClasses(Method method) {
    Type[] types = method.getGenericParameterTypes();
    Class<?>[] classes = new Class<?>[types.length];
    for (int i = 0; i < types.length; i++) {
      classes[i] = erase(resolve(types[i]));
    }
    return classes;
  }

  /** The type, or the class that boxes it if it is a primitive or void. */
  static Type boxed(Type type) {
    return type instanceof Class<?> c ? MethodType.methodType(c).wrap().returnType() : type;
  }

  /** The class behind a type. */
  static Class<?> erase(Type type) {
    return switch (type) {
      case Class<?> plain -> plain;
      case ParameterizedType parameterized -> (Class<?>) parameterized.getRawType();
      case GenericArrayType array ->
          Array.newInstance(erase(array.getGenericComponentType()), 0).getClass();
      case TypeVariable<?> variable -> erase(variable.getBounds()[0]);
      case WildcardType wildcard -> erase(wildcard.getUpperBounds()[0]);
      default -> Object.class;
    };
  }

  /** Equal to the JDK's own representation, in both directions. */
  private static final class Parameterized implements ParameterizedType {
    private final Type raw;
    private final @Nullable Type owner;
    private final Type[] arguments;

    Parameterized(Type raw, @Nullable Type owner, Type[] arguments) {
      this.raw = raw;
      this.owner = owner;
      this.arguments = arguments;
    }

    @Override
    public Type[] getActualTypeArguments() {
      return arguments.clone();
    }

    @Override
    public Type getRawType() {
      return raw;
    }

    @Override
    public @Nullable Type getOwnerType() {
      return owner;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof ParameterizedType that
          && raw.equals(that.getRawType())
          && Objects.equals(owner, that.getOwnerType())
          && Arrays.equals(arguments, that.getActualTypeArguments());
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(arguments) ^ Objects.hashCode(owner) ^ raw.hashCode();
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder(raw.getTypeName()).append('<');
      for (int i = 0; i < arguments.length; i++) {
        text.append(i == 0 ? "" : ", ").append(arguments[i].getTypeName());
      }
      return text.append('>').toString();
    }
  }

  private record ArrayOf(Type component) implements GenericArrayType {
    @Override
    public Type getGenericComponentType() {
      return component;
    }

    @Override
    public String getTypeName() {
      return component.getTypeName() + "[]";
    }
  }
}
