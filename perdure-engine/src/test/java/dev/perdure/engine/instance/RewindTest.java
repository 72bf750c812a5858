package dev.perdure.engine.instance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.CustomStatusSet;
import dev.perdure.api.HistoryEvent.EntityLockGranted;
import dev.perdure.api.HistoryEvent.EntityLockRequested;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationCompleted;
import dev.perdure.api.HistoryEvent.EntityOperationFailed;
import dev.perdure.api.HistoryEvent.EntityOperationSignaled;
import dev.perdure.api.HistoryEvent.EntityUnlockSent;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.SubOrchestrationFailed;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskFailed;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.HistoryEvent.TimerFired;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Payload;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        .as("something wakes it after %s", history)
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
  void aFailedChildIsWaitedForAgain() {
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
    assertThat(plan.removed()).containsExactly(3, 4, 5);
    assertThat(plan.reopened()).containsExactly(child);
  }

  // ---- failures that were made good
  // ---------------------------------------------------------------

  private static HistoryEvent child(int task, String id, String name) {
    return new SubOrchestrationCreated(AT, task, id, name, "", null, Map.of());
  }

  private static HistoryEvent attempt(int task) {
    return new TaskScheduled(AT, task, "a", Payload.of("input".getBytes(UTF_8)), task, 1);
  }

  /** A call that fails, the timer and the call after it, which succeeds, and code that throws. */
  private static List<HistoryEvent> retried(
      HistoryEvent first, HistoryEvent failure, HistoryEvent second, HistoryEvent success) {
    return List.of(
        started(),
        first,
        stepEnded(1),
        failure,
        new TimerCreated(AT, 1, AT),
        stepEnded(2),
        new TimerFired(AT, 1),
        second,
        stepEnded(3),
        success,
        called(7),
        stepEnded(4),
        completed(7),
        stepEnded(5),
        ended());
  }

  @Test
  void whatARetryMadeGoodIsNotDoneAgain() {
    var byPolicy =
        retried(called(0), failed(0), new TaskScheduled(AT, 2, "a0", null, 0, 2), completed(2));
    var byRemoteWorker = retried(attempt(0), failed(0), attempt(2), completed(2));
    var withTheSameTask = retried(attempt(0), failed(0), attempt(0), completed(0)); // Python
    var child =
        retried(
            child(0, "e:0", "c"),
            new SubOrchestrationFailed(AT, 0, FAILURE),
            child(2, "e:2", "c"),
            new SubOrchestrationCompleted(AT, 2, null));
    var operation =
        retried(
            new EntityOperationCalled(AT, 0, "@c@a", "op", null),
            refused(0),
            new EntityOperationCalled(AT, 2, "@c@a", "op", null),
            answered(2));
    for (var history : List.of(byPolicy, byRemoteWorker, withTheSameTask, child, operation)) {
      assertThat(plan(history).removed()).as("%s", history.get(1)).containsExactly(13, 14);
      assertThat(plan(history).reopened()).isEmpty();
    }
  }

  /** Hubs of an older Perdure did not store that an activity is called without a version. */
  @Test
  void aRetryThatStatesToHaveNoVersionMakesACallWithoutOneGood() {
    Payload input = Payload.of("input".getBytes(UTF_8));
    var stated = new TaskScheduled(AT, 2, "a", input, 2, 1, 0, "", Map.of(), null);
    var history = retried(attempt(0), failed(0), stated, completed(2));
    assertThat(plan(history).removed()).containsExactly(13, 14);
    assertThat(plan(history).reopened()).isEmpty();
  }

  @Test
  void aCallOfAnotherFunctionMakesNothingGood() {
    var otherInput = new TaskScheduled(AT, 2, "a", null, 2, 1);
    assertThat(plan(retried(attempt(0), failed(0), otherInput, completed(2))).reopened())
        .containsExactly(attempt(0));
    var otherName = child(2, "e:2", "d");
    assertThat(
            plan(retried(
                    child(0, "e:0", "c"),
                    new SubOrchestrationFailed(AT, 0, FAILURE),
                    otherName,
                    new SubOrchestrationCompleted(AT, 2, null)))
                .reopened())
        .containsExactly(child(0, "e:0", "c"));
  }

  /** The second of two equal calls has a policy, by which it is tried again. */
  @Test
  void whatARetryPolicyTriesAgainIsKnown() {
    var history =
        List.of(
            started(),
            attempt(0),
            attempt(1),
            called(5),
            stepEnded(1),
            failed(0),
            failed(1),
            stepEnded(3),
            completed(5),
            new TaskScheduled(AT, 2, "a", Payload.of("input".getBytes(UTF_8)), 1, 2),
            stepEnded(4),
            completed(2),
            stepEnded(5),
            ended());
    assertThat(plan(history).removed()).contains(5).doesNotContain(6);
    assertThat(plan(history).reopened()).contains(attempt(0)).doesNotContain(attempt(1));
  }

  @Test
  void aLaterAttemptThatFailedTooIsMadeAgain() {
    var history =
        List.of(
            started(),
            attempt(0),
            stepEnded(1),
            failed(0),
            attempt(1),
            stepEnded(2),
            failed(1),
            stepEnded(3),
            ended());
    assertThat(plan(history).removed()).containsExactly(6, 7, 8);
    assertThat(plan(history).reopened()).containsExactly(attempt(1));
  }

  /** The code cannot have tried again what it did not know to have failed. */
  @Test
  void theSameCallMadeBeforeTheFailureWasKnownIsNoOtherAttempt() {
    var history =
        List.of(
            started(),
            attempt(0),
            called(5),
            stepEnded(1),
            completed(5),
            failed(0), // while the step was under way that saw task 5 completed
            attempt(1),
            stepEnded(2),
            completed(1),
            stepEnded(4),
            ended());
    assertThat(plan(history).reopened()).contains(attempt(0));
  }

  @Test
  void oneAttemptMakesOneFailureGood() {
    var history =
        List.of(
            started(),
            attempt(0),
            attempt(1),
            stepEnded(1),
            failed(0),
            failed(1),
            attempt(2),
            stepEnded(3),
            completed(2),
            stepEnded(4),
            ended());
    assertThat(plan(history).reopened()).containsExactly(attempt(1));
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

  // ---- entities ---------------------------------------------------------------------------------

  private static HistoryEvent operation(int task) {
    return new EntityOperationCalled(AT, task, "@c@a", "op" + task, null);
  }

  private static HistoryEvent answered(int task) {
    return new EntityOperationCompleted(AT, task, null);
  }

  private static HistoryEvent refused(int task) {
    return new EntityOperationFailed(AT, task, FAILURE);
  }

  private static HistoryEvent signaled(int task) {
    return new EntityOperationSignaled(AT, task, "@c@a", "op" + task, null, null);
  }

  private static HistoryEvent lockRequested(int task) {
    return new EntityLockRequested(AT, task, List.of("@c@a", "@c@b"));
  }

  private static HistoryEvent granted(int task) {
    return new EntityLockGranted(AT, task);
  }

  private static HistoryEvent unlocked(int task) {
    return new EntityUnlockSent(AT, task);
  }

  /** Why a history cannot be rewound; null if it can. */
  private static String refusal(List<HistoryEvent> history) {
    String refusal = Rewind.refusal(history, Rewind.plan(history, "why", AT));
    if (refusal == null) {
      plan(history);
    }
    return refusal;
  }

  /** It failed and so changed nothing: to call it again is to call it for the first time. */
  @Test
  void anOperationThatFailedIsCalledAgain() {
    var history = List.of(started(), operation(0), stepEnded(1), refused(0), stepEnded(2), ended());
    assertThat(plan(history).removed()).containsExactly(3, 4, 5);
    assertThat(plan(history).reopened()).containsExactly(operation(0));
    assertThat(refusal(history)).isNull();
  }

  @Test
  void operationsThatFailedTogetherAreCalledAgainAndThoseThatRanAreNot() {
    var history =
        List.of(
            started(),
            operation(0),
            operation(1),
            operation(2),
            called(3),
            stepEnded(1),
            refused(0),
            answered(1),
            refused(2),
            failed(3),
            stepEnded(5),
            ended());
    assertThat(plan(history).removed()).containsExactly(6, 8, 9, 10, 11);
    assertThat(plan(history).reopened())
        .containsExactlyInAnyOrder(operation(0), operation(2), called(3));
    assertThat(refusal(history)).isNull();
  }

  @Test
  void anOperationThatMayHaveRunSinceIsNotCalledASecondTime() {
    var history =
        List.of(started(), operation(0), called(1), stepEnded(1), failed(1), stepEnded(2), ended());
    assertThat(refusal(history))
        .isEqualTo(
            "when it failed, operation 'op0' of entity '@c@a' (#0) was under way; it may have run,"
                + " and must not run twice.");
    var oneOfTwo =
        List.of(
            started(), operation(0), operation(1), stepEnded(1), refused(1), stepEnded(2), ended());
    assertThat(refusal(oneOfTwo)).contains("operation 'op0'", "(#0)");
  }

  @Test
  void anOperationThatHadAnsweredBeforeTheFailureIsNoObstacle() {
    var history =
        List.of(
            started(),
            operation(0),
            stepEnded(1),
            answered(0),
            called(1),
            stepEnded(2),
            failed(1),
            stepEnded(3),
            ended());
    assertThat(plan(history).removed()).containsExactly(6, 7, 8);
    assertThat(refusal(history)).isNull();
  }

  /** The code decides anew whether it is called; what came of it then is taken back. */
  @Test
  void anOperationThatWasCalledBecauseOfTheFailureIsTakenBackWithItsAnswer() {
    var history =
        List.of(
            started(),
            called(0),
            stepEnded(1),
            failed(0),
            operation(1),
            stepEnded(2),
            answered(1),
            stepEnded(3),
            ended());
    assertThat(plan(history).removed()).containsExactly(3, 4, 5, 6, 7, 8);
    assertThat(plan(history).reopened()).containsExactly(called(0));
    assertThat(refusal(history)).isNull();
  }

  /** Nothing ever comes of a signal: there is nothing to wait for again. */
  @Test
  void aSignalIsTakenBackIfItWasSentAfterTheFailureAndNeverSentAgain() {
    var history =
        List.of(
            started(),
            signaled(0),
            called(1),
            stepEnded(1),
            failed(1),
            signaled(2),
            stepEnded(2),
            ended());
    assertThat(plan(history).removed()).containsExactly(4, 5, 6, 7);
    assertThat(plan(history).reopened()).containsExactly(called(1));
    assertThat(refusal(history)).isNull();
  }

  private static final String LOCKED =
      "it failed in a critical section, or waiting for one, and its locks were released.";

  @Test
  void whatFailedInACriticalSectionCannotGoOnThere() {
    var history =
        List.of(
            started(),
            lockRequested(0),
            stepEnded(1),
            granted(0),
            operation(1),
            stepEnded(2),
            refused(1),
            stepEnded(3),
            ended());
    assertThat(refusal(history)).isEqualTo(LOCKED);
  }

  /** The code closed the section on its way out, which is taken back with the failure. */
  @Test
  void norWhereTheSectionWasLeftBecauseOfTheFailure() {
    var history =
        List.of(
            started(),
            lockRequested(0),
            stepEnded(1),
            granted(0),
            operation(1),
            stepEnded(2),
            refused(1),
            unlocked(0),
            stepEnded(3),
            ended());
    assertThat(Rewind.plan(history, null, AT).removed()).contains(7);
    assertThat(refusal(history)).isEqualTo(LOCKED);
  }

  @Test
  void norWhereItWaitedForTheLocks() {
    var history =
        List.of(
            started(), lockRequested(0), called(1), stepEnded(1), failed(1), stepEnded(2), ended());
    assertThat(refusal(history)).isEqualTo(LOCKED);
  }

  @Test
  void norWhereTheCodeThrewByItselfInACriticalSection() {
    var history =
        List.of(
            started(),
            lockRequested(0),
            stepEnded(1),
            granted(0),
            unlocked(0),
            stepEnded(2),
            ended());
    assertThat(refusal(history)).isEqualTo(LOCKED);
  }

  @Test
  void aCriticalSectionThatWasOverBeforeTheFailureIsNoObstacle() {
    List<HistoryEvent> history =
        new ArrayList<>(
            List.of(
                started(),
                lockRequested(0),
                stepEnded(1),
                granted(0),
                operation(1),
                stepEnded(2),
                answered(1),
                unlocked(0),
                called(2),
                stepEnded(3),
                failed(2),
                stepEnded(4),
                ended()));
    assertThat(plan(history).removed()).containsExactly(10, 11, 12);
    assertThat(refusal(history)).isNull();
    history.addAll(8, List.of(lockRequested(3)));
    assertThat(refusal(history)).as("a second one had begun").isEqualTo(LOCKED);
  }

  @Test
  void locksThatWereGivenUpBeforeTheyWereGrantedAreNoObstacle() {
    var history =
        List.of(
            started(),
            lockRequested(0),
            unlocked(0),
            called(1),
            stepEnded(1),
            failed(1),
            stepEnded(2),
            ended());
    assertThat(plan(history).reopened()).containsExactly(called(1));
    assertThat(refusal(history)).isNull();
  }

  @Test
  void locksThatWereAskedForBecauseOfTheFailureAreTakenBack() {
    var history =
        List.of(
            started(),
            called(0),
            stepEnded(1),
            failed(0),
            lockRequested(1),
            stepEnded(2),
            granted(1),
            stepEnded(3),
            ended());
    assertThat(plan(history).removed()).containsExactly(3, 4, 5, 6, 7, 8);
    assertThat(refusal(history)).isNull();
  }

  @Test
  void whatAnEarlierRewindTookBackIsNoObstacle() {
    List<HistoryEvent> history =
        new ArrayList<>(
            List.of(
                started(),
                called(0),
                stepEnded(1),
                failed(0),
                lockRequested(1),
                stepEnded(2),
                granted(1),
                operation(2),
                stepEnded(3),
                refused(2),
                stepEnded(4),
                ended()));
    assertThat(refusal(history)).as("of the operation, in the section").isEqualTo(LOCKED);
    // As if it had been taken back further by hand: what is gone does not count.
    history.add(
        new ExecutionRewound(
            AT, null, List.of(3, 4, 5, 6, 7, 8, 9, 10, 11), List.of(called(0)), 1, 1));
    history.addAll(List.of(failed(0), stepEnded(2), ended()));
    assertThat(plan(history).removed()).containsExactly(13, 14, 15);
    assertThat(refusal(history)).isNull();
  }

  /** Whatever an orchestration has done: what may be rewound goes on without locks. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whateverIsRewoundHoldsNoLocksAndCallsNothingTwice(long seed) {
    Random random = new Random(seed);
    int rewound = 0;
    for (int i = 0; i < 1_000; i++) {
      List<HistoryEvent> history = failedHistory(random);
      if (Rewind.refusal(history, Rewind.plan(history, "why", AT)) != null) {
        continue;
      }
      rewound++;
      ExecutionRewound plan = plan(history);
      Set<Integer> refused = new HashSet<>();
      for (HistoryEvent event : history) {
        if (event instanceof EntityOperationFailed failure) {
          refused.add(failure.taskId());
        }
      }
      for (HistoryEvent task : plan.reopened()) {
        assertThat(task).isNotInstanceOf(EntityLockRequested.class);
        if (task instanceof EntityOperationCalled call) {
          assertThat(refused).as("%s", history).contains(call.taskId());
        }
      }
      Instance instance = new Instance("i");
      history.forEach(event -> instance.apply(event, 1));
      instance.apply(plan, 2);
      assertThat(instance.locks()).isNull();
      List<HistoryEvent> whole = new ArrayList<>(history);
      whole.add(plan);
      Integer lockedBy = null;
      for (HistoryEvent event : Rewind.effective(whole)) {
        if (event instanceof EntityLockRequested request) {
          assertThat(lockedBy).isNull();
          lockedBy = request.taskId();
        } else if (event instanceof EntityUnlockSent unlock) {
          assertThat(unlock.taskId()).as("%s", history).isEqualTo(lockedBy);
          lockedBy = null;
        }
      }
      assertThat(lockedBy).as("%s", history).isNull();
    }
    assertThat(rewound).as("of a thousand").isBetween(100, 900);
  }

  /** An orchestration that does this and that until it fails. */
  private static List<HistoryEvent> failedHistory(Random random) {
    List<HistoryEvent> history = new ArrayList<>(List.of(started()));
    List<Integer> open = new ArrayList<>(); // results to come, by what they are of
    Map<Integer, Integer> kinds = new HashMap<>();
    Integer locks = null;
    int tasks = 0;
    int deliverable = 1;
    for (int steps = 1 + random.nextInt(6); steps > 0; steps--) {
      for (int actions = random.nextInt(4); actions > 0; actions--) {
        int kind = random.nextInt(5);
        switch (kind) {
          case 0 -> history.add(called(tasks));
          case 1, 2 -> history.add(operation(tasks));
          case 3 -> history.add(signaled(tasks));
          default -> {
            if (locks != null) {
              history.add(unlocked(locks));
              open.remove(locks);
              locks = null;
              continue;
            }
            history.add(lockRequested(tasks));
            locks = tasks;
          }
        }
        if (kind != 3) {
          open.add(tasks);
          kinds.put(tasks, kind);
        }
        tasks++;
      }
      history.add(stepEnded(deliverable));
      if (open.isEmpty() || random.nextInt(3) == 0) {
        history.add(new EventRaised(AT, "go", null));
        deliverable++;
      }
      for (int results = 1 + random.nextInt(2); results > 0 && !open.isEmpty(); results--) {
        Integer task = open.remove(random.nextInt(open.size()));
        boolean well = random.nextInt(3) > 0;
        history.add(
            switch (kinds.get(task)) {
              case 0 -> well ? completed(task) : failed(task);
              case 4 -> granted(task);
              default -> well ? answered(task) : refused(task);
            });
        deliverable++;
      }
    }
    history.add(stepEnded(deliverable));
    history.add(ended());
    return history;
  }
}
