package dev.perdure.engine.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.HistoryEvent.ExecutionRequeued;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Problem;
import dev.perdure.api.TaskOptions;
import dev.perdure.engine.EngineOptions.OnNonDeterminism;
import dev.perdure.engine.functions.FunctionRegistry;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Invariant 4: code that contradicts its history is never silently wrong, and never lost. */
@ExtendWith(QuietLog.class)
class SetAsideTest {
  /** What became of the code while the host was down. */
  enum Change {
    ANOTHER_NAME("activity 'one'", "activity 'other'") {
      @Override
      void run(OrchestrationContext ctx) {
        ctx.callActivity("other", 1, Integer.class).await();
      }
    },
    ANOTHER_ORDER("activity 'one'", "activity 'two'") {
      @Override
      void run(OrchestrationContext ctx) {
        ctx.callActivity("two", 1, Integer.class).await();
        ctx.callActivity("one", 1, Integer.class).await();
      }
    },
    A_CALL_LESS("activity 'two'", "") {
      @Override
      void run(OrchestrationContext ctx) {
        ctx.callActivity("one", 1, Integer.class).await();
        ctx.waitForExternalEvent("go", String.class).await();
      }
    },
    A_CALL_MORE("", "activity 'other'") {
      @Override
      void run(OrchestrationContext ctx) {
        ctx.callActivity("one", 1, Integer.class);
        ctx.callActivity("other", 1, Integer.class).await();
      }
    },
    AN_EARLY_RETURN("activity 'one'", "returned") {
      @Override
      void run(OrchestrationContext ctx) {
        ctx.setCustomStatus(null); // the history begins with this, too
      }
    },
    A_TIMER_INSTEAD("activity 'one'", "timer") {
      @Override
      void run(OrchestrationContext ctx) {
        ctx.createTimer(Duration.ofDays(1)).await();
      }
    },
    ANOTHER_CHILD("activity 'one'", "sub-orchestration 'o'") {
      @Override
      void run(OrchestrationContext ctx) {
        ctx.callSubOrchestrator("o", null, TaskOptions.NONE.withInstanceId("child"), String.class)
            .await();
      }
    };

    private final String expected;
    private final String actual;

    Change(String expected, String actual) {
      this.expected = expected;
      this.actual = actual;
    }

    abstract void run(OrchestrationContext ctx);
  }

  private static Consumer<FunctionRegistry.Builder> right() {
    return f ->
        activities(f)
            .orchestrator(
                "o",
                ctx -> {
                  ctx.setCustomStatus(null);
                  int sum = ctx.callActivity("one", 1, Integer.class).await();
                  sum += ctx.callActivity("two", 1, Integer.class).await();
                  return ctx.waitForExternalEvent("go", String.class).await() + sum;
                });
  }

  private static Consumer<FunctionRegistry.Builder> changed(Change change) {
    return f ->
        activities(f)
            .orchestrator(
                "o",
                ctx -> {
                  if (change != Change.AN_EARLY_RETURN) {
                    ctx.setCustomStatus(null);
                  }
                  change.run(ctx);
                  return "wrong";
                });
  }

  private static FunctionRegistry.Builder activities(FunctionRegistry.Builder f) {
    return f.activity("one", Integer.class, n -> n)
        .activity("two", Integer.class, n -> 2 * n)
        .activity("other", Integer.class, n -> n);
  }

  private static World waiting(World world) {
    world.functions(right()).open();
    world.start("a", "o", null);
    world.until(
        "it waits for its event",
        client ->
            client.explain("a").waits().stream().anyMatch(wait -> wait.kind().equals("event")));
    return world;
  }

  @ParameterizedTest
  @EnumSource
  void changedCodeIsSetAsideWithAReportAndGoesOnOncePutRight(Change change) {
    try (World world = waiting(new World())) {
      world.functions(changed(change)).restart();
      world.tell(client -> client.raiseEvent("a", "go", "sum "));
      world.until("it is set aside", client -> client.status("a").orElseThrow().problem() != null);
      OrchestrationMetadata aside = world.status("a");
      assertThat(aside.status()).isEqualTo(OrchestrationStatus.RUNNING);
      assertThat(aside.problem().kind()).isEqualTo(Problem.Kind.NONDETERMINISM);
      assertThat(aside.problem().message())
          .contains("Instance 'a'", "at position ", change.expected, change.actual);
      if (!change.actual.isEmpty() && change != Change.AN_EARLY_RETURN) {
        assertThat(aside.problem().message()).contains("SetAsideTest.java:");
      }
      assertThat(world.client().explain("a").summary()).contains("set aside");
      world.crash();
      world.until("it still is", client -> client.status("a").orElseThrow().problem() != null);

      world.functions(right()).restart();
      assertThat(world.output("a", String.class)).isEqualTo("sum 3");
      Audit.check(world);
    }
  }

  @ParameterizedTest
  @EnumSource
  void changedCodeFailsWhereThatIsWanted(Change change) {
    try (World world =
        waiting(new World().options(o -> o.withOnNonDeterminism(OnNonDeterminism.FAIL)))) {
      world.functions(changed(change)).restart();
      world.tell(client -> client.raiseEvent("a", "go", "sum "));
      OrchestrationMetadata end = world.end("a");
      assertThat(end.status()).isEqualTo(OrchestrationStatus.FAILED);
      assertThat(end.failure().errorType()).contains("NonDeterminism");
    }
  }

  @Test
  void whatIsSetAsideIsTriedAgainWhenItsHostStartsAndNotWhenACommitFails() {
    try (World world = waiting(new World())) {
      world.functions(changed(Change.ANOTHER_NAME)).restart();
      world.tell(client -> client.raiseEvent("a", "go", "sum "));
      world.until("it is set aside", client -> client.status("a").orElseThrow().problem() != null);
      world.warm();
      for (int i = 0; i < 3; i++) {
        world.memory().failNextCommits(1, new IllegalStateException("the disk is full"));
        world.start("b" + i, "o", null);
      }
      assertThat(world.warm().client().history("a")).noneMatch(ExecutionRequeued.class::isInstance);

      world.functions(right()).restart();
      assertThat(world.output("a", String.class)).isEqualTo("sum 3");
      assertThat(world.client().history("a"))
          .filteredOn(ExecutionRequeued.class::isInstance)
          .hasSize(1);
    }
  }

  /** Also invariant 7: what cannot run can still be looked at, suspended and terminated. */
  @ParameterizedTest
  @EnumSource(names = "ANOTHER_NAME")
  void codeThatIsMissingIsWaitedForAndCanBeTerminatedWithoutIt(Change any) {
    try (World world = waiting(new World())) {
      world.start("b", "o", null); // its code may not even have begun
      world.functions(SetAsideTest::activities).restart();
      for (String id : new String[] {"a", "b"}) {
        world.tell(client -> client.raiseEvent(id, "go", "sum "));
        world.until("it is set aside", c -> c.status(id).orElseThrow().problem() != null);
        assertThat(world.status(id).problem().kind()).isEqualTo(Problem.Kind.FUNCTION_NOT_FOUND);
      }
      assertThat(world.client().history("b")).isNotEmpty();
      world.tell(client -> client.suspend("b", "look at it"));
      world.tell(client -> client.terminate("b", "no code"));
      assertThat(world.end("b").status()).isEqualTo(OrchestrationStatus.TERMINATED);
      world.tell(client -> client.purge("b", true));

      world.functions(right()).restart();
      assertThat(world.output("a", String.class)).isEqualTo("sum 3");
      assertThat(world.exists("b")).isFalse();
    }
  }
}
