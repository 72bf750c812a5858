package dev.perdure.cli;

import dev.perdure.api.Explanation;
import dev.perdure.cli.operations.Target;
import dev.perdure.http.PercentCoding;
import dev.perdure.http.durable.DiagnosisJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code perdure explain}. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description = {
      "Says why an instance is where it is: what it waits for, what will wake it, what went wrong"
          + " last, and what to do about it.",
      "",
      "Looks at a hub that no program has open, or asks a server that runs. Runs no code and changes"
          + " nothing. In a program that has the hub open, client.explain(id) says the same.",
      "",
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:explained",
      "1:there is no such instance, the hub cannot be read, or the server does not answer",
      "2:wrong usage"
    })
final class ExplainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..2",
      paramLabel = Subject.LABEL,
      hideParamSyntax = true,
      description =
          "The hub's directory, unless --server or --store is given; and the instance's id, @name@key for an"
              + " entity.")
  private List<String> where;

  @Mixin private Target target;

  @Option(names = "--json", description = "Print JSON, for programs.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Subject subject = Subject.of(spec, target, where);
    Path directory = subject.directory();
    if (directory == null) {
      String path = "explain/" + PercentCoding.encode(subject.instance());
      ServerDiagnosis server = new ServerDiagnosis(target);
      if (json) {
        Output.json(out(), server.json(path, "waits"));
      } else {
        out().print(Output.printableLines(server.text(path)));
        out().flush();
      }
      return 0;
    }
    Explanation explanation;
    try (ClosedHub closed = ClosedHub.open(directory, target.hub())) {
      explanation = closed.inspection().explain(subject.instance());
    }
    if (json) {
      Output.json(out(), Output.read(DiagnosisJson.of(explanation)));
    } else {
      out().println(Output.printableLines(explanation.toString()));
      out().flush();
    }
    return 0;
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
