package dev.perdure.bench.workloads;

import dev.perdure.Perdure;
import dev.perdure.api.PerdureClient;
import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.CpuClock;
import dev.perdure.bench.harness.DiskProbe;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.Workload;
import dev.perdure.engine.ActivityStart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * One hello-sequence at a time, from the call that starts it to the output in the client's hands,
 * beside the time of a bare commit on the same disk.
 */
public final class Hello5Latency implements Workload {
  // Strict: the start, five schedules and five results are durable in turn, two to a commit.
  private static final Goal STRICT_COMMITS = Goal.below(8);
  private static final Goal PIPELINED_COMMITS = Goal.below(2);

  @Override
  public String name() {
    return "hello5-latency";
  }

  @Override
  public String describes() {
    return "a sequence of 5 activities, one at a time, in multiples of the disk's commit time";
  }

  @Override
  public void run(BenchContext context) throws Exception {
    measure(context, ActivityStart.STRICT, STRICT_COMMITS);
    measure(context, ActivityStart.PIPELINED, PIPELINED_COMMITS);
  }

  private static void measure(BenchContext context, ActivityStart activityStart, Goal goal)
      throws IOException {
    int warmUp = context.sized(3_000, 500, 10);
    int rounds = context.sized(10, 4, 2);
    int runsPerRound = context.sized(200, 50, 10);
    int commitsPerRound = context.sized(60, 60, 10);
    String mode = activityStart.name().toLowerCase(Locale.ROOT);
    Path directory = context.directory().resolve(mode);
    DiskProbe disk = new DiskProbe();
    Histogram nanos = new Histogram(3);
    double cpuMicros = 0;
    try (Perdure perdure =
        Hello5.register(Perdure.embedded(directory))
            .options(o -> o.withActivityStart(activityStart))
            .start()) {
      PerdureClient client = perdure.client();
      context.progress("%s: warming up", mode);
      for (int i = 0; i < warmUp; i++) {
        Hello5.runOne(client);
      }
      // In turns, so that a moment in which the disk is slow is slow for both.
      for (int round = 0; round < rounds; round++) {
        disk.sample(context.directory(), commitsPerRound);
        CpuClock cpu = CpuClock.start();
        for (int i = 0; i < runsPerRound; i++) {
          StopWatch watch = StopWatch.start();
          Hello5.runOne(client);
          nanos.recordValue(watch.nanos());
        }
        cpuMicros += cpu.microsPer(runsPerRound) / rounds;
      }
    }
    double p50 = nanos.getValueAtPercentile(50) / 1e6;
    context.report(
        Figure.of(mode + "-commits", p50 / disk.p50Millis(), "raw commits at p50")
            .withGoal(goal)
            .withCpu(cpuMicros));
    context.report(Figure.of(mode + "-p50", p50, "ms"));
    context.report(Figure.of(mode + "-p99", nanos.getValueAtPercentile(99) / 1e6, "ms"));
    context.report(Figure.of(mode + "-raw-commit-p50", disk.p50Millis(), "ms"));
  }
}
