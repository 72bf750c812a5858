package dev.perdure.json;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An order for what has none of its own, so that equal values give equal bytes: the order of {@code
 * HashMap} and {@code Set.of} depends on how they were made, and on the run of the program.
 */
final class Order {
  /** By class, then by the natural order of the class, or by what is shown if it has none. */
  private static final Comparator<@Nullable Object> ANY =
      Comparator.nullsLast(
          Comparator.<Object, String>comparing(value -> classOf(value).getName())
              .thenComparing(Order::compareInClass)
              .thenComparing(Object::toString));

  private Order() {}

  /**
   * The elements in an order that depends on them alone; for classes without a natural order, on
   * what their {@code toString} shows.
   */
  static List<@Nullable Object> of(Collection<?> elements) {
    List<@Nullable Object> sorted = new ArrayList<>(elements);
    sorted.sort(ANY);
    return sorted;
  }

  /** The same entries in that order of their keys. */
  static Map<@Nullable Object, @Nullable Object> of(Map<?, ?> entries) {
    Map<@Nullable Object, @Nullable Object> sorted = new LinkedHashMap<>();
    for (Object key : of(entries.keySet())) {
      sorted.put(key, entries.get(key));
    }
    return sorted;
  }

  private static Class<?> classOf(Object value) {
    return value instanceof Enum<?> constant ? constant.getDeclaringClass() : value.getClass();
  }

  @SuppressWarnings("unchecked")
  private static int compareInClass(Object a, Object b) {
    return a instanceof Comparable<?> ? ((Comparable<Object>) a).compareTo(b) : 0;
  }
}
