package dev.perdure.cli;

import dev.perdure.Perdure;
import dev.perdure.cli.demo.Demo;
import dev.perdure.cli.demo.Narrator;
import dev.perdure.cli.demo.Pace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code perdure demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Tells five stories while they run: function chaining, fan-out and fan-in, a monitor, an"
          + " approval by a person, and an entity that adds up. About 25 seconds.",
      "",
      "Everything is durable: kill the process in the middle (kill -9) and run the command again on"
          + " the same directory. It carries on where it was, and no finished step is done again.",
      "",
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:all stories ended well", "1:a story or the hub failed", "2:wrong usage"})
final class DemoCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "demo.hub",
      showDefaultValue = picocli.CommandLine.Help.Visibility.ALWAYS,
      description = "The hub's directory; made if it does not exist.")
  private Path data;

  @Option(names = "--interactive", description = "Be asked for the approval yourself.")
  private boolean interactive;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("The hub is in %s.%n", data);
    out.printf(
        "To see what durable means: kill -9 %d while this runs, then run it again.%n",
        ProcessHandle.current().pid());
    out.flush();
    Narrator narrator =
        new Narrator(out, Ansi.AUTO.enabled(), Clock.system(ZoneId.systemDefault()));
    Demo demo = new Demo(narrator, Pace.READABLE, interactive ? this::ask : null);
    try (Perdure perdure = demo.register(Perdure.embedded(data)).start()) {
      return demo.tell(perdure.client()) ? 0 : 1;
    }
  }

  /** Asks at the console until the answer is one; empty at the end of the input. */
  private Optional<Boolean> ask(String question) {
    PrintWriter out = spec.commandLine().getOut();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
    try {
      while (true) {
        out.print(question);
        out.flush();
        String line = in.readLine();
        if (line == null) {
          return Optional.empty();
        }
        switch (line.strip().toLowerCase(Locale.ROOT)) {
          case "y", "yes" -> {
            return Optional.of(true);
          }
          case "n", "no" -> {
            return Optional.of(false);
          }
          default -> out.println("Please answer y or n.");
        }
      }
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
