package dev.perdure.engine.http;

import dev.perdure.api.ActivityContext;
import dev.perdure.api.DurableHttpRequest;
import dev.perdure.api.DurableHttpResponse;
import dev.perdure.api.PayloadTooLargeException;
import dev.perdure.engine.functions.ActivityFunction;
import java.io.IOException;
import java.lang.reflect.Type;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The built-in activity that makes one HTTP request. An engine has one, whose connections are
 * shared by all requests and opened with the first. Safe from any thread.
 *
 * <p>Messages name method, host and path, and leave out user-info and query: both may hold
 * credentials.
 */
public final class HttpActivity implements ActivityFunction, AutoCloseable {
  /** The name under which the activity is registered. */
  public static final String NAME = "perdure.http";

  /** How long an answer may be, in bytes. It goes into the history, which is not for downloads. */
  public static final int BODY_BYTES_MAX = 4 * 1024 * 1024;

  /** No connection lives as long; longer times would only overflow. */
  private static final Duration TIMEOUT_MAX = Duration.ofDays(30);

  private static final String IDEMPOTENCY_KEY = "Idempotency-Key";

  /**
   * What the JDK's client sets itself. It can be told otherwise (by {@code
   * jdk.httpclient.allowRestrictedHeaders}), but only for the whole process and before it is first
   * used, and over HTTP/2 the host of the address stays beside another {@code Host}.
   */
  private static final Set<String> RESTRICTED =
      Set.of("connection", "content-length", "expect", "host", "upgrade");

  private final int bodyBytesMax;
  private @Nullable HttpClient client;
  private boolean closed;

  /** An activity without connections yet. */
  public HttpActivity() {
    this(BODY_BYTES_MAX);
  }

  HttpActivity(int bodyBytesMax) {
    this.bodyBytesMax = bodyBytesMax;
  }

  /**
   * A request as it is recorded: what {@link DurableHttpRequest} says about a single attempt. When
   * to try again and whether to poll stays with the orchestrator, whose code it is.
   *
   * @param method the HTTP method
   * @param uri the address
   * @param headers header names and values, sorted by name
   * @param body the body as text; null for none
   * @param timeoutMillis how long the request may take
   * @param failOn5xx whether an answer of 500 or more fails the activity
   */
  public record Wire(
      String method,
      String uri,
      Map<String, List<String>> headers,
      @Nullable String body,
      long timeoutMillis,
      boolean failOn5xx) {

    /** Copies the headers. */
    public Wire {
      headers = Collections.unmodifiableMap(new TreeMap<>(headers));
    }

    /** The part of a request that one attempt needs. */
    public static Wire of(DurableHttpRequest request) {
      return new Wire(
          request.method(),
          request.uri().toString(),
          request.headers(),
          request.body(),
          millis(request.timeout()),
          request.retry() != null);
    }

    /** At least one, because zero would be over at once. */
    private static long millis(Duration timeout) {
      return timeout.compareTo(TIMEOUT_MAX) > 0
          ? TIMEOUT_MAX.toMillis()
          : Math.max(1, timeout.toMillis());
    }

    /** The request for one attempt: without a retry policy and without polling. */
    public DurableHttpRequest toRequest() {
      return new DurableHttpRequest(
          method, address(), headers, body, false, Duration.ofMillis(timeoutMillis), null);
    }

    URI address() {
      return URI.create(uri);
    }

    String description() {
      return method + " " + Addresses.describe(address());
    }

    /** Method and address; not the headers and the body, which may hold credentials. */
    @Override
    public String toString() {
      return description();
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Type inputType() {
    return Wire.class;
  }

  @Override
  public Type outputType() {
    return DurableHttpResponse.class;
  }

  @Override
  public int maxConcurrent() {
    return 0;
  }

  @Override
  public Object invoke(ActivityContext ctx, @Nullable Object input) throws Exception {
    if (!(input instanceof Wire request)) {
      throw new InvalidHttpRequestException(
          "The activity '%s' was called without a request. Use callHttp.".formatted(NAME));
    }
    return execute(request, ctx);
  }

  /**
   * An answer as it came.
   *
   * @param statusCode the HTTP status
   * @param headers header names as the server wrote them, and their values; sorted by name
   * @param body the body as text; null if there was none
   */
  public record Answer(int statusCode, Map<String, List<String>> headers, @Nullable String body) {}

  /**
   * Makes the request and reads the answer, following redirects.
   *
   * @return the answer, whatever its status
   * @throws HttpStatusException if the status is 500 or more and the request asks for this
   * @throws HttpTimeoutException if the answer was not there in time
   * @throws IOException if there was none
   * @throws PayloadTooLargeException if the answer is too long
   * @throws InvalidHttpRequestException if the request cannot be made at all
   */
  public DurableHttpResponse execute(Wire request, ActivityContext ctx)
      throws IOException, InterruptedException {
    Answer answer = exchange(request, ctx);
    Map<String, List<String>> headers = new TreeMap<>();
    answer.headers().forEach((name, values) -> headers.put(lowerCase(name), values));
    return new DurableHttpResponse(answer.statusCode(), headers, answer.body());
  }

  /** The same as {@link #execute}, with the names of headers as they came. */
  public Answer exchange(Wire request, ActivityContext ctx)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(request.timeoutMillis());
    Wire current = withIdempotencyKey(request, ctx.idempotencyKey());
    HttpResponse<LimitedBody> answer = send(current, deadline);
    for (int followed = 0; followed < Redirects.FOLLOWED_MAX; followed++) {
      Optional<Wire> redirected =
          Redirects.next(current, answer.statusCode(), answer.headers().firstValue("location"));
      if (redirected.isEmpty()) {
        break;
      }
      current = redirected.get();
      answer = send(current, deadline);
    }
    if (answer.statusCode() >= 500 && request.failOn5xx()) {
      throw new HttpStatusException(current.description(), answer.statusCode());
    }
    return answer(request, current, answer);
  }

  private static Wire withIdempotencyKey(Wire request, String key) {
    if (request.headers().keySet().stream().anyMatch(IDEMPOTENCY_KEY::equalsIgnoreCase)) {
      return request;
    }
    Map<String, List<String>> headers = new TreeMap<>(request.headers());
    headers.put(IDEMPOTENCY_KEY, List.of(key));
    return new Wire(
        request.method(),
        request.uri(),
        headers,
        request.body(),
        request.timeoutMillis(),
        request.failOn5xx());
  }

  // ---- one exchange -------------------------------------------------------------------------

  private HttpResponse<LimitedBody> send(Wire wire, long deadline)
      throws IOException, InterruptedException {
    HttpRequest request = httpRequest(wire);
    // The JDK's own timeout ends with the headers; a body may drip for ever.
    CompletableFuture<HttpResponse<LimitedBody>> pending =
        client().sendAsync(request, info -> LimitedBody.subscriber(bodyBytesMax));
    try {
      return pending.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new HttpTimeoutException(
          "%s was not answered within %s. Give it a longer timeout, or look at the server."
              .formatted(wire.description(), Duration.ofMillis(wire.timeoutMillis())));
    } catch (ExecutionException e) {
      throw failed(wire, e.getCause());
    } finally {
      pending.cancel(true); // closes the connection if nobody waits any longer
    }
  }

  private static IOException failed(Wire wire, @Nullable Throwable cause) {
    String reason = cause == null ? "unknown" : cause.getClass().getSimpleName();
    String detail = cause == null || cause.getMessage() == null ? "" : ": " + cause.getMessage();
    return new IOException(
        "%s failed without an answer (%s%s). Is the address right, and the server up?"
            .formatted(wire.description(), reason, detail),
        cause);
  }

  private static HttpRequest httpRequest(Wire wire) {
    URI address = wire.address();
    if (address.getHost() == null) {
      throw new InvalidHttpRequestException(
          "callHttp: the address has no host. Use an address such as https://example.com/path.");
    }
    HttpRequest.Builder builder = HttpRequest.newBuilder(address);
    if (!Addresses.isHttps(address)) {
      // In plain text the upgrade to HTTP/2 costs a round trip, and confuses some servers.
      builder.version(HttpClient.Version.HTTP_1_1);
    }
    wire.headers().forEach((name, values) -> values.forEach(v -> addHeader(builder, name, v)));
    String body = wire.body();
    try {
      return builder
          .method(
              wire.method(),
              body == null
                  ? HttpRequest.BodyPublishers.noBody()
                  : HttpRequest.BodyPublishers.ofString(body))
          .build();
    } catch (IllegalArgumentException e) {
      throw new InvalidHttpRequestException(
          "callHttp: the method '%s' cannot be used. Use GET, POST, PUT, PATCH, DELETE, HEAD or"
                  .formatted(wire.method())
              + " OPTIONS.",
          e);
    }
  }

  private static void addHeader(HttpRequest.Builder builder, String name, String value) {
    try {
      builder.header(name, value);
    } catch (IllegalArgumentException e) {
      // Without the cause: it quotes the value, which may be a credential.
      throw new InvalidHttpRequestException(
          RESTRICTED.contains(lowerCase(name))
              ? "callHttp: the header '%s' cannot be chosen: the JDK's HTTP client sets it itself. Leave it out."
                  .formatted(name)
              : "callHttp: the header '%s' has a name or value that HTTP does not allow. Use printable ASCII."
                  .formatted(name));
    }
  }

  private static String lowerCase(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  private Answer answer(Wire request, Wire answered, HttpResponse<LimitedBody> answer) {
    if (answer.body().isTooLong()) {
      throw new PayloadTooLargeException(
          "The answer to %s is longer than %d bytes. Ask for less, such as a page, or fetch it in an"
                  .formatted(answered.description(), bodyBytesMax)
              + " activity of your own that keeps it elsewhere and returns a reference to it.");
    }
    Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    answer
        .headers()
        .map()
        .forEach(
            (name, values) -> {
              if (!name.startsWith(":")) { // HTTP/2 keeps the status among the headers
                headers.put(name, List.copyOf(values));
              }
            });
    if (!answered.uri().equals(request.uri())) {
      // Relative to where the redirects led, which the caller does not know.
      headers.computeIfPresent("location", (name, values) -> absolute(answered, values));
    }
    String contentType = answer.headers().firstValue("content-type").orElse(null);
    return new Answer(answer.statusCode(), headers, answer.body().text(contentType));
  }

  private static List<String> absolute(Wire answered, List<String> locations) {
    return locations.stream()
        .map(
            location ->
                Addresses.resolve(answered.address(), location).map(URI::toString).orElse(location))
        .toList();
  }

  // ---- the client ---------------------------------------------------------------------------

  private synchronized HttpClient client() {
    if (closed) {
      throw new IllegalStateException("The engine is closed; no more requests are made.");
    }
    if (client == null) {
      client =
          HttpClient.newBuilder()
              .followRedirects(HttpClient.Redirect.NEVER)
              .executor(Executors.newVirtualThreadPerTaskExecutor())
              .build();
    }
    return client;
  }

  /** Ends all connections; requests that are being made fail. */
  @Override
  public synchronized void close() {
    closed = true;
    if (client != null) {
      client.shutdownNow();
    }
  }
}
