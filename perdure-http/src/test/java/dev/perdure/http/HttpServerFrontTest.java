package dev.perdure.http;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.http.HttpServerOptions.Bodies;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the server does itself, whatever the handler. */
@Timeout(60)
class HttpServerFrontTest {
  private static final int BODY_BYTES_MAX = 1_000;

  private final CountDownLatch begun = new CountDownLatch(1);
  private final CompletableFuture<Response> later = new CompletableFuture<>();
  private final HttpServerFront server = start();
  private final HttpClient client = HttpClient.newHttpClient();

  private HttpServerFront start() {
    try {
      return HttpServerFront.start(
          HttpServerOptions.at("127.0.0.1", 0)
              .withBodies(Bodies.DEFAULTS.withBytesMax(BODY_BYTES_MAX))
              .withGrace(Duration.ofSeconds(30)),
          request ->
              switch (request.rawPath()) {
                case "/fails" -> throw new IllegalStateException("secret");
                case "/fails-later" ->
                    CompletableFuture.failedFuture(new IllegalStateException("secret"));
                case "/later" -> {
                  begun.countDown();
                  yield later;
                }
                case "/empty" ->
                    CompletableFuture.completedFuture(
                        Response.empty(204).withHeader("Content-Length", "many"));
                default ->
                    CompletableFuture.completedFuture(
                        Response.text(
                                200, request.target() + " " + request.body().size() + " bytes")
                            .withHeader("X-Seen", String.join("|", request.headers().all("x-a"))));
              });
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterEach
  void stop() {
    later.complete(Response.empty(200));
    server.close();
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  /** Sends bytes as they are, and reads until the server closes the connection. */
  private String raw(String request) throws IOException {
    return raw(server.port(), request);
  }

  private static String raw(int port, String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      OutputStream out = socket.getOutputStream();
      out.write(request.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  @Test
  void aRequestArrivesAsItWasSent() throws Exception {
    HttpResponse<String> response =
        send(
            to("/a%2Fb/?x=%20")
                .header("X-A", "1")
                .header("X-A", "2")
                .POST(BodyPublishers.ofString("four")));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("/a%2Fb/?x=%20 4 bytes");
    assertThat(response.headers().firstValue("x-seen")).contains("1|2");
  }

  @Test
  void placeholdersInBracesMayBeLeftIn() throws Exception {
    assertThat(
            raw(
                "GET /e/{eventName}?reason={text} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200")
        .contains("/e/{eventName}?reason={text}");
  }

  @Test
  void whoeverAsksForTheHeadGetsNoBody() throws Exception {
    HttpResponse<String> head = send(to("/x").method("HEAD", BodyPublishers.noBody()));
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValueAsLong("content-length")).hasValue(10);
    assertThat(send(to("/x")).body()).isEqualTo("/x 0 bytes"); // the connection is in order
  }

  @Test
  void aBodyMayBeAsLargeAsTheLimit() throws Exception {
    assertThat(send(to("/x").POST(BodyPublishers.ofByteArray(new byte[BODY_BYTES_MAX]))).body())
        .isEqualTo("/x 1000 bytes");
  }

  @Test
  void aLargerBodyIsRefused() throws Exception {
    HttpResponse<String> response =
        send(to("/x").POST(BodyPublishers.ofByteArray(new byte[BODY_BYTES_MAX + 1])));
    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(response.body()).contains("1000 bytes").contains("send a reference");
    assertThat(send(to("/x")).statusCode()).isEqualTo(200);
  }

  @Test
  void whoeverSendsAllBeforeTheyReadIsToldSoToo() throws Exception {
    int length = 50_000_000;
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
              .formatted(length)
              .getBytes(StandardCharsets.US_ASCII));
      for (int sent = 0; sent < length; sent += 1_000_000) {
        out.write(new byte[1_000_000]);
      }
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 413")
          .contains("send a reference");
    }
  }

  @Test
  void whoeverHasNoKeyIsToldSoBeforeTheirBodyIsRead() throws Exception {
    Handler handler =
        Router.builder()
            .below(
                "/api",
                Access.byKey("secret")
                    .guarding(request -> CompletableFuture.completedFuture(Response.empty(204))))
            .build();
    try (HttpServerFront guarded =
        HttpServerFront.start(HttpServerOptions.at("127.0.0.1", 0), handler)) {
      String head =
          "POST /api/x%s HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n";
      String waits = head + "Expect: 100-continue\r\n\r\n";
      assertThat(raw(guarded.port(), waits.formatted(""))).startsWith("HTTP/1.1 401");
      assertThat(raw(guarded.port(), waits.formatted("?code=wrong"))).startsWith("HTTP/1.1 401");
      String sends = head + "\r\nhello";
      assertThat(raw(guarded.port(), sends.formatted(""))).startsWith("HTTP/1.1 401");
      assertThat(raw(guarded.port(), sends.formatted("?code=secret"))).startsWith("HTTP/1.1 204");
    }
  }

  @Test
  void whoeverAsksBeforeTheySendIsToldAtOnce() throws Exception {
    assertThat(
            raw(
                "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n"))
        .startsWith("HTTP/1.1 413");
  }

  @Test
  void soIsALargerBodyThatDoesNotSayHowLargeItIs() throws Exception {
    byte[] body = new byte[BODY_BYTES_MAX + 1];
    HttpResponse<String> response =
        send(
            to("/x")
                .POST(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(body))));
    assertThat(response.statusCode()).isEqualTo(413);
  }

  @Test
  void aHandlerThatFailsTellsTheCallerNothingOfIt() throws Exception {
    for (String path : new String[] {"/fails", "/fails-later"}) {
      HttpResponse<String> response = send(to(path));
      assertThat(response.statusCode()).isEqualTo(500);
      assertThat(response.body())
          .contains("Its log tells more under error")
          .doesNotContain("secret");
    }
  }

  /** Such as one that was copied from the answer of another server. */
  @Test
  void theLengthThatAHandlerStatesIsNotTaken() throws Exception {
    HttpResponse<String> response = send(to("/empty"));
    assertThat(response.statusCode()).isEqualTo(204);
    assertThat(response.headers().firstValue("content-length")).isEmpty();
  }

  @Test
  void whatIsNotHttpIsRefused() throws Exception {
    assertThat(raw("GARBAGE\r\n\r\n")).startsWith("HTTP/1.1 400");
  }

  @Test
  void closingWaitsForRequestsThatAreUnderWay() throws Exception {
    CompletableFuture<HttpResponse<String>> answer =
        client.sendAsync(to("/later").build(), BodyHandlers.ofString());
    begun.await();
    Thread closing = Thread.ofVirtual().start(server::close);
    later.complete(Response.text(200, "in time"));
    assertThat(answer.get(30, TimeUnit.SECONDS).body()).isEqualTo("in time");
    closing.join();
  }

  @Test
  void anAnswerMayTakeLongerThanAConnectionMayBeSilent() throws Exception {
    Duration idle = Duration.ofMillis(50);
    try (HttpServerFront impatient =
        HttpServerFront.start(
            HttpServerOptions.at("127.0.0.1", 0).withIdle(idle),
            request ->
                new CompletableFuture<Response>()
                    .completeOnTimeout(
                        Response.text(200, "at last"), 10 * idle.toMillis(), MILLISECONDS))) {
      URI address = URI.create("http://127.0.0.1:" + impatient.port() + "/");
      assertThat(
              client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString()).body())
          .isEqualTo("at last");
    }
  }

  @Test
  void aPortThatIsInUseIsSaidAtOnce() {
    assertThatThrownBy(
            () ->
                HttpServerFront.start(
                    HttpServerOptions.at("127.0.0.1", server.port()),
                    request -> CompletableFuture.completedFuture(Response.empty(200))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("in use");
  }
}
