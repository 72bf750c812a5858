package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.EntityId;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.PurgeFilter;
import dev.perdure.api.StartOptions;
import dev.perdure.api.TaskOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.ForwardingStore;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.Store;
import dev.perdure.store.memory.MemoryDisk;
import dev.perdure.store.memory.MemoryStore;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One row that cannot be read keeps nobody else from its work. */
@ExtendWith(dev.perdure.engine.recovery.QuietLog.class)
class DamagedRowsTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final MemoryDisk disk = new MemoryDisk();

  private static Engine start(Store store) {
    return start(
        store,
        FunctionRegistry.builder()
            .orchestrator("child", ctx -> ctx.waitForExternalEvent("go", String.class).await())
            .orchestrator("quick", ctx -> "ok")
            .orchestrator(
                "main",
                ctx ->
                    ctx.callSubOrchestrator(
                            "child", null, TaskOptions.NONE.withInstanceId("c"), String.class)
                        .await())
            .entity(
                "tally",
                ctx -> {
                  ctx.setState(1);
                  return null;
                }));
  }

  private static Engine start(Store store, FunctionRegistry.Builder functions) {
    return Engine.start(store, functions.build(), new JacksonDataConverter(), TestHub.OPTIONS);
  }

  /** A store in which the row of an instance or an entity is damaged. */
  private static Store damaged(Store store, String damaged) {
    return new ForwardingStore(store) {
      @Override
      public @Nullable InstanceRow loadInstance(int partition, String id) {
        if (id.equals(damaged)) {
          throw new CorruptStoreException("the row of " + id + " is damaged", null);
        }
        return super.loadInstance(partition, id);
      }
    };
  }

  private static void assertOthersWork(Engine engine) {
    for (int i = 0; i < 5; i++) {
      String id = engine.client().startNew("quick");
      assertThat(engine.client().waitForCompletion(id, SOON).status())
          .isEqualTo(OrchestrationStatus.COMPLETED);
    }
  }

  @Test
  void aChildEndsWhoseParentCannotBeRead() {
    try (MemoryStore store = MemoryStore.open(disk, 1);
        Engine engine = start(store)) {
      engine.client().startNew("main", null, StartOptions.id("p"));
      engine.client().waitForStart("p", SOON);
      engine
          .requests()
          .await("c", false)
          .orTimeout(30, java.util.concurrent.TimeUnit.SECONDS)
          .join();
    }
    try (MemoryStore store = MemoryStore.open(disk, 1);
        Engine engine = start(damaged(store, "p"))) {
      engine.client().raiseEvent("c", "go", "x");
      assertThat(engine.client().waitForCompletion("c", SOON).status())
          .isEqualTo(OrchestrationStatus.COMPLETED);
      assertOthersWork(engine);
    }
  }

  /** Retention goes on behind it, each day. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatHasEndedIsPurgedAroundAnInstanceThatCannotBeRead(boolean recursive) {
    List<String> ids = List.of("a", "b", "c", "d", "e");
    try (MemoryStore store = MemoryStore.open(disk, 1);
        Engine engine = start(store)) {
      for (String id : ids) {
        engine.client().startNew("quick", null, StartOptions.id(id));
        engine.client().waitForCompletion(id, SOON);
      }
    }
    try (MemoryStore store = MemoryStore.open(disk, 1);
        Engine engine = start(damaged(store, "b"))) {
      assertThat(engine.client().purge(PurgeFilter.ALL_ENDED.withRecursive(recursive)))
          .isEqualTo(4);
      assertOthersWork(engine);
    }
  }

  @Test
  void aParentIsToldThatItsChildCannotBeRead() {
    try (MemoryStore store = MemoryStore.open(disk, 1);
        Engine engine = start(damaged(store, "c"))) {
      String id = engine.client().startNew("main");
      OrchestrationMetadata main = engine.client().waitForCompletion(id, SOON);
      assertThat(main.failure().toString()).contains("the row of c is damaged");
      assertOthersWork(engine);
    }
  }

  @Test
  void anActiveInstanceThatCannotBeReadKeepsNobodyElseFromGoingOn() {
    List<String> ids = List.of("a", "b", "c");
    try (MemoryStore store = MemoryStore.open(disk, 1);
        Engine engine = start(store)) {
      for (String id : ids) {
        engine.client().startNew("child", null, StartOptions.id(id));
        engine.client().waitForStart(id, SOON);
      }
    }
    try (MemoryStore store = MemoryStore.open(disk, 1);
        Engine engine = start(store, FunctionRegistry.builder())) {
      for (String id : ids) {
        engine.client().raiseEvent(id, "go", "x");
        untilSetAside(engine.client(), id);
      }
    }
    try (MemoryStore store = MemoryStore.open(disk, 1);
        Engine engine = start(damaged(store, "b"))) {
      for (String id : List.of("a", "c")) {
        assertThat(engine.client().waitForCompletion(id, SOON).status())
            .isEqualTo(OrchestrationStatus.COMPLETED);
      }
      assertOthersWork(engine);
    }
  }

  /** The log is cut some time after rows were written, so it speaks of many that are in rows. */
  @ParameterizedTest
  @ValueSource(strings = {"b", "@tally@b"})
  void oneThatTheLogSpeaksOfKeepsNobodyElseFromGoingOn(String damaged) {
    try (MemoryStore store = MemoryStore.open(disk, 1);
        Engine engine = start(store)) {
      for (String id : List.of("a", "b", "c")) {
        engine.client().startNew("child", null, StartOptions.id(id));
        engine.client().waitForStart(id, SOON);
        engine.client().signalEntity(new EntityId("tally", id), "add", 5);
      }
      engine.client().startNew("child", null, StartOptions.id("purged"));
      engine.client().terminate("purged", null);
      engine.client().purge("purged");
      disk.crash();
    }
    try (MemoryStore store = MemoryStore.open(disk, 1);
        Engine engine = start(damaged(store, damaged))) {
      for (String id : List.of("a", "c")) {
        engine.client().raiseEvent(id, "go", "x");
        assertThat(engine.client().waitForCompletion(id, SOON).status())
            .isEqualTo(OrchestrationStatus.COMPLETED);
        until(() -> engine.client().getEntity(new EntityId("tally", id)).isPresent());
      }
      assertOthersWork(engine);
    }
  }

  private static void untilSetAside(PerdureClient client, String id) {
    until(() -> client.status(id).orElseThrow().problem() != null);
  }

  private static void until(BooleanSupplier reached) {
    long deadline = System.nanoTime() + SOON.toNanos();
    while (!reached.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.yield();
    }
  }
}
