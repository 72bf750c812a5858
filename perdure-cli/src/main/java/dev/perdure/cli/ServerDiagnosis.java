package dev.perdure.cli;

import dev.perdure.api.HistoryEvent;
import dev.perdure.cli.operations.Host;
import dev.perdure.cli.operations.StoreDirectory;
import dev.perdure.cli.operations.Target;
import dev.perdure.http.PercentCoding;
import dev.perdure.http.Request;
import dev.perdure.http.Response;
import dev.perdure.json.HistoryFormatException;
import dev.perdure.json.HistoryJson;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** What a server that runs says about one of its hubs. */
final class ServerDiagnosis {
  private final Target target;

  /** Asks the server, and about the hub, that were named. */
  ServerDiagnosis(Target target) {
    this.target = target;
  }

  /**
   * Asks for text.
   *
   * @param path below the hub's own
   * @throws IOException if there is no answer, or another than what was asked for; its message says
   *     why
   */
  String text(String path) throws IOException, InterruptedException {
    try (Host server = target.server()) {
      return ask(server, request(path)).body().text();
    }
  }

  /**
   * Asks for JSON.
   *
   * @param path below the hub's own
   * @param list a property of the answer, without which it is not the right one: a list
   * @throws IOException as {@link #text}
   */
  JsonNode json(String path, String list) throws IOException, InterruptedException {
    try (Host server = target.server()) {
      Response answer = ask(server, request(path).withHeader("Accept", "application/json"));
      JsonNode read = null;
      try {
        read = Output.read(answer.body());
      } catch (JacksonException e) {
        // told below, as anything else that is not what was asked for
      }
      if (read == null || !read.path(list).isArray()) {
        throw other(server, null);
      }
      return read;
    }
  }

  /**
   * Asks for a whole history, with payloads.
   *
   * @throws IOException as {@link #text}
   */
  List<HistoryEvent> history(String instance) throws IOException, InterruptedException {
    try (Host server = target.server()) {
      Response answer = ask(server, request("history/" + PercentCoding.encode(instance)));
      try {
        return HistoryJson.read(answer.body().text()).events();
      } catch (HistoryFormatException e) {
        throw other(server, e);
      }
    }
  }

  private static IOException other(Host server, @Nullable Exception cause) {
    return new IOException(
        "The answer of %s is not what was asked for. Is that a Perdure server, and of this version?"
            .formatted(server),
        cause);
  }

  private Request request(String path) {
    String hub = Objects.requireNonNullElse(target.hub(), StoreDirectory.DEFAULT_HUB);
    return Request.of("GET", "/hubs/%s/%s".formatted(PercentCoding.encode(hub), path));
  }

  private static Response ask(Host server, Request request)
      throws IOException, InterruptedException {
    Response response = server.send(request);
    if (response.status() == 200) {
      return response;
    }
    String text = response.body().text();
    throw new IOException(
        text.isBlank()
            ? "%s answered %d: it tells nothing of its hubs to others."
                .formatted(server, response.status())
            : text.strip());
  }
}
