package dev.perdure.bench.workloads;

import dev.perdure.Perdure;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntitySignal;
import dev.perdure.api.PerdureClient;
import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.CpuClock;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.Workload;
import dev.perdure.bench.harness.WorkloadFailedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Signals to many entities, chosen at random: as a gateway sends what devices report, a hundred at
 * a time; and one by one, each waiting for its own acknowledgement. What counts is the time until
 * the last operation has run.
 */
public final class EntitySignals implements Workload {
  private static final int ENTITIES = 10_000;
  private static final int TOGETHER = 100;
  private static final double GOAL_PER_SECOND = 100_000;

  @Override
  public String name() {
    return "entity-signals";
  }

  @Override
  public String describes() {
    return "signals to %,d counters at random, %d together and one by one"
        .formatted(ENTITIES, TOGETHER);
  }

  @Override
  public void run(BenchContext context) throws Exception {
    Duration warmUp =
        context.sized(Duration.ofSeconds(8), Duration.ofSeconds(3), Duration.ofMillis(200));
    Duration measured =
        context.sized(Duration.ofSeconds(15), Duration.ofSeconds(4), Duration.ofMillis(300));
    try (Perdure perdure =
        Perdure.embedded(context.hub()).entity(Counter.NAME, Counter.class).start()) {
      PerdureClient client = perdure.client();
      LongAdder sent = new LongAdder();
      measure(
          context,
          client,
          sent,
          "signals",
          16,
          warmUp,
          measured,
          Goal.atLeast(GOAL_PER_SECOND),
          () -> {
            List<EntitySignal> signals = new ArrayList<>(TOGETHER);
            for (int i = 0; i < TOGETHER; i++) {
              signals.add(EntitySignal.of(random(), "add", 1));
            }
            client.signalEntities(signals);
            sent.add(TOGETHER);
          });
      measure(
          context,
          client,
          sent,
          "one-by-one",
          256,
          warmUp,
          measured,
          null,
          () -> {
            client.signalEntity(random(), "add", 1);
            sent.increment();
          });
    }
  }

  private static EntityId random() {
    return Counter.number(ThreadLocalRandom.current().nextInt(ENTITIES));
  }

  private static void measure(
      BenchContext context,
      PerdureClient client,
      LongAdder sent,
      String metric,
      int clients,
      Duration warmUp,
      Duration measured,
      @Nullable Goal goal,
      Runnable job)
      throws InterruptedException {
    try (ClosedLoop load = ClosedLoop.start(clients, job)) {
      load.run(warmUp);
      context.progress("%s: warm after %,d signals, measuring", metric, sent.sum());
      long before = sent.sum();
      StopWatch watch = StopWatch.start();
      CpuClock cpu = CpuClock.start();
      load.run(measured);
      load.stop();
      long after = sent.sum();
      long counted = Counter.sumWhenAtRest(client);
      double seconds = watch.seconds();
      double cpuMicros = cpu.microsPer((double) (after - before));
      WorkloadFailedException.unless(
          counted == after, "%,d signals were sent and %,d counted.", after, counted);
      Figure figure = Figure.of(metric, (after - before) / seconds, "signals/s").withCpu(cpuMicros);
      context.report(goal == null ? figure : figure.withGoal(goal));
    }
  }
}
