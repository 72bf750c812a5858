package dev.perdure.cli;

import dev.perdure.cli.operations.Target;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * The instance that a command is about, and where it is.
 *
 * @param directory of a hub that no program has open; null if a server is to be asked
 * @param instance its id
 */
record Subject(@Nullable Path directory, String instance) {
  /** How the arguments are shown. */
  static final String LABEL = "[DIR] INSTANCE";

  /**
   * Reads arguments: the hub's directory, unless options say where to look, and the instance.
   *
   * @throws ParameterException if there are too many or too few
   */
  static Subject of(CommandSpec command, Target target, List<String> arguments) {
    if (target.hasServer()) {
      if (arguments.size() != 1) {
        throw usage(command, "With --server there is one argument, the instance.");
      }
      return new Subject(null, arguments.getFirst());
    }
    Path store = target.store();
    if (arguments.size() != (store == null ? 2 : 1)) {
      throw usage(
          command,
          store == null
              ? "The hub's directory and an instance are needed, or --server."
              : "With --store there is one argument, the instance.");
    }
    return new Subject(store == null ? Path.of(arguments.getFirst()) : store, arguments.getLast());
  }

  private static ParameterException usage(CommandSpec command, String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
