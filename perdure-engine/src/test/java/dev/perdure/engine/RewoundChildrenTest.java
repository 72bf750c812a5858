package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.RetryPolicy;
import dev.perdure.api.Task;
import dev.perdure.api.TaskFailedException;
import dev.perdure.api.TaskOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Children that a rewound parent had called under one id, or that a rewind has left without a
 * caller.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RewoundChildrenTest extends Scenarios {
  private static final Duration SOON = Duration.ofSeconds(10);

  @Test
  void aChildThatASecondAttemptMadeGoodIsHeardOfAgain() {
    AtomicInteger tries = new AtomicInteger();
    Set<String> bugs = ConcurrentHashMap.newKeySet();
    bugs.add("bug");
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "child",
                        ctx -> {
                          if (tries.incrementAndGet() == 1)
                            throw new IllegalStateException("first try");
                          return "child";
                        })
                    .orchestrator(
                        "main",
                        ctx -> {
                          String c =
                              ctx.callSubOrchestrator(
                                      "child",
                                      null,
                                      TaskOptions.retry(RetryPolicy.of(3, Duration.ZERO))
                                          .withInstanceId("c"),
                                      String.class)
                                  .await();
                          if (bugs.contains("bug")) throw new IllegalStateException("bug");
                          return c;
                        }));
    String id = hub.client().startNew("main");
    hub.failure(id);
    bugs.clear();
    hub.client().rewind(id, null);
    assertThat(hub.client().waitForCompletion(id, SOON).status())
        .isEqualTo(OrchestrationStatus.COMPLETED);
  }

  @Test
  void aFallbackMayHaveTheIdOfWhatFailed() {
    Set<String> bugs = ConcurrentHashMap.newKeySet();
    bugs.add("bug");
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "child",
                        String.class,
                        (ctx, in) -> {
                          if (in.equals("first") && bugs.contains("bug"))
                            throw new IllegalStateException("first");
                          return in;
                        })
                    .orchestrator(
                        "main",
                        ctx -> {
                          String c;
                          try {
                            c =
                                ctx.callSubOrchestrator(
                                        "child",
                                        "first",
                                        TaskOptions.NONE.withInstanceId("c"),
                                        String.class)
                                    .await();
                          } catch (TaskFailedException e) {
                            c =
                                ctx.callSubOrchestrator(
                                        "child",
                                        "fallback",
                                        TaskOptions.NONE.withInstanceId("c"),
                                        String.class)
                                    .await();
                          }
                          if (bugs.contains("bug")) throw new IllegalStateException("bug");
                          return c;
                        }));
    String id = hub.client().startNew("main");
    hub.failure(id);
    bugs.clear();
    hub.client().rewind(id, null);
    assertThat(hub.client().waitForCompletion(id, SOON).status())
        .isEqualTo(OrchestrationStatus.COMPLETED);
  }

  @Test
  void twoCallsOfOneIdBothEnd() {
    Set<String> bugs = ConcurrentHashMap.newKeySet();
    bugs.add("bug");
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "child",
                        ctx -> {
                          ctx.waitForExternalEvent("go", String.class).await();
                          if (bugs.contains("bug")) throw new IllegalStateException("bug");
                          return "ok";
                        })
                    .orchestrator(
                        "main",
                        ctx -> {
                          Task<String> a =
                              ctx.callSubOrchestrator(
                                  "child",
                                  null,
                                  TaskOptions.NONE.withInstanceId("c"),
                                  String.class);
                          Task<String> b =
                              ctx.callSubOrchestrator(
                                  "child",
                                  null,
                                  TaskOptions.NONE.withInstanceId("c"),
                                  String.class);
                          return String.join("", ctx.allOf(List.of(a, b)).await());
                        }));
    String id = hub.start("main");
    hub.until("child", () -> hub.client().status("c").isPresent());
    hub.client().raiseEvent("c", "go", "x");
    hub.failure(id);
    bugs.clear();
    hub.client().rewind(id, null);
    // it may fail again or not, but it must end
    assertThat(hub.client().waitForCompletion(id, SOON).isTerminal()).isTrue();
  }

  @Test
  void aFamilyWithARetriedChildEndsTogetherAfterARewind() {
    // what the audit says about b3
    Set<String> bugs = ConcurrentHashMap.newKeySet();
    bugs.add("bug");
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "child",
                        String.class,
                        (ctx, in) -> {
                          if (in.equals("first") && bugs.contains("bug"))
                            throw new IllegalStateException("first");
                          return in;
                        })
                    .orchestrator(
                        "main",
                        ctx -> {
                          String c;
                          try {
                            c =
                                ctx.callSubOrchestrator(
                                        "child",
                                        "first",
                                        TaskOptions.NONE.withInstanceId("c"),
                                        String.class)
                                    .await();
                          } catch (TaskFailedException e) {
                            c =
                                ctx.callSubOrchestrator(
                                        "child",
                                        "fallback",
                                        TaskOptions.NONE.withInstanceId("c"),
                                        String.class)
                                    .await();
                          }
                          if (bugs.contains("bug")) throw new IllegalStateException("bug");
                          return c;
                        }));
    String id = hub.client().startNew("main");
    hub.failure(id);
    bugs.clear();
    hub.client().rewind(id, null);
  }

  @Test
  void theResultOfAChildWhoseCallWasRemovedGoesToNoOther() {
    Set<String> bugs = ConcurrentHashMap.newKeySet();
    bugs.add("bug");
    TestHub hub =
        hub(
            f ->
                f.activity(
                        "charge",
                        String.class,
                        x -> {
                          if (bugs.contains("bug")) throw new IllegalStateException("bug");
                          return x;
                        })
                    .orchestrator(
                        "waits",
                        String.class,
                        (ctx, in) -> {
                          ctx.waitForExternalEvent("go", String.class).await();
                          return in;
                        })
                    .orchestrator(
                        "main",
                        ctx -> {
                          try {
                            ctx.callActivity("charge", "x", String.class).await();
                          } catch (TaskFailedException e) {
                            ctx.callSubOrchestrator(
                                "waits",
                                "the clean-up",
                                TaskOptions.NONE.withInstanceId("cleanup"),
                                String.class);
                            throw e;
                          }
                          return ctx.callSubOrchestrator(
                                  "waits",
                                  "the work",
                                  TaskOptions.NONE.withInstanceId("work"),
                                  String.class)
                              .await();
                        }));
    String id = hub.client().startNew("main");
    hub.failure(id);
    hub.until("cleanup", () -> hub.client().status("cleanup").isPresent());
    bugs.clear();
    hub.client().rewind(id, null);
    hub.until("work", () -> hub.client().status("work").isPresent());
    hub.client().raiseEvent("cleanup", "go", "x");
    hub.client().waitForCompletion("cleanup", SOON);
    hub.client().raiseEvent("work", "go", "x");
    assertThat(hub.output(id, String.class)).isEqualTo("the work");
  }

  @Test
  void aRewindAfterNonDeterminismKeepsWhatWasDone() {
    AtomicInteger bs = new AtomicInteger();
    CountDownLatch never = new CountDownLatch(1);
    java.util.function.UnaryOperator<FunctionRegistry.Builder> original =
        f ->
            f.activity("a", String.class, x -> x)
                .activity(
                    "b",
                    String.class,
                    x -> {
                      bs.incrementAndGet();
                      return x;
                    })
                .orchestrator(
                    "main",
                    ctx ->
                        ctx.callActivity("a", "a", String.class).await()
                            + ctx.callActivity("b", "b", String.class).await());
    TestHub hub =
        hub(
            o ->
                o.withOnNonDeterminism(EngineOptions.OnNonDeterminism.FAIL)
                    .withShutdownGrace(Duration.ofMillis(50)),
            f ->
                f.activity("a", String.class, x -> x)
                    .activity(
                        "b",
                        String.class,
                        x -> {
                          never.await();
                          return x;
                        })
                    .orchestrator(
                        "main",
                        ctx ->
                            ctx.callActivity("a", "a", String.class).await()
                                + ctx.callActivity("b", "b", String.class).await()));
    String id = hub.start("main");
    hub.until(
        "b",
        () ->
            hub.history(id).stream()
                .anyMatch(
                    e ->
                        e instanceof dev.perdure.api.HistoryEvent.TaskScheduled t
                            && t.name().equals("b")));
    hub.restartProgram(
        f ->
            f.activity("a", String.class, x -> x)
                .activity(
                    "b",
                    String.class,
                    x -> {
                      bs.incrementAndGet();
                      return x;
                    })
                .orchestrator("main", ctx -> ctx.callActivity("b", "b", String.class).await()));
    hub.failure(id);
    assertThat(bs.get()).isEqualTo(1);
    assertThat(hub.history(id))
        .anyMatch(
            e -> e instanceof dev.perdure.api.HistoryEvent.TaskCompleted t && t.taskId() == 1);
    hub.restartProgram(original);
    hub.client().rewind(id, null);
    assertThat(hub.output(id, String.class)).isEqualTo("ab");
    assertThat(bs.get()).isEqualTo(1);
  }
}
