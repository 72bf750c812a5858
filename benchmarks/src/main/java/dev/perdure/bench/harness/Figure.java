package dev.perdure.bench.harness;

import org.jspecify.annotations.Nullable;

/**
 * One measured value.
 *
 * @param metric what was measured
 * @param value how much
 * @param unit of what
 * @param goal what it ought to be; null if it is for information
 * @param cpuMicros CPU time of the whole process (user code, GC and JIT included) per
 *     orchestration, in microseconds; null where that says nothing
 */
public record Figure(
    String metric, double value, String unit, @Nullable Goal goal, @Nullable Double cpuMicros) {

  /** A figure for information. */
  public static Figure of(String metric, double value, String unit) {
    return new Figure(metric, value, unit, null, null);
  }

  /** This figure with a goal. */
  public Figure withGoal(Goal chosen) {
    return new Figure(metric, value, unit, chosen, cpuMicros);
  }

  /** This figure with CPU time per orchestration. */
  public Figure withCpu(double microsPerOrchestration) {
    return new Figure(metric, value, unit, goal, microsPerOrchestration);
  }
}
