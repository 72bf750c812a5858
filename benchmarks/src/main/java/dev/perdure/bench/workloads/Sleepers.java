package dev.perdure.bench.workloads;

import dev.perdure.Perdure;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.CpuClock;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.Heap;
import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.Workload;
import dev.perdure.bench.harness.WorkloadFailedException;
import dev.perdure.engine.EngineOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * A million orchestrations asleep on durable timers, most for hours. Ten thousand of them are due
 * in one and the same second; by then they have been taken out of memory, because twice as many
 * others were started after them as are kept there.
 *
 * <p>Lateness is the time from a timer's due time to the moment when the orchestrator's own code
 * goes on.
 */
public final class Sleepers implements Workload {
  private static final int CLIENTS = 256;
  private static final double GOAL_HEAP_MIB = 512;
  private static final double GOAL_LATENESS_P99_MS = 250;
  private static final Duration LONG = Duration.ofHours(6);

  @Override
  public String name() {
    return "sleepers";
  }

  @Override
  public String describes() {
    return "1,000,000 orchestrations asleep on timers; 10,000 of them due in one second";
  }

  @Override
  public int heapMiB() {
    return (int) GOAL_HEAP_MIB;
  }

  @Override
  public void run(BenchContext context) throws Exception {
    int due = context.sized(10_000, 1_000, 20);
    int after = context.sized(40_000, 4_000, 40);
    int before = context.sized(1_000_000, 50_000, 100) - due - after;
    Duration untilDue =
        context.sized(Duration.ofSeconds(60), Duration.ofSeconds(12), Duration.ofSeconds(2));
    int warmMax = context.sized(20_000, 2_000, 20);
    EngineOptions.Limits limits =
        EngineOptions.Limits.DEFAULTS.withUnfinishedInstancesMax(
            2 * (before + due + after), Duration.ofSeconds(30));

    Beds beds = new Beds();
    try (Perdure perdure =
        Perdure.embedded(context.hub())
            .orchestrator("sleeper", beds::orchestrate)
            .options(o -> o.withLimits(limits).withWarm(warmMax, o.warmIdle()))
            .start()) {
      PerdureClient client = perdure.client();
      StopWatch watch = StopWatch.start();
      CpuClock cpu = CpuClock.start();
      long night = System.currentTimeMillis() + LONG.toMillis();
      sleep(context, client, "long-", before, i -> night + i);
      long dawn = System.currentTimeMillis() + untilDue.toMillis();
      // A second's worth of timers: the i-th is due i/due of a second after the first.
      sleep(context, client, "due-", due, i -> dawn + 1000L * i / due);
      sleep(context, client, "more-", after, i -> night + i);
      int all = before + due + after;
      beds.awaitAsleep(all);
      double cpuMicros = cpu.microsPer(all);
      double seconds = watch.seconds();
      double heap = Heap.usedAfterGcMiB();
      long left = dawn - System.currentTimeMillis();
      WorkloadFailedException.unless(
          left > 0,
          "The timers were due %d ms before everything was asleep; starting is too slow for this"
              + " workload.",
          -left);
      context.report(
          Figure.of("heap-asleep", heap, "MiB after GC")
              .withGoal(Goal.below(GOAL_HEAP_MIB))
              .withCpu(cpuMicros));
      context.report(Figure.of("starts", all / seconds, "orchestrations/s"));

      context.progress("%,d due in %d s", due, left / 1000);
      Thread.sleep(left);
      CpuClock wakeCpu = CpuClock.start();
      Histogram completed = awaitDue(client, due, dawn);
      context.report(
          lateness("lateness-p99", beds.latenessMillis, 99)
              .withGoal(Goal.below(GOAL_LATENESS_P99_MS))
              .withCpu(wakeCpu.microsPer(due)));
      context.report(lateness("lateness-p50", beds.latenessMillis, 50));
      context.report(lateness("lateness-max", beds.latenessMillis, 100));
      context.report(lateness("completed-lateness-p99", completed, 99));
      WorkloadFailedException.unless(
          beds.latenessMillis.getTotalCount() == due,
          "%d orchestrators went on, not %d.",
          beds.latenessMillis.getTotalCount(),
          due);
    }
  }

  /** When a sleeper is due, in milliseconds of the epoch. */
  @FunctionalInterface
  private interface DueTime {
    long of(int number);
  }

  private static void sleep(
      BenchContext context, PerdureClient client, String prefix, int count, DueTime dueTime)
      throws InterruptedException {
    context.progress("starting %,d", count);
    Clients.share(
        count,
        CLIENTS,
        i -> client.startNew("sleeper", dueTime.of(i), StartOptions.id(prefix + i)));
  }

  /** Waits for those that are due and tells how long after their due time each had ended. */
  private static Histogram awaitDue(PerdureClient client, int due, long dawn)
      throws InterruptedException {
    Histogram millis = new ConcurrentHistogram(3);
    Clients.share(
        due,
        CLIENTS,
        i -> {
          OrchestrationMetadata end = Clients.await(client, "due-" + i);
          long dueAt = dawn + 1000L * i / due;
          Long output = end.output(Long.class);
          WorkloadFailedException.unless(
              output != null && output == dueAt, "due-%d put out %s, not %d.", i, output, dueAt);
          Instant completedAt = Objects.requireNonNull(end.completedAt());
          WorkloadFailedException.unless(
              completedAt.toEpochMilli() >= dueAt,
              "due-%d woke %d ms early.",
              i,
              dueAt - completedAt.toEpochMilli());
          millis.recordValue(completedAt.toEpochMilli() - dueAt);
        });
    return millis;
  }

  private static Figure lateness(String metric, Histogram millis, double percentile) {
    return Figure.of(metric, (double) millis.getValueAtPercentile(percentile), "ms");
  }

  /** The orchestrator, and what it shows to the outside while it is not replaying. */
  private static final class Beds {
    private final LongAdder asleep = new LongAdder();
    private final Histogram latenessMillis = new ConcurrentHistogram(3);

    private Long orchestrate(OrchestrationContext context) {
      long due = Objects.requireNonNull(context.input(Long.class));
      if (!context.isReplaying()) {
        asleep.increment();
      }
      context.createTimer(Instant.ofEpochMilli(due)).await();
      if (!context.isReplaying()) {
        latenessMillis.recordValue(Math.max(0, System.currentTimeMillis() - due));
      }
      return due;
    }

    private void awaitAsleep(long count) throws InterruptedException {
      StopWatch watch = StopWatch.start();
      while (asleep.sum() < count) {
        WorkloadFailedException.unless(
            watch.nanos() < Clients.PATIENCE.toNanos(),
            "Only %d of %d orchestrators had run after %s.",
            asleep.sum(),
            count,
            Clients.PATIENCE);
        Thread.sleep(10);
      }
    }
  }
}
