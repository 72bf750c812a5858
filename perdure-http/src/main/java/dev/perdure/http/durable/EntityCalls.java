package dev.perdure.http.durable;

import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.InvalidInstanceIdException;
import dev.perdure.api.Payload;
import dev.perdure.engine.Requests;
import dev.perdure.http.Response;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads, signals and lists entities. */
final class EntityCalls {
  /** Stands for an empty key where addresses need one. */
  private static final String EMPTY_KEY = "$";

  private EntityCalls() {}

  static Response get(Call call, String name, String key) {
    try {
      return call.client()
          .getEntity(EntityId.of(name, key.equals(EMPTY_KEY) ? "" : key), true)
          .filter(EntityMetadata::hasState)
          .map(
              entity ->
                  Response.json(
                      200, Json.write(json -> Json.stored(json, entity.serializedState()))))
          .orElse(Response.empty(404));
    } catch (IllegalArgumentException | InvalidInstanceIdException e) {
      return refused(e);
    }
  }

  private static Response refused(RuntimeException e) {
    return Problems.brief(400, Objects.requireNonNullElse(e.getMessage(), Problems.ARGUMENT));
  }

  static Response signal(Call call, String name, String key) {
    Payload body = call.request().body();
    Payload input;
    if (body.size() == 0) {
      input = null;
    } else if ("application/json".equals(call.request().mediaType())) {
      if (Json.parse(body) == null) {
        return Problems.brief(400, "Could not parse JSON content: the body is not one JSON value.");
      }
      input = body;
    } else {
      input = Json.text(body.text());
    }
    String operation = call.wanted().query().first("op");
    return signal(call, name, key, operation == null ? "" : operation, input);
  }

  static Response delete(Call call, String name, String key) {
    return signal(call, name, key, "delete", null);
  }

  private static Response signal(
      Call call, String name, String key, String operation, @Nullable Payload input) {
    try {
      EntityId entity = EntityId.of(name, checked(key));
      if (!call.hub().functions().hasEntity(entity.name())) {
        return Problems.brief(
            400,
            "There is no entity '%s'. Correct the name, or register the entity."
                .formatted(entity.name()));
      }
      Instant at = call.wanted().notBefore("scheduledTime");
      call.requests()
          .signalEntity(
              entity, operation, input, at == null || !at.isAfter(Instant.now()) ? null : at);
      return Response.empty(202);
    } catch (IllegalArgumentException | InvalidInstanceIdException e) {
      return refused(e);
    }
  }

  private static String checked(String key) {
    if (key.chars().anyMatch(c -> "/\\#?".indexOf(c) >= 0)) {
      throw new IllegalArgumentException(
          "The key of an entity holds one of the characters / \\ # ?, which addresses cannot hold. Use another key.");
    }
    return key;
  }

  static Response list(Call call, String name) {
    Requests.Entities page;
    boolean states = call.wanted().flag("fetchState", false);
    try {
      page =
          call.requests()
              .entities(
                  new Requests.EntitiesQuery(
                      name.isEmpty() ? "" : EntityId.of(name, "").instanceId(),
                      call.wanted().time("lastOperationTimeFrom"),
                      Times.after(call.wanted().time("lastOperationTimeTo")),
                      false,
                      states,
                      call.wanted().pageSize(),
                      call.request().headers().first(ListCalls.TOKEN_HEADER)),
                  ListCalls.PAGE_BYTES_MAX);
    } catch (IllegalArgumentException | InvalidInstanceIdException e) {
      return refused(e);
    }
    return Response.json(
            200,
            Json.write(
                json -> {
                  json.writeStartArray();
                  for (EntityMetadata entity : page.entities()) {
                    json.writeStartObject();
                    json.writeName("entityId");
                    json.writeStartObject();
                    json.writeStringProperty("name", entity.id().name());
                    json.writeStringProperty("key", entity.id().key());
                    json.writeEndObject();
                    json.writeStringProperty(
                        "lastOperationTime", Times.full(entity.lastModifiedAt()));
                    Json.stored(json, "state", states ? entity.serializedState() : null);
                    json.writeEndObject();
                  }
                  json.writeEndArray();
                }))
        .withHeader(ListCalls.TOKEN_HEADER, page.token() == null ? "" : page.token());
  }
}
