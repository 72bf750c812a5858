package dev.perdure.bench.workloads;

import dev.perdure.api.PerdureClient;
import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.CpuClock;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.Workload;
import java.time.Duration;
import org.HdrHistogram.Histogram;

/** Hello-sequences whose functions are written against the Azure library, in the host. */
public final class AzureHello5 implements Workload {
  private static final int IN_FLIGHT = 256;
  private static final double GOAL = 1_500;

  @Override
  public String name() {
    return "azure-hello5";
  }

  @Override
  public String describes() {
    return "functions host: sequences of 5 activities of the Azure library, %d in flight"
        .formatted(IN_FLIGHT);
  }

  @Override
  public void run(BenchContext context) throws Exception {
    try (BenchApp app = BenchApp.start(context.hub())) {
      PerdureClient client = app.host.client();
      try (ClosedLoop load = ClosedLoop.start(IN_FLIGHT, () -> Hello5.runOne(client, "Hello5"))) {
        load.run(
            context.sized(Duration.ofSeconds(20), Duration.ofSeconds(5), Duration.ofMillis(500)));
        context.progress("warm after %d orchestrations, measuring", load.done());
        load.latencies();
        long before = load.done();
        StopWatch watch = StopWatch.start();
        CpuClock cpu = CpuClock.start();
        load.run(
            context.sized(Duration.ofSeconds(20), Duration.ofSeconds(5), Duration.ofMillis(500)));
        long done = load.done() - before;
        double seconds = watch.seconds();
        double micros = cpu.microsPer((double) done);
        Histogram latencies = load.latencies();
        load.stop();
        context.report(
            Figure.of("throughput", done / seconds, "orchestrations/s")
                .withGoal(Goal.atLeast(GOAL))
                .withCpu(micros));
        context.report(Figure.of("latency-p50", latencies.getValueAtPercentile(50) / 1e6, "ms"));
        context.report(Figure.of("latency-p99", latencies.getValueAtPercentile(99) / 1e6, "ms"));
      }
    }
  }
}
