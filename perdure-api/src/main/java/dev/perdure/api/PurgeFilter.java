package dev.perdure.api;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which ended instances to remove. All conditions that are set must hold; instances that have not
 * ended are never removed. Immutable; start from {@link #ALL_ENDED}.
 *
 * @param createdFrom created at or after; null for any
 * @param createdTo created before; null for any
 * @param completedFrom ended at or after; null for any
 * @param completedTo ended before; null for any
 * @param statuses wanted statuses, each a terminal one; empty for any terminal one
 * @param recursive whether the sub-orchestrations of removed instances are removed too, as in
 *     {@link PerdureClient#purge(String, boolean)}
 */
public record PurgeFilter(
    @Nullable Instant createdFrom,
    @Nullable Instant createdTo,
    @Nullable Instant completedFrom,
    @Nullable Instant completedTo,
    Set<OrchestrationStatus> statuses,
    boolean recursive) {

  /** Everything that has ended. */
  public static final PurgeFilter ALL_ENDED =
      new PurgeFilter(null, null, null, null, Set.of(), false);

  /** Checks the statuses. */
  public PurgeFilter {
    for (OrchestrationStatus status : statuses) {
      if (!status.isTerminal()) {
        throw new IllegalArgumentException(
            ("Purge filter: instances in status %s have not ended and cannot be purged. Use"
                    + " COMPLETED, FAILED or TERMINATED, or terminate them first.")
                .formatted(status));
      }
    }
    statuses = Set.copyOf(statuses);
  }

  /** This filter for instances created in a range; null for an open end. */
  public PurgeFilter withCreated(@Nullable Instant from, @Nullable Instant to) {
    return new PurgeFilter(from, to, completedFrom, completedTo, statuses, recursive);
  }

  /** This filter for instances that ended in a range; null for an open end. */
  public PurgeFilter withCompleted(@Nullable Instant from, @Nullable Instant to) {
    return new PurgeFilter(createdFrom, createdTo, from, to, statuses, recursive);
  }

  /** This filter for some terminal statuses only. */
  public PurgeFilter withStatuses(OrchestrationStatus... wanted) {
    return new PurgeFilter(
        createdFrom, createdTo, completedFrom, completedTo, Set.of(wanted), recursive);
  }

  /** This filter with sub-orchestrations removed along with their parents, or not. */
  public PurgeFilter withRecursive(boolean whether) {
    return new PurgeFilter(createdFrom, createdTo, completedFrom, completedTo, statuses, whether);
  }
}
