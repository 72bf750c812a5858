package dev.perdure.bench.harness;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** CPU time of this process: every thread of it, so garbage collection and compilation count. */
public final class CpuClock {
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private final long startNanos = now();

  private CpuClock() {}

  /** Begins to measure. */
  public static CpuClock start() {
    return new CpuClock();
  }

  /** CPU time since the process began, in nanoseconds. */
  public static long now() {
    return SYSTEM.getProcessCpuTime();
  }

  /** CPU time since the measurement began, in microseconds, for each of a number of things. */
  public double microsPer(double count) {
    return (now() - startNanos) / 1e3 / count;
  }
}
