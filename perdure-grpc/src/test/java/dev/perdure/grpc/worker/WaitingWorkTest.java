package dev.perdure.grpc.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.AuditReport;
import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineEnvironment;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.memory.MemoryStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What audits and explanations say of work that no worker takes. */
class WaitingWorkTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2030-01-01T00:00:00Z"));

  private EngineEnvironment environment() {
    return new EngineEnvironment(
        now::get,
        new Random(1),
        Thread.ofVirtual().factory(),
        Thread.ofVirtual().factory(),
        Thread.ofVirtual().factory());
  }

  @Test
  void anAuditSaysThatNoWorkerIsThereForAnActivityThatHasWaitedForLong() {
    WorkerPool pool = new WorkerPool(now::get, 3);
    FunctionRegistry functions =
        FunctionRegistry.builder()
            .orchestrator("order", ctx -> ctx.callActivity("pack", "tea", String.class).await())
            .build();
    try (MemoryStore store = new MemoryStore(2);
        Engine engine =
            Engine.start(
                store,
                functions,
                new JacksonDataConverter(),
                EngineOptions.DEFAULTS,
                environment(),
                pool)) {
      String id = engine.client().startNew("order");
      engine.client().waitForStart(id, PATIENCE);
      WorkerServer.await(() -> pool.waiting() == 1);

      assertThat(engine.client().audit().notes()).isEmpty();
      assertThat(engine.client().explain(id).toString())
          .contains("activity 'pack' (#0): no worker is connected");

      now.updateAndGet(at -> at.plus(Duration.ofMinutes(2)));
      AuditReport report = engine.client().audit();

      assertThat(report.findings()).isEmpty();
      assertThat(report.notes()).hasSize(1);
      assertThat(report.notes().getFirst().instanceId()).isEqualTo(id);
      assertThat(report.notes().getFirst().description())
          .isEqualTo("activity 'pack' (#0) still waits for its turn: no worker is connected");
    }
  }
}
