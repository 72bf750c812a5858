package dev.perdure.engine.partition;

import dev.perdure.api.AuditReport.Finding;
import dev.perdure.engine.entity.TaskAddress;
import java.util.List;

/**
 * A wait that only others can vouch for: somebody, somewhere, has to know of the task. What nobody
 * knows of is a finding.
 */
public sealed interface AuditWait {
  /** The task that waits, or that holds a lock. */
  TaskAddress task();

  /** What is the matter if nobody knows of it. */
  Finding finding();

  /** An activity that this host has handed to its dispatcher. */
  record Activity(TaskAddress task, Finding finding) implements AuditWait {}

  /** A sub-orchestration has to be under way for the task. */
  record Child(TaskAddress task, String childId, Finding finding) implements AuditWait {}

  /** An operation of the task has to wait at an entity, or run. */
  record Call(TaskAddress task, String entityId, Finding finding) implements AuditWait {}

  /** The wish of the task has to wait at one of some entities. */
  record Lock(TaskAddress task, List<String> lockSet, Finding finding) implements AuditWait {}

  /** An entity is locked by the task, whose execution has to be under way and to hold the lock. */
  record Held(TaskAddress task, String entityId, Finding finding) implements AuditWait {}
}
