package dev.perdure.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.http.HttpServerOptions.Bodies;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bodies of many requests at once do not take more memory than they may have together. */
class BodiesTogetherTest {
  private static final Duration FOR_EVER = Duration.ofDays(1);
  private static final int KIB = 1 << 10;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final BlockingQueue<CompletableFuture<Response>> underWay = new LinkedBlockingQueue<>();
  private @Nullable HttpServerFront server;

  /** A server whose requests wait until they are told to end. */
  private void start(int bytesMax, int togetherMax, Duration patience) throws IOException {
    server =
        HttpServerFront.start(
            HttpServerOptions.at("127.0.0.1", 0)
                .withBodies(new Bodies(bytesMax, togetherMax, patience)),
            request -> {
              if (request.rawPath().equals("/fails")) {
                throw new IllegalStateException("of the test");
              }
              if (request.rawPath().equals("/out-of-memory")) {
                throw new OutOfMemoryError("of the test");
              }
              CompletableFuture<Response> told = new CompletableFuture<>();
              underWay.add(told);
              String seen = request.body().size() + " bytes";
              if (request.rawPath().equals("/later")) {
                return told.thenApply(response -> Response.text(200, seen));
              }
              told.join();
              return CompletableFuture.completedFuture(Response.text(200, seen));
            });
  }

  @AfterEach
  void stop() {
    underWay.forEach(answer -> answer.complete(Response.empty(200)));
    server.close();
  }

  private CompletableFuture<HttpResponse<String>> send(String path, BodyPublisher body) {
    URI address = URI.create("http://127.0.0.1:" + server.port() + path);
    return client.sendAsync(
        HttpRequest.newBuilder(address).POST(body).build(), BodyHandlers.ofString());
  }

  private CompletableFuture<HttpResponse<String>> send(int bytes) {
    return send("/", BodyPublishers.ofByteArray(new byte[bytes]));
  }

  private CompletableFuture<HttpResponse<String>> sendInChunks(int bytes) {
    return send("/", BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[bytes])));
  }

  private static HttpResponse<String> get(CompletableFuture<HttpResponse<String>> answer)
      throws Exception {
    return answer.get(30, TimeUnit.SECONDS);
  }

  /** Waits until one more request has come to the handler. */
  private CompletableFuture<Response> next() throws InterruptedException {
    CompletableFuture<Response> next = underWay.poll(30, TimeUnit.SECONDS);
    assertThat(next).as("a request comes to the handler").isNotNull();
    return next;
  }

  private static void end(CompletableFuture<Response> request) {
    request.complete(Response.empty(200));
  }

  @Test
  void whoeverSendsMoreThanFitsWaitsForThoseBeforeAndSmallBodiesPass() throws Exception {
    start(50 * KIB, 60 * KIB, FOR_EVER);
    var first = send(40 * KIB);
    CompletableFuture<Response> one = next();
    var second = send(40 * KIB); // the one that may have more
    CompletableFuture<Response> two = next();
    var third = send(40 * KIB);
    var small = send(HttpServerFront.SMALL_BYTES_MAX);

    end(next()); // which can only be the small one
    assertThat(get(small).body()).isEqualTo("16384 bytes");
    assertThat(underWay).isEmpty();
    assertThat(third).isNotDone();

    end(two);
    end(next());
    end(one);
    for (var answer : List.of(first, second, third)) {
      assertThat(get(answer).body()).isEqualTo("40960 bytes");
    }
  }

  @Test
  void whoeverHasWaitedForLongIsToldToComeAgain() throws Exception {
    start(50 * KIB, KIB, Duration.ofMillis(1));
    var first = send(40 * KIB);
    CompletableFuture<Response> one = next();

    HttpResponse<String> refused = get(send(40 * KIB));

    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("retry-after")).isPresent();
    assertThat(refused.body()).contains("large bodies", "Try again later");
    end(one);
    assertThat(get(first).statusCode()).isEqualTo(200);
    assertIsFreeFor(1);
  }

  /** One of several is always let through, or they would wait for each other. */
  @Test
  void bodiesThatAreLargerThanTheRoomComeOneByOne() throws Exception {
    start(500 * KIB, KIB, FOR_EVER);
    var answers = List.of(send(500 * KIB), sendInChunks(500 * KIB), send(300 * KIB));
    for (var unused : answers) {
      CompletableFuture<Response> only = next();
      assertThat(underWay).isEmpty();
      end(only);
    }
    for (var answer : answers) {
      assertThat(get(answer).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void bodiesInChunksMayBeAsLargeAsOthers() throws Exception {
    start(100 * KIB, 110 * KIB, FOR_EVER);
    for (int bytes : new int[] {0, KIB, HttpServerFront.SMALL_BYTES_MAX, 80 * KIB, 100 * KIB}) {
      var chunked = sendInChunks(bytes);
      end(next());
      assertThat(get(chunked).body()).isEqualTo(bytes + " bytes");
    }
    assertThat(get(sendInChunks(100 * KIB + 1)).statusCode()).isEqualTo(413);
  }

  /** The announced length of a body that does not come keeps nobody else waiting. */
  @Test
  void aBodyHoldsNoMoreThanHasCome() throws Exception {
    start(100 * KIB, 100 * KIB, Duration.ofMillis(1));
    try (Socket chunked = new Socket("127.0.0.1", server.port());
        Socket announced = new Socket("127.0.0.1", server.port())) {
      chunked
          .getOutputStream()
          .write(
              ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5000\r\n"
                      + "x".repeat(0x5000))
                  .getBytes(StandardCharsets.US_ASCII));
      announced
          .getOutputStream()
          .write(
              ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 102400\r\n\r\n" + "x".repeat(0x5000))
                  .getBytes(StandardCharsets.US_ASCII));
      for (int i = 0; i < 3; i++) {
        assertIsFreeFor(2);
      }
    }
  }

  /** It does not keep its body. */
  @Test
  void aRequestWhoseAnswerComesLaterHoldsNothing() throws Exception {
    start(50 * KIB, 50 * KIB, FOR_EVER);
    var later = new ArrayList<CompletableFuture<HttpResponse<String>>>();
    var told = new ArrayList<CompletableFuture<Response>>();
    for (int i = 0; i < 5; i++) {
      later.add(send("/later", BodyPublishers.ofByteArray(new byte[40 * KIB])));
      told.add(next());
    }
    told.forEach(BodiesTogetherTest::end);
    for (var answer : later) {
      assertThat(get(answer).body()).isEqualTo("40960 bytes");
    }
  }

  @Test
  void whateverBecomesOfARequestItsRoomIsFreeAfterwards() throws Exception {
    start(100 * KIB, 100 * KIB, FOR_EVER);
    for (int i = 0; i < 3; i++) {
      for (String path : List.of("/fails", "/out-of-memory")) {
        var failed = send(path, BodyPublishers.ofByteArray(new byte[100 * KIB]));
        assertThat(get(failed).statusCode()).isEqualTo(500);
      }
      assertThat(get(sendInChunks(100 * KIB + 1)).statusCode()).isEqualTo(413);
      try (var cut = new Socket("127.0.0.1", server.port())) {
        cut.getOutputStream()
            .write(
                ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 102400\r\n\r\n"
                        + "x".repeat(90_000))
                    .getBytes(StandardCharsets.US_ASCII));
      }
    }
    assertIsFreeFor(3);
  }

  /** So many bodies of 45 KiB come through at once: one more than there is room for. */
  private void assertIsFreeFor(int atOnce) throws Exception {
    var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
    var told = new ArrayList<CompletableFuture<Response>>();
    for (int i = 0; i < atOnce; i++) {
      answers.add(send(45 * KIB));
      told.add(next());
    }
    told.forEach(BodiesTogetherTest::end);
    for (var answer : answers) {
      assertThat(get(answer).body()).isEqualTo("46080 bytes");
    }
  }
}
