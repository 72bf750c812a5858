package dev.perdure.cli.operations;

import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How much of a list is shown. */
final class ListLimit {
  private static final int DEFAULT = 1_000;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "Show so many at most. Default: " + DEFAULT)
  private int top = DEFAULT;

  int items() {
    if (top < 1) {
      throw new ParameterException(
          spec.commandLine(), "--top is %d; use 1 or more.".formatted(top));
    }
    return top;
  }

  /** Says that there are more, if so; not among the output, which may be for programs. */
  void tellOfMore(Management.Listing listing) {
    if (listing.more()) {
      PrintWriter err = spec.commandLine().getErr();
      err.printf("There are more than these %d; --top shows more.%n", listing.items().size());
      err.flush();
    }
  }
}
