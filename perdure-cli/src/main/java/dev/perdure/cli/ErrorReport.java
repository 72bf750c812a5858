package dev.perdure.cli;

import dev.perdure.api.PerdureException;
import dev.perdure.functions.app.InvalidAppException;
import dev.perdure.functions.invoke.InvalidFunctionException;
import dev.perdure.functions.settings.MissingSettingException;
import dev.perdure.functions.text.InvalidFileException;
import dev.perdure.iothub.IotHubException;
import dev.perdure.iothub.device.DeviceRegistryException;
import dev.perdure.iothub.event.EventStoreException;
import dev.perdure.iothub.simulator.SimulationException;
import dev.perdure.store.StoreException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/**
 * Says what went wrong. What Perdure throws on purpose explains itself in one message; a stack
 * trace is for whoever asks, and for what nobody expected.
 */
final class ErrorReport implements IExecutionExceptionHandler {
  private final BooleanSupplier stackTraceWanted;

  ErrorReport(BooleanSupplier stackTraceWanted) {
    this.stackTraceWanted = stackTraceWanted;
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    boolean explained =
        e instanceof PerdureException
            || e instanceof StoreException
            || e instanceof InvalidAppException
            || e instanceof InvalidFileException
            || e instanceof InvalidFunctionException
            || e instanceof MissingSettingException
            || e instanceof IotHubException
            || e instanceof EventStoreException
            || e instanceof DeviceRegistryException
            || e instanceof SimulationException
            || e instanceof IOException
            || e instanceof UncheckedIOException;
    err.println(
        command
            .getColorScheme()
            .errorText(
                "perdure: "
                    + (explained ? message(e) : "unexpected error, please report it: " + e)));
    if (stackTraceWanted.getAsBoolean() || !explained) {
      e.printStackTrace(err);
    }
    err.flush();
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static String message(Exception e) {
    if (e instanceof FileSystemException file) {
      // Its message is often just the path.
      return file.getReason() == null
          ? "%s: %s".formatted(file.getFile(), readable(file.getClass().getSimpleName()))
          : "%s: %s".formatted(file.getFile(), file.getReason());
    }
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  /** Turns {@code NoSuchFileException} into "no such file". */
  private static String readable(String exceptionName) {
    return exceptionName
        .replaceFirst("Exception$", "")
        .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
        .toLowerCase(Locale.ROOT);
  }
}
