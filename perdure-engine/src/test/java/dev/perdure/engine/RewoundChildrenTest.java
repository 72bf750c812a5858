package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.RetryPolicy;
import dev.perdure.api.Task;
import dev.perdure.api.TaskFailedException;
import dev.perdure.api.TaskOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a rewind leaves of children that share an id, or whose calls it removes. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RewoundChildrenTest extends Scenarios {
  private static final Duration SOON = Duration.ofSeconds(10);

  /** Until it is mended, before an instance is rewound. */
  private volatile boolean broken = true;

  private void failIfBroken() {
    if (broken) {
      throw new IllegalStateException("broken");
    }
  }

  private static Task<String> call(OrchestrationContext ctx, String input, String id) {
    return ctx.callSubOrchestrator(
        "child", input, TaskOptions.NONE.withInstanceId(id), String.class);
  }

  private void mendAndRewind(TestHub hub, String id) {
    hub.failure(id);
    broken = false;
    hub.client().rewind(id, null);
  }

  private static void assertCompletes(TestHub hub, String id) {
    assertThat(hub.client().waitForCompletion(id, SOON).status())
        .isEqualTo(OrchestrationStatus.COMPLETED);
  }

  @Test
  void aChildThatASecondAttemptMadeGoodIsHeardOfAgain() {
    AtomicInteger tries = new AtomicInteger();
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "child",
                        ctx -> {
                          if (tries.incrementAndGet() == 1) {
                            throw new IllegalStateException("first try");
                          }
                          return "child";
                        })
                    .orchestrator(
                        "main",
                        ctx -> {
                          TaskOptions twice = TaskOptions.retry(RetryPolicy.of(3, Duration.ZERO));
                          String result =
                              ctx.callSubOrchestrator(
                                      "child", null, twice.withInstanceId("c"), String.class)
                                  .await();
                          failIfBroken();
                          return result;
                        }));
    String id = hub.client().startNew("main");
    mendAndRewind(hub, id);
    assertCompletes(hub, id);
  }

  @Test
  void aFallbackMayHaveTheIdOfWhatFailed() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "child",
                        String.class,
                        (ctx, input) -> {
                          if (input.equals("first")) {
                            failIfBroken();
                          }
                          return input;
                        })
                    .orchestrator(
                        "main",
                        ctx -> {
                          String result;
                          try {
                            result = call(ctx, "first", "c").await();
                          } catch (TaskFailedException e) {
                            result = call(ctx, "fallback", "c").await();
                          }
                          failIfBroken();
                          return result;
                        }));
    String id = hub.client().startNew("main");
    mendAndRewind(hub, id);
    assertCompletes(hub, id);
  }

  private TestHub hubWhoseChildrenWait(UnaryOperator<FunctionRegistry.Builder> main) {
    return hub(
        f ->
            main.apply(
                f.orchestrator(
                    "child",
                    String.class,
                    (ctx, input) -> {
                      ctx.waitForExternalEvent("go", String.class).await();
                      return input;
                    })));
  }

  /** The second is refused. What the parent makes of that is its business, but it must not hang. */
  @Test
  void twoCallsOfOneIdBothEnd() {
    TestHub hub =
        hubWhoseChildrenWait(
            f ->
                f.orchestrator(
                    "main",
                    ctx ->
                        String.join(
                            "",
                            ctx.allOf(List.of(call(ctx, "1", "c"), call(ctx, "2", "c"))).await())));
    String id = hub.start("main");
    hub.until("there is a child", () -> hub.client().status("c").isPresent());
    hub.client().raiseEvent("c", "go", "x");
    mendAndRewind(hub, id);
    hub.until("it is started for the second", () -> !hub.status("c").isTerminal());
    hub.client().raiseEvent("c", "go", "x");
    assertThat(hub.client().waitForCompletion(id, SOON).isTerminal()).isTrue();
  }

  @Test
  void theResultOfAChildWhoseCallWasRemovedGoesToNoOther() {
    TestHub hub =
        hubWhoseChildrenWait(
            f ->
                f.activity(
                        "charge",
                        String.class,
                        x -> {
                          failIfBroken();
                          return x;
                        })
                    .orchestrator(
                        "main",
                        ctx -> {
                          try {
                            ctx.callActivity("charge", "x", String.class).await();
                          } catch (TaskFailedException e) {
                            var unused = call(ctx, "the clean-up", "cleanup");
                            throw e;
                          }
                          return call(ctx, "the work", "work").await();
                        }));
    String id = hub.client().startNew("main");
    hub.until("it cleans up", () -> hub.client().status("cleanup").isPresent());
    mendAndRewind(hub, id);
    hub.until("it works", () -> hub.client().status("work").isPresent());
    hub.client().raiseEvent("cleanup", "go", "x");
    hub.client().waitForCompletion("cleanup", SOON);
    hub.client().raiseEvent("work", "go", "x");
    assertThat(hub.output(id, String.class)).isEqualTo("the work");
  }

  private static FunctionRegistry.Builder aThenB(FunctionRegistry.Builder f) {
    return f.orchestrator(
        "main",
        ctx ->
            ctx.callActivity("a", "a", String.class).await()
                + ctx.callActivity("b", "b", String.class).await());
  }

  @Test
  void aRewindAfterNonDeterminismKeepsWhatWasDone() {
    AtomicInteger runsOfB = new AtomicInteger();
    CountDownLatch never = new CountDownLatch(1);
    UnaryOperator<FunctionRegistry.Builder> activities =
        f ->
            f.activity("a", String.class, x -> x)
                .activity(
                    "b",
                    String.class,
                    x -> {
                      runsOfB.incrementAndGet();
                      return x;
                    });
    TestHub hub =
        hub(
            o ->
                o.withOnNonDeterminism(EngineOptions.OnNonDeterminism.FAIL)
                    .withShutdownGrace(Duration.ofMillis(50)),
            f ->
                aThenB(
                    f.activity("a", String.class, x -> x)
                        .activity(
                            "b",
                            String.class,
                            x -> {
                              never.await();
                              return x;
                            })));
    String id = hub.start("main");
    hub.until(
        "b is called",
        () ->
            hub.history(id).stream()
                .anyMatch(e -> e instanceof TaskScheduled call && call.name().equals("b")));
    hub.restartProgram(
        f ->
            activities
                .apply(f)
                .orchestrator("main", ctx -> ctx.callActivity("b", "b", String.class).await()));
    hub.failure(id);
    assertThat(hub.history(id))
        .anyMatch(e -> e instanceof TaskCompleted result && result.taskId() == 1);
    hub.restartProgram(f -> aThenB(activities.apply(f)));
    hub.client().rewind(id, null);
    assertThat(hub.output(id, String.class)).isEqualTo("ab");
    assertThat(runsOfB).hasValue(1);
  }
}
