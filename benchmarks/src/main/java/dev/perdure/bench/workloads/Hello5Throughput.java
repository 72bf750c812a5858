package dev.perdure.bench.workloads;

import dev.perdure.Perdure;
import dev.perdure.api.PerdureClient;
import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.CpuClock;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.Workload;
import dev.perdure.engine.ActivityStart;
import java.time.Duration;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** Hello-sequences of five activities, 256 in flight, clients in the same process. */
public final class Hello5Throughput implements Workload {
  private static final int IN_FLIGHT = 256;
  private static final double GOAL = 15_000;

  private final ActivityStart activityStart;

  /** The workload for one mode. */
  public Hello5Throughput(ActivityStart activityStart) {
    this.activityStart = activityStart;
  }

  @Override
  public String name() {
    return "hello5-" + activityStart.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String describes() {
    return "sequences of 5 activities, %d in flight, activities start %s"
        .formatted(IN_FLIGHT, activityStart);
  }

  @Override
  public void run(BenchContext context) throws Exception {
    Duration warmUp =
        context.sized(Duration.ofSeconds(10), Duration.ofSeconds(3), Duration.ofMillis(200));
    Duration measured =
        context.sized(Duration.ofSeconds(20), Duration.ofSeconds(4), Duration.ofMillis(500));
    try (Perdure perdure =
        Hello5.register(Perdure.embedded(context.hub()))
            .options(o -> o.withActivityStart(activityStart))
            .start()) {
      PerdureClient client = perdure.client();
      try (ClosedLoop load = ClosedLoop.start(IN_FLIGHT, () -> Hello5.runOne(client))) {
        load.run(warmUp);
        context.progress("warm after %d orchestrations, measuring", load.done());
        load.latencies();
        long before = load.done();
        StopWatch watch = StopWatch.start();
        CpuClock cpu = CpuClock.start();
        load.run(measured);
        long done = load.done() - before;
        double seconds = watch.seconds();
        double cpuMicros = cpu.microsPer((double) done);
        Histogram latencies = load.latencies();
        load.stop();
        context.report(
            Figure.of("throughput", done / seconds, "orchestrations/s")
                .withGoal(goal(context))
                .withCpu(cpuMicros));
        context.report(latency("latency-p50", latencies, 50));
        context.report(latency("latency-p99", latencies, 99));
      }
    }
  }

  /** {@code PIPELINED} has to beat what {@code STRICT} did on this machine a minute ago. */
  private Goal goal(BenchContext context) {
    return switch (activityStart) {
      case STRICT -> Goal.atLeast(GOAL);
      case PIPELINED -> Goal.above(context.earlier("hello5-strict", "throughput").orElse(GOAL));
    };
  }

  private static Figure latency(String metric, Histogram nanos, double percentile) {
    return Figure.of(metric, nanos.getValueAtPercentile(percentile) / 1e6, "ms");
  }
}
