package dev.perdure.cli.operations;

import dev.perdure.api.Payload;
import dev.perdure.cli.Output;
import dev.perdure.http.Headers;
import dev.perdure.http.Request;
import dev.perdure.http.Response;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** A server that runs, asked over HTTP. */
public final class RunningHost implements Host {
  private static final Duration CONNECT_MAX = Duration.ofSeconds(10);

  /** Purging many instances and copying a hub take their time. */
  private static final Duration ANSWER_MAX = Duration.ofMinutes(10);

  /** What Java's client says of an answer that does not begin as one in HTTP does. */
  private static final Pattern NO_STATUS =
      Pattern.compile("status line(:|, receiving) [\"\\[](?!HTTP/)");

  private final String address;
  private final @Nullable String key;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(CONNECT_MAX).build();

  /**
   * A server.
   *
   * @param server where its paths begin
   * @param key the key it demands; null for none
   * @throws IllegalArgumentException if that is no address of a server
   */
  public RunningHost(URI server, @Nullable String key) {
    String scheme = server.getScheme();
    if (server.getHost() == null
        || server.getPort() > 65_535
        || !("http".equals(scheme) || "https".equals(scheme))) {
      throw new IllegalArgumentException(
          "'%s' is not the address of a server. Write it as in http://localhost:7071."
              .formatted(server));
    }
    this.address = server.toString().replaceAll("/+$", "");
    this.key = key;
  }

  @Override
  public Response send(Request request) throws IOException, InterruptedException {
    HttpRequest.Builder wire =
        HttpRequest.newBuilder(URI.create(address + request.target()))
            .timeout(ANSWER_MAX)
            .method(
                request.method(), HttpRequest.BodyPublishers.ofByteArray(request.body().bytes()));
    request.headers().fields().forEach(field -> wire.header(field.name(), field.value()));
    if (key != null) {
      wire.header("x-functions-key", key);
    }
    Response response = response(exchange(wire.build()));
    if (response.status() == 401 || response.status() == 403) {
      throw new IOException(refusal(response.body().text().strip()));
    }
    return response;
  }

  private HttpResponse<byte[]> exchange(HttpRequest request)
      throws IOException, InterruptedException {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    } catch (ConnectException | HttpConnectTimeoutException e) {
      throw new IOException(
          "There is no server at %s. Is it running, and is this the port that it was given with --http-port, or an app with --port? A hub that no program has open is reached with --store."
              .formatted(address),
          e);
    } catch (SSLHandshakeException e) {
      throw new IOException(
          "There is no trusted TLS with the server at %s: %s. Nothing was asked of it. Is the scheme right, and is its certificate known to this Java?"
              .formatted(address, e.getMessage()),
          e);
    } catch (HttpTimeoutException e) {
      throw new IOException(
          "The server at %s has not answered within %d minutes. What was asked for may have been done."
              .formatted(address, ANSWER_MAX.toMinutes()),
          e);
    } catch (IOException e) {
      String reason = String.valueOf(e.getMessage() == null ? e : e.getMessage());
      throw new IOException(
          NO_STATUS.matcher(reason).find()
              ? "What answers at %s does not speak HTTP, so nothing was asked of it. Is that a port for gRPC? Use the one that the server was given with --http-port, or an app with --port."
                  .formatted(address)
              : "The server at %s gave no answer: %s. What was asked for may have been done."
                  .formatted(address, Output.printable(reason)),
          e);
    }
  }

  private String refusal(String why) {
    if (!why.isEmpty()) {
      return "The server at %s did not let us in: %s".formatted(address, why);
    }
    return key == null
        ? "The server at %s did not let us in; give it its key with --key or in PERDURE_KEY."
            .formatted(address)
        : "The server at %s did not let us in: the key is not one of its keys.".formatted(address);
  }

  private static Response response(HttpResponse<byte[]> wire) {
    List<Headers.Field> fields =
        wire.headers().map().entrySet().stream()
            .flatMap(
                header ->
                    header.getValue().stream()
                        .map(value -> new Headers.Field(header.getKey(), value)))
            .toList();
    return new Response(wire.statusCode(), Headers.of(fields), Payload.of(wire.body()));
  }

  @Override
  public void close() {
    client.close();
  }

  @Override
  public String toString() {
    return address;
  }
}
