package dev.perdure.bench.harness;

/** Wall time since it was started. */
public final class StopWatch {
  private final long startNanos = System.nanoTime();

  private StopWatch() {}

  /** Begins to measure. */
  public static StopWatch start() {
    return new StopWatch();
  }

  /** Nanoseconds since then. */
  public long nanos() {
    return System.nanoTime() - startNanos;
  }

  /** Milliseconds since then. */
  public double millis() {
    return nanos() / 1e6;
  }

  /** Seconds since then. */
  public double seconds() {
    return nanos() / 1e9;
  }
}
