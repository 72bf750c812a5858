package dev.perdure.bench.grpc;

import dev.perdure.bench.grpc.LoadProcess.Measured;
import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.Workload;
import dev.perdure.bench.harness.WorkloadFailedException;
import java.time.Duration;

/**
 * Hello-sequences of five activities with a server, its workers and its clients on one machine.
 * Workers and clients are those of the Java SDK, or raw ones that show what the server can do.
 */
public final class GrpcHello5 implements Workload {
  private static final double GOAL = 1_500;
  private static final double GOAL_CPU_MICROS = 250;

  /**
   * What the compilers of two JVMs need to come to rest. After 120,000 those of the server still
   * took 27 us of processor time for each orchestration, after 180,000 none that could be seen.
   */
  private static final int WARM_UP_COUNT = 180_000;

  /**
   * Rows are flushed about every 50,000 orchestrations, and after four flushes compacted. In 20 s
   * there was one of each, at a price that is several times that of the average.
   */
  private static final Duration MEASURED = Duration.ofSeconds(60);

  private final boolean raw;

  /**
   * The workload.
   *
   * @param raw whether workers and clients are not those of the SDK
   */
  public GrpcHello5(boolean raw) {
    this.raw = raw;
  }

  @Override
  public String name() {
    return raw ? "grpc-hello5-raw" : "grpc-hello5";
  }

  @Override
  public String describes() {
    return raw
        ? "the same with workers and clients that wait for nothing, in place of the SDK's"
        : "server with workers of the Java SDK: sequences of 5 activities, 256 in flight";
  }

  @Override
  public int heapMiB() {
    return 256; // server and load are JVMs of their own
  }

  @Override
  public void run(BenchContext context) throws Exception {
    int workers = Integer.getInteger("perdure.bench.workers", raw ? 2 : 128);
    int connections = Integer.getInteger("perdure.bench.connections", raw ? workers : 4);
    Object[] arguments = {
      "hello5",
      Integer.getInteger("perdure.bench.inFlight", 256),
      context
          .sized(Duration.ofSeconds(20), Duration.ofSeconds(5), Duration.ofSeconds(3))
          .toMillis(),
      context.sized(WARM_UP_COUNT, 0, 0),
      context.sized(MEASURED, Duration.ofSeconds(5), Duration.ofSeconds(3)).toMillis()
    };
    try (ServerProcess server = ServerProcess.start(context.hub());
        LoadProcess load =
            raw
                ? LoadProcess.raw(server, workers, connections, arguments)
                : LoadProcess.sdk(server, workers, connections, arguments)) {
      load.awaitReady();
      context.progress("%d workers on %d connections", workers, connections);
      load.run(measured -> report(context, measured));
    }
  }

  private static void report(BenchContext context, Measured measured) {
    long done = measured.count();
    WorkloadFailedException.unless(done > 0, "Nothing ended in the time measured.");
    context.report(
        Figure.of("throughput", done / measured.seconds(), "orchestrations/s")
            .withGoal(Goal.atLeast(GOAL))
            .withCpu(measured.serverMicrosPer((double) done)));
    context.report(
        Figure.of("server-cpu", measured.serverMicrosPer((double) done), "CPU us per orchestration")
            .withGoal(Goal.below(GOAL_CPU_MICROS)));
    context.report(
        Figure.of(
            "load-cpu",
            measured.loadMicrosPer((double) done),
            "CPU us of workers and clients for each"));
    context.report(Figure.of("commits", measured.commits() / done, "commits per orchestration"));
    context.report(Figure.of("latency-p50", measured.p50Millis(), "ms"));
    context.report(Figure.of("latency-p99", measured.p99Millis(), "ms"));
  }
}
