package dev.perdure.functions.durable;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Payload;
import dev.perdure.api.RetryPolicy;
import dev.perdure.api.TaskFailedException;
import dev.perdure.api.TaskOptions;
import dev.perdure.engine.Engine;
import dev.perdure.engine.EngineEnvironment;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.memory.MemoryStore;
import dev.perdure.testing.LivenessAudit;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code DurableHttp.callHttp} of the durable library leaves to the host. */
class HttpCallsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** A request as the server saw it. */
  private record Seen(String method, String path, Map<String, List<String>> headers, String body) {}

  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final CountDownLatch testHasEnded = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpCalls calls = new HttpCalls();
  private HttpServer server;
  private Engine engine;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
    FunctionRegistry.Builder functions =
        FunctionRegistry.builder()
            .orchestrator(
                "call",
                Object.class,
                (ctx, input) -> ctx.callActivity(HttpCalls.NAME, input, Object.class).await())
            .orchestrator(
                "callAgain",
                Object.class,
                (ctx, input) -> {
                  try {
                    return ctx.callActivity(
                            HttpCalls.NAME,
                            input,
                            TaskOptions.retry(RetryPolicy.of(3, Duration.ofMillis(1))),
                            Object.class)
                        .await();
                  } catch (TaskFailedException e) {
                    return "gave up";
                  }
                });
    calls.register(functions);
    engine =
        Engine.start(
            new MemoryStore(1),
            functions.build(),
            new JacksonDataConverter(),
            EngineOptions.DEFAULTS,
            EngineEnvironment.system());
  }

  @AfterEach
  void close() {
    testHasEnded.countDown();
    LivenessAudit.of(engine.client()).close();
    engine.close();
    calls.close();
    server.stop(0);
    threads.close();
  }

  private void on(String path, Answer answer) {
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            seen.add(
                new Seen(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    Map.copyOf(exchange.getRequestHeaders()),
                    new String(exchange.getRequestBody().readAllBytes(), UTF_8)));
            answer.to(exchange);
          }
        });
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private String uri(String path) {
    return "http://127.0.0.1:%d%s".formatted(server.getAddress().getPort(), path);
  }

  private OrchestrationMetadata run(String orchestrator, String json) {
    String id =
        engine
            .client()
            .startNew(
                orchestrator,
                new JacksonDataConverter().fromPayload(Payload.of(json), Object.class));
    return engine.client().waitForCompletion(id, PATIENCE);
  }

  private String output(String json) {
    OrchestrationMetadata done = run("call", json);
    assertThat(done.status()).as("%s", done.failure()).isEqualTo(OrchestrationStatus.COMPLETED);
    return done.serializedOutput().text();
  }

  private FailureDetails failure(String json) {
    OrchestrationMetadata done = run("call", json);
    assertThat(done.status()).isEqualTo(OrchestrationStatus.FAILED);
    FailureDetails failure = done.failure();
    return failure.cause() == null ? failure : failure.cause();
  }

  private String request(String method, String path, String more) {
    return "[{\"method\":\"%s\",\"uri\":\"%s\",\"asynchronousPatternEnabled\":true%s}]"
        .formatted(method, uri(path), more);
  }

  // ---- what comes back --------------------------------------------------------------------------

  @Test
  void statusHeadersAndBodyComeBack() {
    on(
        "/things",
        exchange -> {
          exchange.getResponseHeaders().set("content-type", "application/json");
          exchange.getResponseHeaders().set("location", "/things/1");
          exchange.getResponseHeaders().set("x-ms-request-id", "7");
          exchange.getResponseHeaders().add("Set-Cookie", "a=1");
          exchange.getResponseHeaders().add("Set-Cookie", "b=2");
          answer(exchange, 201, "{\"größe\":1}");
        });

    String output =
        output(
            request(
                "POST",
                "/things?x=1",
                ",\"headers\":{\"Content-Type\":\"application/json\",\"X-A\":\"b\"},\"content\":\"{}\""));

    assertThat(output)
        .startsWith("{\"statusCode\":201,\"headers\":{")
        .contains("\"Content-Type\":\"application/json\"")
        .contains("\"Location\":\"/things/1\"")
        .contains("\"Set-Cookie\":\"a=1, b=2\"")
        .containsIgnoringCase("\"x-ms-request-id\":\"7\"")
        .endsWith("\"content\":\"{\\\"größe\\\":1}\"}");
    assertThat(seen).hasSize(1);
    assertThat(seen.getFirst().method()).isEqualTo("POST");
    assertThat(seen.getFirst().path()).isEqualTo("/things?x=1");
    assertThat(seen.getFirst().headers().get("Content-type")).containsExactly("application/json");
    assertThat(seen.getFirst().headers().get("X-a")).containsExactly("b");
    assertThat(seen.getFirst().body()).isEqualTo("{}");
  }

  @ParameterizedTest
  @CsvSource({"202", "204", "404", "500", "503"})
  void anyStatusIsAResult(int status) {
    on("/", exchange -> answer(exchange, status, ""));
    assertThat(output(request("GET", "/", "")))
        .startsWith("{\"statusCode\":%d,".formatted(status))
        .endsWith("\"content\":\"\"}");
    assertThat(seen).hasSize(1);
  }

  @Test
  void aBodyWithoutATypeIsText() {
    on("/", exchange -> answer(exchange, 200, "ok"));
    output(request("PUT", "/", ",\"content\":\"hello\",\"headers\":null"));
    assertThat(seen.getFirst().headers().get("Content-type"))
        .containsExactly("text/plain; charset=utf-8");
  }

  @Test
  void headersMayBeListsAndKeysOfAnyCase() {
    on("/", exchange -> answer(exchange, 200, "ok"));
    output(
        "[{\"Method\":\"get\",\"URI\":\"%s\",\"Headers\":{\"X-A\":[\"1\",\"2\"],\"X-B\":null}}]"
            .formatted(uri("/")));
    assertThat(seen.getFirst().method()).isEqualTo("GET");
    assertThat(seen.getFirst().headers().get("X-a")).containsExactlyInAnyOrder("1", "2");
    assertThat(seen.getFirst().headers()).doesNotContainKey("X-b");
  }

  @Test
  void redirectsAreFollowed() {
    on(
        "/old",
        exchange -> {
          exchange.getResponseHeaders().set("Location", "/new");
          answer(exchange, 302, "");
        });
    on("/new", exchange -> answer(exchange, 200, "here"));
    assertThat(output(request("GET", "/old", ""))).contains("\"content\":\"here\"");
  }

  // ---- what fails -------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "503, '{}', true",
    "404, '{\"statusCodesToRetry\":[]}', true",
    "404, '{\"statusCodesToRetry\":null}', true",
    "299, '{}', false",
    "503, '{\"StatusCodesToRetry\":[500,503],\"firstRetryInterval\":\"00:00:01\"}', true",
    "404, '{\"statusCodesToRetry\":[500,503]}', false",
    "503, 'null', false"
  })
  void retryOptionsSayWhichStatusesFail(int status, String options, boolean fails) {
    on("/", exchange -> answer(exchange, status, ""));
    String request = request("GET", "/", ",\"retryOptions\":" + options);
    if (fails) {
      FailureDetails failure = failure(request);
      assertThat(failure.message()).contains("GET " + uri("/")).contains("status " + status);
      assertThat(failure.nonRetriable()).isFalse();
    } else {
      assertThat(output(request)).startsWith("{\"statusCode\":%d,".formatted(status));
    }
    assertThat(seen).hasSize(1);
  }

  @Test
  void whatFailedIsTriedAgainAsTheCallSays() {
    on("/", exchange -> answer(exchange, seen.size() < 3 ? 503 : 200, "" + seen.size()));
    OrchestrationMetadata done = run("callAgain", request("GET", "/", ",\"retryOptions\":{}"));
    assertThat(done.serializedOutput().text()).contains("\"content\":\"3\"");
  }

  @Test
  void anAnswerThatDoesNotComeInTimeFails() {
    on("/", exchange -> awaitEnd());
    FailureDetails failure = failure(request("GET", "/", ",\"timeout\":\"00:00:00.05\""));
    assertThat(failure.errorType()).isEqualTo("java.net.http.HttpTimeoutException");
    assertThat(failure.message()).contains("not answered within");
  }

  private void awaitEnd() {
    try {
      testHasEnded.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aServerThatIsNotThereFails() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    FailureDetails failure =
        failure("[{\"method\":\"GET\",\"uri\":\"http://127.0.0.1:%d/\"}]".formatted(port));
    assertThat(failure.errorType()).isEqualTo("java.io.IOException");
    assertThat(failure.message()).contains("without an answer");
  }

  // ---- what is wrong ----------------------------------------------------------------------------

  private static final List<List<String>> WRONG =
      List.of(
          List.of("null", "is not a list of one request"),
          List.of("[]", "is not a list of one request"),
          List.of("[{},{}]", "is not a list of one request"),
          List.of("\"x\"", "is not a list of one request"),
          List.of("[{\"uri\":\"http://x.example\"}]", "has no method"),
          List.of("[{\"method\":5,\"uri\":\"http://x.example\"}]", "a method that is not a text"),
          List.of("[{\"method\":\"GET\"}]", "has no uri"),
          List.of("[{\"method\":\"GET\",\"uri\":\"http://u:secret@x y\"}]", "is no address"),
          List.of("[{\"method\":\"GET\",\"uri\":\"/path?secret\"}]", "not an absolute http"),
          List.of("[{\"method\":\"GET\",\"uri\":\"file:///x\"}]", "not an absolute http"),
          List.of("[{\"method\":\"GET\",\"uri\":\"http:///secret\"}]", "has no host"),
          List.of("[{\"method\":\"G T\",\"uri\":\"http://x.example\"}]", "cannot be used"),
          List.of(
              "[{\"method\":\"GET\",\"uri\":\"http://x.example\",\"timeout\":\"soon\"}]",
              "timeout that cannot be: 'soon' is not a span of time"),
          List.of(
              "[{\"method\":\"GET\",\"uri\":\"http://x.example\",\"timeout\":\"00:00:00\"}]",
              "more than zero"),
          List.of(
              "[{\"method\":\"GET\",\"uri\":\"http://x.example\",\"headers\":[\"secret\"]}]",
              "headers that are not an object"),
          List.of(
              "[{\"method\":\"GET\",\"uri\":\"http://x.example\",\"headers\":{\"A\":1}}]",
              "header 'A' whose value is not a text"),
          List.of(
              "[{\"method\":\"GET\",\"uri\":\"http://x.example\",\"headers\":{\"Host\":\"y\"}}]",
              "'Host' cannot be chosen"),
          List.of(
              "[{\"method\":\"POST\",\"uri\":\"http://x.example\",\"content\":\"c\",\"headers\":{\"content-type\":\"multipart/form-data; boundary=secret\"}}]",
              "content type multipart/form-data"),
          List.of(
              "[{\"method\":\"GET\",\"uri\":\"http://x.example\",\"retryOptions\":{\"statusCodesToRetry\":[\"secret\"]}}]",
              "not all numbers"),
          List.of(
              "[{\"method\":\"GET\",\"uri\":\"http://x.example\",\"tokenSource\":{\"kind\":\"AzureManagedIdentity\",\"resource\":\"secret\"}}]",
              "managed identity"));

  @Test
  void whatIsNoRequestIsRefusedAndNotTriedAgain() {
    List<String> texts = new ArrayList<>();
    for (List<String> wrong : WRONG) {
      FailureDetails failure = failure(wrong.getFirst());
      assertThat(failure.message()).as(wrong.getFirst()).contains(wrong.getLast());
      assertThat(failure.nonRetriable()).as(wrong.getFirst()).isTrue();
      texts.add(failure.message());
    }
    assertThat(texts).allSatisfy(text -> assertThat(text).doesNotContain("secret"));
  }
}
