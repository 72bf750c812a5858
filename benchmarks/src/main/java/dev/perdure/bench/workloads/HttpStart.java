package dev.perdure.bench.workloads;

import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.CpuClock;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.Workload;
import dev.perdure.bench.harness.WorkloadFailedException;
import dev.perdure.http.durable.DurableHttpApi;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * Starts orchestrations over HTTP at a fixed rate; each start is answered when it is on disk, and
 * runs. Times count from when a request was due, whether or not it could be sent then.
 */
public final class HttpStart implements Workload {
  private static final int CONNECTIONS = 32;
  private static final int RATE = 2_000;
  private static final double GOAL_MILLIS = 10;

  @Override
  public String name() {
    return "http-start";
  }

  @Override
  public String describes() {
    return "functions host: orchestrations are started over HTTP, %d a second".formatted(RATE);
  }

  @Override
  public void run(BenchContext context) throws Exception {
    try (BenchApp app = BenchApp.start(context.hub());
        Connections connections = new Connections(CONNECTIONS, app.host.httpPort())) {
      byte[] request =
          HttpConnection.request("POST", DurableHttpApi.PATH + "/orchestrators/Empty", "\"x\"");
      offer(
          connections,
          request,
          context.sized(Duration.ofSeconds(20), Duration.ofSeconds(5), Duration.ofMillis(500)));
      Duration measured =
          context.sized(Duration.ofSeconds(20), Duration.ofSeconds(5), Duration.ofMillis(500));
      context.progress("warm, measuring");
      CpuClock cpu = CpuClock.start();
      Histogram latencies = offer(connections, request, measured);
      double count = latencies.getTotalCount();
      context.report(
          Figure.of("rate", count / (measured.toNanos() / 1e9), "starts/s")
              .withCpu(cpu.microsPer(count)));
      context.report(Figure.of("latency-p50", latencies.getValueAtPercentile(50) / 1e6, "ms"));
      context.report(
          Figure.of("latency-p99", latencies.getValueAtPercentile(99) / 1e6, "ms")
              .withGoal(Goal.below(GOAL_MILLIS)));
    }
  }

  private static Histogram offer(Connections connections, byte[] request, Duration time)
      throws InterruptedException {
    Recorder recorder = new Recorder(2);
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    long interval = 1_000_000_000L * CONNECTIONS / RATE;
    long begin = System.nanoTime();
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      long first = begin + interval * i / CONNECTIONS;
      clients.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (long due = first; due - begin < time.toNanos(); due += interval) {
                        for (long left = due - System.nanoTime();
                            left > 0;
                            left = due - System.nanoTime()) {
                          LockSupport.parkNanos(left);
                        }
                        connections.exchange(request, 202);
                        recorder.recordValue(System.nanoTime() - due);
                      }
                    } catch (RuntimeException e) {
                      failure.compareAndSet(null, e);
                    }
                  }));
    }
    for (Thread client : clients) {
      client.join();
    }
    Throwable first = failure.get();
    if (first != null) {
      throw new WorkloadFailedException("A client failed: " + first, first);
    }
    return recorder.getIntervalHistogram();
  }
}
