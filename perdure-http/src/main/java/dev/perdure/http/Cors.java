package dev.perdure.http;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Which pages from elsewhere may use a server from within a browser: cross-origin resource sharing.
 * All methods and headers are allowed to them. Immutable.
 *
 * @param origins the origins of the pages, such as {@code https://app.example}; {@code *} for all.
 *     Empty for none, and then nothing is answered for their sake
 * @param credentials whether they may send what the browser knows of its user, such as cookies;
 *     never if all pages are allowed
 */
public record Cors(List<String> origins, boolean credentials) {
  /** No page may. */
  public static final Cors NONE = new Cors(List.of(), false);

  private static final String ALL = "*";
  private static final String METHOD_ASKED_FOR = "Access-Control-Request-Method";

  /** Copies the list, without slashes at the end, which origins do not have. */
  public Cors {
    origins = origins.stream().map(origin -> origin.strip().replaceAll("/+$", "")).toList();
  }

  /** Whether pages of an origin are allowed. */
  public boolean allows(String origin) {
    return allowsAll() || origins.stream().anyMatch(origin::equalsIgnoreCase);
  }

  private boolean allowsAll() {
    return origins.contains(ALL);
  }

  /**
   * Answers what browsers ask in advance, and tells them with each answer of another handler
   * whether the page may see it.
   */
  public Handler around(Handler handler) {
    return origins.isEmpty() ? handler : new Around(handler);
  }

  private final class Around implements Handler {
    private final Handler handler;

    Around(Handler handler) {
      this.handler = handler;
    }

    @Override
    public CompletionStage<Response> handle(Request request) {
      return Cors.this.handle(request, handler);
    }

    @Override
    public @Nullable Response refusal(Request head) {
      if (isPreflight(head)) {
        return null;
      }
      Response refusal = handler.refusal(head);
      String origin = head.headers().first("Origin");
      return refusal == null || origin == null ? refusal : allowing(origin, refusal);
    }
  }

  private static boolean isPreflight(Request request) {
    return request.method().equals("OPTIONS")
        && request.headers().first("Origin") != null
        && request.headers().first(METHOD_ASKED_FOR) != null;
  }

  private CompletionStage<Response> handle(Request request, Handler handler) {
    String origin = request.headers().first("Origin");
    if (origin == null) {
      return handler.handle(request).thenApply(this::varying);
    }
    if (isPreflight(request)) {
      return CompletableFuture.completedFuture(preflight(request, origin));
    }
    return handler.handle(request).thenApply(response -> allowing(origin, response));
  }

  private Response preflight(Request request, String origin) {
    Response answer = Response.empty(204);
    String method = request.headers().first(METHOD_ASKED_FOR);
    if (allows(origin) && method != null) {
      answer = answer.withHeader("Access-Control-Allow-Methods", method);
      String headers = request.headers().first("Access-Control-Request-Headers");
      if (headers != null) {
        answer = answer.withHeader("Access-Control-Allow-Headers", headers);
      }
    }
    return allowing(origin, answer);
  }

  private Response allowing(String origin, Response response) {
    Response answer = varying(response);
    if (!allows(origin)) {
      return answer;
    }
    answer = answer.withHeader("Access-Control-Allow-Origin", allowsAll() ? ALL : origin);
    return credentials && !allowsAll()
        ? answer.withHeader("Access-Control-Allow-Credentials", "true")
        : answer;
  }

  /** Has caches tell answers for different pages apart. */
  private Response varying(Response response) {
    if (allowsAll()) {
      return response;
    }
    String others = response.headers().first("Vary");
    return response.withHeader("Vary", others == null ? "Origin" : others + ", Origin");
  }
}
