package dev.perdure.bench.workloads;

import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.WorkloadFailedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * Client threads that each do a job over and over, so that a fixed number is under way at any time.
 */
final class ClosedLoop implements AutoCloseable {
  private final Runnable job;
  private final Duration pause;
  private final LongAdder done = new LongAdder();
  private final Recorder nanos = new Recorder(2);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final List<Thread> clients = new ArrayList<>();
  private volatile boolean stopped;

  private ClosedLoop(Runnable job, Duration pause) {
    this.job = job;
    this.pause = pause;
  }

  /** As fast as it goes. */
  static ClosedLoop start(int clients, Runnable job) {
    return start(clients, Duration.ZERO, job);
  }

  /** With a pause after each job, for a load that leaves room for something else. */
  static ClosedLoop start(int clients, Duration pause, Runnable job) {
    ClosedLoop loop = new ClosedLoop(job, pause);
    for (int i = 0; i < clients; i++) {
      loop.clients.add(Thread.ofVirtual().name("bench-client-", i).start(loop::loop));
    }
    return loop;
  }

  private void loop() {
    try {
      while (!stopped) {
        StopWatch watch = StopWatch.start();
        job.run();
        nanos.recordValue(watch.nanos());
        done.increment();
        if (!pause.isZero()) {
          Thread.sleep(pause);
        }
      }
    } catch (RuntimeException | Error | InterruptedException e) {
      failure.compareAndSet(null, e);
      stopped = true;
    }
  }

  /** Jobs done so far. */
  long done() {
    return done.sum();
  }

  /** How long each job took since this was last called, in nanoseconds. */
  Histogram latencies() {
    return nanos.getIntervalHistogram();
  }

  /**
   * Waits for a time, or until a job has failed.
   *
   * @throws WorkloadFailedException if a job has failed
   */
  void run(Duration time) throws InterruptedException {
    StopWatch watch = StopWatch.start();
    while (watch.nanos() < time.toNanos() && !stopped) {
      Thread.sleep(Math.min(50, Math.max(1, time.toMillis() / 20)));
    }
    check();
  }

  /**
   * Lets what is under way end, and starts nothing more.
   *
   * @throws WorkloadFailedException if a job has failed
   */
  void stop() throws InterruptedException {
    stopped = true;
    for (Thread client : clients) {
      client.join();
    }
    check();
  }

  private void check() {
    Throwable first = failure.get();
    if (first != null) {
      throw new WorkloadFailedException("A client failed: " + first, first);
    }
  }

  @Override
  public void close() {
    stopped = true;
  }
}
