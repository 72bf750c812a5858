package dev.perdure.store;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which instances to list; all conditions must hold.
 *
 * @param kind the wanted kind
 * @param statuses the wanted statuses; empty for any
 * @param createdFrom created at or after, milliseconds since 1970
 * @param createdTo created before, milliseconds since 1970
 * @param completedFrom ended at or after, milliseconds since 1970; 0 for any
 * @param completedTo ended before, milliseconds since 1970; {@code Long.MAX_VALUE} for any
 * @param idPrefix how the id begins; may be empty
 * @param name the function; null for any
 * @param tags tags that must be there with these values
 * @param withState whether rows are wanted with their state
 * @param updatedFrom last updated at or after, milliseconds since 1970
 * @param updatedTo last updated before, milliseconds since 1970
 */
public record InstanceFilter(
    int kind,
    Set<Integer> statuses,
    long createdFrom,
    long createdTo,
    long completedFrom,
    long completedTo,
    String idPrefix,
    @Nullable String name,
    Map<String, String> tags,
    boolean withState,
    long updatedFrom,
    long updatedTo) {

  /** A filter that does not ask when an instance was last updated. */
  public InstanceFilter(
      int kind,
      Set<Integer> statuses,
      long createdFrom,
      long createdTo,
      long completedFrom,
      long completedTo,
      String idPrefix,
      @Nullable String name,
      Map<String, String> tags,
      boolean withState) {
    this(
        kind,
        statuses,
        createdFrom,
        createdTo,
        completedFrom,
        completedTo,
        idPrefix,
        name,
        tags,
        withState,
        Long.MIN_VALUE,
        Long.MAX_VALUE);
  }

  /** This filter for instances last updated in a range, in milliseconds since 1970. */
  public InstanceFilter withUpdated(long from, long to) {
    return new InstanceFilter(
        kind,
        statuses,
        createdFrom,
        createdTo,
        completedFrom,
        completedTo,
        idPrefix,
        name,
        tags,
        withState,
        from,
        to);
  }

  /** This filter without states in the rows. */
  public InstanceFilter withoutStates() {
    return new InstanceFilter(
        kind,
        statuses,
        createdFrom,
        createdTo,
        completedFrom,
        completedTo,
        idPrefix,
        name,
        tags,
        false,
        updatedFrom,
        updatedTo);
  }

  /** Whether an instance is wanted. */
  public boolean matches(InstanceColumns columns) {
    return columns.kind() == kind
        && (statuses.isEmpty() || statuses.contains(columns.status()))
        && columns.updatedAt() >= updatedFrom
        && columns.updatedAt() < updatedTo
        && columns.createdAt() >= createdFrom
        && columns.createdAt() < createdTo
        && completedMatches(columns.completedAt())
        && columns.id().startsWith(idPrefix)
        && (name == null || name.equals(columns.name()))
        && columns.tags().entrySet().containsAll(tags.entrySet());
  }

  private boolean completedMatches(long completedAt) {
    if (completedFrom == 0 && completedTo == Long.MAX_VALUE) {
      return true; // not asked about
    }
    return completedAt != 0 && completedAt >= completedFrom && completedAt < completedTo;
  }
}
