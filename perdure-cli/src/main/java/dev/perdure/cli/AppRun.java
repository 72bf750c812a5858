package dev.perdure.cli;

import dev.perdure.api.PerdureException;
import dev.perdure.functions.app.AppLayout;
import dev.perdure.functions.app.InvalidAppException;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.host.AppLoader;
import dev.perdure.functions.host.Banner;
import dev.perdure.functions.host.FunctionsHost;
import dev.perdure.functions.host.HostOptions;
import dev.perdure.functions.invoke.InvalidFunctionException;
import dev.perdure.functions.settings.LocalHost;
import dev.perdure.functions.settings.MissingSettingException;
import dev.perdure.functions.settings.ProcessEnvironment;
import dev.perdure.functions.text.InvalidFileException;
import dev.perdure.http.Cors;
import dev.perdure.store.StoreException;
import dev.perdure.trigger.eventhubs.LocalHubs;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An app that runs, and is started anew when it has changed. */
final class AppRun implements AutoCloseable {
  private static final long LOOK_MILLIS = 400;

  /** As this process was started, without the settings that an app adds to it later. */
  private static final Map<String, String> OUTSIDE = Map.copyOf(System.getenv());

  private final Request request;
  private final PrintWriter out;

  // Guarded by this.
  private final AppFiles files;
  private AppLoader.Loaded loaded;
  private ProcessEnvironment environment;
  private @Nullable LocalIotHub iotHub;
  private @Nullable FunctionsHost host;
  private boolean closed;

  /** What was asked for; null where nothing was. */
  record Request(
      Path app,
      boolean build,
      @Nullable Integer port,
      @Nullable Integer grpcPort,
      @Nullable String address,
      @Nullable Path data,
      boolean enableAuth,
      boolean trustProxy,
      List<String> cors,
      boolean corsCredentials,
      Set<String> functions) {
    /** Where the data of the host is. */
    Path dataOf(AppLayout layout) {
      return data == null ? layout.root().resolve(".perdure") : data;
    }
  }

  private AppRun(
      Request request,
      PrintWriter out,
      AppFiles files,
      AppLoader.Loaded loaded,
      ProcessEnvironment environment) {
    this.request = request;
    this.out = out;
    this.files = files;
    this.loaded = loaded;
    this.environment = environment;
  }

  /** Starts an app and says what it has. */
  static AppRun start(Request request, PrintWriter out) {
    long begun = System.nanoTime();
    AppFiles files = new AppFiles(request);
    AppLoader.Loaded loaded = load(request, files, out);
    AppRun run =
        new AppRun(request, out, files, loaded, ProcessEnvironment.add(loaded.app().settings()));
    run.begin(begun);
    return run;
  }

  private static AppLoader.Loaded load(Request request, AppFiles files, PrintWriter out) {
    AppLayout layout =
        files.find(
            note -> {
              out.println(note);
              out.flush();
            });
    AppLoader.Loaded loaded = AppLoader.load(request.app(), layout, request.port(), OUTSIDE);
    try {
      EmptyApp.refuse(request, loaded);
    } catch (InvalidAppException e) {
      loaded.close();
      throw e;
    }
    return loaded;
  }

  private synchronized void begin(long begun) {
    FunctionsLogging.levels(loaded.app().host().logLevels());
    HostOptions options = options();
    FunctionsHost.check(options); // before a hub for devices is made
    List<String> hubNotes = startIotHub();
    FunctionsHost started = FunctionsHost.start(loaded.app(), options);
    host = started;
    loaded.notes().forEach(note -> out.println("! " + note));
    if (!environment.isVisible()) {
      out.println(
          "! Settings cannot be seen with System.getenv in this Java; start it with --add-opens java.base/java.util=ALL-UNNAMED.");
    }
    out.println();
    Banner.lines(started).forEach(out::println);
    hubNotes.forEach(out::println);
    out.printf(
        "Perdure is ready after %.1f s: HTTP on port %d, gRPC on port %d, task hub %s in %s%n",
        (System.nanoTime() - begun) / 1e9,
        started.httpPort(),
        started.grpcPort(),
        started.hub(),
        data());
    out.flush();
  }

  /** Starts the hub that the app expects on this machine, and says what to know of it. */
  private List<String> startIotHub() {
    List<FunctionDefinition> functions =
        loaded.app().definition().functions().stream()
            .filter(
                function ->
                    request.functions().isEmpty()
                        || request.functions().stream().anyMatch(function.name()::equalsIgnoreCase))
            .toList();
    LocalHubs wanted = LocalHubs.of(functions, loaded.app().settings());
    LocalIotHub running = iotHub;
    if (running != null && !running.serves(wanted)) {
      running.close();
      iotHub = null;
    }
    List<String> notes = new ArrayList<>();
    if (iotHub == null && wanted != null) {
      iotHub = LocalIotHub.start(wanted, data().resolve("iothub"), notes::add);
    }
    return notes;
  }

  private Path data() {
    return request.dataOf(loaded.layout());
  }

  private HostOptions options() {
    String listen = request.address() == null ? loaded.localHost().address() : request.address();
    Integer http = request.port() == null ? loaded.localHost().port() : request.port();
    HostOptions options =
        HostOptions.of(data())
            .withPorts(
                http == null ? HostOptions.HTTP_PORT : http,
                request.grpcPort() == null ? HostOptions.GRPC_PORT : request.grpcPort(),
                request.grpcPort() != null)
            .withAccess(request.enableAuth(), request.trustProxy())
            .withCors(cors())
            .withOnly(request.functions());
    return listen == null ? options : options.withAddress(listen);
  }

  private Cors cors() {
    LocalHost local = loaded.localHost();
    return new Cors(
        request.cors().isEmpty() ? local.corsOrigins() : request.cors(),
        request.corsCredentials() || local.corsCredentials());
  }

  // ---- watching -------------------------------------------------------------------------------

  /** Looks for changes until the app is stopped. A change counts once nothing changes any more. */
  void watch(CountDownLatch stopped) throws InterruptedException {
    while (!stopped.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
      look();
    }
  }

  /** Starts the app anew if it has changed. */
  synchronized void look() {
    if (!closed && files.haveChanged()) {
      reload();
    }
  }

  /** Loads the app anew; if it is broken, the one that runs goes on. */
  private void reload() {
    out.println("The app has changed ...");
    out.flush();
    long begun = System.nanoTime();
    AppLoader.Loaded fresh;
    try {
      fresh = load(request, files, out);
    } catch (InvalidAppException | InvalidFileException | MissingSettingException e) {
      out.println("! " + e.getMessage());
      out.println("The app goes on as it was.");
      out.flush();
      return;
    }
    stopHost();
    loaded.close();
    environment.close();
    loaded = fresh;
    environment = ProcessEnvironment.add(loaded.app().settings());
    try {
      begin(begun);
    } catch (InvalidFunctionException
        | InvalidFileException
        | MissingSettingException
        | StoreException
        | PerdureException e) {
      out.println("! " + e.getMessage());
      out.println("Nothing runs until the app is put right.");
      out.flush();
    }
  }

  private void stopHost() {
    FunctionsHost running = host;
    host = null;
    if (running != null) {
      running.close();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    stopHost();
    LocalIotHub running = iotHub;
    if (running != null) {
      running.close();
    }
    loaded.close();
    environment.close();
  }
}
