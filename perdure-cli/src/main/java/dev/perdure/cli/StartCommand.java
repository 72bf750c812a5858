package dev.perdure.cli;

import dev.perdure.functions.host.AppLoader;
import dev.perdure.functions.host.Banner;
import dev.perdure.functions.host.FunctionsHost;
import dev.perdure.functions.host.HostOptions;
import dev.perdure.functions.settings.ProcessEnvironment;
import dev.perdure.http.Cors;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
      names = "--functions",
      paramLabel = "NAME",
      arity = "1..*",
      split = ",",
      description = "Run these functions only.")
  private List<String> functions = List.of();

  @Option(names = "--no-build", description = "Run what is built, even if sources are newer.")
  private boolean noBuild;

  @Override
  public Integer call() throws InterruptedException {
    long begun = System.nanoTime();
    FunctionsLogging.configure(spec.commandLine().getColorScheme().ansi().enabled());
    PrintWriter out = spec.commandLine().getOut();
    AppLoader.Loaded loaded =
        AppLoader.load(app, !noBuild, port, System.getenv(), note -> tell(out, note));
    FunctionsLogging.levels(loaded.app().host().logLevels());
    ProcessEnvironment environment = ProcessEnvironment.add(loaded.app().settings());
    FunctionsHost host = FunctionsHost.start(loaded.app(), options(loaded));
    loaded.notes().forEach(note -> tell(out, "! " + note));
    if (!environment.isVisible()) {
      tell(
          out,
          "! Settings cannot be seen with System.getenv in this Java; start it with --add-opens java.base/java.util=ALL-UNNAMED.");
    }
    tell(out, "");
    Banner.lines(host).forEach(line -> tell(out, line));
    tell(
        out,
        "Perdure is ready after %.1f s: HTTP on port %d, gRPC on port %d, task hub %s in %s"
            .formatted(
                (System.nanoTime() - begun) / 1e9,
                host.httpPort(),
                host.grpcPort(),
                host.hub(),
                data(loaded)));
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  host.close();
                  loaded.close();
                  stopped.countDown();
                },
                "perdure-stop"));
    stopped.await();
    return 0;
  }

  private static void tell(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }

  private Path data(AppLoader.Loaded loaded) {
    Path chosen = data;
    return chosen == null ? loaded.layout().root().resolve(".perdure") : chosen;
  }

  private HostOptions options(AppLoader.Loaded loaded) {
    Set<String> only = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    only.addAll(functions);
    String listen = address == null ? loaded.localHost().address() : address;
    Integer http = port == null ? loaded.localHost().port() : port;
    HostOptions options =
        HostOptions.of(data(loaded))
            .withPorts(
                http == null ? HostOptions.HTTP_PORT : http,
                grpcPort == null ? HostOptions.GRPC_PORT : grpcPort,
                grpcPort != null)
            .withAccess(enableAuth, trustProxy)
            .withCors(
                new Cors(loaded.localHost().corsOrigins(), loaded.localHost().corsCredentials()))
            .withOnly(only);
    return listen == null ? options : options.withAddress(listen);
  }
}
