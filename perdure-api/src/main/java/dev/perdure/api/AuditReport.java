package dev.perdure.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether everything that has not ended will be woken by something.
 *
 * @param orchestrations orchestrations that have not ended and were looked at
 * @param entities entities that were looked at
 * @param findings instances that nothing will wake, or not by everything they wait for; each is a
 *     defect of Perdure, please report it
 * @param notes instances that will not go on before somebody does something: those that were set
 *     aside or suspended; and those of which an activity has waited for over a minute because as
 *     many run as may
 */
public record AuditReport(
    long orchestrations, long entities, List<Finding> findings, List<Finding> notes) {

  /** Copies the lists. */
  public AuditReport {
    findings = List.copyOf(findings);
    notes = List.copyOf(notes);
  }

  /**
   * Something about an instance.
   *
   * @param instanceId the instance; an entity as {@link EntityId#instanceId()}
   * @param kind what it is about: activity, timer, start, sub-orchestration, entity, lock,
   *     operation, step, nothing, unreadable; for notes set-aside, suspended and waiting
   * @param description what is the matter, for a person
   * @param since since when it has waited; null if that is not recorded
   */
  public record Finding(
      String instanceId, String kind, String description, @Nullable Instant since) {

    @Override
    public String toString() {
      return "%s: %s%s".formatted(instanceId, description, since == null ? "" : ", since " + since);
    }
  }

  /** Whether there are no findings; notes do not count. */
  public boolean isClean() {
    return findings.isEmpty();
  }

  /** The findings and notes, a line each, after how many instances were looked at. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(
        "%d orchestrations and %d entities looked at, %d findings"
            .formatted(orchestrations, entities, findings.size()));
    findings.forEach(finding -> text.append("\n  ! ").append(finding));
    notes.forEach(note -> text.append("\n  - ").append(note));
    return text.toString();
  }
}
