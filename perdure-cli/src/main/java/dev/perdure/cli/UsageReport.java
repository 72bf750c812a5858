package dev.perdure.cli;

import dev.perdure.functions.text.Similar;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what is wrong with the arguments in a line or two; the whole help is a page. */
final class UsageReport implements IParameterExceptionHandler {

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println(command.getColorScheme().errorText("perdure: " + message(e)));
    err.printf("Try '%s --help'.%n", command.getCommandSpec().qualifiedName());
    err.flush();
    return CommandLine.ExitCode.USAGE;
  }

  private static String message(ParameterException e) {
    CommandLine command = e.getCommandLine();
    if (e instanceof UnmatchedArgumentException unmatched) {
      String first = unmatched.getUnmatched().getFirst();
      if (unmatched.isUnknownOption()) {
        String option = first.replaceFirst("=.*", "");
        return unknown("option", option, longOptions(command));
      }
      if (!command.getSubcommands().isEmpty()) {
        return unknown("command", first, command.getSubcommands().keySet());
      }
    }
    return String.valueOf(e.getMessage());
  }

  /** One letter differs little from any other. */
  private static List<String> longOptions(CommandLine command) {
    return command.getCommandSpec().optionsMap().keySet().stream()
        .filter(name -> name.startsWith("--"))
        .toList();
  }

  private static String unknown(String kind, String name, Collection<String> known) {
    return "There is no %s '%s'.%s".formatted(kind, name, Similar.didYouMean(name, known));
  }
}
