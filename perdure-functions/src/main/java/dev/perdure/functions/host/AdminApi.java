package dev.perdure.functions.host;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import dev.perdure.functions.definition.AppProblem;
import dev.perdure.functions.durable.DurableFunction;
import dev.perdure.functions.host.AdminRequests.Refusal;
import dev.perdure.functions.text.Similar;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.InvalidTriggerException;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.http.Access;
import dev.perdure.http.Handler;
import dev.perdure.http.Origin;
import dev.perdure.http.Request;
import dev.perdure.http.Response;
import dev.perdure.http.Router;
import dev.perdure.http.durable.DurableHttpApi;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What can be asked of a host, and of its functions by their names, for administrators. */
final class AdminApi {
  private static final String PATH = "/admin/";
  private static final String EXAMPLE = "{\"input\":\"TEXT\"}";
  private static final Set<String> PING = Set.of("GET", "POST");

  private final App app;
  private final List<HostedFunction> functions;
  private final Access access;
  private final HandRuns runs;
  private final HostState state;
  private final boolean trustForwarded;
  private final String instance = UUID.randomUUID().toString();

  AdminApi(
      App app,
      List<HostedFunction> functions,
      Access access,
      HandRuns runs,
      HostState state,
      boolean trustForwarded) {
    this.app = app;
    this.functions = List.copyOf(functions);
    this.access = access;
    this.runs = runs;
    this.state = state;
    this.trustForwarded = trustForwarded;
  }

  /** Adds the routes. */
  Router.Builder addTo(Router.Builder router) {
    return router
        .route(
            PING,
            PATH + "host/ping",
            request ->
                CompletableFuture.completedFuture(
                    Response.empty(200).withHeader("Cache-Control", "no-store, no-cache")))
        .page(PATH + "host/status", handler(request -> hostStatus()))
        .page(PATH + "functions", handler(this::list))
        .page(PATH + "functions/{name}", handler(this::show))
        .page(PATH + "functions/{name}/status", handler(this::status))
        .route(Set.of("POST"), PATH + "functions/{name}", handler(this::run));
  }

  private Handler handler(Function<Request, Response> answer) {
    return AdminRequests.forAdmins(access, answer);
  }

  /** Whether there is a function of a name, be it one that does not run. */
  boolean has(String name) {
    return find(name) != null || problem(name) != null;
  }

  private @Nullable HostedFunction find(String name) {
    for (HostedFunction function : functions) {
      if (function.name().equalsIgnoreCase(name)) {
        return function;
      }
    }
    return null;
  }

  /** What is wrong with a function that could not even be read. */
  private @Nullable String problem(String name) {
    for (AppProblem problem : app.definition().problems()) {
      if (name.equalsIgnoreCase(problem.function())) {
        return problem.message();
      }
    }
    return null;
  }

  private static String name(Request request) {
    return AdminRequests.value(request, "name");
  }

  private HostedFunction function(Request request) {
    HostedFunction function = find(name(request));
    if (function != null) {
      return function;
    }
    String problem = problem(name(request));
    if (problem != null) {
      throw doesNotRun(name(request), problem);
    }
    throw unknown(request);
  }

  private static Refusal doesNotRun(String name, @Nullable String why) {
    return new Refusal(409, "Function '%s' does not run: %s".formatted(name, why));
  }

  private Refusal unknown(Request request) {
    return new Refusal(
        404,
        "There is no function '%s'.%s"
            .formatted(
                name(request),
                Similar.didYouMean(
                    name(request), functions.stream().map(HostedFunction::name).toList())));
  }

  // ---- functions ------------------------------------------------------------------------------

  private Response list(Request request) {
    JsonArray all = new JsonArray();
    Origin origin = Origin.of(request, trustForwarded);
    functions.forEach(function -> all.add(FunctionView.of(function, origin)));
    return AdminRequests.json(200, all);
  }

  private Response show(Request request) {
    return AdminRequests.json(
        200, FunctionView.of(function(request), Origin.of(request, trustForwarded)));
  }

  private Response status(Request request) {
    HostedFunction function = find(name(request));
    String wrong = problem(name(request));
    if (function == null && wrong == null) {
      throw unknown(request);
    }
    if (function != null) {
      boolean runs =
          function.state() == HostedFunction.State.READY
              || function.state() == HostedFunction.State.DISABLED;
      wrong = runs ? null : function.notice();
    }
    JsonObject answer = new JsonObject();
    if (wrong != null) {
      JsonArray errors = new JsonArray();
      errors.add(wrong);
      answer.add("errors", errors);
    }
    return AdminRequests.json(200, answer);
  }

  private Response run(Request request) {
    HostedFunction function = function(request);
    FunctionRunner runner = function.runner();
    if (function.state() == HostedFunction.State.BROKEN || runner == null) {
      throw doesNotRun(function.name(), function.notice());
    }
    refuseOthers(function, Origin.of(request, trustForwarded));
    String input = AdminRequests.text(AdminRequests.object(request, EXAMPLE), "input");
    Invocation invocation;
    try {
      invocation = ByHand.of(function, input);
    } catch (InvalidTriggerException | IllegalArgumentException e) {
      throw new Refusal(
          400,
          "Function '%s' cannot be run with this input: %s"
              .formatted(function.name(), e.getMessage()));
    }
    if (!runs.run(function.name(), runner, invocation)) {
      throw new Refusal(503, "The host is being closed.");
    }
    return Response.empty(202);
  }

  /** Refuses to run what is run in another way. */
  private static void refuseOthers(HostedFunction function, Origin origin) {
    if (function.definition().trigger().is("httpTrigger")) {
      throw new Refusal(
          400,
          "Function '%s' answers HTTP requests; %s"
              .formatted(
                  function.name(),
                  function.route() == null
                      ? "it is disabled."
                      : "send one to "
                          + origin.address("/" + function.route().template())
                          + " instead."));
    }
    DurableFunction durable = function.durable();
    if (durable == null) {
      return;
    }
    switch (durable.kind()) {
      case ORCHESTRATOR ->
          throw new Refusal(
              400,
              "Function '%s' is an orchestrator; start an instance of it with POST %s instead."
                  .formatted(
                      function.name(),
                      origin.address(DurableHttpApi.PATH + "/orchestrators/" + durable.name())));
      case ENTITY ->
          throw new Refusal(
              400,
              "Function '%s' is an entity; send it a signal with POST %s instead."
                  .formatted(
                      function.name(),
                      origin.address(
                          DurableHttpApi.PATH
                              + "/entities/"
                              + durable.name()
                              + "/KEY?op=OPERATION")));
      case ACTIVITY -> {}
    }
  }

  // ---- the host -------------------------------------------------------------------------------

  private Response hostStatus() {
    String version = AdminApi.class.getPackage().getImplementationVersion();
    JsonObject status = new JsonObject();
    status.addProperty("id", app.name().toLowerCase(Locale.ROOT));
    status.addProperty("state", state.phase().toString());
    status.addProperty("version", version == null ? "development" : version);
    status.addProperty(
        "versionDetails", "Perdure " + (version == null ? "in development" : version));
    status.addProperty("platformVersion", "Java " + Runtime.version());
    status.addProperty("instanceId", instance);
    status.addProperty("computerName", computer());
    status.addProperty("processUptime", ManagementFactory.getRuntimeMXBean().getUptime());
    status.addProperty("functionAppContentEditingState", "NotAllowed");
    status.add("extensionBundle", JsonNull.INSTANCE);
    return AdminRequests.json(200, status);
  }

  private static String computer() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
