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
 *     aside or suspended; and those of which work has waited for over a minute: an activity because
 *     as many run as may, or a step, an activity or the operations of an entity because no worker
 *     takes it. Of what waits for the same reason, 20 have a note each, and one more note stands
 *     for the rest
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
   * @param others how many other instances the same is said of by this note, which have none of
   *     their own; 0 for most
   */
  public record Finding(
      String instanceId, String kind, String description, @Nullable Instant since, long others) {

    /** Something about one instance only. */
    public Finding(String instanceId, String kind, String description, @Nullable Instant since) {
      this(instanceId, kind, description, since, 0);
    }

    /** Which instances it is about: the id, and how many others. */
    public String subject() {
      return others == 0 ? instanceId : "%s and %d others".formatted(instanceId, others);
    }

    @Override
    public String toString() {
      return "%s: %s%s".formatted(subject(), description, since == null ? "" : ", since " + since);
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
