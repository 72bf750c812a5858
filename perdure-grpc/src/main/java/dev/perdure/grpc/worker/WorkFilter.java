package dev.perdure.grpc.worker;

import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.grpc.protocol.ActivityFilter;
import dev.perdure.grpc.protocol.EntityFilter;
import dev.perdure.grpc.protocol.OrchestrationFilter;
import dev.perdure.grpc.protocol.WorkItemFilters;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which work a worker wants. Immutable. */
final class WorkFilter {
  /** Wants everything. */
  static final WorkFilter ALL = new WorkFilter(null);

  /**
   * Names with the versions that are wanted, none for any; everything of a kind that is not there.
   * Null wants everything.
   */
  private final @Nullable Map<FunctionKind, Map<String, Set<String>>> wanted;

  private WorkFilter(@Nullable Map<FunctionKind, Map<String, Set<String>>> wanted) {
    this.wanted = wanted;
  }

  /**
   * What a worker that states filters wants.
   *
   * @param noneMeansAll whether it wants everything of a kind of which it lists nothing; if not, it
   *     wants nothing of that kind
   * @param inAnyCase whether its names and versions are the same in upper and lower case, as in
   *     Azure Functions
   */
  static WorkFilter of(WorkItemFilters filters, boolean noneMeansAll, boolean inAnyCase) {
    Map<FunctionKind, Map<String, Set<String>>> wanted = new EnumMap<>(FunctionKind.class);
    Map<String, Set<String>> orchestrators = names(inAnyCase);
    for (OrchestrationFilter filter : filters.getOrchestrationsList()) {
      add(orchestrators, filter.getName(), versions(filter.getVersionsList(), inAnyCase));
    }
    Map<String, Set<String>> activities = names(inAnyCase);
    for (ActivityFilter filter : filters.getActivitiesList()) {
      add(activities, filter.getName(), versions(filter.getVersionsList(), inAnyCase));
    }
    Map<String, Set<String>> entities = new HashMap<>();
    for (EntityFilter filter : filters.getEntitiesList()) {
      add(entities, filter.getName().toLowerCase(Locale.ROOT), Set.of());
    }
    wanted.put(FunctionKind.ORCHESTRATOR, orchestrators);
    wanted.put(FunctionKind.ACTIVITY, activities);
    wanted.put(FunctionKind.ENTITY, entities);
    if (noneMeansAll) {
      wanted.values().removeIf(Map::isEmpty);
    }
    return new WorkFilter(wanted);
  }

  private static Map<String, Set<String>> names(boolean inAnyCase) {
    return inAnyCase ? new TreeMap<>(String.CASE_INSENSITIVE_ORDER) : new HashMap<>();
  }

  private static Set<String> versions(List<String> versions, boolean inAnyCase) {
    Set<String> all = inAnyCase ? new TreeSet<>(String.CASE_INSENSITIVE_ORDER) : new HashSet<>();
    all.addAll(versions);
    return all;
  }

  private static void add(Map<String, Set<String>> names, String name, Set<String> versions) {
    names.merge(
        name,
        versions,
        (some, more) -> {
          if (some.isEmpty() || more.isEmpty()) {
            return Set.of(); // any
          }
          some.addAll(more);
          return some;
        });
  }

  /** Whether work is wanted. */
  boolean wants(FunctionKind kind, String name, String version) {
    if (wanted == null) {
      return true;
    }
    Map<String, Set<String>> names = wanted.get(kind);
    if (names == null) {
      return true;
    }
    Set<String> versions = names.get(name);
    return versions != null && (versions.isEmpty() || versions.contains(version));
  }

  /** Whether there is any name of a kind that is wanted. */
  boolean names(FunctionKind kind) {
    return wanted != null && !wanted.getOrDefault(kind, Map.of()).isEmpty();
  }
}
