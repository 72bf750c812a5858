package dev.perdure.engine.partition;

import dev.perdure.api.DataConverter;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.engine.entity.EntityState;
import dev.perdure.engine.instance.Instance;
import dev.perdure.store.InstanceFilter;
import dev.perdure.store.InstanceRow;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What users are shown of an instance. */
public final class Metadata {
  private Metadata() {}

  static OrchestrationMetadata of(Instance state, boolean payloads, DataConverter converter) {
    return new OrchestrationMetadata(
        state.id(),
        state.name(),
        state.version(),
        state.publicExecutionId(),
        state.status(),
        Instant.ofEpochMilli(state.createdAt()),
        Instant.ofEpochMilli(state.updatedAt()),
        optional(state.completedAt()),
        optional(state.scheduledStart()),
        state.publicParent(),
        state.tags(),
        payloads ? state.input() : null,
        payloads ? state.output() : null,
        payloads ? state.customStatus() : null,
        state.failure(),
        state.problem(),
        converter);
  }

  /** What users are shown of a row of a listing. */
  public static OrchestrationMetadata of(
      InstanceRow row, boolean payloads, DataConverter converter) {
    return of(ResidentOrchestration.stateIn(row), payloads, converter);
  }

  static EntityMetadata of(EntityState state, boolean withState, DataConverter converter) {
    return new EntityMetadata(
        state.id(),
        Instant.ofEpochMilli(state.createdAt()),
        Instant.ofEpochMilli(state.modifiedAt()),
        state.state() != null,
        state.waiting(),
        state.lockOwner() == null ? null : state.lockOwner().instanceId(),
        state.problem(),
        withState ? state.state() : null,
        converter);
  }

  /**
   * Which entities to list, with their states.
   *
   * @param idPrefix how their instance ids begin
   * @param withoutState whether those without state are listed too
   */
  public static InstanceFilter entityFilter(
      String idPrefix, boolean withoutState, long modifiedFrom, long modifiedTo) {
    return new InstanceFilter(
            ResidentEntity.KIND,
            withoutState ? Set.of() : Set.of(ResidentEntity.STATUS_WITH_STATE),
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            0,
            Long.MAX_VALUE,
            idPrefix,
            null,
            Map.of(),
            true)
        .withUpdated(modifiedFrom, modifiedTo);
  }

  /** What users are shown of the row of an entity, read with its state. */
  public static EntityMetadata ofEntity(
      InstanceRow row, boolean withState, DataConverter converter) {
    return of(ResidentEntity.of(row).state, withState, converter);
  }

  private static @Nullable Instant optional(long millis) {
    return millis == 0 ? null : Instant.ofEpochMilli(millis);
  }
}
