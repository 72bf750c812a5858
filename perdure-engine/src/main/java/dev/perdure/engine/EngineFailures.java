package dev.perdure.engine;

import dev.perdure.api.FailureDetails;

/**
 * Failures that the engine tells of and no code has thrown. Programs may go by the types that they
 * see, which {@code docs/errors.md} lists. To try again would not help, so none of them is.
 */
public final class EngineFailures {
  private EngineFailures() {}

  private static FailureDetails of(String type, String message) {
    return new FailureDetails("dev.perdure." + type, message, null, null, true);
  }

  /** For whoever called a sub-orchestration. */
  public static FailureDetails orchestrationTerminated(String instanceId) {
    return of(
        "OrchestrationTerminated", "Orchestration '%s' was terminated.".formatted(instanceId));
  }

  /** For an activity that still waited for its turn; its orchestration will not see it. */
  public static FailureDetails activityWithdrawn() {
    return of("ActivityWithdrawn", "Its orchestration was terminated.");
  }

  /** For whoever called an operation. */
  public static FailureDetails entityPurged(String entityId) {
    return of(
        "EntityPurged", "Entity '%s' was purged before the operation had run.".formatted(entityId));
  }

  /** For whoever called an operation. */
  public static FailureDetails entityUnreadable(String entityId) {
    return of(
        "EntityUnreadable",
        "What is stored of entity '%s' cannot be read. The log of the hub tells more."
            .formatted(entityId));
  }
}
