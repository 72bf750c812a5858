package dev.perdure.api;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which ended instances to remove. All conditions that are set must hold; instances that have not
 * ended are never removed.
 *
 * @param createdFrom created at or after; null for any
 * @param createdTo created before; null for any
 * @param statuses wanted statuses, each a terminal one; empty for any terminal one
 * @param recursive whether the sub-orchestrations of removed instances are removed too
 */
public record PurgeFilter(
    @Nullable Instant createdFrom,
    @Nullable Instant createdTo,
    Set<OrchestrationStatus> statuses,
    boolean recursive) {

  /** Everything that has ended. */
  public static final PurgeFilter ALL_ENDED = new PurgeFilter(null, null, Set.of(), false);

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
}
