package dev.perdure.engine.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationFailed;
import dev.perdure.api.HistoryEvent.EventRaised;
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
import dev.perdure.api.Payload;
import dev.perdure.engine.instance.HistoryFacts.FailedTask;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What histories tell that were written by hand. */
class HistoryFactsTest {
  private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");
  private static final FailureDetails FAILURE = new FailureDetails("E", "m", null, null, false);
  private static final FailureDetails FINAL = new FailureDetails("E", "m", null, null, true);

  private int minute;
  private int delivered;
  private boolean remote;
  private final List<HistoryEvent> history =
      new ArrayList<>(
          List.of(new ExecutionStarted(NOON, "f", "", "e", null, null, null, Map.of())));

  private Instant now() {
    return NOON.plusSeconds(60L * minute);
  }

  private HistoryEvent call(int id, String name, int attempt, int max) {
    return new TaskScheduled(now(), id, name, null, id, attempt, max, "", Map.of(), null);
  }

  private HistoryEvent timer(int id) {
    return new TimerCreated(now(), id, now());
  }

  private HistoryEvent failed(int id) {
    return new TaskFailed(now(), id, FAILURE);
  }

  private void comes(HistoryEvent... events) {
    history.addAll(Arrays.asList(events));
  }

  /** A step that takes so many events more and asks for something. */
  private void step(int events, HistoryEvent... asked) {
    step(events, List.of(), asked);
  }

  private void step(int events, List<String> waitingFor, HistoryEvent... asked) {
    delivered += events;
    comes(asked);
    history.add(
        new OrchestratorCompleted(now(), delivered, waitingFor, remote ? Payload.EMPTY : null));
    minute++;
  }

  private HistoryFacts facts() {
    return HistoryFacts.of(history);
  }

  @Test
  void whatComesDuringAStepIsNotTakenForItsCause() {
    step(1, call(0, "a", 1, 5), call(1, "b", 1, 5));
    comes(failed(0), failed(1));
    step(1, timer(2)); // it knows of the first one only
    step(1, timer(3));

    assertThat(facts().whyPutOff(2))
        .isEqualTo("set when attempt 1 of 5 of activity 'a' (#0) failed; attempt 2 follows");
    assertThat(facts().whyPutOff(3))
        .isEqualTo("set when attempt 1 of 5 of activity 'b' (#1) failed; attempt 2 follows");
  }

  @Test
  void aTimerOfTheCodesOwnIsNotTakenForThatOfARetry() {
    step(1, call(0, "a", 1, 5), call(1, "b", 1, 0), call(2, "c", 5, 5));
    comes(failed(0), failed(1), failed(2), new TaskFailed(now(), 3, FINAL));
    step(4, timer(4));
    assertThat(facts().whyPutOff(4))
        .contains("activity 'a' (#0)"); // the others are not tried again

    comes(new TaskCompleted(now(), 9, null));
    step(1, timer(5));
    assertThat(facts().whyPutOff(5)).isNull();
  }

  @Test
  void whatCannotBeToldApartIsLeftOpen() {
    step(1, call(0, "a", 1, 5), call(1, "b", 1, 5));
    comes(failed(0), failed(1));
    step(2, timer(2)); // one of them was given up, by a handler say
    assertThat(facts().whyPutOff(2)).isNull();
  }

  @Test
  void failuresThatAreFinalAreNotTriedAgain() {
    step(1, call(0, "a", 1, 5), call(1, "b", 5, 5));
    comes(new TaskFailed(now(), 0, FINAL));
    step(1, timer(2));
    comes(failed(1));
    step(1, timer(3));
    assertThat(facts().whyPutOff(2)).isNull();
    assertThat(facts().whyPutOff(3)).isNull();
  }

  @Test
  void whatRemoteWorkersTryAgainIsCountedOneByOne() {
    remote = true;
    step(1, call(0, "pack", 1, 0), call(1, "pack", 1, 0), call(2, "bill", 1, 0));
    comes(failed(1), failed(2));
    step(2, timer(3), timer(4));
    comes(new TimerFired(now(), 4));
    step(1, call(5, "bill", 1, 0));
    comes(new TimerFired(now(), 3));
    step(1, call(6, "other", 1, 0), call(7, "pack", 1, 0), call(8, "pack", 1, 0));

    HistoryFacts facts = facts();
    assertThat(facts.isRemote()).isTrue();
    assertThat(facts.tries(0)).isNull();
    assertThat(facts.tries(5)).hasToString("attempt 2");
    assertThat(facts.tries(6)).isNull();
    assertThat(facts.tries(7)).hasToString("attempt 2");
    assertThat(facts.tries(8)).isNull(); // one more, not one again
  }

  @Test
  void codeInTheHostSaysWhichAttemptItIsAndIsBelieved() {
    step(1, call(0, "a", 1, 0));
    comes(failed(0));
    step(1, timer(1));
    comes(new TimerFired(now(), 1));
    step(1, call(2, "a", 1, 0), call(3, "old", 3, 0), call(4, "ever", 2, Integer.MAX_VALUE));

    assertThat(facts().whyPutOff(1)).isEqualTo("set when activity 'a' (#0) failed");
    assertThat(facts().tries(2)).isNull();
    assertThat(facts().tries(3)).hasToString("attempt 3");
    assertThat(facts().tries(4)).hasToString("attempt 2");
    assertThat(facts().isRemote()).isFalse();
  }

  @Test
  void subOrchestrationsAreTriedAgainAsActivitiesAre() {
    step(1, new SubOrchestrationCreated(now(), 0, "kid", "child", "", null, 2, 3, Map.of(), null));
    comes(new SubOrchestrationFailed(now(), 0, FAILURE));
    step(1, timer(1));

    assertThat(facts().tries(0)).hasToString("attempt 2 of 3");
    assertThat(facts().whyPutOff(1))
        .isEqualTo(
            "set when attempt 2 of 3 of sub-orchestration 'child' (#0) failed; attempt 3 follows");
  }

  @Test
  void anEventIsWaitedForSinceTheFirstStepThatDidAndSinceTheLastThatCame() {
    step(1, List.of("Go", "Stop"));
    comes(new EventRaised(now(), "other", null));
    step(1, List.of("Go", "Stop"));
    comes(new EventRaised(now(), "go", null));
    step(1, List.of("Go", "Later"));

    HistoryFacts facts = facts();
    assertThat(facts.waitsForEventSince("go")).isEqualTo(NOON.plusSeconds(120));
    assertThat(facts.waitsForEventSince("Later")).isEqualTo(NOON.plusSeconds(120));
    assertThat(facts.waitsForEventSince("Stop")).isNull();
    assertThat(facts.lastStepAt()).isEqualTo(NOON.plusSeconds(120));
  }

  @Test
  void whatARewindRemovedDoesNotCount() {
    step(1, call(0, "a", 1, 2));
    comes(failed(0));
    int position = history.size();
    step(1, timer(1));
    comes(
        new ExecutionRewound(
            now(), null, List.of(position - 1, position, position + 1), List.of(), 1, 1));

    assertThat(facts().whyPutOff(1)).isNull();
  }

  @Test
  void theTaskThatFailedLastIsNamed() {
    step(1, call(0, "a", 2, 3), new EntityOperationCalled(now(), 1, "@cart@7", "add", null));
    comes(new EntityOperationFailed(now(), 1, FINAL));
    step(1);
    assertThat(facts().lastFailedTask())
        .isEqualTo(new FailedTask("operation of entity '@cart@7': 'add' (#1)", FINAL));

    comes(failed(0));
    step(1);
    assertThat(facts().lastFailedTask())
        .isEqualTo(new FailedTask("activity 'a' (#0, attempt 2 of 3)", FAILURE));
  }

  @Test
  void ofNoHistoryNothingIsKnown() {
    assertThat(HistoryFacts.of(List.of()).executionId()).isEmpty();
    assertThat(HistoryFacts.NONE.tries(0)).isNull();
    assertThat(facts().executionId()).isEqualTo("e");
    assertThat(facts().suspended()).isNull();
    assertThat(facts().lastStepAt()).isNull();
  }
}
