package dev.perdure.functions.http;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.http.FunctionAccess.Level;
import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.InvalidTriggerException;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.Trigger;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.functions.trigger.TriggerType;
import dev.perdure.functions.trigger.Value;
import dev.perdure.http.Access;
import dev.perdure.http.Handler;
import dev.perdure.http.RouteTemplate;
import dev.perdure.http.Router;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP triggers of an app. They are made first, in order of the names of their functions; the
 * router that they make up is then part of that of the host. Safe from any thread.
 */
public final class HttpFunctions implements TriggerType {
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT");

  private static final Pattern RESERVED =
      Pattern.compile("(admin|runtime)(/.*)?", Pattern.CASE_INSENSITIVE);

  /** The setting that has functions see parameters of the query that have no value. */
  private static final String WITH_EMPTY = "FUNCTIONS_WORKER_NULLABLE_VALUES_ENABLED";

  private final FunctionAccess access;
  private final boolean trustForwarded;
  private final Limits limits;
  private final HostSettings.Http settings;
  private final List<Route> routes = new CopyOnWriteArrayList<>();

  /**
   * The route of a function.
   *
   * @param function its name
   * @param methods the methods it takes, in upper case; none for any
   * @param template the form of its path, with the prefix and without a slash in front
   * @param handler answers requests
   */
  public record Route(String function, Set<String> methods, String template, Handler handler) {
    /** Whether some requests could go to either of two routes. */
    boolean clashes(Route other) {
      return shape(template).equals(shape(other.template))
          && (methods.isEmpty()
              || other.methods.isEmpty()
              || methods.stream().anyMatch(other.methods::contains));
    }

    /** A template without the names of its parameters. */
    private static String shape(String template) {
      return template
          .toLowerCase(Locale.ROOT)
          .replaceAll("\\{(\\*{0,2})[^{}:=?]*([^{}]*)}", "{$1$2}");
    }
  }

  /**
   * Triggers of an app.
   *
   * @param trustForwarded whether functions see the address of a request as a proxy in front of the
   *     host says that it is
   */
  public HttpFunctions(HostSettings.Http settings, FunctionAccess access, boolean trustForwarded) {
    this.settings = settings;
    this.access = access;
    this.trustForwarded = trustForwarded;
    this.limits = new Limits(settings.outstandingMax(), settings.concurrentMax());
  }

  @Override
  public String type() {
    return "httpTrigger";
  }

  @Override
  public Trigger create(
      FunctionDefinition function, FunctionRunner runner, TriggerEnvironment environment) {
    Binding binding = function.trigger();
    Level level = level(binding.text("authLevel", "FUNCTION"));
    Set<String> methods = methods(binding);
    String template = template(settings.routePrefix(), binding.text("route", function.name()));
    List<String> parameters;
    try {
      parameters = RouteTemplate.parse(template).parameters();
    } catch (IllegalArgumentException e) {
      throw new InvalidTriggerException(
          "The route '%s' cannot be: %s".formatted(template, e.getMessage()), e);
    }
    if (RESERVED.matcher(template).matches()) {
      throw new InvalidTriggerException(
          "The route '%s' cannot be: what begins with admin or runtime belongs to the host."
              .formatted(template));
    }
    Access demanded = access.of(function.name(), level);
    HttpFunction handler =
        new HttpFunction(
            function,
            runner,
            demanded,
            limits,
            settings.customHeaders(),
            trustForwarded,
            environment.settings().flag(WITH_EMPTY),
            parameters);
    routes.add(new Route(function.name(), methods, template, handler));
    return new Waiting();
  }

  private static Level level(String text) {
    for (Level level : Level.values()) {
      if (level.name().equalsIgnoreCase(text)) {
        return level;
      }
    }
    throw new InvalidTriggerException(
        "There is no authLevel '%s'. Use ANONYMOUS, FUNCTION or ADMIN.".formatted(text));
  }

  private static Set<String> methods(Binding binding) {
    Set<String> methods = new LinkedHashSet<>();
    for (String method : binding.texts("methods")) {
      String upper = method.toUpperCase(Locale.ROOT);
      if (!METHODS.contains(upper)) {
        throw new InvalidTriggerException(
            "There is no HTTP method '%s'. Known are %s."
                .formatted(method, METHODS.stream().sorted().toList()));
      }
      methods.add(upper);
    }
    return methods;
  }

  private static String template(String prefix, String route) {
    String path = strip(route);
    String before = strip(prefix);
    return before.isEmpty() ? path : before + "/" + path;
  }

  private static String strip(String path) {
    int from = 0;
    int to = path.length();
    while (from < to && path.charAt(from) == '/') {
      from++;
    }
    while (to > from && path.charAt(to - 1) == '/') {
      to--;
    }
    return path.substring(from, to);
  }

  /** The route of a function; null if it has none. */
  public @Nullable Route route(String function) {
    for (Route route : routes) {
      if (route.function().equals(function)) {
        return route;
      }
    }
    return null;
  }

  /** Pairs of functions of which the second never gets some requests. A sentence for each. */
  public List<String> clashes() {
    List<String> clashes = new ArrayList<>();
    for (int i = 0; i < routes.size(); i++) {
      for (int j = i + 1; j < routes.size(); j++) {
        Route first = routes.get(i);
        Route second = routes.get(j);
        if (first.clashes(second)) {
          clashes.add(
              "The functions '%s' and '%s' have the same route, /%s. Requests that both take go to '%s', the first in order of the names. Give one of them another route."
                  .formatted(
                      first.function(), second.function(), second.template(), first.function()));
        }
      }
    }
    return clashes;
  }

  /** Adds the routes to those of the host. */
  public Router.Builder addTo(Router.Builder router) {
    routes.forEach(
        route ->
            router.route(
                route.methods().isEmpty() ? METHODS : route.methods(),
                route.template(),
                route.handler()));
    return router;
  }

  /** Runs when requests come, so there is nothing to begin and to end. */
  private record Waiting() implements Trigger {
    @Override
    public void start() {}

    @Override
    public Invocation byHand(String input) {
      return Invocation.of(
          input.isEmpty() ? Value.NOTHING : new Value.Text(input), "This function was run by hand");
    }

    @Override
    public void close() {}
  }
}
