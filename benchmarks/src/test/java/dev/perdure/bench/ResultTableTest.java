package dev.perdure.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.bench.harness.BenchResult;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.Size;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResultTableTest {

  @Test
  void columnsLineUpAndAWorkloadIsNamedOnce() {
    List<BenchResult> results =
        List.of(
            new BenchResult(
                "hello5-strict",
                Size.FULL,
                Figure.of("throughput", 12345.6, "orchestrations/s")
                    .withGoal(Goal.atLeast(15_000))
                    .withCpu(61.25)),
            new BenchResult("hello5-strict", Size.FULL, Figure.of("latency-p99", 22.345, "ms")),
            new BenchResult(
                "sequence",
                Size.QUICK,
                Figure.of("last-to-first", 1.0349, "x").withGoal(Goal.atMost(1.2))));

    assertThat(ResultTable.of(results))
        .isEqualTo(
            """
            workload       metric          value  unit              goal       met      CPU us/orch.
            -------------  -------------  ------  ----------------  ---------  -------  ------------
            hello5-strict  throughput     12,346  orchestrations/s  >= 15,000  no              61.25
                           latency-p99     22.35  ms
            sequence       last-to-first    1.03  x                 <= 1.20    (quick)
            """);
  }
}
