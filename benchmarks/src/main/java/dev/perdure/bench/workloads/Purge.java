package dev.perdure.bench.workloads;

import dev.perdure.Perdure;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.PurgeFilter;
import dev.perdure.api.StartOptions;
import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.CpuClock;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.Workload;
import dev.perdure.bench.harness.WorkloadFailedException;
import java.time.Duration;
import java.time.Instant;
import org.HdrHistogram.Histogram;

/**
 * A million finished instances are purged by their created time, while hello-sequences go on at a
 * moderate rate. What is purged had an activity each, so that there is a history to remove.
 */
public final class Purge implements Workload {
  private static final double GOAL_PER_SECOND = 50_000;
  private static final int CLIENTS = 256;

  // Forty clients that pause for 200 ms: near 200 orchestrations a second, and still so when each
  // takes longer than it should.
  private static final int OTHER_CLIENTS = 40;
  private static final Duration OTHER_PAUSE = Duration.ofMillis(200);

  private static final String PREFIX = "done-";

  @Override
  public String name() {
    return "purge";
  }

  @Override
  public String describes() {
    return "1,000,000 finished instances purged while 200 sequences a second go on";
  }

  @Override
  public void run(BenchContext context) throws Exception {
    int instances = context.sized(1_000_000, 50_000, 500);
    Duration alone =
        context.sized(Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofMillis(100));
    try (Perdure perdure =
        Hello5.register(Perdure.embedded(context.hub()))
            .orchestrator(
                "one",
                orchestration ->
                    orchestration.callActivity("sayHello", "Oslo", String.class).await())
            .start()) {
      PerdureClient client = perdure.client();
      context.progress("making %,d finished instances", instances);
      Clients.share(
          instances,
          CLIENTS,
          i -> Clients.await(client, client.startNew("one", null, StartOptions.id(PREFIX + i))));
      // Millisecond precision: what comes now must not carry the same time stamp.
      Thread.sleep(5);
      Instant until = Instant.now();
      Thread.sleep(5);

      try (ClosedLoop other =
          ClosedLoop.start(OTHER_CLIENTS, OTHER_PAUSE, () -> Hello5.runOne(client))) {
        other.run(alone);
        double calmP99 = p99Millis(other.latencies());
        long otherBefore = other.done();
        context.progress("purging");
        StopWatch watch = StopWatch.start();
        CpuClock cpu = CpuClock.start();
        long purged = client.purge(PurgeFilter.ALL_ENDED.withCreated(null, until));
        double seconds = watch.seconds();
        double cpuMicros = cpu.microsPer(instances);
        long otherDone = other.done() - otherBefore;
        double busyP99 = p99Millis(other.latencies());
        other.stop();
        verify(client, purged, instances);
        context.report(
            Figure.of("purged", instances / seconds, "instances/s")
                .withGoal(Goal.above(GOAL_PER_SECOND))
                .withCpu(cpuMicros));
        context.report(Figure.of("other-work", otherDone / seconds, "orchestrations/s"));
        context.report(Figure.of("other-work-p99-before", calmP99, "ms"));
        context.report(Figure.of("other-work-p99-meanwhile", busyP99, "ms"));
      }
    }
  }

  private static void verify(PerdureClient client, long purged, int instances) {
    WorkloadFailedException.unless(
        purged == instances, "%d instances were purged, not %d.", purged, instances);
    int left = client.query(InstanceQuery.ALL.withIdPrefix(PREFIX)).instances().size();
    WorkloadFailedException.unless(left == 0, "Some purged instances are still listed.");
  }

  private static double p99Millis(Histogram nanos) {
    return nanos.getValueAtPercentile(99) / 1e6;
  }
}
