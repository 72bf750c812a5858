package dev.perdure.cli.operations;

import dev.perdure.api.OrchestrationStatus;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which orchestrations are meant. All conditions that are set must hold.
 *
 * @param statuses the statuses; empty for any
 * @param createdFrom created at or after; null for any
 * @param createdTo created before; null for any
 * @param prefix how their ids begin; null for any
 * @param name the orchestrator's name; null for any
 */
record InstanceFilter(
    Set<OrchestrationStatus> statuses,
    @Nullable Instant createdFrom,
    @Nullable Instant createdTo,
    @Nullable String prefix,
    @Nullable String name) {
  /** Copies the statuses. */
  InstanceFilter {
    statuses = Set.copyOf(statuses);
  }

  InstanceFilter withCreatedFrom(Instant from) {
    return new InstanceFilter(statuses, from, createdTo, prefix, name);
  }

  /** Adds statuses and times to a request; the API includes the end of a range. */
  ApiRequest on(ApiRequest request) {
    return request
        .with(
            "runtimeStatus",
            statuses.isEmpty()
                ? null
                : statuses.stream().map(InstanceFilter::title).collect(Collectors.joining(",")))
        .with("createdTimeFrom", createdFrom)
        .with("createdTimeTo", createdTo == null ? null : createdTo.minusMillis(1));
  }

  /** A status as the API names it, such as {@code Running}. */
  static String title(OrchestrationStatus status) {
    String name = status.name();
    return name.charAt(0) + name.substring(1).toLowerCase(Locale.ROOT);
  }
}
