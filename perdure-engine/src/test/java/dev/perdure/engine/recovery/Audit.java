package dev.perdure.engine.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.AuditReport;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.Explanation;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.EntityLockGranted;
import dev.perdure.api.HistoryEvent.EntityLockRequested;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationCompleted;
import dev.perdure.api.HistoryEvent.EntityOperationFailed;
import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.SubOrchestrationFailed;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskFailed;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.HistoryEvent.TimerFired;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** What has to be true of a hub in which nothing happens at the moment. */
final class Audit {
  private Audit() {}

  /** Checks all instances: who has not ended will be woken, and histories tell one story each. */
  static void check(World world) {
    for (OrchestrationMetadata instance : world.instances()) {
      checkHistory(world, instance);
      if (!instance.isTerminal()) {
        checkAwake(world, instance.instanceId());
      }
    }
    for (EntityMetadata entity : world.entities()) {
      checkLock(world, entity.id());
    }
    AuditReport report = world.persistently(PerdureClient::audit);
    assertThat(report.findings()).as(report::toString).isEmpty();
  }

  /** Who holds a lock has not ended. */
  private static void checkLock(World world, EntityId id) {
    world.until(
        "the lock of " + id + " is free, or its owner is under way",
        client -> {
          String owner = client.getEntity(id, false).map(EntityMetadata::lockedBy).orElse(null);
          return owner == null
              || client.status(owner).map(status -> !status.isTerminal()).orElse(false);
        });
  }

  /** An entity knows what an orchestration waits for, unless that has just come. */
  private static void checkEntityKnows(World world, String id, HistoryEvent event) {
    String task;
    Predicate<PerdureClient> known;
    switch (event) {
      case EntityOperationCalled call -> {
        task = "(#" + call.taskId() + ")";
        EntityId entity = EntityId.parse(call.instanceId());
        known =
            client ->
                client.getEntity(entity, false).map(e -> e.operationsWaiting() > 0).orElse(false);
      }
      case EntityLockRequested request -> {
        task = "(#" + request.taskId() + ")";
        known =
            client ->
                request.lockSet().stream()
                    .anyMatch(entity -> hasLockRequest(client, EntityId.parse(entity), id));
      }
      default -> {
        return;
      }
    }
    world.until(
        "an entity knows that " + id + " waits: " + event,
        client -> {
          Explanation now = client.explain(id);
          return now.status().isTerminal()
              || now.waits().stream()
                  .filter(wait -> wait.kind().equals("entity") || wait.kind().equals("lock"))
                  .noneMatch(wait -> wait.description().endsWith(task))
              || known.test(client);
        });
  }

  private static boolean hasLockRequest(PerdureClient client, EntityId entity, String owner) {
    if (client.getEntity(entity, false).isEmpty()) {
      return false;
    }
    try {
      return client.explain(entity.instanceId()).waits().stream()
          .anyMatch(
              wait ->
                  wait.kind().equals("lock-request")
                      && wait.description().contains("'" + owner + "'"));
    } catch (InstanceNotFoundException e) {
      return false; // gone since
    }
  }

  /** Invariant 5: something will wake it. */
  static void checkAwake(World world, String id) {
    Explanation explanation = world.persistently(client -> client.explain(id));
    if (explanation.status().isTerminal()
        || explanation.status() == OrchestrationStatus.SUSPENDED
        || explanation.problem() != null) {
      return;
    }
    boolean moves =
        explanation.summary().contains("is running a step")
            || explanation.summary().contains("is about to run");
    assertThat(moves || !explanation.waits().isEmpty()).as(explanation::toString).isTrue();
    for (HistoryEvent event : world.persistently(client -> client.history(id))) {
      checkEntityKnows(world, id, event);
      if (event instanceof SubOrchestrationCreated child
          && explanation.waits().stream()
              .anyMatch(
                  wait ->
                      wait.kind().equals("sub-orchestration")
                          && wait.description().contains("'" + child.instanceId() + "'"))) {
        world.until(
            "child " + child.instanceId() + " runs, or " + id + " knows that it does not",
            client ->
                client.status(child.instanceId()).map(status -> !status.isTerminal()).orElse(false)
                    || client.explain(id).waits().stream()
                        .noneMatch(
                            wait -> wait.description().contains("'" + child.instanceId() + "'")));
      }
    }
  }

  /** Every call has one result at most, and an execution one beginning and one end. */
  static void checkHistory(World world, OrchestrationMetadata instance) {
    String id = instance.instanceId();
    List<HistoryEvent> history = world.persistently(client -> client.history(id));
    assertThat(history.getFirst()).as(id).isInstanceOf(ExecutionStarted.class);
    assertThat(count(history, ExecutionStarted.class)).as(id + " begins").isEqualTo(1);
    if (count(history, ExecutionRewound.class) == 0) {
      assertThat(count(history, ExecutionCompleted.class))
          .as(id + " ends")
          .isEqualTo(instance.isTerminal() ? 1 : 0);
    }
    Set<Integer> called = new HashSet<>();
    Set<Integer> answered = new HashSet<>();
    for (HistoryEvent event : history) {
      switch (event) {
        case TaskScheduled e -> assertThat(called.add(e.taskId())).as(id + e).isTrue();
        case SubOrchestrationCreated e -> assertThat(called.add(e.taskId())).as(id + e).isTrue();
        case TimerCreated e -> assertThat(called.add(e.taskId())).as(id + e).isTrue();
        case EntityOperationCalled e -> assertThat(called.add(e.taskId())).as(id + e).isTrue();
        case EntityLockRequested e -> assertThat(called.add(e.taskId())).as(id + e).isTrue();
        case TaskCompleted e -> answered(id, called, answered, e.taskId());
        case TaskFailed e -> answered(id, called, answered, e.taskId());
        case SubOrchestrationCompleted e -> answered(id, called, answered, e.taskId());
        case SubOrchestrationFailed e -> answered(id, called, answered, e.taskId());
        case EntityOperationCompleted e -> answered(id, called, answered, e.taskId());
        case EntityOperationFailed e -> answered(id, called, answered, e.taskId());
        case EntityLockGranted e -> answered(id, called, answered, e.taskId());
        case TimerFired e -> {
          if (e.taskId() >= 0) {
            answered(id, called, answered, e.taskId());
          }
        }
        case ExecutionRewound e -> {
          called.clear();
          answered.clear();
          return; // what counts from here on is the business of RewindTest
        }
        default -> {}
      }
    }
  }

  private static void answered(String id, Set<Integer> called, Set<Integer> answered, int taskId) {
    assertThat(called).as(id + ": an answer to a call").contains(taskId);
    assertThat(answered.add(taskId)).as(id + ": one answer to #" + taskId).isTrue();
  }

  private static long count(List<HistoryEvent> history, Class<? extends HistoryEvent> type) {
    return history.stream().filter(type::isInstance).count();
  }
}
