package dev.perdure.api;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;

/**
 * A type with its generic parameters, for values whose class alone does not say enough: {@code new
 * TypeRef<List<Order>>() {}}.
 *
 * @param <T> the type
 */
@SuppressWarnings("unused") // T is read by reflection
public abstract class TypeRef<T> {
  private final Type type;

  /** Captures the type argument of the anonymous subclass. */
  protected TypeRef() {
    if (!(getClass().getGenericSuperclass() instanceof ParameterizedType parameterized)) {
      throw new IllegalArgumentException(
          "A TypeRef was made without a type argument. Write new TypeRef<List<String>>() {}.");
    }
    this.type = parameterized.getActualTypeArguments()[0];
  }

  /** The captured type. */
  public final Type type() {
    return type;
  }

  @Override
  public final String toString() {
    return type.getTypeName();
  }
}
