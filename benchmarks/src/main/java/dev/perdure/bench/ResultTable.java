package dev.perdure.bench;

import dev.perdure.bench.harness.BenchResult;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.Size;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Results as a table for a person. */
final class ResultTable {
  private static final List<String> HEADER =
      List.of("workload", "metric", "value", "unit", "goal", "met", "CPU us/orch.");

  private ResultTable() {}

  /** The table, every line with its end. */
  static String of(List<BenchResult> results) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEADER);
    String workload = "";
    for (BenchResult result : results) {
      rows.add(row(result, result.workload().equals(workload)));
      workload = result.workload();
    }
    int[] widths = new int[HEADER.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < rows.size(); i++) {
      text.append(line(rows.get(i), widths)).append('\n');
      if (i == 0) {
        text.append(rule(widths)).append('\n');
      }
    }
    return text.toString();
  }

  private static List<String> row(BenchResult result, boolean sameWorkload) {
    Figure figure = result.figure();
    Goal goal = figure.goal();
    return List.of(
        sameWorkload ? "" : result.workload(),
        figure.metric(),
        number(figure.value()),
        figure.unit(),
        goal == null ? "" : goal.direction().sign() + " " + number(goal.limit()),
        met(result),
        figure.cpuMicros() == null ? "" : number(figure.cpuMicros()));
  }

  private static String met(BenchResult result) {
    if (result.figure().goal() == null) {
      return "";
    }
    return result.met().map(met -> met ? "yes" : "no").orElse("(" + label(result.size()) + ")");
  }

  private static String label(Size size) {
    return size.label();
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      boolean isNumber = i == 2 || i == 6;
      String format = isNumber ? "%" + widths[i] + "s  " : "%-" + widths[i] + "s  ";
      line.append(format.formatted(row.get(i)));
    }
    return line.toString().stripTrailing();
  }

  private static String rule(int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int width : widths) {
      line.append("-".repeat(width)).append("  ");
    }
    return line.toString().stripTrailing();
  }

  /** A number with as many digits as a person wants to read. */
  static String number(double value) {
    double size = Math.abs(value);
    if (size >= 1000 || value == Math.rint(value)) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    return String.format(Locale.ROOT, size >= 100 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f", value);
  }
}
