package dev.perdure.metrics;

import dev.perdure.engine.Engine;
import dev.perdure.grpc.worker.WorkerPool;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The figures of one hub, as long as it is open. */
final class HubMetrics implements AutoCloseable {
  private final MeterRegistry registry;
  private final List<Meter> meters = new ArrayList<>();

  HubMetrics(MeterRegistry registry, String hub, Engine engine, WorkerPool pool) {
    this.registry = registry;
    counter(
        "perdure.commits", "Commits made durable since the start", hub, engine, Engine::commits);
    counter(
        "perdure.audit.findings",
        "Instances that nothing will wake, found by audits in the background; should stay 0",
        hub,
        engine,
        Engine::auditFindings);
    counter(
        "perdure.audit.notes",
        "Instances noted by audits in the background because they have waited for long",
        hub,
        engine,
        Engine::auditNotes);
    gauge(
        "perdure.workers.connected",
        "Workers that are connected",
        hub,
        pool,
        WorkerPool::connected);
    gauge(
        "perdure.work.waiting",
        "Steps, activities and batches of entities that wait for a worker",
        hub,
        pool,
        WorkerPool::waiting);
    gauge(
        "perdure.work.without.worker",
        "Steps, activities and batches of entities that no worker that is connected may take",
        hub,
        pool,
        WorkerPool::withoutWorker);
    gauge(
        "perdure.work.running",
        "Steps, activities and batches of entities that workers have",
        hub,
        pool,
        WorkerPool::underWay);
  }

  private <T> void gauge(
      String name, String description, String hub, T of, ToDoubleFunction<T> value) {
    meters.add(
        Gauge.builder(name, of, value).description(description).tag("hub", hub).register(registry));
  }

  private <T> void counter(
      String name, String description, String hub, T of, ToDoubleFunction<T> value) {
    meters.add(
        FunctionCounter.builder(name, of, value)
            .description(description)
            .tag("hub", hub)
            .register(registry));
  }

  @Override
  public void close() {
    meters.forEach(registry::remove);
  }
}
