package dev.perdure.api;

import java.lang.reflect.Type;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an entity. An immutable snapshot of durable state.
 *
 * @param id the entity
 * @param createdAt when it was first heard of, since it last did not exist
 * @param lastModifiedAt when an operation last ran, or the first one came
 * @param hasState whether it has state; without state it only has operations that wait, or a lock
 * @param operationsWaiting how many operations and lock requests wait, scheduled ones included
 * @param lockedBy the instance id of the orchestration that holds its lock; null if none does
 * @param problem why it was set aside; null for most
 * @param serializedState the state; null if there is none or it was not asked for
 * @param dataConverter reads the state
 */
public record EntityMetadata(
    EntityId id,
    Instant createdAt,
    Instant lastModifiedAt,
    boolean hasState,
    long operationsWaiting,
    @Nullable String lockedBy,
    @Nullable Problem problem,
    @Nullable Payload serializedState,
    DataConverter dataConverter) {

  /**
   * The state; null if there is none or it was not asked for.
   *
   * @throws DataConversionException if it does not fit the type
   */
  public <T> @Nullable T state(Class<T> type) {
    return read(type);
  }

  /** The state, of a type with generic parameters. */
  public <T> @Nullable T state(TypeRef<T> type) {
    return read(type.type());
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the type says what T is
  private <T> @Nullable T read(Type type) {
    return serializedState == null ? null : (T) dataConverter.fromPayload(serializedState, type);
  }

  /** Shows no state, so that it may be logged. */
  @Override
  public String toString() {
    return "Entity[%s, %s state, modified %s, %d waiting%s%s]"
        .formatted(
            id,
            hasState ? "has" : "no",
            lastModifiedAt,
            operationsWaiting,
            lockedBy == null ? "" : ", locked by " + lockedBy,
            problem == null ? "" : ", set aside: " + problem.kind());
  }
}
