package dev.perdure.bench.grpc;

import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.Workload;
import java.time.Duration;

/** A server with many workers that have nothing to do. */
public final class GrpcIdle implements Workload {
  private static final double GOAL_PERCENT = 1;

  /**
   * In the first minute half of the server's processor time is that of its compilers: what is done
   * forty times a second is compiled late.
   */
  private static final Duration SETTLE = Duration.ofMinutes(3);

  @Override
  public String name() {
    return "grpc-idle";
  }

  @Override
  public String describes() {
    return "server with 200 connected workers of the Java SDK and nothing to do";
  }

  @Override
  public int heapMiB() {
    return 256;
  }

  @Override
  public void run(BenchContext context) throws Exception {
    int workers = context.sized(200, 200, 2);
    Duration settle = context.sized(SETTLE, Duration.ofSeconds(5), Duration.ofMillis(100));
    Duration measured =
        context.sized(Duration.ofSeconds(60), Duration.ofSeconds(10), Duration.ofMillis(100));
    try (ServerProcess server = ServerProcess.start(context.hub());
        LoadProcess load = LoadProcess.sdk(server, workers, workers, "idle")) {
      load.awaitReady();
      Thread.sleep(settle);
      double commits = server.commits();
      StopWatch watch = StopWatch.start();
      Duration before = server.cpuTime();
      Thread.sleep(measured);
      Duration cpu = server.cpuTime().minus(before);
      context.report(
          Figure.of("server-cpu", 100 * cpu.toNanos() / (double) watch.nanos(), "% of a core")
              .withGoal(Goal.below(GOAL_PERCENT)));
      context.report(Figure.of("commits", server.commits() - commits, "commits"));
    }
  }
}
