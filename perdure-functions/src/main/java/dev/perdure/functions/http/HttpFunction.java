package dev.perdure.functions.http;

import dev.perdure.api.TraceContext;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.invoke.ParameterException;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.Outcome;
import dev.perdure.functions.trigger.Value;
import dev.perdure.http.Access;
import dev.perdure.http.Handler;
import dev.perdure.http.Headers;
import dev.perdure.http.Origin;
import dev.perdure.http.PercentCoding;
import dev.perdure.http.Request;
import dev.perdure.http.Response;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Answers requests by running a function, on the thread of the request. */
final class HttpFunction implements Handler {
  private static final System.Logger LOG = System.getLogger("dev.perdure.functions");
  private static final String REASON =
      "This function was programmatically called via the host APIs.";

  private final FunctionDefinition function;
  private final FunctionRunner runner;
  private final @Nullable Access access;
  private final Limits limits;
  private final Map<String, String> customHeaders;
  private final boolean trustForwarded;
  private final boolean withEmpty;
  private final boolean usesMetadata;
  private final List<String> parameters;

  HttpFunction(
      FunctionDefinition function,
      FunctionRunner runner,
      @Nullable Access access,
      Limits limits,
      Map<String, String> customHeaders,
      boolean trustForwarded,
      boolean withEmpty,
      List<String> parameters) {
    this.function = function;
    this.runner = runner;
    this.access = access;
    this.limits = limits;
    this.customHeaders = Map.copyOf(customHeaders);
    this.trustForwarded = trustForwarded;
    this.withEmpty = withEmpty;
    this.usesMetadata = runner.usesMetadata();
    this.parameters = List.copyOf(parameters);
  }

  @Override
  public CompletionStage<Response> handle(Request request) {
    Response refusal = refusal(request);
    return CompletableFuture.completedFuture(
        refusal == null ? withCustomHeaders(limited(request)) : refusal);
  }

  @Override
  public @Nullable Response refusal(Request head) {
    Response refusal = access == null ? null : access.refusal(head);
    return refusal == null ? null : withCustomHeaders(refusal);
  }

  private Response withCustomHeaders(Response response) {
    Response answer = response;
    for (Map.Entry<String, String> header : customHeaders.entrySet()) {
      answer = answer.withHeader(header.getKey(), header.getValue());
    }
    return answer;
  }

  private Response limited(Request request) {
    if (!limits.enter()) {
      return Response.empty(429);
    }
    try {
      limits.begin();
      try {
        return run(request);
      } finally {
        limits.end();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Response.text(503, "Function host is not running.");
    } finally {
      limits.leave();
    }
  }

  /** Where a request belongs in a trace; its state may have come in several lines. */
  private static @Nullable TraceContext trace(Headers headers) {
    String parent = headers.first("traceparent");
    List<String> states = headers.all("tracestate");
    return parent == null
        ? null
        : new TraceContext(parent, states.isEmpty() ? null : String.join(",", states));
  }

  private Response run(Request request) throws InterruptedException {
    URI uri = uri(request);
    if (uri == null) {
      return Response.text(400, "The address of the request cannot be read.\n");
    }
    Value value = new Value.Http(request, uri, withEmpty);
    Outcome outcome =
        runner.run(
            new Invocation(
                value,
                usesMetadata
                    ? HttpMetadata.of(request, value, function.trigger().name(), parameters)
                    : Map.of(),
                REASON,
                trace(request.headers())));
    Throwable failure = outcome.failure();
    if (failure instanceof ParameterException e) {
      return Response.text(400, e.getMessage() + "\n");
    }
    if (failure != null) {
      LOG.log(
          System.Logger.Level.ERROR,
          "Function '%s' has failed; its caller is answered 500".formatted(function.name()),
          failure);
      return Response.empty(500);
    }
    try {
      return Responses.of(outcome.value());
    } catch (RuntimeException | StackOverflowError e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "What function '%s' returned cannot be sent; its caller is answered 500"
              .formatted(function.name()),
          e);
      return Response.empty(500);
    }
  }

  private @Nullable URI uri(Request request) {
    Origin origin = Origin.of(request, trustForwarded);
    try {
      return new URI(origin.address(request.target()));
    } catch (URISyntaxException e) {
      // Browsers send characters in queries that the class URI takes only as codes.
    }
    try {
      return new URI(origin.address(PercentCoding.repaired(request.target())));
    } catch (URISyntaxException e) {
      return null;
    }
  }
}
