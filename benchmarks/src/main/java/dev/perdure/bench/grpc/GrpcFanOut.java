package dev.perdure.bench.grpc;

import dev.perdure.bench.grpc.LoadProcess.Measured;
import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.Workload;
import java.util.ArrayList;
import java.util.List;

/** One orchestration that calls 1,000 activities at once, with a server and the Java SDK. */
public final class GrpcFanOut implements Workload {
  private static final double GOAL_SECONDS = 0.5;

  @Override
  public String name() {
    return "grpc-fanout";
  }

  @Override
  public String describes() {
    return "server with workers of the Java SDK: one orchestration with 1,000 activities at once";
  }

  @Override
  public int heapMiB() {
    return 256;
  }

  @Override
  public void run(BenchContext context) throws Exception {
    int activities = context.sized(1_000, 1_000, 20);
    int workers = Integer.getInteger("perdure.bench.workers", 8);
    List<Measured> runs = new ArrayList<>();
    try (ServerProcess server = ServerProcess.start(context.hub());
        LoadProcess load =
            LoadProcess.sdk(
                server,
                workers,
                Integer.getInteger("perdure.bench.connections", workers),
                "fanout",
                activities,
                context.sized(20, 5, 1),
                context.sized(11, 5, 1))) {
      load.awaitReady();
      load.run(
          measured -> {
            if (measured.label().equals("run")) {
              runs.add(measured);
            }
          });
    }
    double[] seconds = runs.stream().mapToDouble(Measured::seconds).sorted().toArray();
    double micros = runs.stream().mapToDouble(run -> run.serverMicrosPer(1)).sum() / runs.size();
    context.report(
        Figure.of("median", seconds[seconds.length / 2], "s for 1,000 activities")
            .withGoal(Goal.below(GOAL_SECONDS))
            .withCpu(micros));
    context.report(Figure.of("slowest", seconds[seconds.length - 1], "s"));
    context.report(Figure.of("server-cpu", micros / activities, "CPU us per activity"));
    context.report(
        Figure.of(
            "load-cpu",
            runs.stream().mapToDouble(run -> run.loadMicrosPer(activities)).sum() / runs.size(),
            "CPU us of workers for each"));
  }
}
