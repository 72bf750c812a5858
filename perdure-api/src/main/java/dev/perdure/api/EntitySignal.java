package dev.perdure.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An operation to send to an entity, for {@link EntityClient#signalEntities}.
 *
 * @param entity the entity
 * @param operation the operation
 * @param input what the data converter can write; null for none
 * @param at when it is to run first; null for at once
 */
public record EntitySignal(
    EntityId entity, String operation, @Nullable Object input, @Nullable Instant at) {

  /** An operation without an input. */
  public static EntitySignal of(EntityId entity, String operation) {
    return new EntitySignal(entity, operation, null, null);
  }

  /** An operation. */
  public static EntitySignal of(EntityId entity, String operation, @Nullable Object input) {
    return new EntitySignal(entity, operation, input, null);
  }

  /** Shows no input, so that it may be logged. */
  @Override
  public String toString() {
    return "EntitySignal[%s %s%s]".formatted(entity, operation, at == null ? "" : " at " + at);
  }
}
