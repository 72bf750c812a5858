package dev.perdure.http.durable;

import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Payload;
import dev.perdure.http.Response;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads and changes one instance. */
final class InstanceCalls {
  static final String INVALID_JSON = "Invalid JSON content";

  private static final String RETRY_AFTER_SECONDS = "5";

  private InstanceCalls() {}

  // ---- reading ------------------------------------------------------------------------------

  static Response status(Call call, String id) {
    boolean showInput = call.wanted().flag("showInput", true);
    if (EntityId.isEntityId(id)) {
      return call.client()
          .getEntity(EntityId.parse(id), true)
          .map(entity -> running(call, entity, showInput))
          .orElse(Response.empty(404));
    }
    Optional<OrchestrationMetadata> found = call.client().status(id, true);
    if (found.isEmpty()) {
      return Response.empty(404);
    }
    OrchestrationMetadata instance = found.get();
    List<HistoryEvent> history =
        call.wanted().flag("showHistory", false) ? history(call, instance) : null;
    Payload body =
        Json.write(
            json ->
                StatusJson.write(
                    json,
                    instance,
                    showInput,
                    history,
                    call.wanted().flag("showHistoryOutput", false)));
    if (!instance.isTerminal()) {
      return running(call, body);
    }
    boolean failed = instance.status() == OrchestrationStatus.FAILED;
    return Response.json(failed && call.failureIsServerError() ? 500 : 200, body);
  }

  private static List<HistoryEvent> history(Call call, OrchestrationMetadata instance) {
    if (instance.status() == OrchestrationStatus.PENDING) {
      return List.of(); // nothing has run yet
    }
    try {
      return call.client().history(instance.instanceId());
    } catch (InstanceNotFoundException e) {
      return List.of(); // it was purged just now
    }
  }

  private static Response running(Call call, EntityMetadata entity, boolean showInput) {
    return running(call, Json.write(json -> StatusJson.write(json, entity, showInput)));
  }

  private static Response running(Call call, Payload body) {
    return Response.json(202, body)
        .withHeader("Location", call.address())
        .withHeader("Retry-After", RETRY_AFTER_SECONDS);
  }

  // ---- changing -----------------------------------------------------------------------------

  /** The answer for an instance that cannot be changed; null for one that can. */
  private static @Nullable Response obstacle(Optional<OrchestrationMetadata> instance) {
    return instance.isEmpty()
        ? Response.empty(404)
        : instance.get().isTerminal() ? Response.empty(410) : null;
  }

  private static Response change(Runnable change) {
    try {
      change.run();
      return Response.empty(202);
    } catch (InvalidInstanceStateException e) {
      return Response.empty(410); // it has ended just now
    }
  }

  static Response raiseEvent(Call call, String id, String event) {
    Response obstacle = obstacle(call.client().status(id, false));
    if (obstacle != null) {
      return obstacle;
    }
    if (!"application/json".equals(call.request().mediaType())) {
      return Problems.brief(400, "Only application/json request content is supported");
    }
    Payload body = call.request().body();
    return Json.parse(body) == null
        ? Problems.brief(400, INVALID_JSON)
        : change(() -> call.client().raiseEvent(id, event, body));
  }

  static Response terminate(Call call, String id) {
    Response obstacle = obstacle(call.client().status(id, false));
    String reason = call.wanted().query().first("reason");
    Payload output = reason == null ? null : Payload.of(reason);
    return obstacle != null ? obstacle : change(() -> call.requests().terminate(id, output, true));
  }

  static Response suspend(Call call, String id) {
    Optional<OrchestrationMetadata> instance = call.client().status(id, false);
    Response obstacle = obstacle(instance);
    if (obstacle != null) {
      return obstacle;
    }
    if (hasStatus(instance, OrchestrationStatus.SUSPENDED)) {
      throw new InvalidInstanceStateException(
          "Instance '%s' is suspended already. To let it go on, resume it.".formatted(id));
    }
    return change(() -> call.client().suspend(id, call.wanted().query().first("reason")));
  }

  static Response resume(Call call, String id) {
    Optional<OrchestrationMetadata> instance = call.client().status(id, false);
    Response obstacle = obstacle(instance);
    if (obstacle != null) {
      return obstacle;
    }
    if (!hasStatus(instance, OrchestrationStatus.SUSPENDED)) {
      throw new InvalidInstanceStateException(
          "Instance '%s' is not suspended, so it cannot be resumed.".formatted(id));
    }
    return change(() -> call.client().resume(id, call.wanted().query().first("reason")));
  }

  private static boolean hasStatus(
      Optional<OrchestrationMetadata> instance, OrchestrationStatus status) {
    return instance.map(OrchestrationMetadata::status).orElse(null) == status;
  }

  static Response rewind(Call call, String id) {
    Optional<OrchestrationMetadata> instance = call.client().status(id, false);
    boolean failed = hasStatus(instance, OrchestrationStatus.FAILED);
    Response obstacle = obstacle(instance);
    if (obstacle != null && !failed) {
      return obstacle;
    }
    try {
      if (!failed) {
        throw new InvalidInstanceStateException(
            "Instance '%s' is %s. Only one that has failed can be rewound."
                .formatted(id, StatusName.of(instance.orElseThrow().status()).title()));
      }
      call.client().rewind(id, call.wanted().query().first("reason"));
      return Response.empty(202);
    } catch (InvalidInstanceStateException e) {
      return Problems.full(412, "The status of the instance does not allow this", e);
    }
  }

  // ---- purging ------------------------------------------------------------------------------

  static Response purge(Call call, String id) {
    if (EntityId.isEntityId(id)) {
      EntityId entity = EntityId.parse(id);
      return call.client().getEntity(entity, false).isEmpty()
          ? Response.empty(404)
          : deleted(call.requests().purgeEntityAtRest(entity) ? 1 : 0);
    }
    return call.client().status(id, false).isEmpty()
        ? Response.empty(404)
        : deleted(call.requests().purge(List.of(id), false));
  }

  static Response deleted(long count) {
    return Response.json(
        200, Json.object(json -> json.writeNumberProperty("instancesDeleted", count)));
  }
}
