package dev.perdure.bench.workloads;

import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.CpuClock;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.Workload;
import java.time.Duration;
import org.HdrHistogram.Histogram;

/** An HTTP function that returns a text, as often as it goes. Callers are in the same JVM. */
public final class HttpFunction implements Workload {
  private static final int CONNECTIONS = 32;
  private static final double GOAL = 15_000;

  @Override
  public String name() {
    return "http-function";
  }

  @Override
  public String describes() {
    return "functions host: an HTTP function that returns a text, %d connections"
        .formatted(CONNECTIONS);
  }

  @Override
  public void run(BenchContext context) throws Exception {
    byte[] request = HttpConnection.request("GET", "/api/Hello", "");
    try (BenchApp app = BenchApp.start(context.hub());
        Connections connections = new Connections(CONNECTIONS, app.host.httpPort());
        ClosedLoop load = ClosedLoop.start(CONNECTIONS, () -> connections.exchange(request, 200))) {
      load.run(
          context.sized(Duration.ofSeconds(15), Duration.ofSeconds(4), Duration.ofMillis(500)));
      load.latencies();
      long before = load.done();
      StopWatch watch = StopWatch.start();
      CpuClock cpu = CpuClock.start();
      load.run(
          context.sized(Duration.ofSeconds(15), Duration.ofSeconds(4), Duration.ofMillis(500)));
      long done = load.done() - before;
      double seconds = watch.seconds();
      double micros = cpu.microsPer((double) done);
      Histogram latencies = load.latencies();
      load.stop();
      context.report(
          Figure.of("throughput", done / seconds, "requests/s")
              .withGoal(Goal.atLeast(GOAL))
              .withCpu(micros));
      context.report(Figure.of("latency-p50", latencies.getValueAtPercentile(50) / 1e6, "ms"));
      context.report(Figure.of("latency-p99", latencies.getValueAtPercentile(99) / 1e6, "ms"));
    }
  }
}
