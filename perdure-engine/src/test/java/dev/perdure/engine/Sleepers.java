package dev.perdure.engine;

import dev.perdure.api.HistoryEvent.TimerFired;
import dev.perdure.api.PerdureClient;
import dev.perdure.engine.functions.FunctionRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Orchestrations that sleep for an hour, and then keep their turn until they are let go. */
public final class Sleepers {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final AtomicInteger awake = new AtomicInteger();
  private final CountDownLatch release = new CountDownLatch(1);
  private final List<String> ids = new ArrayList<>();

  public FunctionRegistry.Builder register(FunctionRegistry.Builder functions) {
    return functions.orchestrator(
        "sleeper",
        ctx -> {
          ctx.createTimer(Duration.ofHours(1)).await();
          awake.incrementAndGet();
          release.await(); // not what orchestrators should do
          return "awake";
        });
  }

  /** Starts some, and waits until they sleep. */
  public void start(PerdureClient client, int count) {
    for (int i = 0; i < count; i++) {
      ids.add(client.startNew("sleeper"));
    }
    ids.forEach(id -> client.waitForStart(id, PATIENCE));
  }

  public List<String> ids() {
    return ids;
  }

  /** How many have had their turn. */
  public int awake() {
    return awake.get();
  }

  /** How many timers have fired. */
  public long fired(PerdureClient client) {
    return ids.stream()
        .filter(id -> client.history(id).stream().anyMatch(TimerFired.class::isInstance))
        .count();
  }

  public void letGo() {
    release.countDown();
  }
}
