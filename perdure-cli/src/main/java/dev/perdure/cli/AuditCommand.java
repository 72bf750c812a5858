package dev.perdure.cli;

import dev.perdure.api.AuditReport;
import dev.perdure.cli.operations.Target;
import dev.perdure.http.durable.DiagnosisJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code perdure audit}. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description = {
      "Proves, for everything in a hub that has not ended, that something will wake it when a host"
          + " opens the hub. What it finds is a defect of Perdure.",
      "",
      "Looks at a hub that no program has open, or asks a server that runs. Runs no code and changes"
          + " nothing. In a program that has the hub open, client.audit() does the same.",
      "",
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:everything will be woken",
      "1:something will not be, or the hub cannot be read, or nobody answers",
      "2:wrong usage"
    })
final class AuditCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      description = "The hub's directory, unless --server or --store is given.")
  private @Nullable Path directory;

  @Mixin private Target target;

  @Option(names = "--json", description = "Print JSON, for programs.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    JsonNode report =
        target.hasServer() ? askServer() : Output.read(DiagnosisJson.of(auditClosedHub()));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Output.json(out, report);
    } else {
      print(out, report);
    }
    return report.path("findings").isEmpty() ? 0 : 1;
  }

  private JsonNode askServer() throws IOException, InterruptedException {
    if (directory != null) {
      throw usage("With --server there is no directory: the server has it open.");
    }
    return new ServerDiagnosis(target).json("audit", "findings");
  }

  private AuditReport auditClosedHub() throws IOException {
    Path store = target.store();
    if (directory != null && store != null) {
      throw usage("Both a directory and --store are given. One is enough.");
    }
    Path named = directory == null ? store : directory;
    if (named == null) {
      throw usage("The hub's directory is needed, or --server.");
    }
    try (ClosedHub hub = ClosedHub.open(named, target.hub())) {
      return hub.inspection().audit();
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static void print(PrintWriter out, JsonNode report) {
    JsonNode findings = report.path("findings");
    out.printf(
        "%d orchestrations that have not ended, %d entities: %s%n",
        report.path("orchestrations").asLong(),
        report.path("entities").asLong(),
        findings.isEmpty()
            ? "everything will be woken."
            : findings.size()
                + " findings. Nothing will wake these; this is a defect of Perdure, please report"
                + " it.");
    List<List<String>> rows = new ArrayList<>();
    findings.forEach(finding -> rows.add(row("finding", finding)));
    report.path("notes").forEach(note -> rows.add(row("note", note)));
    if (!rows.isEmpty()) {
      out.println();
      Output.table(out, List.of("", "INSTANCE", "KIND", "SINCE", "WHAT"), rows);
    }
    out.flush();
  }

  /** Which instances it is about, as {@link AuditReport.Finding#subject()}. */
  private static String subject(JsonNode finding) {
    long others = finding.path("others").asLong();
    String id = finding.path("instanceId").asString();
    return others == 0 ? id : "%s and %d others".formatted(id, others);
  }

  private static List<String> row(String what, JsonNode finding) {
    return List.of(
        what,
        subject(finding),
        finding.path("kind").asString(),
        finding.path("since").asString(""),
        finding.path("description").asString());
  }
}
