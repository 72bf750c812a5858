package dev.perdure.metrics;

import dev.perdure.engine.Engine;
import dev.perdure.grpc.worker.WorkerPool;
import java.lang.ref.WeakReference;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The figures of the hubs of a process and of its JVM, in the text format of Prometheus.
 *
 * <p>The figures are counted by the hubs themselves, so nothing is lost by asking late: the library
 * that writes them is loaded with the first question, and a host that nobody asks starts without.
 * (Pauses of the garbage collector alone are counted from the first question on.) Nothing is kept
 * beyond the process. Safe from any thread.
 */
public final class HostMetrics implements AutoCloseable {
  private final Map<String, Source> hubs = new LinkedHashMap<>();
  private @Nullable Exposition exposition; // null until somebody asks
  private boolean closed;

  /** What the figures of a hub are taken from; a hub that is removed is not kept by it. */
  private record Source(WeakReference<Engine> engine, WeakReference<WorkerPool> pool) {
    void addTo(Exposition exposition, String hub) {
      Engine open = engine.get();
      WorkerPool workers = pool.get();
      if (open != null && workers != null) {
        exposition.add(hub, open, workers);
      }
    }
  }

  /**
   * Tells of a hub from now on; if one of that name was told of before, no more of that one.
   *
   * @param hub its name, which the figures carry as the label {@code hub}
   * @param pool the workers of the hub, asked for its work
   */
  public synchronized void add(String hub, Engine engine, WorkerPool pool) {
    hubs.put(hub, new Source(new WeakReference<>(engine), new WeakReference<>(pool)));
    if (exposition != null) {
      exposition.add(hub, engine, pool);
    }
  }

  /** Tells of a hub no more, such as one that was closed. */
  public synchronized void remove(String hub) {
    hubs.remove(hub);
    if (exposition != null) {
      exposition.remove(hub);
    }
  }

  /**
   * The figures as they are now, a line each, in the text format of Prometheus; empty once closed.
   */
  public String scrape() {
    Exposition asked = exposition();
    return asked == null ? "" : asked.scrape();
  }

  private synchronized @Nullable Exposition exposition() {
    if (exposition == null && !closed) {
      Exposition made = new Exposition();
      hubs.forEach((hub, source) -> source.addTo(made, hub));
      exposition = made;
    }
    return exposition;
  }

  /** Lets go of the hubs and the library. */
  @Override
  public synchronized void close() {
    closed = true;
    hubs.clear();
    if (exposition != null) {
      exposition.close();
      exposition = null;
    }
  }
}
