package dev.perdure.engine.partition;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The lines of code at which orchestrations waited when they were taken out of memory, for those
 * who ask later where that was: the last ones, as long as the host runs. Safe from any thread.
 *
 * <p>To find a line takes some 4 microseconds. A hub that takes tens of thousands out of memory
 * every second must not pay for all of them, and could not keep them either; so it finds no more
 * than it keeps, and then so many in a second.
 */
final class EvictedLines {
  /** Lines that are kept, over all partitions; a few hundred bytes each. */
  private static final int KEPT_MAX = 10_000;

  /** Lines found in a second, over all partitions; 4 milliseconds of a core. */
  private static final int PER_SECOND = 1_000;

  /**
   * Where an orchestration waited.
   *
   * @param delivered how many events its code had been handed; with more it waits elsewhere
   */
  private record Line(String executionId, int delivered, String location) {}

  private final int keptMax;
  private final long nanosEach;
  private final LongSupplier nanoTime;

  // Guarded by this.
  private final Map<String, Line> lines = new LinkedHashMap<>();
  private long credit;
  private long creditAt;

  /**
   * Those of one of some partitions.
   *
   * @param nanoTime the clock of the host
   */
  EvictedLines(int partitions, LongSupplier nanoTime) {
    this.keptMax = Math.max(1, KEPT_MAX / partitions);
    this.nanosEach = 1_000_000_000L * partitions / PER_SECOND;
    this.nanoTime = nanoTime;
    this.credit = keptMax * nanosEach;
    this.creditAt = nanoTime.getAsLong();
  }

  /**
   * Keeps where an orchestration waited, unless there are too many of them at this moment.
   *
   * @param delivered how many events its code had been handed
   * @param location finds the line; null if there is none
   */
  void add(
      String instanceId, String executionId, int delivered, Supplier<@Nullable String> location) {
    String line = mayFind() ? location.get() : null;
    if (line != null) {
      keep(instanceId, new Line(executionId, delivered, line));
    }
  }

  private synchronized boolean mayFind() {
    long now = nanoTime.getAsLong();
    credit = Math.min(keptMax * nanosEach, credit + (now - creditAt));
    creditAt = now;
    if (credit < nanosEach) {
      return false;
    }
    credit -= nanosEach;
    return true;
  }

  private synchronized void keep(String instanceId, Line line) {
    lines.remove(instanceId); // it is the last one again
    lines.put(instanceId, line);
    if (lines.size() > keptMax) {
      lines.remove(lines.keySet().iterator().next());
    }
  }

  /** Where an orchestration waits that has been handed so many events; null if it is not known. */
  synchronized @Nullable String get(String instanceId, String executionId, int delivered) {
    Line line = lines.get(instanceId);
    return line != null && line.delivered() == delivered && line.executionId().equals(executionId)
        ? line.location()
        : null;
  }
}
