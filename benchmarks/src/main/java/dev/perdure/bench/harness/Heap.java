package dev.perdure.bench.harness;

import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLong;

/** How much heap is used: once, after a collection, or the peak over a time. */
public final class Heap implements AutoCloseable {
  private static final long SAMPLE_MILLIS = 10;

  private final AtomicLong peakBytes = new AtomicLong();
  private final Thread sampler;

  private Heap() {
    sampler = Thread.ofPlatform().name("bench-heap").daemon().start(this::sample);
  }

  /** Begins to look for the peak. */
  public static Heap watch() {
    return new Heap();
  }

  private void sample() {
    try {
      while (true) {
        peakBytes.accumulateAndGet(used(), Math::max);
        Thread.sleep(SAMPLE_MILLIS);
      }
    } catch (InterruptedException e) {
      // closed
    }
  }

  /** The most heap seen in use so far, garbage included, in MiB. */
  public double peakMiB() {
    return peakBytes.accumulateAndGet(used(), Math::max) / (double) (1 << 20);
  }

  /** Heap in use once garbage is gone, in MiB. */
  public static double usedAfterGcMiB() throws InterruptedException {
    long least = Long.MAX_VALUE;
    // Reference queues and cleaners need a collection or two more before what they held is free.
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(100);
      least = Math.min(least, used());
    }
    return least / (double) (1 << 20);
  }

  private static long used() {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  @Override
  public void close() {
    sampler.interrupt();
  }
}
