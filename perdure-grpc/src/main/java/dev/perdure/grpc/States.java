package dev.perdure.grpc;

import com.google.protobuf.StringValue;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.grpc.history.WireValues;
import dev.perdure.grpc.protocol.GetInstanceResponse;
import dev.perdure.grpc.protocol.OrchestrationState;

/** What is known of instances, on the wire. */
final class States {
  private States() {}

  static GetInstanceResponse found(OrchestrationMetadata instance, boolean payloads) {
    return GetInstanceResponse.newBuilder()
        .setExists(true)
        .setOrchestrationState(toWire(instance, payloads))
        .build();
  }

  /** A state; without payloads it has no failure either. */
  static OrchestrationState toWire(OrchestrationMetadata instance, boolean payloads) {
    OrchestrationState.Builder state =
        OrchestrationState.newBuilder()
            .setInstanceId(instance.instanceId())
            .setName(instance.name())
            .setOrchestrationStatus(OrchestrationStatuses.toWire(instance.status()))
            .setCreatedTimestamp(WireValues.time(instance.createdAt()))
            .setLastUpdatedTimestamp(WireValues.time(instance.lastUpdatedAt()))
            .putAllTags(instance.tags());
    if (!instance.version().isEmpty()) {
      state.setVersion(StringValue.of(instance.version()));
    }
    if (!instance.executionId().isEmpty()) {
      state.setExecutionId(StringValue.of(instance.executionId()));
    }
    if (instance.scheduledStart() != null) {
      state.setScheduledStartTimestamp(WireValues.time(instance.scheduledStart()));
    }
    if (instance.completedAt() != null) {
      state.setCompletedTimestamp(WireValues.time(instance.completedAt()));
    }
    if (instance.parent() != null) {
      state.setParentInstanceId(StringValue.of(instance.parent().instanceId()));
    }
    if (payloads) {
      addPayloads(state, instance);
    }
    return state.build();
  }

  private static void addPayloads(
      OrchestrationState.Builder state, OrchestrationMetadata instance) {
    if (instance.serializedInput() != null) {
      state.setInput(WireValues.text(instance.serializedInput()));
    }
    if (instance.serializedOutput() != null) {
      state.setOutput(WireValues.text(instance.serializedOutput()));
    }
    if (instance.serializedCustomStatus() != null) {
      state.setCustomStatus(WireValues.text(instance.serializedCustomStatus()));
    }
    if (instance.failure() != null) {
      state.setFailureDetails(WireValues.failure(instance.failure()));
    }
  }

  static dev.perdure.grpc.protocol.EntityMetadata toWire(EntityMetadata entity) {
    dev.perdure.grpc.protocol.EntityMetadata.Builder wire =
        dev.perdure.grpc.protocol.EntityMetadata.newBuilder()
            .setInstanceId(entity.id().instanceId())
            .setLastModifiedTime(WireValues.time(entity.lastModifiedAt()))
            .setBacklogQueueSize(Math.clamp(entity.operationsWaiting(), 0, Integer.MAX_VALUE));
    if (entity.lockedBy() != null) {
      wire.setLockedBy(StringValue.of(entity.lockedBy()));
    }
    if (entity.serializedState() != null) {
      wire.setSerializedState(WireValues.text(entity.serializedState()));
    }
    return wire.build();
  }
}
