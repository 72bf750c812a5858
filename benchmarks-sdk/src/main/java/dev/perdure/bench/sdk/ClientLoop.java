package dev.perdure.bench.sdk;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Clients that each do a job over and over, so that a fixed number is under way at any time. */
final class ClientLoop implements AutoCloseable {
  private final Runnable job;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final List<Thread> clients = new ArrayList<>();
  private volatile boolean stopped;

  // Guarded by this.
  private long[] nanos = new long[1 << 16];
  private int done;

  private ClientLoop(Runnable job) {
    this.job = job;
  }

  static ClientLoop start(int clients, Runnable job) {
    ClientLoop loop = new ClientLoop(job);
    for (int i = 0; i < clients; i++) {
      loop.clients.add(Thread.ofVirtual().start(loop::loop));
    }
    return loop;
  }

  private void loop() {
    try {
      while (!stopped) {
        long start = System.nanoTime();
        job.run();
        done(System.nanoTime() - start);
      }
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
      stopped = true;
    }
  }

  private synchronized void done(long took) {
    if (done == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * done);
    }
    nanos[done++] = took;
  }

  /** Jobs done so far, or since they were last asked for. */
  private synchronized int done() {
    return done;
  }

  private synchronized long[] takeLatencies() {
    long[] taken = Arrays.copyOf(nanos, done);
    done = 0;
    return taken;
  }

  /**
   * Waits for a time and for so many jobs to be done, but no longer than ten times as long, or
   * until a job has failed.
   */
  void run(long millis, int count) throws InterruptedException {
    run(millis);
    for (int i = 0; i < 90 && done() < count; i++) {
      run(millis / 10);
    }
  }

  private void run(long millis) throws InterruptedException {
    long until = System.nanoTime() + millis * 1_000_000;
    while (System.nanoTime() < until && !stopped) {
      Thread.sleep(Math.min(20, millis));
    }
    Throwable first = failure.get();
    if (first != null) {
      throw new IllegalStateException("A client failed: " + first, first);
    }
  }

  /** Says what happened in a time. */
  void measure(String label, long millis) throws InterruptedException {
    SdkLoad.say("BEGIN " + label);
    takeLatencies();
    long start = System.nanoTime();
    run(millis, 1);
    long[] latencies = takeLatencies();
    double seconds = (System.nanoTime() - start) / 1e9;
    Arrays.sort(latencies);
    SdkLoad.say(
        "END %s %d %s %s %s"
            .formatted(
                label,
                latencies.length,
                seconds,
                percentile(latencies, 50),
                percentile(latencies, 99)));
  }

  private static double percentile(long[] sorted, int percent) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[(int) Math.min(sorted.length - 1, sorted.length * (long) percent / 100)] / 1e6;
  }

  /** Starts nothing more, and waits for what is under way. */
  @Override
  public void close() throws InterruptedException {
    stopped = true;
    for (Thread client : clients) {
      client.join();
    }
  }
}
