package dev.perdure.cli.operations;

import dev.perdure.cli.Output;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code perdure instances wait}. */
@Command(
    name = "wait",
    description = {"Waits until an orchestration has ended. The exit code tells how.", ""},
    exitCodeList = {
      "0:it completed",
      "1:there is no such instance, or the server cannot be asked",
      "2:wrong usage",
      "3:it failed",
      "4:it was terminated",
      "5:it had not ended in time; it goes on"
    })
final class WaitForInstance extends Operation {
  private static final int FAILED = 3;
  private static final int TERMINATED = 4;
  private static final int GOES_ON = 5;

  private static final Duration PAUSE_MIN = Duration.ofMillis(50);
  private static final Duration PAUSE_MAX = Duration.ofSeconds(2);

  @Parameters(paramLabel = "ID", description = "The orchestration's id.")
  private String id;

  @Option(
      names = "--timeout",
      paramLabel = "SPAN",
      converter = Moment.Span.class,
      description = "How long to wait, such as 30s, 5m or 1h. Default: as long as it takes")
  private @Nullable Duration timeout;

  @Option(names = "--output", description = "Print the output, or the failure, and nothing else.")
  private boolean output;

  @Override
  void prepare() {
    if (target.store() != null) {
      throw new ParameterException(
          spec.commandLine(),
          "Nothing goes on in a hub that no program has open, so there is nothing to wait for. Use 'perdure instances show', or wait at the program that has it open, with --server.");
    }
  }

  @Override
  int run(Management hub) throws IOException, InterruptedException {
    long begun = System.nanoTime();
    Duration pause = PAUSE_MIN;
    while (true) {
      JsonNode instance = hub.status(id);
      String status = Json.text(instance, "runtimeStatus");
      int exitCode = exitCode(status);
      if (exitCode != GOES_ON) {
        tellEnd(instance, exitCode);
        return exitCode;
      }
      Duration left = timeout == null ? PAUSE_MAX : timeout.minusNanos(System.nanoTime() - begun);
      if (!left.isPositive()) {
        spec.commandLine()
            .getErr()
            .printf(
                "Instance '%s' has not ended in time, it is %s. 'perdure explain' tells what it waits for.%n",
                id, status);
        return GOES_ON;
      }
      Thread.sleep(pause.compareTo(left) < 0 ? pause : left);
      pause = pause.multipliedBy(2).compareTo(PAUSE_MAX) < 0 ? pause.multipliedBy(2) : PAUSE_MAX;
    }
  }

  private static int exitCode(String status) {
    return switch (status) {
      case "Completed" -> 0;
      case "Failed" -> FAILED;
      case "Terminated" -> TERMINATED;
      default -> GOES_ON;
    };
  }

  private void tellEnd(JsonNode instance, int exitCode) {
    if (json) {
      printJson(instance);
    } else if (output) {
      out().println(Json.compact(instance.path("output")));
    } else {
      String failure = exitCode == FAILED ? ": " + Json.text(instance, "output") : "";
      String end = "%s %s%s".formatted(id, Json.text(instance, "runtimeStatus"), failure);
      out().println(Output.printable(end));
    }
  }
}
