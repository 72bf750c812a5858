package dev.perdure.engine.entity;

import dev.perdure.api.EntityId;
import dev.perdure.api.Payload;
import dev.perdure.engine.entity.EntityRequest.Operation;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Operations of one entity to run, one after the other, on its state.
 *
 * @param partition whose entity it is
 * @param entity the entity
 * @param state the state before the first operation; null for none
 * @param operations one or more
 * @param time the time of all of them
 */
public record EntityWork(
    int partition,
    EntityId entity,
    @Nullable Payload state,
    List<Operation> operations,
    Instant time) {}
