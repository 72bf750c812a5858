package dev.perdure.cli;

import dev.perdure.api.HistoryEvent;
import dev.perdure.cli.operations.Target;
import dev.perdure.json.HistoryJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code perdure history}. */
@Command(
    name = "history",
    mixinStandardHelpOptions = true,
    description = {
      "Prints the history of an orchestration's current execution; with --json, with all payloads,"
          + " as a document that 'perdure replay' takes.",
      "",
      "Looks at a hub that no program has open, or asks a server that runs. Runs no code and changes"
          + " nothing.",
      "",
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:printed",
      "1:there is no such instance, the hub cannot be read, or the server does not answer",
      "2:wrong usage"
    })
final class HistoryCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..2",
      paramLabel = Subject.LABEL,
      hideParamSyntax = true,
      description =
          "The hub's directory, unless --server or --store is given; and the orchestration's id.")
  private List<String> where;

  @Mixin private Target target;

  @Option(names = "--json", description = "Print everything, payloads too, as JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Subject subject = Subject.of(spec, target, where);
    List<HistoryEvent> events = history(subject);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(HistoryJson.write(subject.instance(), events));
      out.flush();
      return 0;
    }
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      HistoryEvent event = events.get(i);
      rows.add(
          List.of(
              String.valueOf(i),
              event.timestamp().toString(),
              event.getClass().getSimpleName(),
              HistoryText.of(event)));
    }
    Output.table(out, List.of("", "TIME", "EVENT", ""), rows);
    return 0;
  }

  private List<HistoryEvent> history(Subject subject) throws IOException, InterruptedException {
    Path directory = subject.directory();
    if (directory == null) {
      return new ServerDiagnosis(target).history(subject.instance());
    }
    try (ClosedHub hub = ClosedHub.open(directory, target.hub())) {
      return hub.inspection().history(subject.instance());
    }
  }
}
