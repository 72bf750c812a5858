package dev.perdure.cli;

import dev.perdure.functions.host.HostOptions;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code perdure start}. */
@Command(
    name = "start",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs an Azure Functions app written in Java, with its triggers and durable functions. It"
          + " needs no cloud account, no storage emulator and no other process.",
      "",
      "Stop it with Ctrl-C or SIGTERM; what has not ended goes on at the next start, also after a"
          + " crash.",
      "",
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:stopped in an orderly way",
      "1:it could not be started",
      "2:wrong usage",
      "130, 143:stopped by Ctrl-C or SIGTERM"
    })
final class StartCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "APP",
      arity = "0..1",
      defaultValue = ".",
      description =
          "A Maven module (built if need be), a directory staged for Azure (host.json, function.json"
              + " files, a jar, lib/), or a jar. Default: the current directory")
  private Path app;

  @Option(
      names = {"-p", "--port"},
      paramLabel = "PORT",
      description =
          "The port for HTTP; 0 picks a free one. Default: that of local.settings.json"
              + " (Host.LocalHttpPort), else "
              + HostOptions.HTTP_PORT)
  private @Nullable Integer port;

  @Option(
      names = "--grpc-port",
      paramLabel = "PORT",
      description =
          "The port for Durable Task SDKs, the app's own client among them; 0 picks a free one."
              + " Default: "
              + HostOptions.GRPC_PORT
              + ", or another if it is taken")
  private @Nullable Integer grpcPort;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where the task hub and the keys are. Default: .perdure beside host.json")
  private @Nullable Path data;

  @Option(
      names = "--address",
      paramLabel = "ADDRESS",
      description =
          "Where to listen for HTTP; beyond this machine, keys are demanded. Default: 127.0.0.1")
  private @Nullable String address;

  @Option(names = "--enable-auth", description = "Demand keys also on this machine.")
  private boolean enableAuth;

  @Option(
      names = "--trust-proxy",
      description =
          "Have addresses follow the headers Forwarded or X-Forwarded-* that a proxy in front of"
              + " the host sends.")
  private boolean trustProxy;

  @Option(
      names = "--cors",
      paramLabel = "ORIGIN",
      split = ",",
      description =
          "Origins whose web pages may call functions, or '*'. Default: Host.CORS of"
              + " local.settings.json")
  private List<String> cors = List.of();

  @Option(names = "--cors-credentials", description = "They may send credentials as well.")
  private boolean corsCredentials;

  @Option(
      names = "--functions",
      paramLabel = "NAME",
      arity = "1..*",
      split = ",",
      description = "Run these functions only.")
  private List<String> functions = List.of();

  @Option(names = "--no-build", description = "Run what is built, even if sources are newer.")
  private boolean noBuild;

  @Option(
      names = "--watch",
      description =
          "Start the app anew when its classes, sources or settings change. Orchestrations and"
              + " entities go on.")
  private boolean watch;

  /** The launcher script sees to it: a running JVM cannot open the port. */
  @Option(names = "--debug", description = "Open a port for a debugger on this machine.")
  private boolean debug;

  @Option(
      names = "--debug-port",
      paramLabel = "PORT",
      defaultValue = "5005",
      description = "The port for a debugger. Default: ${DEFAULT-VALUE}")
  private int debugPort;

  @Override
  public Integer call() throws InterruptedException {
    CarrierThreads.watch();
    FunctionsLogging.configure(spec.commandLine().getColorScheme().ansi().enabled());
    PrintWriter out = spec.commandLine().getOut();
    if (debug && !isDebugged()) {
      throw new ParameterException(
          spec.commandLine(),
          "--debug has no effect here: give it to the ./perdure script, or start Java with -agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=localhost:%d."
              .formatted(debugPort));
    }
    requirePort("--port", port);
    requirePort("--grpc-port", grpcPort);
    AppRun.Request request =
        new AppRun.Request(
            app,
            !noBuild,
            port,
            grpcPort,
            address,
            data,
            enableAuth,
            trustProxy,
            cors,
            corsCredentials,
            new LinkedHashSet<>(functions));
    AppRun run = AppRun.start(request, out);
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  run.close();
                  stopped.countDown();
                },
                "perdure-stop"));
    if (watch) {
      out.println("Watching for changes.");
      out.flush();
      run.watch(stopped);
    }
    stopped.await();
    return 0;
  }

  private void requirePort(String option, @Nullable Integer wanted) {
    if (wanted != null && (wanted < 0 || wanted > 65_535)) {
      throw new ParameterException(
          spec.commandLine(), "%s is %d; use 0 to 65535.".formatted(option, wanted));
    }
  }

  private static boolean isDebugged() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .anyMatch(argument -> argument.contains("jdwp"));
  }
}
