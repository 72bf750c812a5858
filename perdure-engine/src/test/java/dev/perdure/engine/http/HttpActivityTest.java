package dev.perdure.engine.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.perdure.api.ActivityContext;
import dev.perdure.api.DurableHttpRequest;
import dev.perdure.api.DurableHttpResponse;
import dev.perdure.api.Payload;
import dev.perdure.api.PayloadTooLargeException;
import dev.perdure.api.RetryPolicy;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.json.JacksonDataConverter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpActivityTest {

  private static final RetryPolicy RETRY = RetryPolicy.of(3, Duration.ofSeconds(1));

  private record Seen(String method, String path, Map<String, List<String>> headers, String body) {}

  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final CountDownLatch testHasEnded = new CountDownLatch(1);
  private final List<HttpServer> servers = new ArrayList<>();
  private final ExecutorService serverThreads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpActivity activity = new HttpActivity(1_000);
  private HttpServer server;

  @BeforeEach
  void startServer() throws IOException {
    server = newServer();
  }

  @AfterEach
  void stop() {
    testHasEnded.countDown();
    activity.close();
    servers.forEach(s -> s.stop(0));
    serverThreads.shutdownNow();
  }

  private HttpServer newServer() throws IOException {
    HttpServer started =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    started.setExecutor(serverThreads);
    started.start();
    servers.add(started);
    return started;
  }

  private void on(String path, Answer answer) {
    on(server, path, answer);
  }

  private void on(HttpServer where, String path, Answer answer) {
    where.createContext(
        path,
        exchange -> {
          String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
          Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
          headers.putAll(exchange.getRequestHeaders());
          seen.add(
              new Seen(
                  exchange.getRequestMethod(), exchange.getRequestURI().toString(), headers, body));
          try (exchange) {
            answer.to(exchange);
          }
        });
  }

  private static Answer text(int status, String text) {
    return exchange -> {
      byte[] bytes = text.getBytes(UTF_8);
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    };
  }

  private static Answer redirect(int status, String location) {
    return exchange -> {
      exchange.getResponseHeaders().set("Location", location);
      exchange.sendResponseHeaders(status, -1);
    };
  }

  private URI address(String path) {
    return address(server, path);
  }

  private static URI address(HttpServer where, String path) {
    return URI.create("http://127.0.0.1:%d%s".formatted(where.getAddress().getPort(), path));
  }

  private DurableHttpResponse call(DurableHttpRequest request) throws Exception {
    return activity.execute(HttpActivity.Wire.of(request), new CallContext());
  }

  private static DurableHttpRequest withHeaders(
      DurableHttpRequest request, Map<String, List<String>> headers) {
    return new DurableHttpRequest(
        request.method(),
        request.uri(),
        headers,
        request.body(),
        request.pollOn202(),
        request.timeout(),
        request.retry());
  }

  private record CallContext() implements ActivityContext {
    @Override
    public String instanceId() {
      return "i";
    }

    @Override
    public String name() {
      return HttpActivity.NAME;
    }

    @Override
    public int taskId() {
      return 1;
    }

    @Override
    public int attempt() {
      return 1;
    }

    @Override
    public String idempotencyKey() {
      return "key-of-the-call";
    }

    @Override
    public boolean isCancellationRequested() {
      return false;
    }

    @Override
    public void onCancellation(Runnable action) {}
  }

  // ---- requests and answers -----------------------------------------------------------------

  @Test
  void aRequestArrivesAsItWasWritten() throws Exception {
    on("/jobs", text(200, ""));
    call(
        withHeaders(
            DurableHttpRequest.postJson(address("/jobs?a=%20b"), "{\"name\":\"Grüße\"}"),
            Map.of("Content-Type", List.of("application/json"), "X-Many", List.of("1", "2"))));

    Seen request = seen.getFirst();
    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.path()).isEqualTo("/jobs?a=%20b");
    assertThat(request.body()).isEqualTo("{\"name\":\"Grüße\"}");
    assertThat(request.headers())
        .containsEntry("content-type", List.of("application/json"))
        .containsEntry("x-many", List.of("1", "2"))
        .doesNotContainKey("upgrade");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
  void anyMethodCanBeUsed(String method) throws Exception {
    on("/x", text(204, ""));
    DurableHttpRequest get = DurableHttpRequest.get(address("/x"));
    assertThat(
            call(new DurableHttpRequest(
                    method, get.uri(), Map.of(), null, true, get.timeout(), null))
                .statusCode())
        .isEqualTo(204);
    assertThat(seen.getFirst().method()).isEqualTo(method);
  }

  @Test
  void anAnswerHasItsStatusItsHeadersInLowerCaseAndItsBody() throws Exception {
    on(
        "/x",
        exchange -> {
          exchange.getResponseHeaders().add("X-Custom", "a");
          exchange.getResponseHeaders().add("X-Custom", "b");
          text(404, "nothing here").to(exchange);
        });
    DurableHttpResponse answer = call(DurableHttpRequest.get(address("/x")));

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).isEqualTo("nothing here");
    assertThat(answer.headers()).containsEntry("x-custom", List.of("a", "b"));
    assertThat(answer.header("X-CUSTOM")).contains("a");
  }

  @Test
  void noBodyIsNull() throws Exception {
    on("/x", text(200, ""));
    assertThat(call(DurableHttpRequest.get(address("/x"))).body()).isNull();
  }

  @Test
  void theBodyIsReadInTheCharacterSetOfTheAnswer() throws Exception {
    on(
        "/latin",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=\"iso-8859-1\"");
          exchange.sendResponseHeaders(200, 5);
          exchange.getResponseBody().write("Grüße".getBytes(ISO_8859_1));
        });
    on(
        "/unknown",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=no-such");
          text(200, "Grüße").to(exchange);
        });
    assertThat(call(DurableHttpRequest.get(address("/latin"))).body()).isEqualTo("Grüße");
    assertThat(call(DurableHttpRequest.get(address("/unknown"))).body()).isEqualTo("Grüße");
  }

  @Test
  void theKeyOfTheCallIsSentUnlessTheUserHasOne() throws Exception {
    on("/x", text(200, ""));
    DurableHttpRequest request = DurableHttpRequest.postJson(address("/x"), "{}");
    call(request);
    call(withHeaders(request, Map.of("idempotency-key", List.of("mine"))));

    assertThat(seen)
        .extracting(each -> each.headers().get("Idempotency-Key"))
        .containsExactly(List.of("key-of-the-call"), List.of("mine"));
  }

  // ---- failures -----------------------------------------------------------------------------

  @Test
  void aServerErrorIsAnAnswerUnlessItCanBeRetried() throws Exception {
    on("/x", text(503, "busy"));
    DurableHttpRequest request = DurableHttpRequest.get(address("/x?token=secret"));

    assertThat(call(request).statusCode()).isEqualTo(503);
    assertThatThrownBy(() -> call(request.withRetry(RETRY)))
        .isInstanceOfSatisfying(
            HttpStatusException.class, e -> assertThat(e.status()).isEqualTo(503))
        .hasMessageContainingAll("PD-1019", "GET http://127.0.0.1", "/x was answered with", "503")
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 429, 499})
  void anErrorOfTheRequestIsAnAnswerEvenIfThereIsARetryPolicy(int status) throws Exception {
    on("/x", text(status, ""));
    assertThat(call(DurableHttpRequest.get(address("/x")).withRetry(RETRY)).statusCode())
        .isEqualTo(status);
  }

  @Test
  void noAnswerIsAnIoError() {
    URI nobody = address("/x?token=secret");
    server.stop(0);
    assertThatThrownBy(() -> call(DurableHttpRequest.get(nobody)))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("GET http://127.0.0.1", "failed without an answer")
        .hasMessageNotContaining("secret");
  }

  @Test
  void aServerThatDoesNotAnswerInTimeIsGivenUp() {
    on("/silent", exchange -> awaitEnd());
    on(
        "/dripping",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write('x');
          exchange.getResponseBody().flush();
          awaitEnd();
        });
    for (String path : List.of("/silent", "/dripping")) {
      assertThatThrownBy(
              () ->
                  call(
                      DurableHttpRequest.get(address(path + "?token=secret"))
                          .withTimeout(Duration.ofMillis(100))))
          .isInstanceOf(HttpTimeoutException.class)
          .hasMessageContainingAll(path + " was not answered within PT0.1S")
          .hasMessageNotContaining("secret");
    }
  }

  private void awaitEnd() {
    try {
      testHasEnded.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void anAnswerThatIsTooLongIsRefused() throws Exception {
    on("/fits", text(200, "x".repeat(1_000)));
    on("/long", text(200, "x".repeat(1_001)));
    on(
        "/endless",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          for (int i = 0; i < 10_000; i++) {
            exchange.getResponseBody().write(new byte[8_192]);
          }
        });
    assertThat(call(DurableHttpRequest.get(address("/fits"))).body()).hasSize(1_000);
    for (String path : List.of("/long", "/endless")) {
      assertThatThrownBy(() -> call(DurableHttpRequest.get(address(path))))
          .isInstanceOf(PayloadTooLargeException.class)
          .hasMessageContainingAll(path, "longer than 1000 bytes", "page");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Host", "content-length", "Connection", "Expect", "Upgrade"})
  void headersThatTheClientSetsItselfAreRefused(String name) {
    assertThatThrownBy(
            () ->
                call(
                    withHeaders(
                        DurableHttpRequest.get(address("/x")), Map.of(name, List.of("secret")))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'" + name + "'", "the JDK's HTTP client sets it", "Leave it out")
        .hasMessageNotContaining("secret");
  }

  @Test
  void requestsThatCannotBeMadeAreRefusedWithoutQuotingThem() {
    URI address = address("/x");
    assertThatThrownBy(
            () ->
                call(
                    withHeaders(DurableHttpRequest.get(address), Map.of("X", List.of("secret\n")))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'X'")
        .hasMessageNotContaining("secret")
        .hasNoCause();
    assertThatThrownBy(
            () ->
                call(
                    new DurableHttpRequest(
                        "NO METHOD", address, Map.of(), null, true, Duration.ofSeconds(1), null)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'NO METHOD'");
    assertThatThrownBy(() -> call(DurableHttpRequest.get(URI.create("http:///secret"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no host")
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> activity.invoke(new CallContext(), null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("callHttp");
  }

  @Test
  void aClosedActivityMakesNoRequests() throws Exception {
    on("/x", text(200, ""));
    call(DurableHttpRequest.get(address("/x")));
    activity.close();
    activity.close();
    assertThatThrownBy(() -> call(DurableHttpRequest.get(address("/x"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  // ---- redirects ----------------------------------------------------------------------------

  @Test
  void redirectsAreFollowedAndTheLocationOfTheLastAnswerIsAbsolute() throws Exception {
    on("/start", redirect(307, "/deep/er"));
    on("/deep/er", redirect(202, "status/7"));
    DurableHttpResponse answer = call(DurableHttpRequest.postJson(address("/start"), "{}"));

    assertThat(seen).extracting(Seen::method).containsExactly("POST", "POST");
    assertThat(seen).extracting(Seen::body).containsExactly("{}", "{}");
    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(answer.header("location")).contains(address("/deep/status/7").toString());
  }

  @Test
  void credentialsDoNotFollowARedirectToAnotherServer() throws Exception {
    HttpServer other = newServer();
    on(other, "/there", text(200, "there"));
    on("/away", redirect(302, address(other, "/there").toString()));
    on("/near", redirect(302, "/here"));
    on("/here", text(200, "here"));
    Map<String, List<String>> headers = Map.of("Authorization", List.of("Bearer secret"));
    call(withHeaders(DurableHttpRequest.get(address("/away")), headers));
    call(withHeaders(DurableHttpRequest.get(address("/near")), headers));

    assertThat(seen)
        .extracting(each -> each.path() + " " + each.headers().containsKey("Authorization"))
        .containsExactly("/away true", "/there false", "/near true", "/here true");
  }

  @Test
  void aLoopOfRedirectsEndsWithARedirectAsTheAnswer() throws Exception {
    on("/loop", redirect(302, "/loop"));
    assertThat(call(DurableHttpRequest.get(address("/loop"))).statusCode()).isEqualTo(302);
    assertThat(seen).hasSize(1 + Redirects.FOLLOWED_MAX);
  }

  // ---- as a function ------------------------------------------------------------------------

  @Test
  void itIsABuiltInFunctionWhoseInputAndOutputSurviveTheHistory() throws Throwable {
    on("/x", text(200, "hello"));
    var registry = FunctionRegistry.builder().builtIn(activity).build();
    var function = registry.activity("perdure.http");
    var converter = new JacksonDataConverter();
    DurableHttpRequest request =
        DurableHttpRequest.postJson(address("/x"), "{}")
            .withRetry(RETRY.withHandler(context -> true));

    Payload input = converter.toPayload(HttpActivity.Wire.of(request));
    Object output =
        function.invoke(new CallContext(), converter.fromPayload(input, function.inputType()));
    Object read = converter.fromPayload(converter.toPayload(output), function.outputType());

    assertThat(read).isEqualTo(output);
    assertThat(((DurableHttpResponse) read).body()).isEqualTo("hello");
    assertThat(converter.fromPayload(input, HttpActivity.Wire.class))
        .isEqualTo(HttpActivity.Wire.of(request));
  }

  @Test
  void whatIsRecordedOfARequestIsTheRequestWithoutItsCode() {
    DurableHttpRequest request =
        DurableHttpRequest.postJson(URI.create("https://u:secret@a.example/x?k=secret"), "secret")
            .withTimeout(Duration.ofNanos(1))
            .withRetry(RETRY);
    HttpActivity.Wire wire = HttpActivity.Wire.of(request);

    assertThat(wire.failOn5xx()).isTrue();
    assertThat(wire.timeoutMillis()).isEqualTo(1);
    assertThat(wire).hasToString("POST https://a.example/x");
    assertThat(HttpActivity.Wire.of(request.withTimeout(Duration.ofSeconds(Long.MAX_VALUE))))
        .extracting(HttpActivity.Wire::timeoutMillis)
        .isEqualTo(Duration.ofDays(30).toMillis());
    assertThat(wire.toRequest())
        .isEqualTo(
            new DurableHttpRequest(
                "POST",
                request.uri(),
                request.headers(),
                "secret",
                false,
                Duration.ofMillis(1),
                null));
  }
}
