package dev.perdure.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why an instance is where it is. Made without running user code.
 *
 * @param instanceId the instance
 * @param status where it stands
 * @param summary one sentence for a person
 * @param waits everything that will wake it: events first, then by due time
 * @param codeLocation where the orchestrator's code waits, if it is in memory; null if it is not
 * @param lastFailure the last failure of a task; null if there was none in the current execution
 * @param problem why it was set aside; null for most
 */
public record Explanation(
    String instanceId,
    OrchestrationStatus status,
    String summary,
    List<Wait> waits,
    @Nullable String codeLocation,
    @Nullable FailureDetails lastFailure,
    @Nullable Problem problem) {

  /** Copies the list. */
  public Explanation {
    waits = List.copyOf(waits);
  }

  /**
   * Something that will wake the instance.
   *
   * @param kind what sort of thing it is: activity, timer, sub-orchestration, event, start, step
   * @param description what exactly, for a person
   * @param since when the wait began; null if it is not recorded
   * @param due when it will end by itself; null if that is not known
   */
  public record Wait(
      String kind, String description, @Nullable Instant since, @Nullable Instant due) {}

  /** The summary and the waits, a line each. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(summary);
    for (Wait wait : waits) {
      text.append("\n  - ").append(wait.description());
      if (wait.since() != null) {
        text.append(", since ").append(wait.since());
      }
      if (wait.due() != null) {
        text.append(", due ").append(wait.due());
      }
    }
    if (codeLocation != null) {
      text.append("\n  at ").append(codeLocation);
    }
    if (lastFailure != null) {
      text.append("\n  last failure: ").append(lastFailure);
    }
    return text.toString();
  }
}
