package dev.perdure.metrics;

import dev.perdure.engine.Engine;
import dev.perdure.grpc.worker.WorkerPool;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The library's registry, with the figures of the JVM and of some hubs. Safe from any thread. */
final class Exposition implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final Map<String, HubMetrics> hubs = new ConcurrentHashMap<>();

  Exposition() {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    gc.bindTo(registry);
  }

  void add(String hub, Engine engine, WorkerPool pool) {
    remove(hub); // it may have been removed and made again
    hubs.put(hub, new HubMetrics(registry, hub, engine, pool));
  }

  void remove(String hub) {
    HubMetrics before = hubs.remove(hub);
    if (before != null) {
      before.close();
    }
  }

  String scrape() {
    return registry.scrape();
  }

  @Override
  public void close() {
    gc.close();
    registry.close();
  }
}
