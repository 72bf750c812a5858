package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.CriticalSection;
import dev.perdure.api.Entity;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.EntityLockGranted;
import dev.perdure.api.HistoryEvent.EntityLockRequested;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationCompleted;
import dev.perdure.api.HistoryEvent.EntityOperationFailed;
import dev.perdure.api.HistoryEvent.EntityOperationSignaled;
import dev.perdure.api.HistoryEvent.EntityUnlockSent;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Problem;
import dev.perdure.api.StartOptions;
import dev.perdure.api.Task;
import dev.perdure.api.TaskFailedException;
import dev.perdure.engine.EngineOptions.OnNonDeterminism;
import dev.perdure.engine.functions.FunctionRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an orchestration does with entities is done once, and replayed as it was. */
class EntityReplayTest extends Scenarios {
  @Entity
  static class Counter {
    int value;

    int add(int n) {
      if (n < 0) {
        throw new IllegalArgumentException("negative");
      }
      value += n;
      return value;
    }
  }

  private static EntityId counter(String key) {
    return EntityId.of(Counter.class, key);
  }

  private static final EntityId A = counter("a");
  private static final EntityId B = counter("b");

  private static int value(TestHub hub, EntityId counter) {
    return hub.client()
        .getEntity(counter)
        .map(e -> e.state(Counter.class))
        .map(c -> c.value)
        .orElse(0);
  }

  @Test
  void everythingIsSentOnceHoweverOftenTheCodeIsReplayed() {
    TestHub hub =
        hub(
            f ->
                f.entity(Counter.class)
                    .orchestrator(
                        "main",
                        ctx -> {
                          List<Object> seen = new ArrayList<>();
                          seen.add(ctx.callEntity(A, Counter::add, 1).await());
                          ctx.signalEntity(B, Counter::add, 10);
                          ctx.createTimer(Duration.ofSeconds(1)).await();
                          try (CriticalSection section = ctx.lockEntities(B, A).await()) {
                            seen.add(ctx.callEntity(B, Counter::add, 1).await());
                            ctx.waitForExternalEvent("go", String.class).await();
                            seen.add(ctx.lockedEntities().size());
                            seen.add(ctx.callEntity(B, Counter::add, 1).await());
                          }
                          ctx.waitForExternalEvent("go", String.class).await();
                          try {
                            ctx.callEntity(A, Counter::add, -1).await();
                          } catch (TaskFailedException e) {
                            seen.add(e.details().message());
                          }
                          seen.add(ctx.callEntity(A, Counter::add, 1).await());
                          return seen.toString();
                        }));
    String id = hub.start("main");
    hub.untilWaitingFor(id, "timer");
    hub.advance(Duration.ofSeconds(1));
    hub.untilWaitingFor(id, "external event");
    hub.client().raiseEvent(id, "go");
    hub.client().raiseEvent(id, "go");

    assertThat(hub.output(id, String.class)).isEqualTo("[1, 11, 2, 12, negative, 2]");
    assertThat(value(hub, A)).isEqualTo(2);
    assertThat(value(hub, B)).isEqualTo(12);
    assertThat(hub.client().getEntity(A).map(EntityMetadata::lockedBy)).isEmpty();
  }

  @Test
  void anOrchestrationGoesOnInTheMiddleOfACriticalSectionAfterARestart() {
    TestHub hub = hub(EntityReplayTest::sections);
    String id = hub.start("sections");
    for (int i = 0; i < 3; i++) {
      hub.untilWaitingFor(id, "external event");
      hub.restartProgram(EntityReplayTest::sections);
      assertThat(hub.client().getEntity(A).orElseThrow().lockedBy()).isEqualTo(id);
      hub.client().raiseEvent(id, "go");
    }
    assertThat(hub.output(id, int.class)).isEqualTo(6);
    hub.until("it is free", () -> hub.client().getEntity(A).orElseThrow().lockedBy() == null);
  }

  private static FunctionRegistry.Builder sections(FunctionRegistry.Builder f) {
    return f.entity(Counter.class)
        .orchestrator(
            "sections",
            ctx -> {
              int sum = 0;
              for (int i = 0; i < 3; i++) {
                try (CriticalSection section = ctx.lockEntities(A).await()) {
                  ctx.waitForExternalEvent("go", String.class).await();
                  sum += ctx.callEntity(A, Counter::add, 1).await();
                }
              }
              return sum;
            });
  }

  @Test
  void theHistoryTellsTheWholeStory() {
    TestHub hub =
        hub(
            f ->
                f.entity(Counter.class)
                    .orchestrator(
                        "main",
                        ctx -> {
                          ctx.signalEntity(A, "Add", 1, ctx.currentInstant().plusSeconds(5));
                          ctx.lockEntities(B, A).await();
                          ctx.callEntity(B, "add", 3).await();
                          try {
                            ctx.callEntity(B, "add", -3).await();
                          } catch (TaskFailedException e) {
                            return "failed";
                          }
                          return null;
                        }));
    String id = hub.client().startNew("main");
    hub.end(id);

    List<HistoryEvent> story =
        hub.history(id).stream().filter(e -> !(e instanceof OrchestratorCompleted)).toList();

    assertThat(story)
        .extracting(e -> e.getClass().getSimpleName())
        .containsExactly(
            "ExecutionStarted",
            "EntityOperationSignaled",
            "EntityLockRequested",
            "EntityLockGranted",
            "EntityOperationCalled",
            "EntityOperationCompleted",
            "EntityOperationCalled",
            "EntityOperationFailed",
            "ExecutionCompleted");
    EntityOperationSignaled signal = hub.history(id, EntityOperationSignaled.class).getFirst();
    assertThat(signal.instanceId()).isEqualTo("@counter@a");
    assertThat(signal.operation()).isEqualTo("Add");
    assertThat(signal.scheduledTime()).isEqualTo(TestHub.NOON.plusSeconds(5));
    EntityLockRequested request = hub.history(id, EntityLockRequested.class).getFirst();
    assertThat(request.lockSet()).containsExactly("@counter@a", "@counter@b");
    assertThat(hub.history(id, EntityLockGranted.class).getFirst().taskId())
        .isEqualTo(request.taskId());
    assertThat(hub.history(id, EntityOperationCalled.class))
        .extracting(EntityOperationCalled::taskId)
        .containsExactly(2, 3);
    assertThat(hub.history(id, EntityOperationCompleted.class).getFirst().taskId()).isEqualTo(2);
    assertThat(hub.history(id, EntityOperationFailed.class).getFirst().failure().message())
        .isEqualTo("negative");
    assertThat(hub.history(id, EntityUnlockSent.class)).isEmpty();
  }

  // ---- changed code
  // -------------------------------------------------------------------------------

  /** What became of the code while the host was down. */
  enum Change {
    ANOTHER_ENTITY("call of operation 'add' of entity '@counter@a'", "entity '@counter@b'") {
      @Override
      void run(OrchestrationContext ctx) {
        ctx.callEntity(B, "add", 1).await();
      }
    },
    ANOTHER_OPERATION("call of operation 'add' of entity '@counter@a'", "operation 'delete'") {
      @Override
      void run(OrchestrationContext ctx) {
        ctx.callEntity(A, "delete").await();
      }
    },
    A_SIGNAL_FOR_A_CALL("call of operation 'add'", "operation 'add' signaled to") {
      @Override
      void run(OrchestrationContext ctx) {
        ctx.signalEntity(A, "add", 1);
      }
    },
    NO_SIGNAL("operation 'add' signaled to entity '@counter@b'", "lock on") {
      @Override
      void run(OrchestrationContext ctx) {
        ctx.callEntity(A, "add", 1).await();
        ctx.lockEntities(A, B).await();
      }
    },
    OTHER_LOCKS("lock on @counter@a, @counter@b", "lock on @counter@b") {
      @Override
      void run(OrchestrationContext ctx) {
        ctx.callEntity(A, "add", 1).await();
        ctx.signalEntity(B, "add", 1);
        ctx.lockEntities(B).await();
      }
    },
    NO_LOCKS("lock on @counter@a, @counter@b", "timer") {
      @Override
      void run(OrchestrationContext ctx) {
        ctx.callEntity(A, "add", 1).await();
        ctx.signalEntity(B, "add", 1);
        ctx.createTimer(Duration.ofDays(1)).await();
      }
    },
    AN_EARLY_RELEASE("nothing more in this step", "release of lock") {
      @Override
      void run(OrchestrationContext ctx) {
        ctx.callEntity(A, "add", 1).await();
        ctx.signalEntity(B, "add", 1);
        ctx.lockEntities(A, B).await().close();
        ctx.waitForExternalEvent("go", String.class).await();
      }
    },
    A_LATE_RELEASE("release of lock #2", "waits without having asked for it") {
      @Override
      void run(OrchestrationContext ctx) {
        ctx.callEntity(A, "add", 1).await();
        ctx.signalEntity(B, "add", 1);
        CriticalSection section = ctx.lockEntities(A, B).await();
        ctx.waitForExternalEvent("go", String.class).await();
        ctx.waitForExternalEvent("go", String.class).await();
        section.close();
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

  private static FunctionRegistry.Builder right(FunctionRegistry.Builder f) {
    return f.entity(Counter.class)
        .orchestrator(
            "main",
            ctx -> {
              ctx.callEntity(A, "add", 1).await();
              ctx.signalEntity(B, "add", 1);
              try (CriticalSection section = ctx.lockEntities(B, A).await()) {
                ctx.waitForExternalEvent("go", String.class).await();
              }
              ctx.waitForExternalEvent("go", String.class).await();
              return ctx.callEntity(B, Counter::add, 1).await();
            });
  }

  private static FunctionRegistry.Builder wrong(FunctionRegistry.Builder f, Change change) {
    return f.entity(Counter.class)
        .orchestrator(
            "main",
            ctx -> {
              change.run(ctx);
              return "wrong";
            });
  }

  private TestHub hubWithChangedCode(OnNonDeterminism then, Change change) {
    TestHub hub = hub(o -> o.withOnNonDeterminism(then), EntityReplayTest::right);
    hub.client().startNew("main", null, StartOptions.id("i"));
    hub.untilWaitingFor("i", "external event");
    if (change == Change.A_LATE_RELEASE) {
      hub.client().raiseEvent("i", "go");
      hub.until("it was released", () -> !hub.history("i", EntityUnlockSent.class).isEmpty());
    }
    hub.restartProgram(f -> wrong(f, change));
    hub.client().raiseEvent("i", "go");
    return hub;
  }

  @ParameterizedTest
  @EnumSource
  void changedCodeIsSetAsideAndGoesOnOncePutRight(Change change) {
    TestHub hub = hubWithChangedCode(OnNonDeterminism.SET_ASIDE, change);
    hub.until("it is set aside", () -> hub.status("i").problem() != null);

    OrchestrationMetadata aside = hub.status("i");
    assertThat(aside.problem().kind()).isEqualTo(Problem.Kind.NONDETERMINISM);
    assertThat(aside.problem().message()).contains(change.expected, change.actual);
    if (change != Change.A_LATE_RELEASE) {
      assertThat(hub.client().getEntity(A).orElseThrow().lockedBy()).isEqualTo("i");
    }
    hub.restartProgram(EntityReplayTest::right);
    hub.client().raiseEvent("i", "go");
    assertThat(hub.output("i", int.class)).isEqualTo(2);
    hub.until("it is free", () -> hub.client().getEntity(A).orElseThrow().lockedBy() == null);
  }

  @Test
  void changedCodeThatFailsLetsGoOfItsLocks() {
    TestHub hub = hubWithChangedCode(OnNonDeterminism.FAIL, Change.ANOTHER_ENTITY);
    assertThat(hub.end("i").status()).isEqualTo(OrchestrationStatus.FAILED);
    hub.until("it is free", () -> hub.client().getEntity(A).orElseThrow().lockedBy() == null);
  }

  @Test
  void callsThatAreReplayedGetTheAnswersTheyGotThen() {
    TestHub hub =
        hub(
            f ->
                f.entity(Counter.class)
                    .orchestrator(
                        "main",
                        ctx -> {
                          List<Task<Integer>> calls = new ArrayList<>();
                          for (int i = 0; i < 20; i++) {
                            calls.add(ctx.callEntity(counter("" + i % 5), Counter::add, 1));
                          }
                          StringBuilder order = new StringBuilder();
                          while (!calls.isEmpty()) {
                            Task<?> first = ctx.anyOf(calls.toArray(Task[]::new)).await();
                            order.append(calls.indexOf(first)).append(' ');
                            calls.remove(first);
                          }
                          ctx.setCustomStatus(order.toString());
                          ctx.waitForExternalEvent("go", String.class).await();
                          return order.toString();
                        }));
    String id = hub.start("main");
    hub.untilWaitingFor(id, "external event");
    String order = hub.status(id).customStatus(String.class);
    hub.client().raiseEvent(id, "go");
    assertThat(hub.output(id, String.class)).isEqualTo(order);
  }
}
