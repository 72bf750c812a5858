package dev.perdure.http.durable;

import dev.perdure.api.EntityMetadata;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Payload;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** The status of an instance as callers see it. */
final class StatusJson {
  private StatusJson() {}

  /**
   * Writes the status of an orchestration.
   *
   * @param history its history; null to leave it out
   */
  static void write(
      JsonGenerator json,
      OrchestrationMetadata instance,
      boolean showInput,
      @Nullable List<HistoryEvent> history,
      boolean showHistoryOutput) {
    json.writeStartObject();
    json.writeStringProperty("name", instance.name());
    json.writeStringProperty("instanceId", instance.instanceId());
    json.writeStringProperty("runtimeStatus", StatusName.of(instance.status()).title());
    Json.stored(json, "input", showInput ? instance.serializedInput() : null);
    Json.stored(json, "customStatus", instance.serializedCustomStatus());
    FailureDetails failure = instance.failure();
    if (instance.status() == OrchestrationStatus.FAILED && failure != null) {
      json.writeStringProperty("output", text(failure));
    } else {
      Json.stored(json, "output", instance.serializedOutput());
    }
    json.writeStringProperty("createdTime", Times.seconds(instance.createdAt()));
    json.writeStringProperty("lastUpdatedTime", Times.seconds(instance.lastUpdatedAt()));
    if (history != null) {
      new HistoryEventsJson(json, history, showInput, showHistoryOutput).write();
    }
    json.writeEndObject();
  }

  private static String text(FailureDetails failure) {
    return failure.errorType() + ": " + failure.message();
  }

  /** Writes an entity as if it were an orchestration that never ends. */
  static void write(JsonGenerator json, EntityMetadata entity, boolean showInput) {
    json.writeStartObject();
    json.writeStringProperty("name", "@" + entity.id().name());
    json.writeStringProperty("instanceId", entity.id().instanceId());
    json.writeStringProperty("runtimeStatus", StatusName.RUNNING.title());
    json.writeName("input");
    if (showInput) {
      Payload state = entity.serializedState();
      json.writeStartObject();
      json.writeBooleanProperty("exists", entity.hasState());
      Json.text(json, "state", state == null ? null : state.text());
      json.writeEndObject();
    } else {
      json.writeNull();
    }
    json.writeName("customStatus");
    json.writeStartObject();
    json.writeBooleanProperty("entityExists", entity.hasState());
    json.writeNumberProperty("queueSize", entity.operationsWaiting());
    Json.text(json, "lockedBy", entity.lockedBy());
    json.writeEndObject();
    json.writeNullProperty("output");
    json.writeStringProperty("createdTime", Times.seconds(entity.createdAt()));
    json.writeStringProperty("lastUpdatedTime", Times.seconds(entity.lastModifiedAt()));
    json.writeEndObject();
  }
}
