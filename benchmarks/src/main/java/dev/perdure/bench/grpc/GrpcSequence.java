package dev.perdure.bench.grpc;

import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.Workload;
import java.util.Map;
import java.util.TreeMap;

/**
 * One orchestration that calls activities one after the other, with a server and the Java SDK. The
 * protocol sends the whole past with each step, so the bytes grow with the square of the length;
 * what the server spends should not.
 */
public final class GrpcSequence implements Workload {
  private static final double GOAL_RATIO = 1.25;

  @Override
  public String name() {
    return "grpc-sequence";
  }

  @Override
  public String describes() {
    return "server with a worker of the Java SDK: 500, 1,000 and 2,000 activities in sequence";
  }

  @Override
  public int heapMiB() {
    return 256;
  }

  /** Sums over the runs of one length. */
  private static final class Sums {
    private int runs;
    private double seconds;
    private double serverMicros;
    private double loadMicros;
  }

  @Override
  public void run(BenchContext context) throws Exception {
    int longest = context.sized(2_000, 400, 20);
    Map<Integer, Sums> byLength = new TreeMap<>();
    int workers = Integer.getInteger("perdure.bench.workers", 2);
    try (ServerProcess server = ServerProcess.start(context.hub());
        LoadProcess load =
            LoadProcess.sdk(
                server,
                workers,
                workers,
                "sequence",
                context.sized(8, 3, 1),
                context.sized(10, 2, 1),
                longest / 4,
                longest / 2,
                longest)) {
      load.awaitReady();
      load.run(
          measured -> {
            if (!measured.label().equals("warm")) {
              Sums sums =
                  byLength.computeIfAbsent(
                      Integer.parseInt(measured.label()), length -> new Sums());
              sums.runs++;
              sums.seconds += measured.seconds();
              sums.serverMicros += measured.serverMicrosPer(1);
              sums.loadMicros += measured.loadMicrosPer(1);
            }
          });
    }
    byLength.forEach(
        (length, sums) -> {
          double steps = (double) sums.runs * length;
          context.report(
              Figure.of(length + "-server-cpu", sums.serverMicros / steps, "CPU us per activity"));
          context.report(
              Figure.of(
                  length + "-load-cpu", sums.loadMicros / steps, "CPU us of workers for each"));
          context.report(Figure.of(length + "-time", sums.seconds / sums.runs, "s"));
        });
    context.report(
        Figure.of(
                "longest-to-shortest",
                perStep(byLength, longest) / perStep(byLength, longest / 4),
                "x server CPU per activity")
            .withGoal(Goal.atMost(GOAL_RATIO)));
  }

  private static double perStep(Map<Integer, Sums> byLength, int length) {
    Sums sums = byLength.get(length);
    return sums == null ? Double.NaN : sums.serverMicros / sums.runs / length;
  }
}
