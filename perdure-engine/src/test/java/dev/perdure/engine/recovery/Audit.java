package dev.perdure.engine.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.Explanation;
import dev.perdure.api.HistoryEvent;
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
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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
        case TaskCompleted e -> answered(id, called, answered, e.taskId());
        case TaskFailed e -> answered(id, called, answered, e.taskId());
        case SubOrchestrationCompleted e -> answered(id, called, answered, e.taskId());
        case SubOrchestrationFailed e -> answered(id, called, answered, e.taskId());
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
