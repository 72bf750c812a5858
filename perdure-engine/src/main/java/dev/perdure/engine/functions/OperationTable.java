package dev.perdure.engine.functions;

import dev.perdure.api.EntityOperationNotFoundException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The operations of an entity by name, where upper and lower case are the same. Filled by one
 * thread, then read by many.
 */
final class OperationTable<T> {
  private static final String DELETE = "delete";

  private final Map<String, T> byKey = new HashMap<>();
  private final List<String> names = new ArrayList<>();

  /** Adds an operation, unless there is one of this name; then that one is the answer. */
  @Nullable T putIfAbsent(String name, T operation) {
    T other = byKey.putIfAbsent(key(name), operation);
    if (other == null) {
      names.add(name);
    }
    return other;
  }

  /** The operation of this name; null if nobody wrote one. */
  @Nullable T get(String name) {
    return byKey.get(key(name));
  }

  /**
   * Runs an operation that nobody wrote: there is one such, which deletes the state.
   *
   * @param remedy what to do about a missing operation, as far as a wrong name is not the reason
   * @throws EntityOperationNotFoundException if it is another one
   */
  @Nullable Object runUnwritten(OperationScope scope, String remedy) {
    if (!key(scope.operation()).equals(DELETE)) {
      throw notFound(scope, remedy);
    }
    scope.deleteState();
    return null;
  }

  private EntityOperationNotFoundException notFound(OperationScope scope, String remedy) {
    List<String> known = new ArrayList<>(names);
    if (!byKey.containsKey(DELETE)) {
      known.add(DELETE);
    }
    known.sort(String.CASE_INSENSITIVE_ORDER);
    List<String> similar = SimilarNames.of(scope.operation(), known);
    return new EntityOperationNotFoundException(
        "Entity %s has no operation '%s'. %s %s, or correct the name."
            .formatted(
                scope.id(),
                scope.operation(),
                similar.isEmpty()
                    ? "It has %s.".formatted(SimilarNames.quoted(known, ", "))
                    : "Did you mean %s?".formatted(SimilarNames.quoted(similar, " or ")),
                remedy));
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
