package dev.perdure.bench;

import dev.perdure.bench.harness.BenchResult;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.Size;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Results as lines of JSON. Every line has {@code workload}, {@code metric}, {@code value}, {@code
 * unit}, {@code goal} and {@code met} (null where there is no goal, or where it is not judged), and
 * perhaps {@code goal_is}, {@code size} and {@code cpu_us}.
 */
final class ResultJson {
  // Six digits are more than any of this is good for, and a person can read them.
  private static final MathContext DIGITS = new MathContext(6);

  private static final JsonMapper JSON = new JsonMapper();

  private ResultJson() {}

  /** One result, without a line end. */
  static String line(BenchResult result) {
    Figure figure = result.figure();
    Goal goal = figure.goal();
    ObjectNode node = JSON.createObjectNode();
    node.put("workload", result.workload());
    node.put("metric", figure.metric());
    node.put("value", decimal(figure.value()));
    node.put("unit", figure.unit());
    node.put("goal", goal == null ? null : decimal(goal.limit()));
    node.put("met", result.met().orElse(null));
    if (goal != null) {
      node.put("goal_is", goal.direction().name().toLowerCase(Locale.ROOT));
    }
    if (figure.cpuMicros() != null) {
      node.put("cpu_us", decimal(figure.cpuMicros()));
    }
    node.put("size", result.size().label());
    return JSON.writeValueAsString(node);
  }

  private static @Nullable BigDecimal decimal(double value) {
    if (!Double.isFinite(value)) {
      return null;
    }
    BigDecimal rounded = new BigDecimal(value, DIGITS).stripTrailingZeros();
    return rounded.scale() < 0 ? rounded.setScale(0) : rounded;
  }

  /** Reads a line back. */
  static BenchResult parse(String line) {
    JsonNode node = JSON.readTree(line);
    Figure figure =
        Figure.of(
            node.get("metric").asString(), number(node.get("value")), node.get("unit").asString());
    if (node.has("goal_is")) {
      String direction = node.get("goal_is").asString().toUpperCase(Locale.ROOT);
      figure =
          figure.withGoal(new Goal(Goal.Direction.valueOf(direction), number(node.get("goal"))));
    }
    if (node.has("cpu_us")) {
      figure = figure.withCpu(number(node.get("cpu_us")));
    }
    return new BenchResult(
        node.get("workload").asString(),
        Size.valueOf(node.get("size").asString().toUpperCase(Locale.ROOT)),
        figure);
  }

  private static double number(JsonNode node) {
    return node.isNumber() ? node.doubleValue() : Double.NaN;
  }

  /** Adds a line to a file. */
  static void append(Path file, BenchResult result) throws IOException {
    Files.writeString(
        file, line(result) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** All results in a file; none if it does not exist. */
  static List<BenchResult> readAll(Path file) throws IOException {
    List<BenchResult> results = new ArrayList<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        results.add(parse(line));
      }
    }
    return results;
  }
}
