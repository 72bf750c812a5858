package dev.perdure.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What happened to an orchestration, in order. The history is what replay rebuilds the state from;
 * the names are those of the Durable Task Framework.
 *
 * <p>The set is closed, so that a switch over it needs no default.
 */
public sealed interface HistoryEvent {
  /** When the event was recorded. Precision: milliseconds. */
  Instant timestamp();

  /** The first event of every execution. */
  record ExecutionStarted(
      Instant timestamp,
      String name,
      String version,
      String executionId,
      @Nullable Payload input,
      @Nullable ParentInstance parent,
      @Nullable Instant scheduledStart,
      Map<String, String> tags)
      implements HistoryEvent {}

  /**
   * The code ran until it had to wait.
   *
   * @param delivered how many events of this execution had been handed to the code by then
   * @param waitingFor names of the external events the code waits for
   */
  record OrchestratorCompleted(Instant timestamp, int delivered, List<String> waitingFor)
      implements HistoryEvent {}

  /**
   * An activity was called.
   *
   * @param firstTaskId the task id of the first attempt of this call; equal to {@code taskId} for
   *     it
   * @param attempt which attempt of a retry policy this is, counting from 1
   */
  record TaskScheduled(
      Instant timestamp,
      int taskId,
      String name,
      @Nullable Payload input,
      int firstTaskId,
      int attempt)
      implements HistoryEvent {}

  /** An activity returned. */
  record TaskCompleted(Instant timestamp, int taskId, @Nullable Payload result)
      implements HistoryEvent {}

  /** An activity threw. */
  record TaskFailed(Instant timestamp, int taskId, FailureDetails failure)
      implements HistoryEvent {}

  /** A sub-orchestration was asked for. */
  record SubOrchestrationCreated(
      Instant timestamp,
      int taskId,
      String instanceId,
      String name,
      String version,
      @Nullable Payload input,
      Map<String, String> tags)
      implements HistoryEvent {}

  /** A sub-orchestration completed. */
  record SubOrchestrationCompleted(Instant timestamp, int taskId, @Nullable Payload result)
      implements HistoryEvent {}

  /** A sub-orchestration failed or was terminated. */
  record SubOrchestrationFailed(Instant timestamp, int taskId, FailureDetails failure)
      implements HistoryEvent {}

  /** A timer was set. */
  record TimerCreated(Instant timestamp, int taskId, Instant fireAt) implements HistoryEvent {}

  /** A timer ran out. */
  record TimerFired(Instant timestamp, int taskId) implements HistoryEvent {}

  /** A timer was removed before it fired. */
  record TimerCanceled(Instant timestamp, int taskId) implements HistoryEvent {}

  /** An event came from outside. */
  record EventRaised(Instant timestamp, String name, @Nullable Payload payload)
      implements HistoryEvent {}

  /** An event was sent to another instance. */
  record EventSent(
      Instant timestamp, int taskId, String instanceId, String name, @Nullable Payload payload)
      implements HistoryEvent {}

  /**
   * An operation of an entity was called.
   *
   * @param instanceId the entity, as an instance id
   */
  record EntityOperationCalled(
      Instant timestamp, int taskId, String instanceId, String operation, @Nullable Payload input)
      implements HistoryEvent {}

  /**
   * An operation was sent to an entity, whose outcome nobody waits for.
   *
   * @param instanceId the entity, as an instance id
   * @param scheduledTime when it is to run first; null for at once
   */
  record EntityOperationSignaled(
      Instant timestamp,
      int taskId,
      String instanceId,
      String operation,
      @Nullable Payload input,
      @Nullable Instant scheduledTime)
      implements HistoryEvent {}

  /** An operation that was called has run. */
  record EntityOperationCompleted(Instant timestamp, int taskId, @Nullable Payload result)
      implements HistoryEvent {}

  /** An operation that was called failed, and changed nothing. */
  record EntityOperationFailed(Instant timestamp, int taskId, FailureDetails failure)
      implements HistoryEvent {}

  /**
   * The locks of some entities were asked for.
   *
   * @param lockSet the entities, as instance ids, in the order in which they are locked
   */
  record EntityLockRequested(Instant timestamp, int taskId, List<String> lockSet)
      implements HistoryEvent {
    /** Copies the list. */
    public EntityLockRequested {
      lockSet = List.copyOf(lockSet);
    }
  }

  /** All locks that were asked for are held: a critical section begins. */
  record EntityLockGranted(Instant timestamp, int taskId) implements HistoryEvent {}

  /**
   * The locks were given back, or are not wanted any more.
   *
   * @param taskId the task that asked for them
   */
  record EntityUnlockSent(Instant timestamp, int taskId) implements HistoryEvent {}

  /** The code set its custom status; null clears it. */
  record CustomStatusSet(Instant timestamp, @Nullable Payload status) implements HistoryEvent {}

  /** An operator paused the orchestration. */
  record ExecutionSuspended(Instant timestamp, @Nullable String reason) implements HistoryEvent {}

  /** An operator let the orchestration go on. */
  record ExecutionResumed(Instant timestamp, @Nullable String reason) implements HistoryEvent {}

  /**
   * An operator let a failed orchestration go on from before its failure.
   *
   * @param removed positions in the history, counting from 0, that no longer count
   * @param reopened the calls of tasks that are under way again
   * @param delivered how many of the remaining events the code had been handed
   * @param deliverable how many of the remaining events are for the code
   */
  record ExecutionRewound(
      Instant timestamp,
      @Nullable String reason,
      List<Integer> removed,
      List<HistoryEvent> reopened,
      int delivered,
      int deliverable)
      implements HistoryEvent {}

  /** The orchestration was set aside because its code cannot go on; nothing is lost. */
  record ExecutionSetAside(Instant timestamp, Problem problem) implements HistoryEvent {}

  /** An orchestration that had been set aside is tried again. */
  record ExecutionRequeued(Instant timestamp, @Nullable String reason) implements HistoryEvent {}

  /**
   * Work that was under way when a host died is about to be handed out again.
   *
   * @param taskId the activity's task; -1 for a step of the orchestrator itself
   * @param count how often this has happened to it
   */
  record WorkRedelivered(Instant timestamp, int taskId, int count) implements HistoryEvent {}

  /** The end of an execution that goes on as a new one. */
  record ContinuedAsNew(Instant timestamp, @Nullable Payload input) implements HistoryEvent {}

  /** The end, with an output, a failure or neither (terminated with a reason as the output). */
  record ExecutionCompleted(
      Instant timestamp,
      OrchestrationStatus status,
      @Nullable Payload output,
      @Nullable FailureDetails failure)
      implements HistoryEvent {}
}
