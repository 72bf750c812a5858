package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.DataConverter;
import dev.perdure.api.EntityId;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Payload;
import dev.perdure.api.Task;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.memory.MemoryStore;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One step that asks for more than a commit can hold. */
class StepLimitsTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  /** So many times {@link #LARGE} is more than a step may ask for. */
  private static final int TOO_MANY = 193;

  private static final String LARGE = "x".repeat((4 << 20) - 2);

  /** Converts the large text once: all share it, so that the tests need not have the memory. */
  private static final class Sharing implements DataConverter {
    private final DataConverter json = new JacksonDataConverter();
    private final Payload large = json.toPayload(LARGE);

    @Override
    public Payload toPayload(@Nullable Object value) {
      return LARGE.equals(value) ? large : json.toPayload(value);
    }

    @Override
    public @Nullable Object fromPayload(Payload payload, Type type) {
      return json.fromPayload(payload, type);
    }
  }

  private static Engine start(MemoryStore store) {
    return Engine.start(
        store,
        FunctionRegistry.builder()
            .orchestrator(
                "fan-out",
                ctx -> {
                  List<Task<?>> tasks = new ArrayList<>();
                  for (int i = 0; i < TOO_MANY; i++) {
                    tasks.add(ctx.callActivity("size", LARGE));
                  }
                  ctx.allOf(tasks.toArray(Task<?>[]::new)).await();
                  return null;
                })
            .orchestrator("one", ctx -> ctx.callActivity("size", "x", int.class).await())
            .orchestrator("ask", ctx -> ctx.callEntity(new EntityId("crier", "c"), "cry").await())
            .activity("size", String.class, String::length)
            .entity(
                "crier",
                ctx -> {
                  for (int i = 0; i < TOO_MANY; i++) {
                    ctx.signalEntity(new EntityId("crier", "other"), "hear", LARGE);
                  }
                  return null;
                })
            .build(),
        new Sharing(),
        TestHub.OPTIONS);
  }

  @Test
  void ofAnOrchestrationFailsIt() {
    try (MemoryStore store = new MemoryStore(1);
        Engine engine = start(store)) {
      OrchestrationMetadata ended = run(engine, "fan-out");
      assertThat(ended.status()).isEqualTo(OrchestrationStatus.FAILED);
      assertThat(ended.failure().message())
          .contains("PD-1002", ended.instanceId(), "809,501,444 bytes", "805,306,368");
      assertThat(run(engine, "one").output(int.class)).isEqualTo(1);
    }
  }

  @Test
  void ofAnEntityFailsTheOperation() {
    try (MemoryStore store = new MemoryStore(1);
        Engine engine = start(store)) {
      OrchestrationMetadata ended = run(engine, "ask");
      assertThat(ended.failure().toString())
          .contains("PD-1002", "operation 'cry'", "805,306,368 bytes");
      assertThat(run(engine, "one").output(int.class)).isEqualTo(1);
    }
  }

  private static OrchestrationMetadata run(Engine engine, String name) {
    return engine.client().waitForCompletion(engine.client().startNew(name), SOON);
  }
}
