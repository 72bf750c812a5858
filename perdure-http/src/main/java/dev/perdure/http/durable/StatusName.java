package dev.perdure.http.durable;

import dev.perdure.api.OrchestrationStatus;
import java.util.Arrays;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** The statuses as callers see them, with the numbers that some use for them. */
enum StatusName {
  RUNNING(0, "Running", OrchestrationStatus.RUNNING),
  COMPLETED(1, "Completed", OrchestrationStatus.COMPLETED),
  CONTINUED_AS_NEW(2, "ContinuedAsNew", null),
  FAILED(3, "Failed", OrchestrationStatus.FAILED),
  CANCELED(4, "Canceled", null),
  TERMINATED(5, "Terminated", OrchestrationStatus.TERMINATED),
  PENDING(6, "Pending", OrchestrationStatus.PENDING),
  SUSPENDED(7, "Suspended", OrchestrationStatus.SUSPENDED);

  private final int number;
  private final String title;

  /** Null for a status that no instance is ever in here. */
  private final @Nullable OrchestrationStatus status;

  StatusName(int number, String title, @Nullable OrchestrationStatus status) {
    this.number = number;
    this.title = title;
    this.status = status;
  }

  String title() {
    return title;
  }

  static StatusName of(OrchestrationStatus status) {
    return switch (status) {
      case PENDING -> PENDING;
      case RUNNING -> RUNNING;
      case SUSPENDED -> SUSPENDED;
      case COMPLETED -> COMPLETED;
      case FAILED -> FAILED;
      case TERMINATED -> TERMINATED;
    };
  }

  /** A status by its name or its number; null if there is none. */
  static @Nullable StatusName read(String text) {
    return Arrays.stream(values())
        .filter(name -> name.title.equals(text) || Integer.toString(name.number).equals(text))
        .findFirst()
        .orElse(null);
  }

  /** Those of some statuses that instances can be in. */
  static OrchestrationStatus[] existing(Collection<StatusName> names) {
    return names.stream()
        .map(name -> name.status)
        .filter(status -> status != null)
        .toArray(OrchestrationStatus[]::new);
  }
}
