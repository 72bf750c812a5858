package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.CriticalSection;
import dev.perdure.api.EntityId;
import dev.perdure.api.Explanation;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.RetryPolicy;
import dev.perdure.api.StartOptions;
import dev.perdure.api.TaskFailedException;
import dev.perdure.api.TaskOptions;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ExplainTest extends Scenarios {
  private final CountDownLatch release = new CountDownLatch(1);

  private TestHub standardHub() {
    return hub(
        f ->
            f.orchestrator(
                    "event", ctx -> ctx.waitForExternalEvent("Approval", String.class).await())
                .orchestrator("timer", ctx -> ctx.createTimer(Duration.ofHours(1)).await())
                .orchestrator("activity", ctx -> ctx.callActivity("slow").await())
                .orchestrator(
                    "child",
                    ctx ->
                        ctx.callSubOrchestrator(
                                "event",
                                null,
                                TaskOptions.NONE.withInstanceId("the child"),
                                String.class)
                            .await())
                .orchestrator(
                    "several",
                    ctx -> {
                      ctx.callActivity("slow");
                      ctx.createTimer(Duration.ofHours(2));
                      ctx.createTimer(Duration.ofHours(1));
                      return ctx.waitForExternalEvent("e", String.class).await();
                    })
                .orchestrator(
                    "retrying",
                    ctx ->
                        ctx.callActivity(
                                "fail",
                                null,
                                TaskOptions.retry(RetryPolicy.of(5, Duration.ofMinutes(1))),
                                String.class)
                            .await())
                .orchestrator(
                    "recovered",
                    ctx -> {
                      try {
                        return ctx.callActivity("fail", null, String.class).await();
                      } catch (TaskFailedException e) {
                        return "recovered";
                      }
                    })
                .orchestrator(
                    "discreet",
                    ctx -> {
                      try {
                        RetryPolicy twice = RetryPolicy.of(2, Duration.ofMinutes(1));
                        return ctx.callActivity(
                                "fail", null, TaskOptions.retry(twice), String.class)
                            .await();
                      } catch (TaskFailedException e) {
                        throw new IllegalStateException("Unexpected failure"); // says no more
                      }
                    })
                .orchestrator("plain", ctx -> ctx.callActivity("fail", null, String.class).await())
                .orchestrator(
                    "blocked",
                    ctx -> {
                      release.await();
                      return null;
                    })
                .activity(
                    "slow",
                    () -> {
                      release.await();
                      return null;
                    })
                .activity(
                    "fail",
                    () -> {
                      throw new IOException("no luck");
                    }));
  }

  private static String waitsOf(Explanation explanation) {
    return explanation.waits().stream()
        .map(wait -> wait.kind() + ": " + wait.description())
        .toList()
        .toString();
  }

  @Test
  void aWaitForAnEventIsExplainedWithTheLineOfCode() {
    TestHub hub = standardHub();
    String id = hub.start("event");

    Explanation explanation = hub.client().explain(id);

    assertThat(explanation.instanceId()).isEqualTo(id);
    assertThat(explanation.status()).isEqualTo(OrchestrationStatus.RUNNING);
    assertThat(explanation.summary()).contains(id, "event", "waits for external event 'Approval'");
    assertThat(waitsOf(explanation)).isEqualTo("[event: external event 'Approval']");
    assertThat(explanation.waits().getFirst().since()).isEqualTo(TestHub.NOON);
    hub.until("its line is known", () -> hub.client().explain(id).codeLocation() != null);
    assertThat(hub.client().explain(id).codeLocation())
        .startsWith("dev.perdure.engine.ExplainTest.lambda$")
        .contains("(ExplainTest.java:");
    assertThat(hub.client().explain(id).codeHint()).isNull();
  }

  @Test
  void afterARestartItIsSaidHowToLearnTheLineOfCode() {
    TestHub hub = standardHub();
    String id = hub.start("event");
    hub.restart();

    Explanation explanation = hub.client().explain(id);

    assertThat(explanation.codeLocation()).isNull();
    assertThat(explanation.toString())
        .endsWith(
            "\n  the line of code is not known while the code is not in memory; 'perdure replay'"
                + " shows it");
  }

  @Test
  void aLineOfCodeIsNotRememberedBeyondTheNextStep() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "two",
                    ctx -> {
                      ctx.waitForExternalEvent("first", String.class).await();
                      return ctx.waitForExternalEvent("second", String.class).await();
                    }));
    String id = hub.start("two");
    hub.until("its line is known", () -> hub.client().explain(id).codeLocation() != null);
    String first = hub.client().explain(id).codeLocation();
    hub.advance(Duration.ofMinutes(1));
    hub.client().raiseEvent(id, "first");
    hub.until(
        "it waits for the second",
        () -> hub.client().explain(id).toString().contains("waits for external event 'second'"));

    hub.until("its line is known", () -> hub.client().explain(id).codeLocation() != null);
    assertThat(hub.client().explain(id).codeLocation()).isNotEqualTo(first);
    assertThat(hub.client().explain(id).waits().getFirst().since())
        .isEqualTo(TestHub.NOON.plusSeconds(60));
  }

  @Test
  void aWaitForAnEventLastsFromStepToStepUntilTheEventComes() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "collect",
                    ctx -> {
                      var other = ctx.waitForExternalEvent("Other", String.class);
                      while (true) {
                        ctx.waitForExternalEvent("Tick", String.class).await();
                        if (other.isDone()) {
                          return null;
                        }
                      }
                    }));
    String id = hub.start("collect");
    hub.advance(Duration.ofMinutes(1));
    hub.client().raiseEvent(id, "tick");
    hub.until(
        "it waits again",
        () -> sinceOf(hub, id, "Tick").equals(TestHub.NOON.plus(Duration.ofMinutes(1))));

    assertThat(sinceOf(hub, id, "Other")).isEqualTo(TestHub.NOON);
  }

  private static Instant sinceOf(TestHub hub, String id, String event) {
    return hub.client().explain(id).waits().stream()
        .filter(wait -> wait.description().equals("external event '%s'".formatted(event)))
        .findFirst()
        .orElseThrow()
        .since();
  }

  @Test
  void aWaitForATimerIsExplainedWithItsTime() {
    TestHub hub = standardHub();
    String id = hub.start("timer");

    Explanation explanation = hub.client().explain(id);

    assertThat(waitsOf(explanation)).isEqualTo("[timer: timer (#0)]");
    assertThat(explanation.waits().getFirst().since()).isEqualTo(TestHub.NOON);
    assertThat(explanation.waits().getFirst().due()).isEqualTo(TestHub.NOON.plusSeconds(3600));
    assertThat(explanation.toString()).contains("due 2030-01-01T13:00:00Z");
  }

  @Test
  void aWaitForAnActivityIsExplained() {
    TestHub hub = standardHub();
    String id = hub.start("activity");

    assertThat(waitsOf(hub.client().explain(id))).isEqualTo("[activity: activity 'slow' (#0)]");
    release.countDown();
    hub.end(id);
  }

  @Test
  void aWaitForASubOrchestrationIsExplained() {
    TestHub hub = standardHub();
    String id = hub.start("child");

    assertThat(waitsOf(hub.client().explain(id)))
        .isEqualTo("[sub-orchestration: sub-orchestration 'event' with id 'the child' (#0)]");
  }

  @Test
  void eventsAreListedFirstThenWhatEndsByItselfTheEarliestFirst() {
    TestHub hub = standardHub();
    String id = hub.start("several");

    Explanation explanation = hub.client().explain(id);

    assertThat(explanation.waits())
        .extracting(Explanation.Wait::kind)
        .containsExactly("event", "timer", "timer", "activity");
    assertThat(explanation.waits().get(1).description()).isEqualTo("timer (#2)");
    assertThat(explanation.summary()).contains("external event 'e' and 3 more");
    release.countDown();
  }

  @Test
  void aWaitForAnotherAttemptIsExplainedWithTheLastFailure() {
    TestHub hub = standardHub();
    String id = hub.start("retrying");
    hub.untilWaitingFor(id, "timer");

    Explanation explanation = hub.client().explain(id);

    assertThat(explanation.lastFailure().message()).isEqualTo("no luck");
    assertThat(explanation.toString()).contains("last failure: java.io.IOException: no luck");
  }

  @Test
  void aTimerThatFollowsAFailedAttemptSaysWhichOneThatWas() {
    TestHub hub = standardHub();
    String id = hub.start("retrying");
    hub.untilWaitingFor(id, "timer");
    hub.advance(Duration.ofMinutes(1));
    hub.until(
        "the second attempt has failed",
        () -> hub.client().explain(id).toString().contains("set when attempt 2 of"));

    assertThat(hub.client().explain(id).toString())
        .contains(
            "due 2030-01-01T12:02:00Z; set when attempt 2 of 5 of activity 'fail' (#2) failed;"
                + " attempt 3 follows");
  }

  @Test
  void timersOfAttemptsThatFailedTogetherAreToldApartAlsoWithoutTheCode() {
    TaskOptions fiveTimes = TaskOptions.retry(RetryPolicy.of(5, Duration.ofMinutes(1)));
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          var fails = ctx.callActivity("fail", null, fiveTimes, String.class);
                          var child =
                              ctx.callSubOrchestrator("child", null, fiveTimes, String.class);
                          ctx.createTimer(Duration.ofHours(3));
                          return ctx.allOf(fails, child).await();
                        })
                    .orchestrator(
                        "child",
                        ctx -> {
                          throw new IOException("no luck");
                        })
                    .activity(
                        "fail",
                        () -> {
                          throw new IOException("no luck");
                        }));
    String id = hub.start("main");
    hub.until(
        "both have failed and wait",
        () -> hub.history(id, HistoryEvent.TimerCreated.class).size() == 3);
    hub.restart();

    assertThat(hub.client().explain(id).waits())
        .extracting(Explanation.Wait::detail)
        .containsExactlyInAnyOrder(
            null,
            "set when attempt 1 of 5 of activity 'fail' (#0) failed; attempt 2 follows",
            "set when attempt 1 of 5 of sub-orchestration 'child' (#1) failed; attempt 2 follows");
  }

  @Test
  void anAttemptUnderWaySaysWhichOneItIsOfHowMany() {
    AtomicInteger attempts = new AtomicInteger();
    TaskOptions fiveTimes = TaskOptions.retry(RetryPolicy.of(5, Duration.ofMinutes(1)));
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main", ctx -> ctx.callActivity("a", null, fiveTimes, String.class).await())
                    .orchestrator("once", ctx -> ctx.callActivity("a", null, String.class).await())
                    .activity(
                        "a",
                        () -> {
                          if (attempts.incrementAndGet() == 2) {
                            throw new IOException("no luck");
                          }
                          release.await();
                          return null;
                        }));
    String once = hub.start("once");
    hub.until("it runs", () -> attempts.get() == 1);
    String id = hub.start("main");
    hub.untilWaitingFor(id, "timer");
    hub.advance(Duration.ofMinutes(1));
    hub.untilWaitingFor(id, "activity");

    assertThat(waitsOf(hub.client().explain(id)))
        .isEqualTo("[activity: activity 'a' (#2, attempt 2 of 5)]");
    assertThat(hub.client().explain(id).summary())
        .endsWith("waits for activity 'a' (#2, attempt 2 of 5).");
    assertThat(waitsOf(hub.client().explain(once))).isEqualTo("[activity: activity 'a' (#0)]");
    release.countDown();
  }

  @Test
  void aSubOrchestrationThatIsTriedAgainSaysWhichAttemptItIs() {
    TaskOptions threeTimes = TaskOptions.retry(RetryPolicy.of(3, Duration.ofMinutes(1)));
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx ->
                            ctx.callSubOrchestrator("child", null, threeTimes, String.class)
                                .await())
                    .orchestrator(
                        "child",
                        ctx -> {
                          ctx.waitForExternalEvent("e", String.class).await();
                          throw new IOException("no luck");
                        }));
    String id = hub.start("main");
    String child = hub.client().explain(id).waits().getFirst().on().getFirst();
    hub.client().waitForStart(child, TestHub.PATIENCE);

    assertThat(waitsOf(hub.client().explain(id))).contains(child + "' (#0, attempt 1 of 3)");
    hub.client().raiseEvent(child, "e");
    hub.untilWaitingFor(id, "timer");

    assertThat(hub.client().explain(id).toString())
        .contains(
            "set when attempt 1 of 3 of sub-orchestration 'child' (#0) failed; attempt 2 follows");
    hub.advance(Duration.ofMinutes(1));
    hub.untilWaitingFor(id, "sub-orchestration");
    assertThat(waitsOf(hub.client().explain(id))).contains(", attempt 2 of 3)");
    hub.restart(); // without the code in memory
    assertThat(waitsOf(hub.client().explain(id))).contains(", attempt 2 of 3)");
  }

  @Test
  void theLimitlessSayNoLimit() {
    TaskOptions always =
        TaskOptions.retry(RetryPolicy.of(Integer.MAX_VALUE, Duration.ofMinutes(1)));
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main", ctx -> ctx.callActivity("fail", null, always, String.class).await())
                    .activity(
                        "fail",
                        () -> {
                          throw new IOException("no luck");
                        }));
    String id = hub.start("main");
    hub.untilWaitingFor(id, "timer");

    assertThat(hub.client().explain(id).toString())
        .contains("set when attempt 1 of activity 'fail' (#0) failed");
  }

  @Test
  void parentAndChildNameEachOther() {
    TestHub hub = standardHub();
    String id = hub.start("child");
    hub.client().waitForStart("the child", TestHub.PATIENCE);
    hub.client().suspend("the child", null);

    Explanation parent = hub.client().explain(id);
    Explanation child = hub.client().explain("the child");

    assertThat(parent.waits().getFirst().on()).containsExactly("the child");
    assertThat(parent.waits().getFirst().detail()).isEqualTo("it is SUSPENDED");
    assertThat(parent.parent()).isNull();
    assertThat(child.parent().instanceId()).isEqualTo(id);
    assertThat(child.toString())
        .contains("parent: '%s' (child), which waits for it as #0".formatted(id));
  }

  @Test
  void aWaitForAnEntitySaysWhoHoldsItsLock() {
    EntityId a = new EntityId("thing", "a");
    EntityId b = new EntityId("thing", "b");
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "hold",
                        ctx -> {
                          try (CriticalSection s = ctx.lockEntities(a, b).await()) {
                            return ctx.waitForExternalEvent("e", String.class).await();
                          }
                        })
                    .orchestrator("call", ctx -> ctx.callEntity(a, "x", null, String.class).await())
                    .entity("thing", ctx -> null));
    hub.start("hold", null, StartOptions.id("holder"));
    hub.until(
        "it holds", () -> hub.client().explain("holder").summary().contains("holds the locks"));
    hub.start("hold", null, StartOptions.id("next"));
    hub.until("it queues", () -> hub.client().explain("next").toString().contains("is locked by"));
    hub.start("call", null, StartOptions.id("caller"));

    assertThat(hub.client().explain("next").toString())
        .contains("'@thing@a' is locked by 'holder'", "'@thing@b' is locked by 'holder'");
    hub.until(
        "the operation queues",
        () ->
            hub.client()
                .explain("caller")
                .toString()
                .contains("locked by 'holder', with 2 in its queue"));
  }

  @Test
  void whatWasSetAsideSaysWhatToDo() {
    TestHub hub = standardHub();
    String id = hub.start("event");
    hub.restartProgram(f -> f.orchestrator("other", ctx -> null));
    hub.client().raiseEvent(id, "Approval", "yes");
    hub.until("it is set aside", () -> hub.status(id).problem() != null);

    assertThat(hub.client().explain(id).summary())
        .contains(
            "was set aside at 2030-01-01T12:00:00Z: ",
            "PD-1003",
            "tried again when a host is started");
  }

  @Test
  void whatIsNotDeterministicIsToldOnceWhatToDo() {
    TestHub hub = standardHub();
    String id = hub.start("timer");
    hub.restartProgram(
        f -> f.orchestrator("timer", ctx -> ctx.callActivity("a").await()).activity("a", () -> 1));
    hub.client().raiseEvent(id, "any");
    hub.until("it is set aside", () -> hub.status(id).problem() != null);

    assertThat(hub.client().explain(id).summary())
        .containsOnlyOnce("Put the code right")
        .containsOnlyOnce("start the host")
        .endsWith(
            " Put the code right and start the host again, or register the change as a new"
                + " version. 'perdure replay' tells beforehand whether it would go on then.");
  }

  @Test
  void aScheduledStartIsExplained() {
    TestHub hub = standardHub();
    String id =
        hub.client()
            .startNew(
                "event",
                null,
                StartOptions.DEFAULT.withScheduledStart(TestHub.NOON.plusSeconds(9)));

    Explanation explanation = hub.client().explain(id);

    assertThat(waitsOf(explanation)).isEqualTo("[start: its scheduled start]");
    assertThat(explanation.waits().getFirst().due()).isEqualTo(TestHub.NOON.plusSeconds(9));
  }

  @Test
  void aSuspendedInstanceIsExplainedWithWhatItWaitedFor() {
    TestHub hub = standardHub();
    String id = hub.start("event");
    hub.advance(Duration.ofMinutes(5));
    hub.client().suspend(id, null);
    hub.client().raiseEvent(id, "other"); // what comes later does not change since when

    Explanation explanation = hub.client().explain(id);

    assertThat(explanation.summary())
        .endsWith(
            " is suspended since 2030-01-01T12:05:00Z; it goes on when it is resumed. What it"
                + " waited for is listed.");
    assertThat(explanation.waits()).hasSize(1);
    hub.client().resume(id, null);
    hub.client().suspend(id, "stock-taking");
    assertThat(hub.client().explain(id).summary())
        .contains("is suspended since 2030-01-01T12:05:00Z ('stock-taking'); it goes on");
  }

  @Test
  void aStepUnderWayIsExplainedWithTheLineOfCode() {
    TestHub hub = standardHub();
    String id = hub.client().startNew("blocked");

    Explanation explanation = hub.client().explain(id);
    hub.until(
        "the code is inside",
        () -> {
          String location = hub.client().explain(id).codeLocation();
          return location != null && location.contains("ExplainTest.java");
        });

    assertThat(explanation.summary()).contains("running a step");
    release.countDown();
    hub.end(id);
  }

  @Test
  void whatHasEndedIsExplained() {
    TestHub hub = standardHub();
    String id = hub.client().startNew("recovered");
    hub.end(id);

    Explanation explanation = hub.client().explain(id);

    assertThat(explanation.summary()).contains("has ended: COMPLETED");
    assertThat(explanation.waits()).isEmpty();
    assertThat(explanation.codeLocation()).isNull();
    assertThat(explanation.lastFailure().message()).isEqualTo("no luck");
  }

  @Test
  void aFailureThatDoesNotSayWhichTaskIsBehindItIsExplainedWithThatTask() {
    TestHub hub = standardHub();
    String discreet = hub.client().startNew("discreet");
    String plain = hub.client().startNew("plain");
    hub.end(plain);
    hub.until(
        "it waits for its second attempt",
        () -> hub.client().explain(discreet).summary().contains("waits for timer"));
    hub.advance(Duration.ofMinutes(1));
    hub.end(discreet);

    assertThat(hub.client().explain(discreet).summary())
        .endsWith(
            " has ended: FAILED with java.lang.IllegalStateException: Unexpected failure. The task"
                + " that failed last: activity 'fail' (#2, attempt 2 of 2):"
                + " java.io.IOException: no luck.");
    assertThat(hub.client().explain(plain).summary())
        .endsWith("PD-1016: Task 'fail' (#0) failed: java.io.IOException: no luck.");
  }

  @Test
  void theHistoryTellsTheWholeStoryInOrder() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          ctx.setCustomStatus("working");
                          ctx.callActivity("a").await();
                          ctx.createTimer(Duration.ZERO).await();
                          ctx.callSubOrchestrator("child", null, String.class).await();
                          ctx.sendEvent(ctx.instanceId(), "self", 1);
                          ctx.waitForExternalEvent("self", Integer.class).await();
                          return "end";
                        })
                    .orchestrator("child", ctx -> null)
                    .activity("a", () -> null));
    String id = hub.client().startNew("main");
    hub.end(id);

    List<String> story =
        hub.history(id).stream()
            .filter(event -> !(event instanceof OrchestratorCompleted))
            .map(event -> event.getClass().getSimpleName())
            .toList();

    assertThat(story)
        .containsExactly(
            "ExecutionStarted",
            "CustomStatusSet",
            "TaskScheduled",
            "TaskCompleted",
            "TimerCreated",
            "TimerFired",
            "SubOrchestrationCreated",
            "SubOrchestrationCompleted",
            "EventSent",
            "EventRaised",
            "ExecutionCompleted");
    assertThat(hub.history(id, OrchestratorCompleted.class))
        .extracting(OrchestratorCompleted::delivered)
        .containsExactly(1, 2, 3, 4, 5);
    assertThat(hub.history(id)).extracting(HistoryEvent::timestamp).doesNotContainNull();
  }
}
