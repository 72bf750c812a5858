package dev.perdure.http;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Hands requests to whoever they are for. The first route whose template and method match wins, in
 * the order in which they were added. A request for HEAD that no route takes goes to who takes GET.
 * Immutable.
 */
public final class Router implements Handler {
  private final List<Route> routes;
  private final Handler otherwise;

  private record Route(Set<String> methods, RouteTemplate template, Handler handler) {
    boolean takes(String method) {
      return methods.isEmpty() || methods.contains(method);
    }
  }

  private Router(Builder builder) {
    this.routes = List.copyOf(builder.routes);
    this.otherwise = builder.otherwise;
  }

  /** A router without routes. */
  public static Builder builder() {
    return new Builder();
  }

  /** Whom a request is for, and what it is for them. */
  private record Target(Handler handler, Request request) {}

  @Override
  public CompletionStage<Response> handle(Request request) {
    Target target = target(request);
    return target.handler().handle(target.request());
  }

  @Override
  public @Nullable Response refusal(Request head) {
    Target target = target(head);
    return target.handler().refusal(target.request());
  }

  private Target target(Request request) {
    Set<String> allowed = new TreeSet<>();
    Target target = target(request, allowed);
    if (target == null && request.method().equals("HEAD")) {
      target = target(request.withMethod("GET"), allowed); // of its answer the body is not sent
    }
    if (target != null) {
      return target;
    }
    if (allowed.contains("GET")) {
      allowed.add("HEAD");
    }
    return new Target(allowed.isEmpty() ? otherwise : wrongMethod(allowed), request);
  }

  /**
   * Whom a request is for.
   *
   * @param allowed gets the methods that are taken where the request goes
   * @return null if it is for nobody
   */
  private @Nullable Target target(Request request, Set<String> allowed) {
    List<String> path = request.segments();
    for (Route route : routes) {
      Map<String, String> values = route.template().match(path);
      if (values != null) {
        if (route.takes(request.method())) {
          return new Target(
              route.handler(), values.isEmpty() ? request : request.withValues(values));
        }
        allowed.addAll(route.methods());
      }
    }
    return null;
  }

  private static Handler wrongMethod(Set<String> allowed) {
    return request ->
        CompletableFuture.completedFuture(
            Response.text(
                    405,
                    "Only %s can be used at this address.\n"
                        .formatted(String.join(" and ", allowed)))
                .withHeader("Allow", String.join(", ", allowed)));
  }

  /** Collects routes. */
  public static final class Builder {
    private final List<Route> routes = new ArrayList<>();
    private Handler otherwise = request -> CompletableFuture.completedFuture(Response.empty(404));

    private Builder() {}

    /**
     * Adds a route.
     *
     * @param methods the methods it takes; empty for any
     * @param template the form of its path, see {@link RouteTemplate}
     * @throws IllegalArgumentException if the template is none
     */
    public Builder route(Set<String> methods, String template, Handler handler) {
      Set<String> upper = new LinkedHashSet<>();
      methods.stream().sorted().forEach(method -> upper.add(method.toUpperCase(Locale.ROOT)));
      routes.add(new Route(upper, RouteTemplate.parse(template), handler));
      return this;
    }

    /** Adds something to read: a route that takes GET. */
    public Builder page(String template, Handler handler) {
      return route(Set.of("GET"), template, handler);
    }

    /** Adds a handler for all that is at a path or below it, with whatever method. */
    public Builder below(String path, Handler handler) {
      return route(Set.of(), path + "/{*below}", handler);
    }

    /** Who answers what no route matches; without this it is 404 without a body. */
    public Builder otherwise(Handler handler) {
      otherwise = handler;
      return this;
    }

    /** The router. */
    public Router build() {
      return new Router(this);
    }
  }
}
