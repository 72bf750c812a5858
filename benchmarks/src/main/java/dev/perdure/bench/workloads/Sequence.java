package dev.perdure.bench.workloads;

import dev.perdure.Perdure;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.PerdureClient;
import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.CpuClock;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.Workload;
import dev.perdure.bench.harness.WorkloadFailedException;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * One orchestration that calls many activities one after the other: a step must cost the same
 * however long the history is.
 */
public final class Sequence implements Workload {
  private static final double GOAL_RATIO = 1.2;

  @Override
  public String name() {
    return "sequence";
  }

  @Override
  public String describes() {
    return "20,000 activities one after the other: the last 1,000 against the first 1,000";
  }

  @Override
  public void run(BenchContext context) throws Exception {
    int steps = context.sized(20_000, 4_000, 200);
    int window = context.sized(1_000, 400, 50);
    int runs = context.sized(3, 3, 1);
    // When each step's activity ran: in wall time, and in CPU time of the process.
    AtomicLongArray wall = new AtomicLongArray(steps);
    AtomicLongArray cpu = new AtomicLongArray(steps);
    try (Perdure perdure =
        register(
                Perdure.embedded(context.hub()),
                step -> {
                  wall.set(step, System.nanoTime());
                  if (step % window == 0 || step % window == window - 1) {
                    cpu.set(step, CpuClock.now());
                  }
                })
            .start()) {
      PerdureClient client = perdure.client();
      context.progress("warming up");
      sequence(client, steps);
      double[] wallRatios = new double[runs];
      double[] cpuRatios = new double[runs];
      StopWatch watch = StopWatch.start();
      CpuClock total = CpuClock.start();
      for (int i = 0; i < runs; i++) {
        context.progress("run %d of %d: %,d activities", i + 1, runs, steps);
        sequence(client, steps);
        wallRatios[i] = lastToFirst(wall, window);
        cpuRatios[i] = lastToFirst(cpu, window);
      }
      double cpuMicros = total.microsPer(runs);
      double seconds = watch.seconds() / runs;
      context.report(
          Figure.of("last-to-first", median(wallRatios), "x time per step")
              .withGoal(Goal.atMost(GOAL_RATIO))
              .withCpu(cpuMicros));
      context.report(Figure.of("last-to-first-cpu", median(cpuRatios), "x CPU per step"));
      context.report(Figure.of("steps", steps / seconds, "activities/s"));
      context.report(Figure.of("steps-cpu", cpuMicros / steps, "CPU us per activity"));
    }
  }

  /** What a step's activity does besides its work. */
  @FunctionalInterface
  interface StepListener {
    void step(int number);
  }

  static Perdure.Builder register(Perdure.Builder hub, StepListener listener) {
    return hub.orchestrator("sequence", Sequence::orchestrate)
        .activity(
            "next",
            Integer.class,
            number -> {
              listener.step(Objects.requireNonNull(number));
              return number + 1;
            });
  }

  private static int orchestrate(OrchestrationContext context) {
    return count(context, Objects.requireNonNull(context.input(Integer.class)));
  }

  /** Counts up to a number, with an activity for every step. */
  static int count(OrchestrationContext context, int steps) {
    int number = 0;
    for (int i = 0; i < steps; i++) {
      number = Objects.requireNonNull(context.callActivity("next", number, Integer.class).await());
    }
    return number;
  }

  private static void sequence(PerdureClient client, int steps) {
    String id = client.startNew("sequence", steps);
    Integer counted = Clients.await(client, id).output(Integer.class);
    WorkloadFailedException.unless(
        counted != null && counted == steps, "Counted to %s, not to %d.", counted, steps);
  }

  private static double lastToFirst(AtomicLongArray at, int window) {
    int steps = at.length();
    double first = at.get(window - 1) - at.get(0);
    double last = at.get(steps - 1) - at.get(steps - window);
    return last / first;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
