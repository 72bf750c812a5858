package dev.perdure.cli;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Asks a server that runs. */
final class ServerQuestions {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final URI server;
  private final String hub;
  private final @Nullable Path keyFile;

  /**
   * Questions about one hub.
   *
   * @param keyFile a file whose first line is the key that the server demands; null for none
   */
  ServerQuestions(URI server, String hub, @Nullable Path keyFile) {
    this.server = server;
    this.hub = hub;
    this.keyFile = keyFile;
  }

  /**
   * Why an instance is where it is.
   *
   * @throws IOException if the server cannot be reached or does not know; its message says why
   */
  String explain(String instance) throws IOException, InterruptedException {
    return ask("/hubs/%s/explain/%s".formatted(encoded(hub), encoded(instance)));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private String ask(String path) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.resolve(path)).timeout(PATIENCE).GET();
    if (keyFile != null) {
      request.header("x-functions-key", Files.readAllLines(keyFile).getFirst().strip());
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return switch (response.statusCode()) {
        case 200 -> response.body();
        case 401, 403 ->
            throw new IOException(
                "The server at %s did not let us in%s"
                    .formatted(
                        server,
                        response.body().isEmpty()
                            ? "; give it its key with --key."
                            : ": " + response.body().strip()));
        default -> throw new IOException(response.body().strip());
      };
    } catch (java.net.ConnectException e) {
      throw new IOException(
          "There is no server at %s. Is it running, and is this its --http-port?".formatted(server),
          e);
    }
  }
}
