package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.OrchestratorMisuseException;
import dev.perdure.api.RetryPolicy;
import dev.perdure.api.Task;
import dev.perdure.api.TaskFailedException;
import dev.perdure.api.TaskOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class RetriesTest extends Scenarios {
  private final AtomicInteger calls = new AtomicInteger();

  private static Duration seconds(double seconds) {
    return Duration.ofMillis((long) (seconds * 1000));
  }

  /** A hub with an activity that fails some times before it succeeds, called with a policy. */
  private TestHub hubWhereFlakyFails(int times, RetryPolicy policy) {
    return hub(
        f ->
            f.orchestrator(
                    "main",
                    ctx ->
                        ctx.callActivity("flaky", "x", TaskOptions.retry(policy), String.class)
                            .await())
                .activity(
                    "flaky",
                    String.class,
                    x -> {
                      int call = calls.incrementAndGet();
                      if (call <= times) {
                        throw new IOException("call " + call);
                      }
                      return "call " + call;
                    }));
  }

  private static List<Duration> waits(TestHub hub, String id) {
    return hub.history(id, TimerCreated.class).stream()
        .map(timer -> Duration.between(timer.timestamp(), timer.fireAt()))
        .toList();
  }

  @Test
  void aFailedCallIsTriedAgainUntilItSucceeds() {
    TestHub hub = hubWhereFlakyFails(2, RetryPolicy.of(5, seconds(10)));

    String id = hub.start("main");

    assertThat(hub.endWhileTimePasses(id).output(String.class)).isEqualTo("call 3");
    assertThat(waits(hub, id)).containsExactly(seconds(10), seconds(10));
    assertThat(hub.now()).isEqualTo(TestHub.NOON.plusSeconds(20));
    assertThat(hub.history(id, TaskScheduled.class))
        .extracting(TaskScheduled::attempt, TaskScheduled::firstTaskId, TaskScheduled::taskId)
        .containsExactly(tuple(1, 0, 0), tuple(2, 0, 2), tuple(3, 0, 4));
  }

  @Test
  void theLastFailureIsThrownWhenAllAttemptsHaveFailed() {
    TestHub hub = hubWhereFlakyFails(99, RetryPolicy.of(3, seconds(1)));

    String id = hub.start("main");
    FailureDetails failure = hub.endWhileTimePasses(id).failureDetails().orElseThrow();

    assertThat(failure.cause().message()).isEqualTo("call 3");
    assertThat(failure.isCausedBy(IOException.class)).isTrue();
    assertThat(calls).hasValue(3);
  }

  @Test
  void theWaitsGrowByTheCoefficientUpToTheLongestOne() {
    TestHub hub =
        hubWhereFlakyFails(
            6, RetryPolicy.of(9, seconds(1)).withBackoff(2.5).withMaxInterval(seconds(20)));

    String id = hub.start("main");
    hub.endWhileTimePasses(id);

    assertThat(waits(hub, id))
        .containsExactly(
            seconds(1), seconds(2.5), seconds(6.25), seconds(15.625), seconds(20), seconds(20));
  }

  @Test
  void noAttemptStartsLaterThanTheTimeout() {
    TestHub hub =
        hubWhereFlakyFails(
            99, RetryPolicy.of(100, seconds(10)).withBackoff(2).withTimeout(Duration.ofMinutes(1)));

    String id = hub.start("main");

    assertThat(hub.endWhileTimePasses(id).status()).isEqualTo(OrchestrationStatus.FAILED);
    assertThat(waits(hub, id)).containsExactly(seconds(10), seconds(20)); // 40 more were too many
    assertThat(calls).hasValue(3);
  }

  @Test
  void withoutAnIntervalTheNextAttemptStartsAtOnceAndWithoutATimer() {
    TestHub hub = hubWhereFlakyFails(2, RetryPolicy.of(3, Duration.ZERO));

    String id = hub.client().startNew("main");

    assertThat(hub.output(id, String.class)).isEqualTo("call 3");
    assertThat(waits(hub, id)).isEmpty();
  }

  @Test
  void oneAttemptIsNoRetry() {
    TestHub hub = hubWhereFlakyFails(1, RetryPolicy.of(1, Duration.ZERO));

    assertThat(hub.failure(hub.client().startNew("main")).isCausedBy(IOException.class)).isTrue();
    assertThat(calls).hasValue(1);
  }

  @Test
  void aHandlerSeesEachFailureAndDecides() {
    List<String> seen = new CopyOnWriteArrayList<>();
    TestHub hub =
        hubWhereFlakyFails(
            99,
            RetryPolicy.of(100, seconds(5))
                .withHandler(
                    c -> {
                      if (!c.orchestration().isReplaying()) {
                        seen.add(
                            c.failedAttempt() + " " + c.failure().message() + " " + c.elapsed());
                      }
                      return c.failedAttempt() < 3;
                    }));

    String id = hub.start("main");

    assertThat(hub.endWhileTimePasses(id).status()).isEqualTo(OrchestrationStatus.FAILED);
    assertThat(seen).containsExactly("1 call 1 PT0S", "2 call 2 PT5S", "3 call 3 PT10S");
    assertThat(calls).hasValue(3);
  }

  @Test
  void whatAHandlerThrowsIsTheFailureOfTheCall() {
    TestHub hub =
        hubWhereFlakyFails(
            99,
            RetryPolicy.of(5, Duration.ZERO)
                .withHandler(
                    c -> {
                      throw new UnsupportedOperationException("no idea");
                    }));

    FailureDetails failure = hub.failure(hub.client().startNew("main"));

    assertThat(failure.errorType()).isEqualTo(UnsupportedOperationException.class.getName());
    assertThat(failure.message()).isEqualTo("no idea");
  }

  @Test
  void aHandlerMayNotWait() {
    TestHub hub =
        hubWhereFlakyFails(
            99,
            RetryPolicy.of(5, Duration.ZERO)
                .withHandler(
                    c -> {
                      c.orchestration().createTimer(seconds(1)).await();
                      return true;
                    }));

    assertThat(hub.failure(hub.client().startNew("main")).errorType())
        .isEqualTo(OrchestratorMisuseException.class.getName());
  }

  @Test
  void whatCannotSucceedIsNotTriedAgain() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx ->
                        ctx.callActivity(
                                "missing",
                                null,
                                TaskOptions.retry(RetryPolicy.of(5, seconds(1))),
                                String.class)
                            .await()));

    String id = hub.start("main");

    assertThat(hub.failure(id).cause().nonRetriable()).isTrue();
    assertThat(hub.history(id, TaskScheduled.class)).hasSize(1);
  }

  @Test
  void attemptsHaveOneIdempotencyKeyAndARisingNumber() {
    Set<String> keys = ConcurrentHashMap.newKeySet();
    List<Integer> attempts = new CopyOnWriteArrayList<>();
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          TaskOptions retry = TaskOptions.retry(RetryPolicy.of(3, seconds(1)));
                          ctx.callActivity("pay", null, retry, Void.class).await();
                          ctx.callActivity("pay", null, retry, Void.class).await();
                          return null;
                        })
                    .activity(
                        "pay",
                        String.class,
                        (ctx, input) -> {
                          keys.add(ctx.idempotencyKey());
                          attempts.add(ctx.attempt());
                          if (ctx.attempt() < 3) {
                            throw new IOException("not yet");
                          }
                          return null;
                        }));

    hub.endWhileTimePasses(hub.start("main"));

    assertThat(attempts).containsExactly(1, 2, 3, 1, 2, 3);
    assertThat(keys).hasSize(2).allMatch(key -> key.length() > 10);
  }

  @Test
  void subOrchestrationsAreTriedAgainAsNewInstances() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx ->
                            ctx.callSubOrchestrator(
                                    "child",
                                    null,
                                    TaskOptions.retry(RetryPolicy.of(3, seconds(1))),
                                    String.class)
                                .await())
                    .orchestrator(
                        "child",
                        ctx -> {
                          String result = ctx.callActivity("flaky", null, String.class).await();
                          return result;
                        })
                    .activity(
                        "flaky",
                        () -> {
                          if (calls.incrementAndGet() < 3) {
                            throw new IOException("not yet");
                          }
                          return "done";
                        }));

    String id = hub.start("main");

    assertThat(hub.endWhileTimePasses(id).output(String.class)).isEqualTo("done");
    List<String> children =
        hub.history(id, SubOrchestrationCreated.class).stream()
            .map(SubOrchestrationCreated::instanceId)
            .toList();
    assertThat(children).hasSize(3).doesNotHaveDuplicates();
    assertThat(hub.status(children.getFirst()).status()).isEqualTo(OrchestrationStatus.FAILED);
    assertThat(hub.status(children.getLast()).status()).isEqualTo(OrchestrationStatus.COMPLETED);
  }

  @Test
  void aSubOrchestrationWithAChosenIdIsTriedAgainUnderThatId() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx ->
                            ctx.callSubOrchestrator(
                                    "child",
                                    null,
                                    TaskOptions.retry(RetryPolicy.of(3, seconds(1)))
                                        .withInstanceId("the-child"),
                                    String.class)
                                .await())
                    .orchestrator(
                        "child", ctx -> ctx.callActivity("flaky", null, String.class).await())
                    .activity(
                        "flaky",
                        () -> {
                          if (calls.incrementAndGet() < 3) {
                            throw new IOException("not yet");
                          }
                          return "done";
                        }));

    String id = hub.start("main");

    assertThat(hub.endWhileTimePasses(id).output(String.class)).isEqualTo("done");
    assertThat(hub.status("the-child").output(String.class)).isEqualTo("done");
  }

  @Test
  void aCancelledCallIsNotTriedAgain() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          Task<String> task =
                              ctx.callActivity(
                                  "flaky",
                                  null,
                                  TaskOptions.retry(RetryPolicy.of(9, seconds(60))),
                                  String.class);
                          ctx.waitForExternalEvent("stop", Void.class).await();
                          boolean cancelled = task.cancel();
                          ctx.createTimer(Duration.ofHours(1)).await();
                          return cancelled && task.isCancelled();
                        })
                    .activity(
                        "flaky",
                        () -> {
                          calls.incrementAndGet();
                          throw new IOException("always");
                        }));

    String id = hub.start("main");
    hub.untilWaitingFor(id, "timer");
    hub.client().raiseEvent(id, "stop");
    hub.untilWaitingFor(id, "timer (#2)");

    assertThat(hub.endWhileTimePasses(id).output(boolean.class)).isTrue();
    assertThat(calls).hasValue(1);
  }

  @Test
  void retriesGoOnInTheBackgroundOfOtherWork() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          List<Task<String>> tasks = new ArrayList<>();
                          for (int i = 0; i < 5; i++) {
                            tasks.add(
                                ctx.callActivity(
                                    "flaky",
                                    i,
                                    TaskOptions.retry(RetryPolicy.of(i + 1, seconds(i))),
                                    String.class));
                          }
                          return String.join(" ", ctx.allOf(tasks).await());
                        })
                    .activity(
                        "flaky",
                        Integer.class,
                        (ctx, i) -> {
                          if (ctx.attempt() <= i) {
                            throw new IOException("not yet");
                          }
                          return i + ":" + ctx.attempt();
                        }));

    assertThat(hub.endWhileTimePasses(hub.start("main")).output(String.class))
        .isEqualTo("0:1 1:2 2:3 3:4 4:5");
  }

  @Test
  void anAttemptThatIsNotAwaitedDoesNotHoldUpTheEnd() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          Task<String> lost =
                              ctx.callActivity(
                                  "fail",
                                  null,
                                  TaskOptions.retry(RetryPolicy.of(9, seconds(60))),
                                  String.class);
                          ctx.waitForExternalEvent("go", Void.class).await();
                          return lost.isDone();
                        })
                    .activity(
                        "fail",
                        () -> {
                          throw new TaskFailedException(
                              "a", 1, FailureDetails.of(new IOException()));
                        }));

    String id = hub.start("main");
    hub.untilWaitingFor(id, "timer");
    hub.client().raiseEvent(id, "go");

    assertThat(hub.output(id, boolean.class)).isFalse();
  }

  @Test
  void policiesThatMakeNoSenseAreRefusedWhenTheyAreMade() {
    RetryPolicy policy = RetryPolicy.of(3, seconds(10));

    assertThatIllegalArgumentException().isThrownBy(() -> RetryPolicy.of(0, seconds(1)));
    assertThatIllegalArgumentException().isThrownBy(() -> RetryPolicy.of(1, seconds(-1)));
    assertThatIllegalArgumentException().isThrownBy(() -> policy.withBackoff(0.5));
    assertThatIllegalArgumentException().isThrownBy(() -> policy.withBackoff(Double.NaN));
    assertThatIllegalArgumentException().isThrownBy(() -> policy.withMaxInterval(seconds(9)));
    assertThatIllegalArgumentException().isThrownBy(() -> policy.withTimeout(Duration.ZERO));
  }

  @Test
  void intervalsThatGrowBeyondAllBoundsAreStillIntervals() {
    RetryPolicy policy = RetryPolicy.of(100_000, Duration.ofDays(1)).withBackoff(1e6);

    assertThat(policy.intervalAfter(99_999)).isPositive().isLessThan(Duration.ofDays(100_000_000));
    assertThat(RetryPolicy.of(3, Duration.ofSeconds(Long.MAX_VALUE)).intervalAfter(1))
        .isGreaterThan(Duration.ofDays(10_000_000));
  }

  private static UnaryOperator<FunctionRegistry.Builder> tries(int attempts) {
    TaskOptions options = TaskOptions.retry(RetryPolicy.of(attempts, Duration.ofMinutes(1)));
    return f ->
        f.orchestrator(
                "main",
                ctx -> {
                  var child = ctx.callSubOrchestrator("child", null, options, String.class);
                  var activity = ctx.callActivity("fails", null, options, String.class);
                  return ctx.allOf(child, activity).await();
                })
            .orchestrator("child", ctx -> fails())
            .activity("fails", RetriesTest::fails);
  }

  private static String fails() throws IOException {
    throw new IOException("no luck");
  }

  @Test
  void theHistorySaysHowManyAttemptsThereAreAndAnotherNumberIsNoContradiction() {
    TestHub hub = hub(tries(5));
    String id = hub.start("main");
    hub.until("both have failed", () -> hub.history(id, TimerCreated.class).size() == 2);
    hub.restartProgram(tries(2));

    assertThat(hub.endWhileTimePasses(id).status()).isEqualTo(OrchestrationStatus.FAILED);

    assertThat(hub.history(id, TaskScheduled.class))
        .extracting(TaskScheduled::attempt, TaskScheduled::attemptsMax)
        .containsExactly(tuple(1, 5), tuple(2, 2));
    assertThat(hub.history(id, SubOrchestrationCreated.class))
        .extracting(SubOrchestrationCreated::attempt, SubOrchestrationCreated::attemptsMax)
        .containsExactly(tuple(1, 5), tuple(2, 2));
  }
}
