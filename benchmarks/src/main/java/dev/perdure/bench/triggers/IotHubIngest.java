package dev.perdure.bench.triggers;

import com.azure.messaging.eventhubs.EventHubClientBuilder;
import com.azure.messaging.eventhubs.EventHubConsumerAsyncClient;
import com.azure.messaging.eventhubs.models.EventPosition;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.CpuClock;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.Workload;
import dev.perdure.bench.harness.WorkloadFailedException;
import dev.perdure.bench.workloads.BenchApp;
import dev.perdure.functions.settings.Settings;
import dev.perdure.iothub.simulator.Progress;
import dev.perdure.iothub.simulator.Simulation;
import dev.perdure.iothub.simulator.Telemetry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.HdrHistogram.Histogram;
import reactor.core.Disposable;

/**
 * Messages of devices: by MQTT into the local IoT hub and by AMQP out of it; and on to an
 * orchestration each, whose functions are written against the Azure library. Devices, hub, host and
 * functions are in one process; everything is on disk before it is acknowledged.
 */
public final class IotHubIngest implements Workload {
  private static final double INGEST_GOAL = 10_000;
  private static final double JOBS_GOAL = 3_000;
  private static final double JOBS_RATE = JOBS_GOAL / 2;
  private static final double LATENCY_GOAL_MILLIS = 1_000;
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String JOBS_DONE = "perdure.bench.jobs";

  /** Of the size of what devices usually say: the time, who and which, and something to read. */
  private static final Telemetry TELEMETRY =
      (device, number) ->
          "%d %s %d {\"temperature\":21.5,\"humidity\":48.2,\"pressure\":1013,\"battery\":0.93,\"location\":\"hall 3\"}"
              .formatted(System.currentTimeMillis(), device, number)
              .getBytes(StandardCharsets.UTF_8);

  @Override
  public String name() {
    return "iothub-ingest";
  }

  @Override
  public String describes() {
    return "local IoT hub: %d devices send by MQTT; read by AMQP, and an orchestration for each message"
        .formatted(Devices.COUNT);
  }

  @Override
  public void run(BenchContext context) throws Exception {
    ingest(context);
    jobs(context);
  }

  // ---- MQTT to AMQP ---------------------------------------------------------------------------

  private static void ingest(BenchContext context) throws InterruptedException {
    Duration time =
        context.sized(Duration.ofSeconds(20), Duration.ofSeconds(5), Duration.ofMillis(500));
    try (Devices devices = Devices.start(context.directory().resolve("ingest"))) {
      AtomicLong received = new AtomicLong();
      try (Reader reader = Reader.start(devices, received)) {
        long warm = send(devices, 0, time, received, 0).sent();
        context.progress("ingest: warm after %d messages, measuring", warm);
        CpuClock cpu = CpuClock.start();
        StopWatch watch = StopWatch.start();
        Progress progress = send(devices, 0, time, received, warm);
        double seconds = watch.seconds();
        context.report(
            Figure.of("ingest", progress.sent() / seconds, "messages/s")
                .withGoal(Goal.atLeast(INGEST_GOAL))
                .withCpu(cpu.microsPer((double) progress.sent())));
      }
    }
  }

  /** Sends, and waits until all has been read. */
  private static Progress send(
      Devices devices, double rate, Duration time, AtomicLong received, long before)
      throws InterruptedException {
    Progress progress;
    try (Simulation simulation = devices.send(rate, time, 0, TELEMETRY)) {
      progress = Devices.end(simulation, PATIENCE);
    }
    await("messages read", received, before + progress.sent());
    return progress;
  }

  private record Reader(EventHubConsumerAsyncClient client, List<Disposable> subscriptions)
      implements AutoCloseable {
    static Reader start(Devices devices, AtomicLong received) {
      EventHubConsumerAsyncClient client =
          new EventHubClientBuilder()
              .connectionString(devices.hub.connectionString())
              .consumerGroup("$Default")
              .prefetchCount(1000)
              .buildAsyncConsumerClient();
      List<Disposable> subscriptions = new ArrayList<>();
      for (String partition : client.getPartitionIds().toIterable()) {
        subscriptions.add(
            client
                .receiveFromPartition(partition, EventPosition.earliest())
                .subscribe(event -> received.incrementAndGet()));
      }
      return new Reader(client, subscriptions);
    }

    @Override
    public void close() {
      subscriptions.forEach(Disposable::dispose);
      client.close();
    }
  }

  // ---- messages to orchestrations -------------------------------------------------------------

  private static void jobs(BenchContext context) throws Exception {
    AtomicLong done = new AtomicLong();
    System.getProperties().put(JOBS_DONE, (LongConsumer) job -> done.incrementAndGet());
    try (Devices devices = Devices.start(context.directory().resolve("jobs"));
        BenchApp app =
            BenchApp.start(
                context.hub(), Settings.of(Map.of("IoTHub", devices.hub.connectionString())))) {
      PerdureClient client = app.host.client();
      int count = context.sized(60_000, 10_000, 200);
      long warm = context.sized(20_000, 5_000, 100);
      sendJobs(devices, 0, warm, done);
      context.progress("orchestrations: warm after %d, measuring", warm);
      CpuClock cpu = CpuClock.start();
      StopWatch watch = StopWatch.start();
      sendJobs(devices, 0, count, done);
      double seconds = watch.seconds();
      context.report(
          Figure.of("jobs", count / seconds, "orchestrations/s")
              .withGoal(Goal.atLeast(JOBS_GOAL))
              .withCpu(cpu.microsPer((double) count)));

      long later = context.sized(30_000, 5_000, 100);
      long from = System.currentTimeMillis();
      sendJobs(devices, JOBS_RATE, later, done);
      Histogram latencies = verify(client, warm + count + later, from);
      context.report(Figure.of("latency-p50", (double) latencies.getValueAtPercentile(50), "ms"));
      context.report(
          Figure.of("latency-p99", (double) latencies.getValueAtPercentile(99), "ms")
              .withGoal(Goal.below(LATENCY_GOAL_MILLIS)));
    } finally {
      System.getProperties().remove(JOBS_DONE);
    }
  }

  /** Sends, and waits until an orchestration has ended for each. */
  private static void sendJobs(Devices devices, double rate, long count, AtomicLong done)
      throws InterruptedException {
    long before = done.get();
    try (Simulation simulation = devices.send(rate, Duration.ZERO, count, TELEMETRY)) {
      Progress unused = Devices.end(simulation, PATIENCE);
    }
    await("orchestrations ended", done, before + count);
  }

  /**
   * Looks at every instance.
   *
   * @return milliseconds from message to end, of messages that were sent from a time on
   */
  private static Histogram verify(PerdureClient client, long expected, long from) {
    Histogram latencies = new Histogram(3);
    Set<String> messages = new HashSet<>();
    InstanceQuery query =
        InstanceQuery.ALL
            .withStatuses(OrchestrationStatus.COMPLETED)
            .withPayloads()
            .withPageSize(5_000);
    while (true) {
      InstanceQuery.Page page = client.query(query);
      for (OrchestrationMetadata instance : page.instances()) {
        String message = String.valueOf(instance.output(String.class));
        String prefix = "BlobJobActivity1: ";
        if (!message.startsWith(prefix)) {
          throw new WorkloadFailedException("An orchestration has a wrong output.");
        }
        String[] parts = message.substring(prefix.length()).split(" ", 4);
        messages.add(parts[0] + " " + parts[1] + " " + parts[2]);
        long sent = Long.parseLong(parts[0]);
        if (sent >= from) {
          latencies.recordValue(Math.max(0, instance.lastUpdatedAt().toEpochMilli() - sent));
        }
      }
      String next = page.continuationToken();
      if (next == null) {
        break;
      }
      query = query.withContinuationToken(next);
    }
    if (messages.size() != expected) {
      throw new WorkloadFailedException(
          "%d messages were sent, and %d orchestrations have ended right."
              .formatted(expected, messages.size()));
    }
    return latencies;
  }

  private static void await(String what, AtomicLong count, long expected)
      throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (count.get() < expected) {
      if (System.nanoTime() - deadline > 0) {
        throw new WorkloadFailedException(
            "%s: %d of %d after %s.".formatted(what, count.get(), expected, PATIENCE));
      }
      Thread.sleep(1);
    }
  }
}
