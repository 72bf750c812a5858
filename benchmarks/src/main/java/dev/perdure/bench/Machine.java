package dev.perdure.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.perdure.bench.harness.DiskProbe;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/** What the figures were measured on. */
final class Machine {
  private Machine() {}

  /** One line about this machine and the disk. */
  static String describe(DiskProbe disk) {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return String.format(
        Locale.ROOT,
        "%d cores, %.1f GiB memory, %s %s, JDK %s; raw commit of the disk (4 KiB, fdatasync):"
            + " p50 %.3f ms, p99 %.3f ms",
        Runtime.getRuntime().availableProcessors(),
        system.getTotalMemorySize() / (double) (1L << 30),
        system.getName(),
        system.getArch(),
        Runtime.version(),
        disk.p50Millis(),
        disk.p99Millis());
  }
}
