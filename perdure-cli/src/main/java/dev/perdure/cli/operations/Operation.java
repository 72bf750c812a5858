package dev.perdure.cli.operations;

import dev.perdure.cli.Output;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** A command that works on a hub, wherever that is. */
@Command(
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:it was refused, or nobody could be asked", "2:wrong usage"})
abstract class Operation implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Mixin Target target;

  @Option(names = "--json", description = "Print JSON, for programs.")
  boolean json;

  @Override
  public final Integer call() throws IOException, InterruptedException {
    refuseEmptyArguments();
    prepare();
    try (Host host = target.open()) {
      return run(new Management(host, target.hub()));
    } finally {
      out().flush();
    }
  }

  /** An empty name or id, most often of a variable that is not set, names nothing. */
  private void refuseEmptyArguments() {
    for (ArgSpec argument : spec.args()) {
      boolean names = argument.isPositional() || argument.paramLabel().equals("ID");
      if (names && argument.getValue() instanceof String text && text.isBlank()) {
        throw new ParameterException(
            spec.commandLine(), "%s is empty.".formatted(argument.paramLabel()));
      }
    }
  }

  /** Reads and checks arguments; nobody has been asked for anything yet. */
  void prepare() throws IOException {}

  /** Does it, and tells its exit code. */
  abstract int run(Management hub) throws IOException, InterruptedException;

  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Tells what was done: in a sentence for people, or as JSON. */
  final void tell(String sentence, Object forPrograms) {
    if (json) {
      Output.json(out(), forPrograms);
    } else {
      out().println(sentence);
    }
  }

  final void printJson(JsonNode value) {
    Output.json(out(), value);
  }
}
