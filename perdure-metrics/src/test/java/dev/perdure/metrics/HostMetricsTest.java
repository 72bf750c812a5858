package dev.perdure.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.StartOptions;
import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineEnvironment;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.grpc.worker.WorkerPool;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.Store;
import dev.perdure.store.memory.MemoryStore;
import dev.perdure.testing.LivenessAudit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HostMetricsTest {
  private final HostMetrics metrics = new HostMetrics();
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    metrics.close();
    for (AutoCloseable one : opened.reversed()) {
      one.close();
    }
  }

  /** A hub in which some orchestrations wait for a worker. */
  private void hub(String name, int waiting) {
    EngineEnvironment environment = EngineEnvironment.system();
    WorkerPool pool = new WorkerPool(environment.clock(), 5);
    Store store = new MemoryStore(1);
    opened.add(store);
    Engine engine =
        Engine.start(
            store,
            FunctionRegistry.builder().build(),
            new JacksonDataConverter(),
            EngineOptions.DEFAULTS,
            environment,
            pool);
    opened.add(engine);
    opened.add(LivenessAudit.of(engine.client()));
    metrics.add(name, engine, pool);
    for (int i = 0; i < waiting; i++) {
      engine.client().startNew("Later", null, StartOptions.id("i" + i));
    }
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (pool.waiting() < waiting) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  /** The value of a figure of a hub; null if there is none. */
  private Double figure(String name, String hub) {
    return metrics
        .scrape()
        .lines()
        .filter(line -> line.startsWith("%s{hub=\"%s\"} ".formatted(name, hub)))
        .map(line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElse(null);
  }

  @Test
  void whatHappenedBeforeTheFirstQuestionCounts() {
    hub("a", 3);
    assertThat(figure("perdure_commits_total", "a")).isPositive();
    assertThat(figure("perdure_work_waiting", "a")).isEqualTo(3);
    assertThat(figure("perdure_audit_findings_total", "a")).isZero();
    assertThat(figure("perdure_audit_notes_total", "a")).isZero();
    assertThat(metrics.scrape()).contains("jvm_memory_used_bytes", "jvm_threads_live_threads");
  }

  @Test
  void hubsAreToldOfBesideEachOtherFromWhenTheyAreOpened() {
    hub("a", 1);
    assertThat(figure("perdure_work_waiting", "b")).isNull();
    hub("b", 2);
    assertThat(figure("perdure_work_waiting", "a")).isEqualTo(1);
    assertThat(figure("perdure_work_waiting", "b")).isEqualTo(2);
  }

  @Test
  void aHubThatIsMadeAgainTakesThePlaceOfTheOneBefore() {
    hub("a", 1);
    assertThat(figure("perdure_work_waiting", "a")).isEqualTo(1);
    hub("a", 2);
    assertThat(figure("perdure_work_waiting", "a")).isEqualTo(2);
    assertThat(figure("perdure_workers_connected", "a")).isZero();
  }

  @Test
  void aHubThatIsRemovedIsToldOfNoMore() {
    hub("a", 1);
    hub("b", 1);
    assertThat(figure("perdure_work_waiting", "a")).isEqualTo(1);
    metrics.remove("a");
    assertThat(metrics.scrape()).doesNotContain("hub=\"a\"").contains("hub=\"b\"");
  }

  @Test
  void nothingIsToldOnceClosed() {
    hub("a", 0);
    metrics.close();
    assertThat(metrics.scrape()).isEmpty();
  }
}
