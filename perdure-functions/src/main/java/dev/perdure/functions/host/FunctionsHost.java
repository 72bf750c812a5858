package dev.perdure.functions.host;

import dev.perdure.api.InvalidRegistrationException;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineEnvironment;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.functions.app.AppClassLoader;
import dev.perdure.functions.definition.AppProblem;
import dev.perdure.functions.durable.AppWorker;
import dev.perdure.functions.durable.ClientInput;
import dev.perdure.functions.durable.DurableFunction;
import dev.perdure.functions.durable.HostPort;
import dev.perdure.functions.durable.HttpCalls;
import dev.perdure.functions.http.HttpFunctions;
import dev.perdure.functions.invoke.AppCode;
import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.text.InvalidFileException;
import dev.perdure.functions.timer.TimerState;
import dev.perdure.functions.timer.TimerTrigger;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.InputType;
import dev.perdure.functions.trigger.OutputType;
import dev.perdure.functions.trigger.Trigger;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.functions.trigger.TriggerState;
import dev.perdure.functions.trigger.TriggerType;
import dev.perdure.grpc.GrpcServer;
import dev.perdure.grpc.GrpcServerOptions;
import dev.perdure.grpc.Hubs;
import dev.perdure.grpc.ServerStartException;
import dev.perdure.grpc.history.WireHistory;
import dev.perdure.grpc.worker.WorkerPool;
import dev.perdure.grpc.worker.WorkerService;
import dev.perdure.http.Handler;
import dev.perdure.http.HttpServerFront;
import dev.perdure.http.HttpServerOptions;
import dev.perdure.http.HttpServerOptions.Bodies;
import dev.perdure.http.KeyFile;
import dev.perdure.http.Response;
import dev.perdure.http.Router;
import dev.perdure.http.durable.Backups;
import dev.perdure.http.durable.Diagnosis;
import dev.perdure.http.durable.DurableHttpApi;
import dev.perdure.http.durable.DurableHttpOptions;
import dev.perdure.http.durable.TaskHub;
import dev.perdure.http.durable.TaskHubs;
import dev.perdure.json.HistoryJson;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.metrics.HostMetrics;
import dev.perdure.store.Store;
import dev.perdure.store.StoreException;
import dev.perdure.store.rocksdb.RocksStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs one app: its triggers, its durable functions with their task hub, the HTTP API, and a server
 * for clients and workers of Durable Task SDKs. Safe from any thread.
 */
public final class FunctionsHost implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.perdure.functions");

  /** The hub of apps that name none. */
  private static final String HUB = "TestHubName";

  /** Bytes of the body of a request, as in Azure Functions. */
  private static final int BODY_BYTES_MAX = 104_857_600;

  private static final int PAYLOAD_BYTES_MAX = 64 << 20;

  /** How long triggers may take to begin before the host says that it is ready without them. */
  private static final Duration TRIGGERS_BEGIN = Duration.ofSeconds(10);

  private static final int OTHER_GRPC_PORTS_FROM = 30_000;
  private static final int OTHER_GRPC_PORTS_TO = 31_000;
  private static final int OTHER_GRPC_PORTS = 9;

  /** Durable functions of a kind that run at once for each processor, unless host.json says. */
  private static final int CONCURRENT_PER_CPU = 10;

  private final List<HostedFunction> functions;
  private final List<String> notices;
  private final Engine engine;
  private final GrpcServer grpc;
  private final HttpServerFront http;
  private final String hub;
  private final ClosedOnce closing;

  /** What is under way while a host starts. */
  private static final class Start {
    final App app;
    final HostOptions options;

    /** What is closed, the last first. */
    final Deque<AutoCloseable> parts = new ArrayDeque<>();

    final List<String> notices = new ArrayList<>();
    final List<HostedFunction> functions = new ArrayList<>();
    final HostState state = new HostState();

    Start(App app, HostOptions options) {
      this.app = app;
      this.options = options;
    }

    <T extends AutoCloseable> T closing(T part) {
      parts.push(part);
      return part;
    }
  }

  private FunctionsHost(
      Start start, Engine engine, GrpcServer grpc, HttpServerFront http, String hub) {
    this.functions = List.copyOf(start.functions);
    this.notices = List.copyOf(start.notices);
    this.closing =
        new ClosedOnce(
            () -> {
              start.state.enter(HostState.Phase.STOPPING);
              closeAll(start.parts);
            });
    this.engine = engine;
    this.grpc = grpc;
    this.http = http;
    this.hub = hub;
  }

  /**
   * Refuses ports that are taken at this moment, where a host would have to make its data first: so
   * that nothing is made for one that does not start. Where there are data, a start says more, such
   * as which process has them open.
   *
   * @throws ServerStartException as {@link #start} does
   */
  public static void check(HostOptions options) {
    if (Files.exists(options.data())) {
      return;
    }
    if (options.grpcPortFixed()) {
      GrpcServer.check(GrpcServerOptions.DEFAULTS.withPorts(options.grpcPort()));
    }
    try {
      HttpServerFront.check(httpOptions(options));
    } catch (IOException e) {
      throw cannotListen(options, e);
    }
  }

  /**
   * Starts a host. Functions that are wrong do not run and are listed as such; the others do.
   *
   * @throws ServerStartException if it cannot listen
   * @throws dev.perdure.store.StoreException if the data cannot be used, for instance because
   *     another host has them open
   */
  public static FunctionsHost start(App app, HostOptions options) {
    Start start = new Start(app, options);
    try {
      return start(start);
    } catch (RuntimeException | Error e) {
      closeAll(start.parts);
      throw e;
    }
  }

  private static FunctionsHost start(Start start) {
    App app = start.app;
    HostOptions options = start.options;
    HostSettings.DurableTask durable = app.host().durableTask();
    String hubName = hubName(app);
    check(options);
    makeData(options.data());
    if (app.loader() instanceof AppClassLoader loader) {
      loader.registerDrivers(); // their static initialisers see the settings of the app by now
    }

    FunctionRegistry registry = ownFunctions(start);
    EngineOptions engineOptions =
        EngineOptions.DEFAULTS.withLimits(
            EngineOptions.Limits.DEFAULTS.withPayloadBytesMax(PAYLOAD_BYTES_MAX));
    if (durable.defaultVersion() != null) {
      engineOptions = engineOptions.withDefaultVersion(durable.defaultVersion());
    }
    Store store =
        start.closing(RocksStore.open(options.data().resolve(hubName.toLowerCase(Locale.ROOT))));
    Keys keys = keys(options); // after the store, which says best why nothing can be written
    EngineEnvironment environment = EngineEnvironment.system();
    WorkerPool pool = new WorkerPool(environment.clock(), engineOptions.redeliveriesMax());
    Engine engine =
        start.closing(
            Engine.start(
                store, registry, new JacksonDataConverter(), engineOptions, environment, pool));
    HostMetrics metrics = start.closing(new HostMetrics());
    metrics.add(hubName, engine, pool);
    GrpcServer grpc = start.closing(grpc(hubName, engine, options, idReuse(durable)));
    HostPort unused = start.closing(HostPort.of(grpc.port()));

    CompletableFuture<Integer> httpPort = new CompletableFuture<>();
    HttpFunctions httpFunctions =
        new HttpFunctions(app.host().http(), keys, options.trustForwarded());
    List<TriggerType> triggers = new ArrayList<>(List.of(httpFunctions, new TimerTrigger()));
    ServiceLoader.load(TriggerType.class, FunctionsHost.class.getClassLoader())
        .forEach(triggers::add);
    List<InputType> inputs = new ArrayList<>();
    inputs.add(
        new ClientInput(
            hubName,
            () ->
                new ClientInput.Address(
                    "http://localhost:" + grpc.port(),
                    "http://localhost:" + httpPort.join() + DurableHttpApi.PATH,
                    linkQuery(keys, hubName))));
    ServiceLoader.load(InputType.class, FunctionsHost.class.getClassLoader()).forEach(inputs::add);
    List<OutputType> outputs = new ArrayList<>();
    ServiceLoader.load(OutputType.class, FunctionsHost.class.getClassLoader())
        .forEach(outputs::add);
    TriggerEnvironment triggerEnvironment =
        new TriggerEnvironment(app.settings(), app.host(), environment.clock(), engine.client());
    AppCode code = AppCode.of(app.loader(), Map.of(PerdureClient.class, engine.client()));
    FunctionLoading loading =
        new FunctionLoading(
            app, code, triggers, inputs, outputs, triggerEnvironment, options.only());
    start.functions.addAll(loading.load(httpFunctions));
    loading.outputs().forEach(start::closing);
    start.notices.addAll(httpFunctions.clashes());
    start.notices.addAll(loading.notes());
    for (AppProblem problem : app.definition().problems()) {
      start.notices.add(
          problem.function() == null
              ? problem.message()
              : "Function '%s' does not run: %s".formatted(problem.function(), problem.message()));
    }
    start.closing(
        new AllAtOnce(
            start.functions.stream()
                .map(HostedFunction::trigger)
                .filter(Objects::nonNull)
                .toList()));

    Map<DurableFunction, FunctionRunner> durableFunctions = new HashMap<>();
    for (HostedFunction function : start.functions) {
      if (function.durable() != null
          && function.runner() != null
          && function.state() == HostedFunction.State.READY) {
        durableFunctions.put(function.durable(), function.runner());
      }
    }
    AppWorker worker =
        start.closing(new AppWorker(pool, durableFunctions, durable.defaultVersion()));

    AppFunctions known =
        new AppFunctions(
            registry,
            durableFunctions.keySet(),
            () -> pool.connected() > (durableFunctions.isEmpty() ? 0 : 1));
    TaskHub taskHub = new TaskHub(hubName, engine, known);
    Handler router = options.cors().around(router(start, keys, httpFunctions, taskHub, metrics));
    HttpServerFront http = start.closing(http(options, router));
    httpPort.complete(http.port());

    int most = CONCURRENT_PER_CPU * Runtime.getRuntime().availableProcessors();
    worker.start(
        pool,
        new AppWorker.Limits(
            or(durable.orchestratorsMax(), most),
            or(durable.activitiesMax(), most),
            or(durable.entitiesMax(), most)));
    for (HostedFunction function : start.functions) {
      if (function.trigger() != null && function.state() == HostedFunction.State.READY) {
        function.trigger().start();
      }
    }
    awaitTriggers(start.functions);
    start.state.enter(HostState.Phase.RUNNING);
    return new FunctionsHost(start, engine, grpc, http, hubName);
  }

  /**
   * What happens right after the host has said that it is ready is to be seen. What cannot be
   * reached is not waited for.
   */
  private static void awaitTriggers(List<HostedFunction> functions) {
    CompletableFuture<?>[] begun =
        functions.stream()
            .filter(function -> function.state() == HostedFunction.State.READY)
            .map(HostedFunction::trigger)
            .filter(Objects::nonNull)
            .map(Trigger::begun)
            .toArray(CompletableFuture<?>[]::new);
    CompletableFuture.allOf(begun)
        .completeOnTimeout(null, TRIGGERS_BEGIN.toMillis(), TimeUnit.MILLISECONDS)
        .join();
  }

  /**
   * Whatever is answered over HTTP. The app's own routes come after those that no app for Azure can
   * have either, and before those that it may have.
   */
  private static Router router(
      Start start, Keys keys, HttpFunctions httpFunctions, TaskHub taskHub, HostMetrics metrics) {
    HostOptions options = start.options;
    boolean trusting = options.trustForwarded();
    HandRuns runs = start.closing(new HandRuns());
    AdminApi admin =
        new AdminApi(start.app, start.functions, keys.admin(), runs, start.state, trusting);
    TaskHubs hubs = TaskHubs.of(taskHub);
    HostSettings.DurableTask durable = start.app.host().durableTask();
    Handler notFound = request -> done(Response.empty(404));
    Router ofAdmins =
        admin.addTo(new KeysApi(keys, admin::has, trusting).addTo(Router.builder())).build();
    Router.Builder router =
        httpFunctions.addTo(
            Router.builder()
                .below("/admin", ofAdmins)
                .below(
                    DurableHttpApi.PATH,
                    keys.durableAccess()
                        .guarding(
                            request ->
                                new DurableHttpApi(hubs, durableOptions(keys, options, durable))
                                    .handle(request)))
                .below("/runtime", notFound));
    router
        .page("/", homePage(start, keys, trusting))
        .page("/health/live", request -> done(Response.text(200, "live\n")))
        .page("/health/ready", request -> done(ready(start.state)))
        .page(
            "/metrics",
            AdminRequests.forAdmins(keys.admin(), request -> Response.text(200, metrics.scrape())));
    Router.Builder all =
        new Diagnosis(hubs, keys.durableAccess(), HistoryJson::write).addTo(router);
    return new Backups(hubs, options.data(), keys.durableAccess()).addTo(all).build();
  }

  private static Handler homePage(Start start, Keys keys, boolean trusting) {
    return start.app.settings().flag("AzureWebJobsDisableHomepage")
        ? request -> done(Response.empty(204))
        : new HomePage(start.app.name(), start.functions, keys.admin(), trusting);
  }

  private static Response ready(HostState state) {
    return state.phase() == HostState.Phase.RUNNING
        ? Response.text(200, "ready\n")
        : Response.text(503, "not ready\n");
  }

  private static int or(@Nullable Integer chosen, int otherwise) {
    return chosen == null ? otherwise : chosen;
  }

  private static CompletableFuture<Response> done(Response response) {
    return CompletableFuture.completedFuture(response);
  }

  /** Something has to be there: the library appends it to links with a question mark. */
  private static String linkQuery(Keys keys, String hub) {
    String query = keys.linkQuery();
    return query == null ? "taskHub=" + hub : query;
  }

  /** Before anything in it is looked for, so that it is not taken for the reason. */
  private static void makeData(Path data) {
    try {
      Files.createDirectories(data);
    } catch (IOException e) {
      throw StoreException.notWritable("The directory for data, %s (--data),".formatted(data), e);
    }
  }

  private static Keys keys(HostOptions options) {
    try {
      KeyFile file = KeyFile.open(options.data().resolve("host.keys"));
      return isLoopback(options.address()) && !options.keysOnLoopback()
          ? Keys.notDemanded(file, options.cors())
          : Keys.demanded(file);
    } catch (IOException | UncheckedIOException e) {
      throw new ServerStartException(
          ServerStartException.KEYS,
          "The keys of the host cannot be used: %s".formatted(e.getMessage()),
          e);
    }
  }

  /** An address that is not known is not taken for one of this machine alone. */
  private static boolean isLoopback(String address) {
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static String hubName(App app) {
    String name = app.host().durableTask().hubName();
    if (name == null) {
      name = app.settings().get("WEBSITE_SITE_NAME");
    }
    if (name == null || name.isEmpty()) {
      return HUB;
    }
    String resolved = app.settings().resolve(name);
    try {
      String unused = Hubs.checkedName(resolved);
    } catch (IllegalArgumentException e) {
      throw new InvalidFileException(
          "The task hub has a name that cannot be: %s It is hubName in host.json (extensions.durableTask), else the setting WEBSITE_SITE_NAME."
              .formatted(e.getMessage()),
          e);
    }
    return resolved;
  }

  /** The functions of Perdure's own kind in the app, and what the host itself has. */
  private static FunctionRegistry ownFunctions(Start start) {
    FunctionRegistry.Builder registry =
        FunctionRegistry.builder().entity(TimerState.class).entity(TriggerState.class);
    start.closing(new HttpCalls()).register(registry);
    for (String name : start.app.definition().durableClasses()) {
      try {
        DurableClasses.register(registry, Class.forName(name, false, start.app.loader()));
      } catch (InvalidRegistrationException | ClassNotFoundException | LinkageError e) {
        start.notices.add(
            "The durable functions of class %s do not run: %s"
                .formatted(name, e instanceof InvalidRegistrationException ? e.getMessage() : e));
      }
    }
    return registry.build();
  }

  private static GrpcServer grpc(
      String hubName, Engine engine, HostOptions options, IdReusePolicy idReuse) {
    Hubs hubs = Hubs.of(hubName, engine);
    int port = options.grpcPort();
    for (int attempt = 0; ; attempt++) {
      try {
        return GrpcServer.builder(hubs)
            .options(GrpcServerOptions.DEFAULTS.withPorts(port))
            .workers(new WorkerService())
            .idReuse(idReuse)
            .history(WireHistory::of)
            .start();
      } catch (ServerStartException e) {
        if (options.grpcPortFixed() || attempt == OTHER_GRPC_PORTS) {
          throw e;
        }
        port = ThreadLocalRandom.current().nextInt(OTHER_GRPC_PORTS_FROM, OTHER_GRPC_PORTS_TO);
        LOG.log(
            System.Logger.Level.INFO,
            "{0} Trying port {1}.",
            e.getMessage(),
            Integer.toString(port));
      }
    }
  }

  private static DurableHttpOptions durableOptions(
      Keys keys, HostOptions options, HostSettings.DurableTask durable) {
    DurableHttpOptions api =
        keys.durable().withTrustForwarded(options.trustForwarded() || durable.useForwardedHost());
    return api.withIdReuse(idReuse(durable));
  }

  /**
   * What a start does whose id is in use, or a restart under it, over HTTP and by clients of
   * functions.
   */
  private static IdReusePolicy idReuse(HostSettings.DurableTask durable) {
    return durable.replacesAnyState() ? IdReusePolicy.REPLACE : IdReusePolicy.REPLACE_ENDED;
  }

  private static HttpServerFront http(HostOptions options, Handler handler) {
    try {
      return HttpServerFront.start(httpOptions(options), handler);
    } catch (IOException e) {
      throw cannotListen(options, e);
    }
  }

  private static HttpServerOptions httpOptions(HostOptions options) {
    return HttpServerOptions.at(options.address(), options.httpPort())
        .withBodies(Bodies.DEFAULTS.withBytesMax(BODY_BYTES_MAX));
  }

  private static ServerStartException cannotListen(HostOptions options, IOException e) {
    return new ServerStartException(
        ServerStartException.ADDRESS,
        "The host cannot listen for HTTP on %s, port %d: %s. Another program may use the port; choose another with --port, or stop that one."
            .formatted(options.address(), options.httpPort(), e.getMessage()),
        e);
  }

  /** The functions, in order of their names. */
  public List<HostedFunction> functions() {
    return functions;
  }

  /** What somebody should know of the app, a sentence or two each. */
  public List<String> notices() {
    return notices;
  }

  /** The port for HTTP. */
  public int httpPort() {
    return http.port();
  }

  /** The port for gRPC. */
  public int grpcPort() {
    return grpc.port();
  }

  /** The name of the task hub. */
  public String hub() {
    return hub;
  }

  /** A client of the task hub. */
  public PerdureClient client() {
    return engine.client();
  }

  /**
   * Stops triggers, lets what is under way end for a short time, and closes the hub. What has not
   * ended goes on when the app is started again. An interrupt does not cut that short; the flag is
   * set again afterwards.
   *
   * <p>Who calls it a second time waits until the host is closed, unless it is interrupted, or the
   * first call waits for it: functions may close their own host, and so may an action of {@link
   * dev.perdure.api.ActivityContext#onCancellation}. The first call goes on then.
   */
  @Override
  public void close() {
    closing.close();
  }

  private static void closeAll(Deque<AutoCloseable> parts) {
    while (!parts.isEmpty()) {
      AllAtOnce.close(parts.pop());
    }
  }
}
