package dev.perdure.engine.partition;

import dev.perdure.api.Explanation;
import dev.perdure.api.Explanation.Wait;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.engine.entity.EntityRequest;
import dev.perdure.engine.entity.EntityRequest.LockRequest;
import dev.perdure.engine.entity.EntityRequest.Operation;
import dev.perdure.engine.entity.EntityState;
import dev.perdure.engine.entity.EntityState.ScheduledSignal;
import dev.perdure.engine.entity.EntityWork;
import dev.perdure.engine.entity.RunningBatch;
import dev.perdure.engine.entity.TaskAddress;
import dev.perdure.engine.orchestrator.CodeLocation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says in words why an entity is where it is. */
final class EntityExplanations {
  /** Waits that are listed; the summary counts them all. */
  private static final int WAITS_MAX = 100;

  private EntityExplanations() {}

  /**
   * Explains an entity.
   *
   * @param head what is first in its queue; null if that is empty
   * @param obstacle why no worker takes the operations that are handed out; null if one may
   */
  static Explanation of(ResidentEntity e, @Nullable EntityRequest head, @Nullable String obstacle) {
    EntityState state = e.state;
    RunningBatch running = e.running;
    return new Explanation(
        state.instanceId(),
        OrchestrationStatus.RUNNING,
        summary(e, running, head, obstacle),
        waits(state, running, head),
        running == null ? null : CodeLocation.of(running.stack()),
        null,
        state.problem());
  }

  private static List<Wait> waits(
      EntityState state, @Nullable RunningBatch running, @Nullable EntityRequest head) {
    List<Wait> waits = new ArrayList<>();
    TaskAddress lock = state.lockOwner();
    if (lock != null) {
      waits.add(
          new Wait(
              "lock",
              "the release of its lock by orchestration '%s' (#%d)"
                  .formatted(lock.instanceId(), lock.taskId()),
              Instant.ofEpochMilli(state.lockedAt()),
              null,
              List.of(lock.instanceId()),
              null));
    }
    if (head != null && running == null) {
      waits.add(
          new Wait(
              "operation",
              "first in its queue: " + describe(head),
              Instant.ofEpochMilli(head.since()),
              null));
    }
    state
        .lockRequests()
        .forEach(
            (owner, since) -> {
              if (waits.size() < WAITS_MAX) {
                waits.add(
                    new Wait(
                        "lock-request",
                        "orchestration '%s' (#%d) waits for its lock"
                            .formatted(owner.instanceId(), owner.taskId()),
                        Instant.ofEpochMilli(since),
                        null));
              }
            });
    for (ScheduledSignal signal : state.scheduledSignals()) {
      if (waits.size() >= WAITS_MAX) {
        break;
      }
      waits.add(
          new Wait(
              "timer",
              "scheduled operation '%s'".formatted(signal.operation().name()),
              Instant.ofEpochMilli(signal.operation().since()),
              Instant.ofEpochMilli(signal.dueAt())));
    }
    return waits;
  }

  private static String describe(EntityRequest request) {
    return switch (request) {
      case Operation o ->
          "operation '%s', %s"
              .formatted(
                  o.name(),
                  o.caller() == null
                      ? "signaled"
                      : "called by orchestration '%s' (#%d)"
                          .formatted(o.caller().instanceId(), o.caller().taskId()));
      case LockRequest l ->
          "the lock that orchestration '%s' asked for (#%d)"
              .formatted(l.owner().instanceId(), l.owner().taskId());
    };
  }

  private static String summary(
      ResidentEntity e,
      @Nullable RunningBatch running,
      @Nullable EntityRequest head,
      @Nullable String obstacle) {
    EntityState state = e.state;
    String who =
        "Entity '%s' (%s)"
            .formatted(state.instanceId(), state.state() == null ? "no state" : "has state");
    String waiting = waiting(state.waiting() - batchSize(running));
    if (state.problem() != null) {
      return "%s was set aside, %s: %s%s"
          .formatted(
              who, waiting, state.problem().message(), Explanations.whatToDo(state.problem()));
    }
    String lock =
        state.lockOwner() == null
            ? ""
            : " is locked by orchestration '%s' since %s,"
                .formatted(state.lockOwner().instanceId(), Instant.ofEpochMilli(state.lockedAt()));
    if (running != null && running.known() == null) {
      return "%s%s waits for a worker to take its operations: %s; %s."
          .formatted(who, lock, obstacle == null ? "those that would are busy" : obstacle, waiting);
    }
    if (running != null && obstacle != null) {
      return "%s%s waits for a worker to take %s: %s; %s."
          .formatted(who, lock, count(batchSize(running)), obstacle, waiting);
    }
    if (running != null) {
      return "%s%s runs %s (now '%s'), %s."
          .formatted(who, lock, count(batchSize(running)), running.currentOperation(), waiting);
    }
    if (e.repeating) {
      return "%s%s %s; %s.".formatted(who, lock, RedeliveryQueue.WAITS, waiting);
    }
    if (state.lockOwner() != null) {
      return "%s%s %s.".formatted(who, lock, waiting);
    }
    return head == null
        ? "%s is idle, %s.".formatted(who, waiting)
        : "%s is about to run, %s.".formatted(who, waiting);
  }

  private static long batchSize(@Nullable RunningBatch running) {
    EntityWork work = running == null ? null : running.known();
    return work == null ? 0 : work.operations().size();
  }

  private static String waiting(long operations) {
    return operations == 0 ? "nothing waiting" : count(operations) + " waiting";
  }

  private static String count(long operations) {
    return operations == 1 ? "1 operation" : operations + " operations";
  }
}
