package dev.perdure.cli;

import dev.perdure.cli.iothub.IotHubCommand;
import dev.perdure.cli.operations.BackupCommand;
import dev.perdure.cli.operations.CompletionCommand;
import dev.perdure.cli.operations.EntitiesCommand;
import dev.perdure.cli.operations.InstancesCommand;
import java.io.IOException;
import java.util.logging.Level;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * Entry point of the {@code perdure} command.
 *
 * <p>Exit codes: 0 for success, 1 when a command failed, 2 for a usage error.
 */
@Command(
    name = "perdure",
    description = "Durable functions for Java.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      StartCommand.class,
      ExplainCommand.class,
      HistoryCommand.class,
      ReplayCommand.class,
      AuditCommand.class,
      ServerCommand.class,
      InstancesCommand.class,
      EntitiesCommand.class,
      BackupCommand.class,
      IotHubCommand.class,
      CompletionCommand.class,
      BenchCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:it failed", "2:wrong usage"})
public final class Main implements Runnable {

  @Spec private CommandSpec spec;

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Log more, and show stack traces of errors.")
  private boolean verbose;

  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "Show stack traces of errors.")
  private boolean stackTrace;

  private Main() {}

  /** Runs the command line and exits the JVM with its exit code. */
  public static void main(String[] args) {
    StandardOutput output = StandardOutput.install();
    int exitCode = commandLine().execute(args);
    System.out.flush();
    IOException failure = output.failure();
    if (failure != null && exitCode == CommandLine.ExitCode.OK) {
      System.err.println("perdure: not all of the output was written: " + failure.getMessage());
      exitCode = CommandLine.ExitCode.SOFTWARE;
    }
    System.exit(exitCode);
  }

  static CommandLine commandLine() {
    Main main = new Main();
    return new CommandLine(main)
        .setExpandAtFiles(false) // ids of entities begin with @
        .setExecutionStrategy(main::execute)
        .setParameterExceptionHandler(new UsageReport())
        .setExecutionExceptionHandler(new ErrorReport(() -> main.stackTrace || main.verbose));
  }

  private int execute(ParseResult parsed) {
    for (String argument : parsed.originalArgs()) {
      if (argument.indexOf('\uFFFD') >= 0) {
        throw new ParameterException(
            spec.commandLine(),
            "Part of the argument '%s' could not be read: it is not written in the encoding of this environment. Set LC_ALL, say to C.UTF-8."
                .formatted(argument));
      }
    }
    CliLogging.configure(verbose ? Level.INFO : Level.WARNING);
    return new CommandLine.RunLast().execute(parsed);
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "A command is missing, such as 'perdure demo'.");
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"perdure " + (version == null ? "(development build)" : version)};
    }
  }
}
