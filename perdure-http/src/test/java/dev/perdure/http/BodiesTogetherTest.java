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
              CompletableFuture<Response> answer = new CompletableFuture<>();
              underWay.add(answer);
              return answer.thenApply(
                  response -> Response.text(200, request.body().size() + " bytes"));
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
    start(50 * KIB, 100 * KIB, FOR_EVER);
    var first = send(40 * KIB);
    CompletableFuture<Response> one = next();
    var second = send(40 * KIB);
    CompletableFuture<Response> two = next();
    var third = send(40 * KIB);
    var small = send(BodyRoom.SMALL_BYTES_MAX);

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
    start(50 * KIB, 50 * KIB, Duration.ofMillis(1));
    var first = send(40 * KIB);
    CompletableFuture<Response> one = next();

    HttpResponse<String> refused = get(send(40 * KIB));

    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("retry-after")).isPresent();
    assertThat(refused.body()).contains("large bodies", "Try again later");
    end(one);
    assertThat(get(first).statusCode()).isEqualTo(200);
    var again = send(40 * KIB);
    end(next());
    assertThat(get(again).statusCode()).isEqualTo(200);
  }

  @Test
  void aBodyThatIsLargerThanAllMayBeTogetherComesAlone() throws Exception {
    start(500 * KIB, 100 * KIB, FOR_EVER);
    var large = send(500 * KIB);
    CompletableFuture<Response> one = next();
    var other = send(20 * KIB);
    end(one);

    assertThat(get(large).body()).isEqualTo("512000 bytes");
    end(next());
    assertThat(get(other).body()).isEqualTo("20480 bytes");
  }

  /** Until it has come as a whole, one that comes in chunks could have as much as any. */
  @Test
  void aBodyInChunksKeepsNoMoreThanItHas() throws Exception {
    start(100 * KIB, 110 * KIB, FOR_EVER);
    var first = sendInChunks(20 * KIB);
    CompletableFuture<Response> one = next();
    var second = send(80 * KIB);
    end(next());
    assertThat(get(second).body()).isEqualTo("81920 bytes");

    end(one);

    assertThat(get(first).body()).isEqualTo("20480 bytes");
    for (int bytes : new int[] {KIB, BodyRoom.SMALL_BYTES_MAX, 100 * KIB}) {
      var chunked = sendInChunks(bytes);
      end(next());
      assertThat(get(chunked).body()).isEqualTo(bytes + " bytes");
    }
    assertThat(get(sendInChunks(100 * KIB + 1)).statusCode()).isEqualTo(413);
  }

  @Test
  void whateverBecomesOfARequestItsRoomIsFreeAfterwards() throws Exception {
    start(100 * KIB, 100 * KIB, FOR_EVER);
    for (int i = 0; i < 3; i++) {
      var failed = send("/fails", BodyPublishers.ofByteArray(new byte[100 * KIB]));
      assertThat(get(failed).statusCode()).isEqualTo(500);
      assertThat(get(sendInChunks(100 * KIB + 1)).statusCode()).isEqualTo(413);
      try (var cut = new Socket("127.0.0.1", server.port())) {
        cut.getOutputStream()
            .write(
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 102400\r\n\r\nxx"
                    .getBytes(StandardCharsets.US_ASCII));
      }
    }
    var last = send(100 * KIB);
    end(next());
    assertThat(get(last).body()).isEqualTo("102400 bytes");
  }
}
