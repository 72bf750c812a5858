package dev.perdure.bench.workloads;

import dev.perdure.Perdure;
import dev.perdure.api.EntityId;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.PerdureClient;
import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.CpuClock;
import dev.perdure.bench.harness.DiskProbe;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.Workload;
import dev.perdure.bench.harness.WorkloadFailedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * An orchestration that calls one entity after the other and waits for each result, alone on the
 * machine, beside the time of a bare commit on the same disk. The time of a call is measured in the
 * orchestrator's own code, from one result to the next. The entities are spread over all
 * partitions, so seven of eight calls cross from one partition to another and back.
 */
public final class EntityCall implements Workload {
  private static final Goal COMMITS = Goal.below(6);
  private static final int ENTITIES = 100;

  @Override
  public String name() {
    return "entity-call";
  }

  @Override
  public String describes() {
    return "calls of entities from one orchestration, in multiples of the disk's commit time";
  }

  @Override
  public void run(BenchContext context) throws Exception {
    int rounds = context.sized(10, 4, 2);
    int callsPerRound = context.sized(1_000, 300, 20);
    int warmUp = context.sized(10_000, 2_000, 20);
    Histogram nanos = new Histogram(3);
    DiskProbe disk = new DiskProbe();
    double cpuMicros = 0;
    Path directory = context.hub();
    try (Perdure perdure =
        Perdure.embedded(directory)
            .entity(Counter.NAME, Counter.class)
            .orchestrator("caller", Integer.class, (ctx, calls) -> call(ctx, calls, nanos))
            .start()) {
      PerdureClient client = perdure.client();
      context.progress("warming up");
      run(client, warmUp);
      nanos.reset();
      for (int round = 0; round < rounds; round++) {
        disk.sample(context.directory(), 60);
        CpuClock cpu = CpuClock.start();
        run(client, callsPerRound);
        cpuMicros += cpu.microsPer(callsPerRound) / rounds;
      }
      long sent = warmUp + (long) rounds * callsPerRound;
      long counted = Counter.sumWhenAtRest(client);
      WorkloadFailedException.unless(
          counted == sent, "%,d calls were made and %,d counted.", sent, counted);
    }
    report(context, nanos, disk, cpuMicros);
  }

  private static void report(
      BenchContext context, Histogram nanos, DiskProbe disk, double cpuMicros) throws IOException {
    double p50 = nanos.getValueAtPercentile(50) / 1e6;
    context.report(
        Figure.of("call-commits", p50 / disk.p50Millis(), "raw commits at p50")
            .withGoal(COMMITS)
            .withCpu(cpuMicros));
    context.report(Figure.of("call-p50", p50, "ms"));
    context.report(Figure.of("call-p99", nanos.getValueAtPercentile(99) / 1e6, "ms"));
    context.report(Figure.of("raw-commit-p50", disk.p50Millis(), "ms"));
  }

  private static void run(PerdureClient client, int calls) {
    Clients.await(client, client.startNew("caller", calls));
  }

  private static Object call(OrchestrationContext ctx, @Nullable Integer input, Histogram nanos) {
    int calls = Objects.requireNonNull(input);
    StopWatch watch = StopWatch.start();
    for (int i = 0; i < calls; i++) {
      EntityId id = Counter.number(i % ENTITIES);
      ctx.callEntity(id, "add", 1).await();
      if (!ctx.isReplaying()) {
        nanos.recordValue(watch.nanos());
      }
      watch = StopWatch.start();
    }
    return calls;
  }
}
