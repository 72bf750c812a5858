package dev.perdure.engine.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.EntityId;
import dev.perdure.api.HistoryEvent.ExecutionRequeued;
import dev.perdure.api.HistoryEvent.WorkRedelivered;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Payload;
import dev.perdure.api.StartOptions;
import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.memory.MemoryDisk;
import dev.perdure.store.memory.MemoryStore;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A hub that is opened for operators records what they ask for, and runs nothing. */
@ExtendWith(QuietLog.class)
class AtRestTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final EngineOptions OPTIONS =
      EngineOptions.DEFAULTS.withShutdownGrace(Duration.ZERO);

  private final MemoryDisk disk = new MemoryDisk();

  /** A host that has functions, as long as it is needed. */
  private void host(UnaryOperator<FunctionRegistry.Builder> functions, Consumer<Engine> use) {
    try (MemoryStore store = MemoryStore.open(disk, 4);
        Engine engine =
            Engine.start(
                store,
                functions.apply(FunctionRegistry.builder()).build(),
                new JacksonDataConverter(),
                OPTIONS)) {
      use.accept(engine);
    }
  }

  private void atRest(Consumer<Engine> use) {
    try (MemoryStore store = MemoryStore.open(disk, 4);
        Engine engine = Engine.atRest(store, new JacksonDataConverter(), OPTIONS)) {
      use.accept(engine);
    }
  }

  private static FunctionRegistry.Builder waiting(FunctionRegistry.Builder functions) {
    return functions
        .orchestrator("wait", ctx -> ctx.waitForExternalEvent("go", String.class).await())
        .orchestrator("parent", ctx -> ctx.callSubOrchestrator("wait", null, String.class).await())
        .entity("counter", ctx -> null);
  }

  private static void start(Engine engine, String name, String id) {
    engine.client().startNew(name, null, StartOptions.id(id));
    engine.client().waitForStart(id, PATIENCE);
  }

  private static OrchestrationMetadata status(Engine engine, String id) {
    return engine.client().status(id).orElseThrow();
  }

  @Test
  void theNextHostGoesOnFromWhatOperatorsHaveChanged() {
    host(
        AtRestTest::waiting,
        engine -> {
          start(engine, "wait", "goes-on");
          start(engine, "wait", "paused");
          start(engine, "parent", "family");
        });
    atRest(
        engine -> {
          engine.client().raiseEvent("goes-on", "go", "north");
          engine.client().suspend("paused", "for now");
          engine.requests().terminate("family", Payload.of("\"enough\""), true);
          engine.requests().start("wait", null, StartOptions.id("new"));
          assertThat(status(engine, "goes-on").status()).isEqualTo(OrchestrationStatus.RUNNING);
          assertThat(status(engine, "new").status()).isEqualTo(OrchestrationStatus.PENDING);
          assertThat(status(engine, "family").status()).isEqualTo(OrchestrationStatus.TERMINATED);
        });
    atRest(
        engine ->
            assertThat(
                    engine
                        .client()
                        .query(InstanceQuery.ALL.withStatuses(OrchestrationStatus.TERMINATED))
                        .instances())
                .as("the parent and its child")
                .hasSize(2));
    host(
        AtRestTest::waiting,
        engine -> {
          assertThat(engine.client().waitForCompletion("goes-on", PATIENCE).output(String.class))
              .isEqualTo("north");
          engine.client().waitForStart("new", PATIENCE);
          assertThat(status(engine, "paused").status()).isEqualTo(OrchestrationStatus.SUSPENDED);
          assertThat(engine.client().audit().findings()).isEmpty();
        });
  }

  @Test
  void noTimerFiresAndNoOperationRuns() {
    Instant passed = Instant.now().minusSeconds(60);
    EntityId counter = EntityId.of("counter", "a");
    atRest(
        engine -> {
          engine.requests().start("wait", null, StartOptions.id("due").withScheduledStart(passed));
          engine.requests().signalEntity(counter, "add", null, null);
        });
    atRest(
        engine -> {
          assertThat(status(engine, "due").status()).isEqualTo(OrchestrationStatus.PENDING);
          assertThat(engine.client().getEntity(counter).orElseThrow().operationsWaiting())
              .isEqualTo(1);
        });
    host(
        AtRestTest::waiting,
        engine -> {
          engine.client().waitForStart("due", PATIENCE);
          assertThat(engine.client().audit().findings()).isEmpty();
        });
  }

  @Test
  void whatWasSetAsideStaysSo() {
    host(AtRestTest::waiting, engine -> start(engine, "wait", "i"));
    atRest(engine -> engine.client().raiseEvent("i", "go", "now"));
    host(
        functions -> functions,
        engine -> {
          while (status(engine, "i").problem() == null) {
            Thread.onSpinWait();
          }
        });
    atRest(engine -> engine.client().raiseEvent("i", "another", null));
    atRest(
        engine -> {
          assertThat(status(engine, "i").problem()).isNotNull();
          assertThat(engine.client().history("i")).noneMatch(ExecutionRequeued.class::isInstance);
        });
  }

  @Test
  void aHostThatDiedIsStillSuspectedAfterwards() throws InterruptedException {
    Semaphore running = new Semaphore(0);
    CountDownLatch never = new CountDownLatch(1);
    UnaryOperator<FunctionRegistry.Builder> deadly =
        f ->
            f.orchestrator("calls", ctx -> ctx.callActivity("killer", null, String.class).await())
                .activity(
                    "killer",
                    () -> {
                      running.release();
                      never.await();
                      return "";
                    });
    MemoryStore store = MemoryStore.open(disk, 4);
    Engine dies =
        Engine.start(
            store,
            deadly.apply(FunctionRegistry.builder()).build(),
            new JacksonDataConverter(),
            OPTIONS);
    start(dies, "calls", "victim");
    assertThat(running.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
    disk.crash();
    atRest(engine -> assertThat(status(engine, "victim").isTerminal()).isFalse());
    host(
        deadly,
        engine -> {
          running.acquireUninterruptibly();
          assertThat(engine.client().history("victim")).anyMatch(WorkRedelivered.class::isInstance);
        });
    dies.close();
    store.close();
  }
}
