package dev.perdure.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.bench.harness.BenchResult;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.Size;
import org.junit.jupiter.api.Test;

class ResultJsonTest {
  private static final Figure THROUGHPUT = Figure.of("throughput", 12345.6, "orchestrations/s");

  @Test
  void aMissedGoal() {
    assertThat(line(Size.FULL, THROUGHPUT.withGoal(Goal.atLeast(15_000))))
        .startsWith(
            """
            {"workload":"hello5-strict","metric":"throughput","value":12345.6,\
            "unit":"orchestrations/s","goal":15000,"met":false\
            """);
  }

  @Test
  void aMetGoal() {
    assertThat(line(Size.FULL, THROUGHPUT.withGoal(Goal.above(12_000))))
        .contains("\"goal\":12000,\"met\":true");
  }

  @Test
  void aGoalThatIsNotJudged() {
    assertThat(line(Size.QUICK, THROUGHPUT.withGoal(Goal.above(12_000))))
        .contains("\"goal\":12000,\"met\":null", "\"size\":\"quick\"");
  }

  @Test
  void noGoal() {
    assertThat(line(Size.FULL, THROUGHPUT)).contains("\"goal\":null,\"met\":null");
  }

  @Test
  void cpuTimeIsAnExtraField() {
    assertThat(line(Size.FULL, THROUGHPUT.withCpu(61.25))).contains("\"cpu_us\":61.25");
  }

  @Test
  void whatIsNotANumberIsNull() {
    assertThat(line(Size.FULL, Figure.of("ratio", Double.NaN, "x"))).contains("\"value\":null");
  }

  @Test
  void aLineCanBeReadBack() {
    Figure figure = THROUGHPUT.withGoal(Goal.atMost(0.25)).withCpu(7);
    BenchResult result = new BenchResult("hello5-strict", Size.QUICK, figure);

    assertThat(ResultJson.parse(ResultJson.line(result))).isEqualTo(result);
  }

  private static String line(Size size, Figure figure) {
    return ResultJson.line(new BenchResult("hello5-strict", size, figure));
  }
}
