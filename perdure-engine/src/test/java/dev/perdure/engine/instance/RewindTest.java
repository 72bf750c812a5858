package dev.perdure.engine.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.CustomStatusSet;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.SubOrchestrationFailed;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskFailed;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.HistoryEvent.TimerFired;
import dev.perdure.api.OrchestrationStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a rewind takes back, told by histories in the order in which things happened. */
class RewindTest {
  private static final Instant AT = Instant.ofEpochMilli(1_000);
  private static final FailureDetails FAILURE = new FailureDetails("T", "m", null, null, false);

  private static HistoryEvent started() {
    return new ExecutionStarted(AT, "o", "", "e", null, null, null, Map.of());
  }

  private static HistoryEvent stepEnded(int delivered) {
    return new OrchestratorCompleted(AT, delivered, List.of());
  }

  private static HistoryEvent called(int task) {
    return new TaskScheduled(AT, task, "a" + task, null, task, 1);
  }

  private static HistoryEvent completed(int task) {
    return new TaskCompleted(AT, task, null);
  }

  private static HistoryEvent failed(int task) {
    return new TaskFailed(AT, task, FAILURE);
  }

  private static HistoryEvent ended() {
    return new ExecutionCompleted(AT, OrchestrationStatus.FAILED, null, FAILURE);
  }

  private static ExecutionRewound plan(List<HistoryEvent> history) {
    ExecutionRewound plan = Rewind.plan(history, "why", AT);
    List<HistoryEvent> whole = new ArrayList<>(history);
    whole.add(plan);
    int deliverable = 0;
    for (HistoryEvent event : Rewind.effective(whole)) {
      if (Instance.isDeliverable(event)) {
        deliverable++;
      } else if (event instanceof OrchestratorCompleted step) {
        assertThat(step.delivered())
            .as("a step that is left has seen no more than is left before it")
            .isLessThanOrEqualTo(deliverable);
      }
    }
    assertThat(plan.deliverable()).isEqualTo(deliverable);
    assertThat(plan.delivered()).isLessThanOrEqualTo(deliverable);
    Instance instance = new Instance("i");
    whole.forEach(event -> instance.apply(event, 1));
    assertThat(instance.needsStep() || !instance.openTasks().isEmpty())
        .as("something wakes it")
        .isTrue();
    return plan;
  }

  @Test
  void theFailedCallIsMadeAgain() {
    var history = List.of(started(), called(0), stepEnded(1), failed(0), stepEnded(2), ended());
    assertThat(plan(history).removed()).containsExactly(3, 4, 5);
    assertThat(plan(history).reopened()).containsExactly(called(0));
  }

  @Test
  void whatTheCodeAskedForAfterTheFailureIsTakenBackWithItsResults() {
    var history =
        List.of(
            started(),
            called(9),
            stepEnded(1),
            completed(9), // stays
            called(0),
            stepEnded(2),
            failed(0),
            called(1),
            new TimerCreated(AT, 2, AT),
            stepEnded(3),
            completed(1),
            new TimerFired(AT, 2),
            stepEnded(5),
            ended());
    assertThat(plan(history).removed()).containsExactly(6, 7, 8, 9, 10, 11, 12, 13);
    assertThat(plan(history).reopened()).containsExactly(called(0));
  }

  @Test
  void failuresOfOneFanOutAreTakenBackTogether() {
    var history =
        List.of(
            started(),
            called(0),
            called(1),
            called(2),
            stepEnded(1),
            failed(0),
            completed(1),
            failed(2),
            stepEnded(4),
            ended());
    assertThat(plan(history).removed()).containsExactly(5, 7, 8, 9);
    assertThat(plan(history).reopened()).containsExactlyInAnyOrder(called(0), called(2));
  }

  @Test
  void stepsThatSawAFailureWhichIsTakenBackGoWithIt() {
    var history =
        List.of(
            started(),
            called(0),
            called(1),
            stepEnded(1),
            failed(0),
            stepEnded(2),
            failed(1),
            stepEnded(3),
            ended());
    assertThat(plan(history).removed()).containsExactly(4, 5, 6, 7, 8);
    assertThat(plan(history).reopened()).containsExactlyInAnyOrder(called(0), called(1));
  }

  @Test
  void aStatusThatWasSetAfterAFailureGoesWithIt() {
    var history =
        List.of(
            started(),
            called(0),
            called(1),
            stepEnded(1),
            failed(0),
            new CustomStatusSet(AT, null),
            stepEnded(2),
            failed(1),
            stepEnded(3),
            ended());
    var removed = plan(history).removed();
    assertThat(removed.contains(5)).isEqualTo(removed.contains(4));
    assertThat(removed).contains(6 + 1, 8, 9);
  }

  @Test
  void codeThatThrewByItselfRunsItsLastStepAgain() {
    var history =
        List.of(started(), called(0), stepEnded(1), completed(0), called(1), stepEnded(2), ended());
    assertThat(plan(history).removed()).containsExactly(4, 5, 6);
    assertThat(plan(history).delivered()).isEqualTo(1);
    assertThat(plan(List.of(started(), stepEnded(1), ended())).removed()).containsExactly(1, 2);
  }

  @Test
  void eventsFromOutsideAreNeverTakenBack() {
    HistoryEvent raised = new EventRaised(AT, "go", null);
    var history =
        List.of(
            started(), called(0), stepEnded(1), raised, failed(0), raised, stepEnded(4), ended());
    assertThat(plan(history).removed()).containsExactly(4, 6, 7);
  }

  @Test
  void aFailedChildIsRewoundAsWell() {
    HistoryEvent child = new SubOrchestrationCreated(AT, 0, "child", "c", "", null, Map.of());
    var history =
        List.of(
            started(),
            child,
            stepEnded(1),
            new SubOrchestrationFailed(AT, 0, FAILURE),
            stepEnded(2),
            ended());
    ExecutionRewound plan = plan(history);
    assertThat(plan.reopened()).containsExactly(child);
    assertThat(Rewind.failedChildren(history, plan)).containsExactly("child");
  }

  @Test
  void aSecondRewindBuildsOnTheFirst() {
    List<HistoryEvent> history =
        new ArrayList<>(
            List.of(started(), called(0), stepEnded(1), failed(0), stepEnded(2), ended()));
    history.add(plan(history));
    history.addAll(List.of(failed(0), stepEnded(2), ended()));
    assertThat(plan(history).removed()).containsExactly(7, 8, 9);
    assertThat(plan(history).reopened()).containsExactly(called(0));
  }
}
