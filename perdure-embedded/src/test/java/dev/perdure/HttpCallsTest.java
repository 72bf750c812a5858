package dev.perdure;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.perdure.api.DurableHttpRequest;
import dev.perdure.api.DurableHttpResponse;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.RetryPolicy;
import dev.perdure.testing.LivenessAudit;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orchestrations that call a web service. */
class HttpCallsTest {
  /** A request as the service saw it. */
  private record Seen(String method, String path, String body, String idempotencyKey, Instant at) {}

  /** An answer of the service. */
  private record Answer(int status, Map<String, String> headers, String body, Runnable before) {
    Answer(int status, Map<String, String> headers, String body) {
      this(status, headers, body, () -> {});
    }
  }

  @TempDir Path temporary;

  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final Deque<Answer> answers = new ArrayDeque<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer service;

  @BeforeEach
  void startTheService() throws IOException {
    service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    service.setExecutor(threads);
    service.createContext("/", this::serve);
    service.start();
  }

  @AfterEach
  void stopTheService() {
    service.stop(0);
    threads.shutdownNow();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      seen.add(
          new Seen(
              exchange.getRequestMethod(),
              exchange.getRequestURI().toString(),
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
              exchange.getRequestHeaders().getFirst("Idempotency-Key"),
              Instant.now()));
      Answer answer;
      synchronized (answers) {
        answer = answers.remove();
      }
      answer.before().run();
      answer.headers().forEach(exchange.getResponseHeaders()::set);
      byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private void willAnswer(Answer... inTurn) {
    synchronized (answers) {
      answers.addAll(List.of(inTurn));
    }
  }

  private URI address(String path) {
    return URI.create(
        "http://%s:%d%s"
            .formatted(
                service.getAddress().getAddress().getHostAddress(),
                service.getAddress().getPort(),
                path));
  }

  private Perdure.Builder hub(DurableHttpRequest request) {
    return Perdure.embedded(temporary.resolve("hub"))
        .storeOptions(Hubs::small)
        .orchestrator(
            "ask",
            ctx -> {
              DurableHttpResponse answer = ctx.callHttp(request).await();
              return answer.statusCode()
                  + " "
                  + answer.header("X-Color").orElse("colorless")
                  + " "
                  + answer.body();
            });
  }

  private String ask(DurableHttpRequest request) {
    try (Perdure perdure = hub(request).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      PerdureClient client = perdure.client();
      return Hubs.output(client, client.startNew("ask"), String.class);
    }
  }

  private static Answer accepted(String location, String retryAfter) {
    return new Answer(202, Map.of("Location", location, "Retry-After", retryAfter), "");
  }

  // ---- one request --------------------------------------------------------------------------

  @Test
  void aGetReturnsStatusHeadersAndBody() {
    willAnswer(new Answer(200, Map.of("x-color", "blue"), "grüezi"));
    assertThat(ask(DurableHttpRequest.get(address("/hello?to=me")))).isEqualTo("200 blue grüezi");
    assertThat(seen).extracting(Seen::method).containsExactly("GET");
    assertThat(seen).extracting(Seen::path).containsExactly("/hello?to=me");
  }

  @Test
  void aPostSendsItsBodyAndAKey() {
    willAnswer(new Answer(201, Map.of(), "made"));
    String json = "{\"article\":\"pen\"}";
    assertThat(ask(DurableHttpRequest.postJson(address("/orders"), json)))
        .isEqualTo("201 colorless made");
    assertThat(seen).hasSize(1);
    assertThat(seen.getFirst().method()).isEqualTo("POST");
    assertThat(seen.getFirst().body()).isEqualTo(json);
    assertThat(seen.getFirst().idempotencyKey()).isNotBlank();
  }

  @Test
  void anAnswerThatSaysNoIsAnAnswer() {
    willAnswer(new Answer(404, Map.of(), "no such thing"));
    assertThat(ask(DurableHttpRequest.get(address("/nothing"))))
        .isEqualTo("404 colorless no such thing");
    willAnswer(new Answer(503, Map.of(), "not now"));
    assertThat(ask(DurableHttpRequest.get(address("/something"))))
        .isEqualTo("503 colorless not now");
  }

  // ---- trying again -------------------------------------------------------------------------

  @Test
  void aRetryPolicyOutlastsAServiceThatIsDownForAWhile() {
    willAnswer(
        new Answer(503, Map.of(), "not now"),
        new Answer(503, Map.of(), "not now"),
        new Answer(200, Map.of(), "now"));
    DurableHttpRequest request =
        DurableHttpRequest.postJson(address("/orders"), "{}")
            .withRetry(RetryPolicy.of(5, Duration.ofMillis(10)));
    assertThat(ask(request)).isEqualTo("200 colorless now");
    assertThat(seen).hasSize(3);
    assertThat(seen)
        .extracting(Seen::idempotencyKey)
        .containsOnly(seen.getFirst().idempotencyKey());
  }

  @Test
  void aServiceThatStaysDownFailsTheCallWithItsStatus() {
    willAnswer(new Answer(503, Map.of(), ""), new Answer(502, Map.of(), ""));
    DurableHttpRequest request =
        DurableHttpRequest.get(address("/down"))
            .withRetry(RetryPolicy.of(2, Duration.ofMillis(10)));
    try (Perdure perdure = hub(request).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      OrchestrationMetadata end =
          perdure.client().waitForCompletion(perdure.client().startNew("ask"), Hubs.PATIENCE);
      assertThat(end.status()).isEqualTo(OrchestrationStatus.FAILED);
      assertThat(end.failureDetails().orElseThrow().toString()).contains("502");
    }
    assertThat(seen).hasSize(2);
  }

  // ---- polling ------------------------------------------------------------------------------

  @Test
  void anAcceptedRequestIsPolledUntilItIsDone() {
    willAnswer(
        accepted("/orders/7", "0"),
        accepted("/orders/7/progress", "1"),
        new Answer(200, Map.of("X-Color", "green"), "done"));
    try (Perdure perdure = hub(DurableHttpRequest.postJson(address("/orders"), "{}")).start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      PerdureClient client = perdure.client();
      String id = client.startNew("ask");
      assertThat(Hubs.output(client, id, String.class)).isEqualTo("200 green done");
      assertThat(client.history(id)).filteredOn(TimerCreated.class::isInstance).hasSize(2);
    }
    assertThat(seen)
        .extracting(request -> request.method() + " " + request.path())
        .containsExactly("POST /orders", "GET /orders/7", "GET /orders/7/progress");
    assertThat(Duration.between(seen.get(1).at(), seen.get(2).at()))
        .isGreaterThanOrEqualTo(Duration.ofMillis(990));
  }

  @Test
  void withoutPollingTheAcceptanceIsTheAnswer() {
    willAnswer(accepted("/orders/7", "0"));
    DurableHttpRequest request =
        DurableHttpRequest.postJson(address("/orders"), "{}").withPolling(false);
    assertThat(ask(request)).startsWith("202 ");
    assertThat(seen).hasSize(1);
  }

  @Test
  void pollingGoesOnWhereItWasWhenTheHubIsOpenedAgain() throws Exception {
    CountDownLatch polled = new CountDownLatch(1);
    willAnswer(
        accepted("/orders/7", "0"),
        new Answer(
            202, Map.of("Location", "/orders/7", "Retry-After", "1"), "", polled::countDown));
    Perdure.Builder hub = hub(DurableHttpRequest.postJson(address("/orders"), "{}"));
    String id;
    try (Perdure perdure = hub.start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      id = perdure.client().startNew("ask");
      Hubs.await(polled);
      Hubs.until(
          "it waits to poll again",
          () ->
              perdure.client().history(id).stream().filter(TimerCreated.class::isInstance).count()
                  == 2);
    }
    willAnswer(accepted("/orders/7", "0"), new Answer(200, Map.of(), "done"));
    try (Perdure perdure = hub.start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      assertThat(Hubs.output(perdure.client(), id, String.class)).isEqualTo("200 colorless done");
    }
    assertThat(seen)
        .extracting(request -> request.method() + " " + request.path())
        .containsExactly("POST /orders", "GET /orders/7", "GET /orders/7", "GET /orders/7");
  }

  @Test
  void aRequestThatTheShutdownCutOffIsMadeAgainWithTheSameKey() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch mayAnswer = new CountDownLatch(1);
    willAnswer(
        new Answer(
            200,
            Map.of(),
            "too late",
            () -> {
              asked.countDown();
              try {
                Hubs.await(mayAnswer);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }));
    Perdure.Builder hub =
        hub(DurableHttpRequest.postJson(address("/orders"), "{}"))
            .options(options -> options.withShutdownGrace(Duration.ofMillis(50)));
    String id;
    try (Perdure perdure = hub.start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      id = perdure.client().startNew("ask");
      Hubs.await(asked);
    }
    mayAnswer.countDown();
    willAnswer(new Answer(200, Map.of(), "in time"));
    try (Perdure perdure = hub.start();
        LivenessAudit liveness = LivenessAudit.of(perdure.client())) {
      assertThat(Hubs.output(perdure.client(), id, String.class))
          .isEqualTo("200 colorless in time");
    }
    assertThat(seen).hasSize(2);
    assertThat(seen.getFirst().idempotencyKey()).isEqualTo(seen.getLast().idempotencyKey());
  }
}
