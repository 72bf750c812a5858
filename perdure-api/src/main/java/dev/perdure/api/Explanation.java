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
 * @param codeLocation the line of the orchestrator's code that waits; null if it is not known: it
 *     is while the code is in memory, and for some time after that
 * @param codeHint how to learn the line, for a person; null if it is known, or if no code waits
 * @param lastFailure the last failure of a task; null if there was none in the current execution
 * @param problem why it was set aside; null for most
 * @param parent whose sub-orchestration it is; null for most
 */
public record Explanation(
    String instanceId,
    OrchestrationStatus status,
    String summary,
    List<Wait> waits,
    @Nullable String codeLocation,
    @Nullable String codeHint,
    @Nullable FailureDetails lastFailure,
    @Nullable Problem problem,
    @Nullable ParentInstance parent) {

  /** An explanation of what is nobody's sub-orchestration. */
  public Explanation(
      String instanceId,
      OrchestrationStatus status,
      String summary,
      List<Wait> waits,
      @Nullable String codeLocation,
      @Nullable FailureDetails lastFailure,
      @Nullable Problem problem) {
    this(instanceId, status, summary, waits, codeLocation, null, lastFailure, problem, null);
  }

  /** Copies the list. */
  public Explanation {
    waits = List.copyOf(waits);
  }

  /** This explanation with other waits. */
  public Explanation withWaits(List<Wait> others) {
    return new Explanation(
        instanceId, status, summary, others, codeLocation, codeHint, lastFailure, problem, parent);
  }

  /**
   * Something that will wake the instance.
   *
   * @param kind what sort of thing it is: activity, timer, sub-orchestration, event, start, entity,
   *     lock; for entities also operation and lock-request
   * @param description what exactly, for a person
   * @param since when the wait began; null if it is not recorded. Of remote workers, which do not
   *     say which events they wait for: when they last ran the code
   * @param due when it will end by itself; null if that is not known
   * @param on the instances that the wait is for: a sub-orchestration, entities; often none
   * @param detail how things stand with what is waited for, for a person; null if there is nothing
   *     to tell
   */
  public record Wait(
      String kind,
      String description,
      @Nullable Instant since,
      @Nullable Instant due,
      List<String> on,
      @Nullable String detail) {

    /** A wait that is for no other instance. */
    public Wait(String kind, String description, @Nullable Instant since, @Nullable Instant due) {
      this(kind, description, since, due, List.of(), null);
    }

    /** Copies the list. */
    public Wait {
      on = List.copyOf(on);
    }

    /** This wait with something to tell about what is waited for. */
    public Wait withDetail(@Nullable String more) {
      return new Wait(kind, description, since, due, on, more);
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder(description);
      if (since != null) {
        text.append(", since ").append(since);
      }
      if (due != null) {
        text.append(", due ").append(due);
      }
      if (detail != null) {
        text.append("; ").append(detail);
      }
      return text.toString();
    }
  }

  /** The summary and the waits, a line each. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(summary);
    for (Wait wait : waits) {
      text.append("\n  - ").append(wait);
    }
    if (codeLocation != null) {
      text.append("\n  at ").append(codeLocation);
    }
    if (codeHint != null) {
      text.append("\n  ").append(codeHint);
    }
    if (parent != null) {
      text.append("\n  parent: '")
          .append(parent.instanceId())
          .append("' (")
          .append(parent.name())
          .append("), which waits for it as #")
          .append(parent.taskId());
    }
    if (lastFailure != null) {
      text.append("\n  last failure: ").append(lastFailure);
    }
    return text.toString();
  }
}
