package dev.perdure.engine.partition;

import dev.perdure.api.AuditReport.Finding;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.api.TraceContext;
import dev.perdure.engine.activity.ActivityWork;
import dev.perdure.engine.entity.EntityBatch;
import dev.perdure.engine.entity.RunningBatch;
import dev.perdure.engine.entity.TaskAddress;
import dev.perdure.engine.instance.Instance;
import dev.perdure.engine.orchestrator.OrchestratorRun;
import dev.perdure.engine.orchestrator.StepResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What a partition can be asked for. Replies come when what they tell is durable. */
public sealed interface Command {

  /** A command that somebody waits for. */
  sealed interface Request<T extends @Nullable Object> extends Command {
    /** Where the answer goes. */
    CompletableFuture<T> reply();
  }

  /** A request that changes nothing. It is answered where a hub is only looked at, too. */
  sealed interface Question<T extends @Nullable Object> extends Request<T> {}

  /**
   * Starts an orchestration.
   *
   * @param idIsNew whether the id was made up just now and cannot exist
   */
  record Start(
      String instanceId,
      String name,
      String version,
      @Nullable Payload input,
      @Nullable Instant scheduledStart,
      Map<String, String> tags,
      IdReusePolicy idReuse,
      @Nullable TraceContext traceContext,
      boolean idIsNew,
      CompletableFuture<String> reply)
      implements Request<String> {}

  /** Raises an external event. */
  record RaiseEvent(
      String instanceId,
      String name,
      @Nullable Payload payload,
      CompletableFuture<@Nullable Void> reply)
      implements Request<@Nullable Void> {}

  /** Pauses an orchestration, or lets it go on. */
  record Suspend(
      String instanceId,
      boolean suspend,
      @Nullable String reason,
      CompletableFuture<@Nullable Void> reply)
      implements Request<@Nullable Void> {}

  /** Ends an orchestration. */
  record Terminate(
      String instanceId,
      @Nullable String reason,
      @Nullable Payload output,
      boolean recursive,
      CompletableFuture<@Nullable Void> reply)
      implements Request<@Nullable Void> {}

  /**
   * Takes a failed orchestration back.
   *
   * @param executionId the execution the plan was made for
   * @param events the events its history had when the plan was made
   */
  record Rewind(
      String instanceId,
      String executionId,
      int events,
      ExecutionRewound plan,
      CompletableFuture<@Nullable Void> reply)
      implements Request<@Nullable Void> {}

  /** Tries again what was set aside. */
  record Requeue(
      String instanceId, @Nullable String reason, CompletableFuture<@Nullable Void> reply)
      implements Request<@Nullable Void> {}

  /** Removes ended instances; those that do not exist are passed over. */
  record Purge(List<Target> targets, boolean skipUnfinished, CompletableFuture<Integer> reply)
      implements Request<Integer> {
    /**
     * An instance to remove.
     *
     * @param executionId the execution that must have ended; null for whichever the instance has
     * @param completedAt when it must have ended, in milliseconds since 1970; 0 for whenever it has
     */
    public record Target(String instanceId, @Nullable String executionId, long completedAt) {
      /** Whatever has this id. */
      public static Target any(String instanceId) {
        return new Target(instanceId, null, 0);
      }

      boolean isMeant(Instance state) {
        return (executionId == null || executionId.equals(state.executionId()))
            && (completedAt == 0 || completedAt == state.completedAt());
      }
    }

    /** Why an instance is not removed that has not ended. */
    public static InvalidInstanceStateException refusal(String id, OrchestrationStatus status) {
      return new InvalidInstanceStateException(
          "Instance '%s' cannot be purged: its status is %s. Terminate it first."
              .formatted(id, status));
    }
  }

  /** Asks for an instance's state; null if there is none. */
  record GetStatus(
      String instanceId, boolean payloads, CompletableFuture<@Nullable OrchestrationMetadata> reply)
      implements Question<@Nullable OrchestrationMetadata> {}

  /**
   * Waits for an instance to have begun or to have ended.
   *
   * @param byId whether whoever waits means the id, not the instance that has it now: then one that
   *     does not exist yet is waited for, one that is replaced is waited on for its successor, and
   *     a suspended one has begun
   */
  record Await(
      String instanceId,
      boolean completion,
      boolean byId,
      CompletableFuture<OrchestrationMetadata> reply)
      implements Request<OrchestrationMetadata> {
    /** Whether an instance in this state is what was waited for. */
    boolean isReached(Instance state) {
      if (state.status().isTerminal()) {
        return true;
      }
      return !completion
          && (state.hasBegun() || (byId && state.status() != OrchestrationStatus.PENDING));
    }
  }

  /** Rows that were written are gone; the store has them in its log. */
  record RowsLost(int count) implements Command {}

  /** Somebody who waited, and whose reply was cancelled, no longer does. */
  record CancelAwait(String instanceId) implements Command {}

  /** Asks for what is needed to read an instance's history. */
  record GetHistory(String instanceId, CompletableFuture<HistorySnapshot> reply)
      implements Question<HistorySnapshot> {}

  /** Asks why an instance is where it is. */
  record Explain(String instanceId, CompletableFuture<Explaining> reply)
      implements Question<Explaining> {}

  /**
   * Asks whether instances will be woken, as far as their partition can tell. What is not there, or
   * has ended, is passed over.
   */
  record Audit(List<String> instanceIds, CompletableFuture<Answer> reply)
      implements Question<Audit.Answer> {
    /**
     * What was found.
     *
     * @param handled how many of the instances were looked at; the others have to be asked for
     *     again
     * @param waits what only others can vouch for
     */
    public record Answer(
        int handled,
        int orchestrations,
        int entities,
        List<Finding> findings,
        List<Finding> notes,
        List<AuditWait> waits) {}
  }

  /** Asks which of some waits a partition knows of. */
  record AuditWaits(List<AuditWait> waits, CompletableFuture<Set<AuditWait>> reply)
      implements Question<Set<AuditWait>> {}

  /** Asks for the ids of all instances in memory. */
  record ListInMemory(CompletableFuture<List<String>> reply) implements Question<List<String>> {}

  /** Wants all that has been decided so far to be visible in the store's rows. */
  record Checkpoint(CompletableFuture<@Nullable Void> reply) implements Request<@Nullable Void> {}

  /** Sends operations to entities of one partition. */
  record SignalEntities(List<Signal> signals, CompletableFuture<@Nullable Void> reply)
      implements Request<@Nullable Void> {
    /**
     * An operation for an entity.
     *
     * @param entityId the entity, as an instance id
     * @param at when it is to run first; null for at once
     */
    public record Signal(
        String entityId, String operation, @Nullable Payload input, @Nullable Instant at) {
      private long bytes() {
        return SIGNAL_BYTES + (input == null ? 0 : input.size());
      }
    }

    /** What a command brings becomes part of one commit, which should not get much larger. */
    private static final long PORTION_BYTES = 8 << 20;

    /** What a signal has besides its input, roughly. */
    private static final long SIGNAL_BYTES = 128;

    /** Divides signals into what one command should bring, in their order. */
    public static List<List<Signal>> inPortions(List<Signal> signals) {
      List<List<Signal>> portions = new ArrayList<>(1);
      int begin = 0;
      long bytes = 0;
      for (int i = 0; i < signals.size(); i++) {
        long more = signals.get(i).bytes();
        if (i > begin && bytes + more > PORTION_BYTES) {
          portions.add(signals.subList(begin, i));
          begin = i;
          bytes = 0;
        }
        bytes += more;
      }
      if (begin < signals.size()) {
        portions.add(signals.subList(begin, signals.size()));
      }
      return portions;
    }
  }

  /** Asks for an entity's state; null if there is no such entity. */
  record GetEntity(
      String entityId, boolean withState, CompletableFuture<@Nullable EntityMetadata> reply)
      implements Question<@Nullable EntityMetadata> {}

  /**
   * Removes an entity's state and operations. Tells whether it did.
   *
   * @param onlyAtRest whether one is left alone for which something waits
   */
  record PurgeEntity(String entityId, boolean onlyAtRest, CompletableFuture<Boolean> reply)
      implements Request<Boolean> {}

  /** Asks who holds an entity's lock; null if nobody does. */
  record GetLockOwner(String entityId, CompletableFuture<@Nullable TaskAddress> reply)
      implements Question<@Nullable TaskAddress> {}

  /** Asks whether an execution of an orchestration is under way. */
  record IsUnderWay(TaskAddress task, CompletableFuture<Boolean> reply)
      implements Question<Boolean> {}

  /** Releases a lock whose owner is gone. Tells whether it was still held. */
  record ReleaseLock(String entityId, TaskAddress owner, CompletableFuture<Boolean> reply)
      implements Request<Boolean> {}

  /**
   * Operations of an entity were forgotten while they waited for a worker, and are needed now.
   *
   * @param then is run when they are there, or are not waited for any more
   */
  record EntityBatchWanted(RunningBatch batch, Runnable then) implements Command {}

  /** Operations of an entity have run. */
  record EntityBatchEnded(RunningBatch batch, EntityBatch outcome) implements Command {}

  /** An activity ended. */
  record ActivityEnded(
      ActivityWork work, @Nullable Payload result, @Nullable FailureDetails failure)
      implements Command {}

  /** An activity is not tried again. */
  record ActivityParked(ActivityWork work, Problem problem) implements Command {}

  /** A step of an orchestrator ended. */
  record StepEnded(ResidentOrchestration instance, OrchestratorRun session, StepResult result)
      implements Command {}

  /** A message from another partition. */
  record Receive(int sender, long number, Message message) implements Command {}

  /** Another partition has made durable that it received messages. */
  record Acknowledge(int receiver, long upTo) implements Command {}

  /** Another partition has recovered and may have lost what was on its way. */
  record Resend(int receiver) implements Command {}

  /** Rows have been written, or could not be. */
  record RowsWritten(CheckpointBatch batch, @Nullable Throwable failure) implements Command {}

  /** Stops: no more steps, everything into rows. */
  record Stop(CompletableFuture<@Nullable Void> reply) implements Request<@Nullable Void> {}
}
