package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.Explanation;
import dev.perdure.api.HistoryEvent.ExecutionSetAside;
import dev.perdure.api.NonDeterminismException;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.OrchestratorLambda;
import dev.perdure.api.Problem;
import dev.perdure.api.StartOptions;
import dev.perdure.api.TaskOptions;
import dev.perdure.api.TypeRef;
import dev.perdure.engine.EngineOptions.OnNonDeterminism;
import dev.perdure.engine.functions.FunctionRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class DeterminismTest extends Scenarios {

  @Test
  void timeUuidsAndRandomNumbersAreTheSameInEveryReplay() {
    List<String> seen = new CopyOnWriteArrayList<>();
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      StringBuilder all = new StringBuilder();
                      for (int i = 0; i < 5; i++) {
                        all.append(ctx.currentInstant())
                            .append(ctx.newUuid())
                            .append(ctx.newUuid())
                            .append(ctx.random().nextLong())
                            .append(ctx.random().nextGaussian())
                            .append('\n');
                        seen.add(i + ":" + all);
                        ctx.createTimer(Duration.ofSeconds(1)).await();
                      }
                      return all.toString();
                    }));

    hub.advance(Duration.ofNanos(123_456)); // clocks know more than a history holds

    String result = hub.endWhileTimePasses(hub.start("main")).output(String.class);

    assertThat(Set.copyOf(seen)).hasSize(5); // however often each was seen
    assertThat(result.lines()).hasSize(5).doesNotHaveDuplicates();
    assertThat(seen).hasSize(mode == RunMode.REPLAYED_AT_EVERY_WAIT ? 5 + 4 + 3 + 2 + 1 + 5 : 5);
  }

  @Test
  void tagsHaveTheSameOrderInEveryProcess() {
    TestHub hub = hub(f -> f.orchestrator("main", ctx -> String.join("", ctx.tags().keySet())));
    Map<String, String> tags = Map.of("e", "1", "d", "2", "c", "3", "b", "4", "a", "5");
    String id = hub.start("main", null, StartOptions.DEFAULT.withTags(tags));
    assertThat(hub.end(id).output(String.class)).isEqualTo("abcde");
  }

  @Test
  void uuidsAndRandomNumbersDifferBetweenInstancesAndGenerations() {
    Set<String> seen = ConcurrentHashMap.newKeySet();
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    Integer.class,
                    (ctx, generation) -> {
                      seen.add(ctx.newUuid().toString());
                      seen.add("" + ctx.random().nextLong());
                      if (generation < 3) {
                        ctx.continueAsNew(generation + 1);
                      }
                      return null;
                    }));

    hub.end(hub.client().startNew("main", 1));
    hub.end(hub.client().startNew("main", 1));

    assertThat(seen).hasSize(2 * 3 * 2);
  }

  @Test
  void theLoggerIsSilentDuringReplay() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          System.Logger log = ctx.logger();
                          log.log(System.Logger.Level.INFO, "begun");
                          ctx.callActivity("nothing").await();
                          log.log(System.Logger.Level.INFO, "{0} of {1}", 1, 2);
                          ctx.createTimer(Duration.ZERO).await();
                          try {
                            ctx.createTimer(Duration.ZERO).await();
                            ctx.logger().log(System.Logger.Level.WARNING, "ended");
                          } finally { // which is passed whenever it is taken out of memory
                            log.log(System.Logger.Level.INFO, "at last");
                          }
                          return log.getName();
                        })
                    .activity("nothing", () -> null));

    try (CapturedLog log = new CapturedLog("dev.perdure.orchestrator.main")) {
      assertThat(hub.run("main", null, String.class)).isEqualTo("dev.perdure.orchestrator.main");
      assertThat(log.messages()).containsExactly("begun", "1 of 2", "ended", "at last");
    }
  }

  @Test
  void codeMayAskWhetherItIsReplaying() {
    List<String> seen = new CopyOnWriteArrayList<>();
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          seen.add("a" + ctx.isReplaying());
                          ctx.callActivity("nothing").await();
                          seen.add("b" + ctx.isReplaying());
                          ctx.callActivity("nothing").await();
                          seen.add("c" + ctx.isReplaying());
                          return null;
                        })
                    .activity("nothing", () -> null));

    hub.end(hub.client().startNew("main"));

    if (mode == RunMode.REPLAYED_AT_EVERY_WAIT) {
      assertThat(seen).containsExactly("afalse", "atrue", "bfalse", "atrue", "btrue", "cfalse");
    } else {
      assertThat(seen).containsExactly("afalse", "bfalse", "cfalse");
    }
  }

  @Test
  void everythingIsAskedForOnceHoweverOftenTheCodeIsReplayed() {
    List<String> calls = new CopyOnWriteArrayList<>();
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        ctx -> {
                          for (int i = 0; i < 4; i++) {
                            ctx.setCustomStatus("turn " + i);
                            ctx.callActivity("note", "activity " + i).await();
                            ctx.callSubOrchestrator(
                                    "child",
                                    i,
                                    TaskOptions.NONE.withInstanceId("child-" + i),
                                    Void.class)
                                .await();
                            ctx.sendEvent("child-" + i, "too late", null);
                            ctx.createTimer(Duration.ofHours(1)).cancel();
                          }
                          return null;
                        })
                    .orchestrator(
                        "child",
                        Integer.class,
                        (ctx, i) -> ctx.callActivity("note", "child " + i).await())
                    .activity("note", String.class, text -> calls.add(text)));

    try (CapturedLog log = new CapturedLog("dev.perdure.partition")) {
      String id = hub.client().startNew("main");
      hub.output(id, Void.class);
      hub.until("all late events are reported", () -> log.messages().size() >= 4);
      assertThat(log.messages()).hasSize(4);
      assertThat(hub.status(id).customStatus(String.class)).isEqualTo("turn 3");
    }

    assertThat(calls)
        .containsExactly(
            "activity 0",
            "child 0",
            "activity 1",
            "child 1",
            "activity 2",
            "child 2",
            "activity 3",
            "child 3");
  }

  @Test
  void customStatusesAreShownWhileItRuns() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      ctx.setCustomStatus(List.of(1, 2));
                      ctx.waitForExternalEvent("clear", Void.class).await();
                      ctx.setCustomStatus(null);
                      ctx.waitForExternalEvent("end", Void.class).await();
                      return null;
                    }));
    String id = hub.start("main");
    assertThat(hub.status(id).customStatus(int[].class)).containsExactly(1, 2);

    hub.client().raiseEvent(id, "clear");

    hub.untilWaitingFor(id, "event 'end'");
    assertThat(hub.status(id).serializedCustomStatus()).isNull();
  }

  // ---- code that does something else than it did ----------------------------------------------

  private static UnaryOperator<FunctionRegistry.Builder> code(OrchestratorLambda main) {
    return f ->
        f.orchestrator("main", main)
            .orchestrator("child", ctx -> "child")
            .activity("a", () -> "a")
            .activity("b", () -> "b");
  }

  private static Object original(OrchestrationContext ctx) {
    String a = ctx.callActivity("a", null, String.class).await();
    ctx.createTimer(Duration.ofMinutes(1)).await();
    ctx.waitForExternalEvent("go", Void.class).await();
    return a;
  }

  /** Runs the original code up to its event, puts other code in place, and goes on. */
  private Problem problemWhenReplacedBy(OrchestratorLambda other) throws InterruptedException {
    TestHub hub = hub(code(DeterminismTest::original));
    String id = runToEvent(hub);
    try (CapturedLog log = new CapturedLog("dev.perdure.partition")) {
      hub.restartProgram(code(other));
      hub.client().raiseEvent(id, "go");
      assertThat(log.next()).contains("Set aside", id);
      hub.until("it is set aside", () -> hub.status(id).problem() != null);
      Problem problem = hub.status(id).problem();
      assertThat(problem.kind()).isEqualTo(Problem.Kind.NONDETERMINISM);
      assertThat(problem.message()).contains(id);
      return problem;
    }
  }

  private static String runToEvent(TestHub hub) {
    String id = hub.start("main");
    hub.untilWaitingFor(id, "timer");
    hub.advance(Duration.ofMinutes(1));
    hub.untilWaitingFor(id, "event 'go'");
    return id;
  }

  @Test
  void anotherCallIsReportedWithWhatWasExpectedWhatWasDoneAndTheLine() throws InterruptedException {
    Problem problem =
        problemWhenReplacedBy(
            ctx -> {
              ctx.callActivity("b").await();
              return "other";
            });

    assertThat(problem.message())
        .contains("call of activity 'a' (#0)")
        .contains("but the code asked for call of activity 'b' (#0)")
        .contains("position 1")
        .contains("DeterminismTest.java:");
  }

  @Test
  void aCallTooManyIsReported() throws InterruptedException {
    Problem problem =
        problemWhenReplacedBy(
            ctx -> {
              ctx.callActivity("a").await();
              ctx.callActivity("b").await();
              return null;
            });

    assertThat(problem.message()).contains("timer (#1)", "call of activity 'b' (#1)");
  }

  @Test
  void oneMoreCallInTheSameStepIsReported() throws InterruptedException {
    Problem problem =
        problemWhenReplacedBy(
            ctx -> {
              ctx.callActivity("a");
              ctx.callActivity("b");
              ctx.createTimer(Duration.ofDays(1)).await();
              return null;
            });

    assertThat(problem.message()).contains("nothing more in this step", "activity 'b' (#1)");
  }

  @Test
  void aCallTooFewIsReported() throws InterruptedException {
    Problem problem =
        problemWhenReplacedBy(
            ctx -> {
              ctx.waitForExternalEvent("go", Void.class).await();
              return null;
            });

    assertThat(problem.message())
        .contains("call of activity 'a' (#0)", "but the code waits without having asked for it");
  }

  @Test
  void anEndTooEarlyIsReported() throws InterruptedException {
    assertThat(problemWhenReplacedBy(ctx -> "the end").message())
        .contains("call of activity 'a' (#0)", "but the code returned");
    assertThat(
            problemWhenReplacedBy(
                    ctx -> {
                      ctx.callActivity("a").await();
                      throw new IllegalStateException("new check");
                    })
                .message())
        .contains("timer (#1)", "threw", "new check");
  }

  @Test
  void anotherKindOfTaskIsReported() throws InterruptedException {
    Problem problem =
        problemWhenReplacedBy(ctx -> ctx.callSubOrchestrator("child", null, String.class).await());

    assertThat(problem.message()).contains("activity 'a'", "sub-orchestration 'child'");
  }

  @Test
  void codeThatSwallowsEverythingCannotHideThatItDiffers() throws InterruptedException {
    Problem problem =
        problemWhenReplacedBy(
            ctx -> {
              try {
                ctx.callActivity("b").await();
              } catch (Throwable e) {
                // as if nothing had happened
              }
              return "hidden";
            });

    assertThat(problem.message()).contains("activity 'a'", "activity 'b'");
  }

  @Test
  void otherInputsAndTimesAreNoDifference() {
    TestHub hub = hub(code(DeterminismTest::original));
    String id = runToEvent(hub);

    hub.restartProgram(
        code(
            ctx -> {
              String a = ctx.callActivity("a", "another input", String.class).await();
              ctx.createTimer(Duration.ofDays(1)).await();
              ctx.waitForExternalEvent("GO", Void.class).await();
              return a + " still";
            }));
    hub.client().raiseEvent(id, "go");

    assertThat(hub.output(id, String.class)).isEqualTo("a still");
  }

  @Test
  void anInstanceThatWasSetAsideGoesOnOnceTheCodeIsPutRight() throws InterruptedException {
    TestHub hub = hub(code(DeterminismTest::original));
    String id = runToEvent(hub);
    try (CapturedLog log = new CapturedLog("dev.perdure.partition")) {
      hub.restartProgram(code(ctx -> ctx.callActivity("b", null, String.class).await()));
      hub.client().raiseEvent(id, "go");
      log.next();
    }
    hub.until("it is set aside", () -> hub.status(id).problem() != null);
    assertThat(hub.status(id).status()).isEqualTo(OrchestrationStatus.RUNNING);
    Explanation explanation = hub.client().explain(id);
    assertThat(explanation.summary()).contains("set aside");
    assertThat(explanation.problem()).isNotNull();

    hub.restartProgram(code(DeterminismTest::original));

    assertThat(hub.output(id, String.class)).isEqualTo("a");
    assertThat(hub.status(id).problem()).isNull();
    assertThat(hub.history(id, ExecutionSetAside.class)).isNotEmpty();
  }

  @Test
  void whatArrivesWhileAnInstanceIsSetAsideIsKept() throws InterruptedException {
    OrchestratorLambda two =
        ctx -> {
          ctx.callActivity("a").await();
          List<String> all = new ArrayList<>();
          all.add(ctx.waitForExternalEvent("e", String.class).await());
          all.add(ctx.waitForExternalEvent("e", String.class).await());
          return all;
        };
    TestHub hub = hub(code(two));
    String id = hub.start("main");
    hub.untilWaitingFor(id, "event");
    try (CapturedLog log = new CapturedLog("dev.perdure.partition")) {
      hub.restartProgram(code(ctx -> "nothing at all"));
      hub.client().raiseEvent(id, "e", "1");
      log.next();
      hub.client().raiseEvent(id, "e", "2");
    }

    hub.restartProgram(code(two));

    assertThat(hub.end(id).output(new TypeRef<List<String>>() {})).containsExactly("1", "2");
  }

  @Test
  void anInstanceMayBeMadeToFailInstead() {
    TestHub hub =
        hub(
            options -> options.withOnNonDeterminism(OnNonDeterminism.FAIL),
            code(DeterminismTest::original));
    String id = runToEvent(hub);
    hub.restartProgram(code(ctx -> ctx.callActivity("b", null, String.class).await()));

    hub.client().raiseEvent(id, "go");

    OrchestrationMetadata end = hub.end(id);
    assertThat(end.failure().isCausedBy(NonDeterminismException.class)).isTrue();
    assertThat(end.failure().message())
        .startsWith("PD-1014: ")
        .contains("activity 'a'", "activity 'b'");
    assertThat(end.failure().stackTrace()).isNull();
    assertThat(end.failure().nonRetriable()).isTrue();
  }

  @Test
  void anInstanceWhoseFunctionIsMissingWaitsUntilItIsThere() throws InterruptedException {
    TestHub hub = hub(code(DeterminismTest::original));
    String id = runToEvent(hub);
    try (CapturedLog log = new CapturedLog("dev.perdure.partition")) {
      hub.restartProgram(f -> f.orchestrator("mainn", ctx -> null));
      hub.client().raiseEvent(id, "go");
      assertThat(log.next()).contains("Set aside");
    }
    hub.until("it is set aside", () -> hub.status(id).problem() != null);
    assertThat(hub.status(id).problem().kind()).isEqualTo(Problem.Kind.FUNCTION_NOT_FOUND);
    assertThat(hub.status(id).problem().message()).contains("'main'", "mainn");

    hub.restartProgram(code(DeterminismTest::original));

    assertThat(hub.output(id, String.class)).isEqualTo("a");
  }
}
