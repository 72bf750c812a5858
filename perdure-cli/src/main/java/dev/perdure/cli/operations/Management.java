package dev.perdure.cli.operations;

import dev.perdure.api.EntityId;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.http.Response;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What operators do with the orchestrations and entities of one hub. */
final class Management {
  static final String TOKEN_HEADER = "x-ms-continuation-token";

  private static final int PAGE_MAX = 1_000;

  private final Host host;
  private final @Nullable String hub;

  /**
   * Manages a hub.
   *
   * @param hub its name; null for the default one
   */
  Management(Host host, @Nullable String hub) {
    this.host = host;
    this.hub = hub;
  }

  /** Where the hub is, for people, as in "an orchestration at ...". */
  String place() {
    return hub == null ? "at " + host : "in hub '%s' at %s".formatted(hub, host);
  }

  /**
   * Some of a list.
   *
   * @param items as many as were asked for, or all
   * @param more whether there are more
   */
  record Listing(List<JsonNode> items, boolean more) {}

  // ---- orchestrations -------------------------------------------------------------------------

  /** Lists orchestrations by the time of their creation, without inputs. */
  Listing instances(InstanceFilter filter, int limit) throws IOException, InterruptedException {
    return list(
        (token, size) ->
            filter
                .on(ApiRequest.of("GET", "instances"))
                .with("instanceIdPrefix", filter.prefix())
                .with("name", filter.name())
                .with("showInput", false)
                .with("top", size)
                .from(token),
        instance -> !EntityId.isEntityId(Json.text(instance, "instanceId")), // they come last
        limit);
  }

  /** The status of an orchestration, with its payloads. */
  JsonNode status(String id) throws IOException, InterruptedException {
    return json(instance(id, ApiRequest.of("GET", "instances", id)));
  }

  /** The status of an orchestration with its history. */
  JsonNode history(String id, boolean payloads) throws IOException, InterruptedException {
    return json(
        instance(
            id,
            ApiRequest.of("GET", "instances", id)
                .with("showHistory", true)
                .with("showInput", payloads)
                .with("showHistoryOutput", payloads)));
  }

  /**
   * Starts an orchestration.
   *
   * @return its id, with links if it is a server that runs
   */
  JsonNode start(
      String name,
      @Nullable String id,
      @Nullable String input,
      @Nullable String version,
      @Nullable Instant at)
      throws IOException, InterruptedException {
    ApiRequest request =
        id == null
            ? ApiRequest.of("POST", "orchestrators", name)
            : ApiRequest.of("POST", "orchestrators", name, id);
    return json(
        answer(null, request.with("version", version).with("scheduledTime", at).body(input)));
  }

  void raiseEvent(String id, String event, @Nullable String data)
      throws IOException, InterruptedException {
    instance(
        id,
        ApiRequest.of("POST", "instances", id, "raiseEvent", event)
            .body(data == null ? "null" : data));
  }

  /**
   * Ends an orchestration.
   *
   * @param reason becomes the output, as JSON, so that any client can read it; null for none
   */
  void terminate(String id, @Nullable String reason) throws IOException, InterruptedException {
    change(id, "terminate", reason == null ? null : Json.quoted(reason));
  }

  /** Suspends, resumes or rewinds. */
  void change(String id, String operation, @Nullable String reason)
      throws IOException, InterruptedException {
    instance(id, ApiRequest.of("POST", "instances", id, operation).with("reason", reason));
  }

  JsonNode restart(String id, boolean newId) throws IOException, InterruptedException {
    status(id); // the API tells of an unknown one less well
    return json(
        instance(
            id,
            ApiRequest.of("POST", "instances", id, "restart")
                .with("restartWithNewInstanceId", newId)));
  }

  /** Purges an orchestration that has ended, or an entity. Returns whether it did. */
  boolean purge(String id) throws IOException, InterruptedException {
    return purged(instance(id, ApiRequest.of("DELETE", "instances", id))) > 0;
  }

  /** Purges all that have ended and meet a filter. Returns how many. */
  long purge(InstanceFilter filter) throws IOException, InterruptedException {
    InstanceFilter since =
        filter.createdFrom() == null ? filter.withCreatedFrom(Instant.EPOCH) : filter;
    Response response = send(since.on(ApiRequest.of("DELETE", "instances")));
    return response.status() == 404 && response.body().size() == 0
        ? 0
        : purged(checked(null, response));
  }

  private long purged(Response response) throws IOException {
    return json(response).path("instancesDeleted").asLong();
  }

  // ---- entities -------------------------------------------------------------------------------

  /** Lists entities by their ids. */
  Listing entities(@Nullable String name, boolean states, int limit)
      throws IOException, InterruptedException {
    return list(
        (token, size) ->
            (name == null
                    ? ApiRequest.of("GET", "entities")
                    : ApiRequest.of("GET", "entities", name))
                .with("fetchState", states)
                .with("top", size)
                .from(token),
        entity -> true,
        limit);
  }

  /** What is known of an entity, in the form of an orchestration's status. */
  JsonNode entity(EntityId entity) throws IOException, InterruptedException {
    return json(
        instance(entity.instanceId(), ApiRequest.of("GET", "instances", entity.instanceId())));
  }

  void signal(EntityId entity, String operation, @Nullable String input, @Nullable Instant at)
      throws IOException, InterruptedException {
    ApiRequest request =
        entity.key().isEmpty()
            ? ApiRequest.of("POST", "entities", entity.name())
            : ApiRequest.of("POST", "entities", entity.name(), entity.key());
    answer(null, request.with("op", operation).with("scheduledTime", at).body(input));
  }

  // ---- requests -------------------------------------------------------------------------------

  @FunctionalInterface
  private interface Page {
    ApiRequest from(String token, int size);
  }

  @FunctionalInterface
  private interface Wanted {
    boolean wants(JsonNode item);
  }

  /** Reads pages until there are enough, or what comes is not wanted any more. */
  private Listing list(Page page, Wanted wanted, int limit)
      throws IOException, InterruptedException {
    List<JsonNode> items = new ArrayList<>();
    String token = "";
    do {
      long missing = limit + 1L - items.size();
      Response response = answer(null, page.from(token, (int) Math.min(missing, PAGE_MAX)));
      for (JsonNode item : json(response)) {
        if (!wanted.wants(item)) {
          return new Listing(items, false);
        }
        if (items.size() == limit) {
          return new Listing(items, true);
        }
        items.add(item);
      }
      String next = response.headers().first(TOKEN_HEADER);
      token = next == null ? "" : next;
    } while (!token.isEmpty());
    return new Listing(items, false);
  }

  private Response send(ApiRequest request) throws IOException, InterruptedException {
    return host.send(request.with("taskHub", hub).build());
  }

  private Response instance(String id, ApiRequest request)
      throws IOException, InterruptedException {
    return answer(id, request);
  }

  private Response answer(@Nullable String instance, ApiRequest request)
      throws IOException, InterruptedException {
    return checked(instance, send(request));
  }

  /** An answer that is no refusal. */
  private Response checked(@Nullable String instance, Response response)
      throws IOException, InterruptedException {
    boolean silent = response.body().size() == 0;
    if (response.status() < 300) {
      return response;
    }
    if (response.status() == 404 && silent && instance != null) {
      throw new InstanceNotFoundException(
          "There is no %s '%s' %s. It may never have been started, or it was purged."
              .formatted(EntityId.isEntityId(instance) ? "entity" : "instance", instance, place()));
    }
    if (response.status() == 410 && instance != null) {
      throw new InvalidInstanceStateException(
          "Instance '%s' has ended (%s), so this cannot be done. Nothing was changed."
              .formatted(instance, Json.text(status(instance), "runtimeStatus")));
    }
    throw new IOException(problem(response));
  }

  private String problem(Response response) {
    try {
      JsonNode body = Json.read(response.body().text());
      if (body.isString()) {
        return body.stringValue();
      }
      String detail = Json.text(body, "ExceptionMessage");
      String message = detail.isEmpty() ? Json.text(body, "Message") : detail;
      if (!message.isEmpty()) {
        return message;
      }
    } catch (IllegalArgumentException e) {
      // not an answer of the API
    }
    return "%s answered %d, and not as the HTTP API of Durable Functions does. Is that a Perdure server?"
        .formatted(host, response.status());
  }

  private JsonNode json(Response response) throws IOException {
    try {
      return Json.read(response.body().text());
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "The answer of %s is not JSON: %s. Is that a Perdure server?"
              .formatted(host, e.getMessage()),
          e);
    }
  }
}
