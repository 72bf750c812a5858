package dev.perdure.bench.workloads;

import dev.perdure.Perdure;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.Task;
import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.CpuClock;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.Workload;
import dev.perdure.bench.harness.WorkloadFailedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One orchestration that calls many activities at once and adds up their results. */
public final class FanOut implements Workload {
  private static final double GOAL_PER_SECOND = 50_000;

  // Linear: ten times the activities take ten times as long. A quarter on top is for caches that
  // hold the smaller one and not the larger.
  private static final double GOAL_RATIO = 1.25;

  @Override
  public String name() {
    return "fanout";
  }

  @Override
  public String describes() {
    return "10,000 and 100,000 activities in one orchestration, results added up";
  }

  @Override
  public void run(BenchContext context) throws Exception {
    int small = context.sized(10_000, 2_000, 100);
    int large = context.sized(100_000, 20_000, 1_000);
    int runs = context.sized(5, 3, 1);
    try (Perdure perdure = register(Perdure.embedded(context.hub())).start()) {
      PerdureClient client = perdure.client();
      context.progress("warming up");
      for (int i = 0; i < 2 * runs; i++) {
        fanOut(client, small);
      }
      double smallNanos = measure(context, client, small, runs);
      double largeNanos = measure(context, client, large, runs);
      context.report(
          Figure.of("linearity", largeNanos / smallNanos, "x time per activity")
              .withGoal(Goal.atMost(GOAL_RATIO)));
    }
  }

  static Perdure.Builder register(Perdure.Builder hub) {
    return hub.orchestrator("fanOut", FanOut::orchestrate)
        .activity("twice", Integer.class, number -> 2 * Objects.requireNonNull(number));
  }

  private static Long orchestrate(OrchestrationContext context) {
    int activities = Objects.requireNonNull(context.input(Integer.class));
    return callAndAdd(context, activities);
  }

  /** Calls activities for the numbers below a bound and adds up what they return. */
  static long callAndAdd(OrchestrationContext context, int activities) {
    List<Task<@Nullable Integer>> calls = new ArrayList<>(activities);
    for (int i = 0; i < activities; i++) {
      calls.add(context.callActivity("twice", i, Integer.class));
    }
    long sum = 0;
    for (Integer result : context.<@Nullable Integer>allOf(calls).await()) {
      sum += Objects.requireNonNull(result);
    }
    return sum;
  }

  /** What the activities for the numbers below a bound return, added up. */
  static long expectedSum(int activities) {
    return (long) activities * (activities - 1);
  }

  /** The median time per activity of some runs, in nanoseconds. */
  private static double measure(
      BenchContext context, PerdureClient client, int activities, int runs) {
    context.progress("%d times %,d activities", runs, activities);
    double[] nanos = new double[runs];
    CpuClock cpu = CpuClock.start();
    for (int i = 0; i < runs; i++) {
      nanos[i] = fanOut(client, activities) / activities;
    }
    double cpuMicros = cpu.microsPer(runs);
    Arrays.sort(nanos);
    double median = nanos[runs / 2];
    String which = activities + "-activities";
    context.report(
        Figure.of(which, 1e9 / median, "activities/s")
            .withGoal(Goal.atLeast(GOAL_PER_SECOND))
            .withCpu(cpuMicros));
    context.report(Figure.of(which + "-cpu", cpuMicros / activities, "CPU us per activity"));
    return median;
  }

  private static double fanOut(PerdureClient client, int activities) {
    StopWatch watch = StopWatch.start();
    String id = client.startNew("fanOut", activities);
    Long sum = Clients.await(client, id).output(Long.class);
    double nanos = watch.nanos();
    WorkloadFailedException.unless(
        sum != null && sum == expectedSum(activities),
        "The sum over %d activities is %s, not %d.",
        activities,
        sum,
        expectedSum(activities));
    return nanos;
  }
}
