package dev.perdure.cli;

import dev.perdure.api.AuditReport;
import dev.perdure.api.AuditReport.Finding;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code perdure audit}. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description = {
      "Proves, for everything in a hub that has not ended, that something will wake it when a host"
          + " opens the hub. What it finds is a defect of Perdure.",
      "",
      "Looks at a hub that no program has open. Runs no code and changes nothing. In a program that"
          + " has the hub open, client.audit() does the same.",
      "",
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:everything will be woken",
      "1:something will not be, or the hub cannot be read",
      "2:wrong usage"
    })
final class AuditCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "The hub's directory.")
  private Path directory;

  @Option(names = "--json", description = "Print JSON, for programs.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    AuditReport report;
    try (ClosedHub hub = ClosedHub.open(directory)) {
      report = hub.inspection().audit();
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Map<String, @Nullable Object> fields = new LinkedHashMap<>();
      fields.put("orchestrations", report.orchestrations());
      fields.put("entities", report.entities());
      fields.put("findings", json(report.findings()));
      fields.put("notes", json(report.notes()));
      Output.json(out, fields);
    } else {
      print(out, report);
    }
    return report.isClean() ? 0 : 1;
  }

  private static List<Map<String, @Nullable Object>> json(List<Finding> findings) {
    List<Map<String, @Nullable Object>> all = new ArrayList<>();
    for (Finding finding : findings) {
      Map<String, @Nullable Object> one = new LinkedHashMap<>();
      one.put("instanceId", finding.instanceId());
      one.put("kind", finding.kind());
      one.put("description", finding.description());
      one.put("since", finding.since() == null ? null : finding.since().toString());
      one.put("others", finding.others());
      all.add(one);
    }
    return all;
  }

  private static void print(PrintWriter out, AuditReport report) {
    out.printf(
        "%d orchestrations that have not ended, %d entities: %s%n",
        report.orchestrations(),
        report.entities(),
        report.isClean()
            ? "everything will be woken."
            : report.findings().size()
                + " findings. Nothing will wake these; this is a defect of Perdure, please report"
                + " it.");
    List<List<String>> rows = new ArrayList<>();
    report.findings().forEach(finding -> rows.add(row("finding", finding)));
    report.notes().forEach(note -> rows.add(row("note", note)));
    if (!rows.isEmpty()) {
      out.println();
      Output.table(out, List.of("", "INSTANCE", "KIND", "SINCE", "WHAT"), rows);
    }
    out.flush();
  }

  private static List<String> row(String what, Finding finding) {
    return List.of(
        what,
        finding.subject(),
        finding.kind(),
        Output.text(finding.since()),
        finding.description());
  }
}
