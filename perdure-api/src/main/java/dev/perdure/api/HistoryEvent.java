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

  /**
   * The first event of every execution.
   *
   * @param traceContext the trace of whoever started it; null if there is none
   */
  record ExecutionStarted(
      Instant timestamp,
      String name,
      String version,
      String executionId,
      @Nullable Payload input,
      @Nullable ParentInstance parent,
      @Nullable Instant scheduledStart,
      Map<String, String> tags,
      @Nullable TraceContext traceContext)
      implements HistoryEvent {
    /** A start outside of any trace. */
    public ExecutionStarted(
        Instant timestamp,
        String name,
        String version,
        String executionId,
        @Nullable Payload input,
        @Nullable ParentInstance parent,
        @Nullable Instant scheduledStart,
        Map<String, String> tags) {
      this(timestamp, name, version, executionId, input, parent, scheduledStart, tags, null);
    }
  }

  /**
   * The code ran until it had to wait.
   *
   * @param delivered how many events of this execution had been handed to the code by then
   * @param waitingFor names of the external events the code waits for; of many the first ones, and
   *     "*", which also stands for events of code that does not tell their names
   * @param details what the protocol of a remote worker needs to know of this step when it repeats
   *     it, in a form of its own; null for code that runs in the host
   */
  record OrchestratorCompleted(
      Instant timestamp, int delivered, List<String> waitingFor, @Nullable Payload details)
      implements HistoryEvent {
    /** A step of code that runs in the host. */
    public OrchestratorCompleted(Instant timestamp, int delivered, List<String> waitingFor) {
      this(timestamp, delivered, waitingFor, null);
    }
  }

  /**
   * An activity was called.
   *
   * @param firstTaskId what all attempts of this call have in common, and their idempotency key is
   *     made of: the task id of the first attempt, or, after a rewind, the one that it would have
   *     if the removed calls had never been made
   * @param attempt which attempt of a retry policy this is, counting from 1; 1 also if whoever
   *     asked did not say, as remote workers do not
   * @param attemptsMax attempts in all that the retry policy allows, {@link Integer#MAX_VALUE} for
   *     no limit; 0 if there is no policy, or it is not known
   * @param version the version of the activity that is wanted; empty for one without a version;
   *     null if the call does not say: then workers are chosen by that of the orchestration
   * @param tags names and values that go with the call
   * @param traceContext the trace that the call belongs to; null if there is none
   */
  record TaskScheduled(
      Instant timestamp,
      int taskId,
      String name,
      @Nullable Payload input,
      int firstTaskId,
      int attempt,
      int attemptsMax,
      @Nullable String version,
      Map<String, String> tags,
      @Nullable TraceContext traceContext)
      implements HistoryEvent {
    /** A call that states no version, number of attempts, tags and trace. */
    public TaskScheduled(
        Instant timestamp,
        int taskId,
        String name,
        @Nullable Payload input,
        int firstTaskId,
        int attempt) {
      this(timestamp, taskId, name, input, firstTaskId, attempt, 0, null, Map.of(), null);
    }
  }

  /** An activity returned. */
  record TaskCompleted(Instant timestamp, int taskId, @Nullable Payload result)
      implements HistoryEvent {}

  /** An activity threw. */
  record TaskFailed(Instant timestamp, int taskId, FailureDetails failure)
      implements HistoryEvent {}

  /**
   * A sub-orchestration was asked for.
   *
   * @param attempt which attempt of a retry policy this is, counting from 1; 1 also if whoever
   *     asked did not say, as remote workers do not
   * @param attemptsMax attempts in all that the retry policy allows, {@link Integer#MAX_VALUE} for
   *     no limit; 0 if there is no policy, or it is not known
   * @param traceContext the trace that the call belongs to; null if there is none
   */
  record SubOrchestrationCreated(
      Instant timestamp,
      int taskId,
      String instanceId,
      String name,
      String version,
      @Nullable Payload input,
      int attempt,
      int attemptsMax,
      Map<String, String> tags,
      @Nullable TraceContext traceContext)
      implements HistoryEvent {
    /** The only known attempt of a call outside of any trace. */
    public SubOrchestrationCreated(
        Instant timestamp,
        int taskId,
        String instanceId,
        String name,
        String version,
        @Nullable Payload input,
        Map<String, String> tags) {
      this(timestamp, taskId, instanceId, name, version, input, 1, 0, tags, null);
    }
  }

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
   * @param scheduledTime when it is to run first; null for at once
   */
  record EntityOperationCalled(
      Instant timestamp,
      int taskId,
      String instanceId,
      String operation,
      @Nullable Payload input,
      @Nullable Instant scheduledTime)
      implements HistoryEvent {
    /** A call that is to run at once. */
    public EntityOperationCalled(
        Instant timestamp,
        int taskId,
        String instanceId,
        String operation,
        @Nullable Payload input) {
      this(timestamp, taskId, instanceId, operation, input, null);
    }
  }

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
   * @param parentRewinds how often its parent had been rewound when that had this one rewound; 0 if
   *     it was not the parent that did
   * @param nextTaskId from which id on the tasks that the code asks for now are counted, so that
   *     none has that of a removed one; 0 if it counts on from the tasks that are left, as rewinds
   *     of earlier versions did. Remote workers count by themselves
   * @param code what the code had said by the end of the last step that remains; null for a rewind
   *     of an earlier version, which left what it had said last
   */
  record ExecutionRewound(
      Instant timestamp,
      @Nullable String reason,
      List<Integer> removed,
      List<HistoryEvent> reopened,
      int delivered,
      int deliverable,
      int parentRewinds,
      int nextTaskId,
      @Nullable CodeState code)
      implements HistoryEvent {
    /** A rewind of an earlier version, that was not the parent's. */
    public ExecutionRewound(
        Instant timestamp,
        @Nullable String reason,
        List<Integer> removed,
        List<HistoryEvent> reopened,
        int delivered,
        int deliverable) {
      this(timestamp, reason, removed, reopened, delivered, deliverable, 0, 0, null);
    }
  }

  /**
   * What the code of an orchestrator had told of itself before what a rewind removed.
   *
   * @param statusRemoved whether the rewind removed a custom status, so that the one before counts;
   *     otherwise it stays what it is
   * @param customStatus the one before; null if there was none, or none of this execution
   * @param waitingFor names of external events, as in {@link OrchestratorCompleted}
   */
  record CodeState(
      boolean statusRemoved, @Nullable Payload customStatus, List<String> waitingFor) {}

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
