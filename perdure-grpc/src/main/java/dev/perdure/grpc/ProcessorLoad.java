package dev.perdure.grpc;

import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Whether the processors that this program may use, a container's share of them included, have
 * hardly any time left. Looked at some times a second, if somebody asks. Safe from any thread.
 */
final class ProcessorLoad {
  private static final double HIGH = 0.85;
  private static final long INTERVAL_NANOS = Duration.ofMillis(250).toNanos();

  private final DoubleSupplier load;
  private final LongSupplier nanoTime;
  private final AtomicLong lookedAt;
  private volatile boolean high;

  /**
   * A load.
   *
   * @param load from 0 to 1, since the last call; something else if it is not known
   */
  ProcessorLoad(DoubleSupplier load, LongSupplier nanoTime) {
    this.load = load;
    this.nanoTime = nanoTime;
    this.lookedAt = new AtomicLong(nanoTime.getAsLong());
  }

  /** The load of this machine or container; never high where the JVM does not tell. */
  static ProcessorLoad ofSystem() {
    OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
    return new ProcessorLoad(
        system instanceof com.sun.management.OperatingSystemMXBean known
            ? known::getCpuLoad
            : () -> 0,
        System::nanoTime);
  }

  boolean isHigh() {
    long now = nanoTime.getAsLong();
    long before = lookedAt.get();
    if (now - before >= INTERVAL_NANOS && lookedAt.compareAndSet(before, now)) {
      high = isHighNow();
    }
    return high;
  }

  /** The JVM reads files of the system for this, which nobody's calls should depend on. */
  private boolean isHighNow() {
    try {
      return load.getAsDouble() >= HIGH;
    } catch (RuntimeException e) {
      return false;
    }
  }
}
