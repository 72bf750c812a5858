package dev.perdure.bench.harness;

import java.util.Optional;

/**
 * A figure and where it comes from.
 *
 * @param workload the workload's name
 * @param size how large the workload was
 * @param figure what was measured
 */
public record BenchResult(String workload, Size size, Figure figure) {

  /** Whether the goal was met; empty without a goal, or if the size is not the goal's. */
  public Optional<Boolean> met() {
    Goal goal = figure.goal();
    return goal == null || size != Size.FULL
        ? Optional.empty()
        : Optional.of(goal.isMetBy(figure.value()));
  }
}
