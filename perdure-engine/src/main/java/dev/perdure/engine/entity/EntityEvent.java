package dev.perdure.engine.entity;

import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import dev.perdure.engine.entity.EntityRequest.LockRequest;
import dev.perdure.engine.entity.EntityRequest.Operation;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a partition decided about an entity: an entry of its log. There is no history of an entity;
 * its state is all that remains.
 */
public sealed interface EntityEvent {
  /** When it was decided. Precision: milliseconds. */
  Instant timestamp();

  /**
   * Something came and waits for its turn.
   *
   * @param ahead whether it goes before all that waits, because whoever holds the lock sent it
   */
  record RequestReceived(Instant timestamp, EntityRequest request, boolean ahead)
      implements EntityEvent {}

  /**
   * A signal came that is to run later, or a call.
   *
   * @param number tells it from others of this entity that are to run later
   */
  record SignalScheduled(Instant timestamp, int number, Operation operation, Instant dueAt)
      implements EntityEvent {}

  /**
   * The time of what was to run later has come: it waits for its turn.
   *
   * @param ahead whether it goes before all that waits, because whoever holds the lock sent it
   */
  record SignalDue(Instant timestamp, int number, boolean ahead) implements EntityEvent {}

  /**
   * Operations at the head of the queue have run, well or not.
   *
   * @param operations how many
   * @param ahead whether they were those that go before the others
   * @param change what became of the state
   */
  record BatchCompleted(Instant timestamp, int operations, boolean ahead, StateChange change)
      implements EntityEvent {}

  /** The lock request at the head of the queue was granted here. */
  record LockAcquired(Instant timestamp, TaskAddress owner) implements EntityEvent {}

  /** The lock was released. */
  record LockReleased(Instant timestamp) implements EntityEvent {}

  /** A lock request that waits is not wanted any more. */
  record LockWithdrawn(Instant timestamp, TaskAddress owner) implements EntityEvent {}

  /** The lock request at the head of the queue had been withdrawn. */
  record WithdrawnLockPassed(Instant timestamp) implements EntityEvent {}

  /** The entity was set aside because its operations cannot run; nothing is lost. */
  record EntitySetAside(Instant timestamp, Problem problem) implements EntityEvent {}

  /** An entity that had been set aside is tried again. */
  record EntityRequeued(Instant timestamp, @Nullable String reason) implements EntityEvent {}

  /**
   * Operations that may have been under way when a host died are about to run again.
   *
   * @param count how often this has happened
   */
  record BatchRedelivered(Instant timestamp, int count) implements EntityEvent {}

  /**
   * State and operations were removed by an operator.
   *
   * @param kept lock requests that waited, and wait on
   */
  record EntityPurged(Instant timestamp, List<LockRequest> kept) implements EntityEvent {}

  /** What operations did to the state. */
  sealed interface StateChange {
    /** Nothing. */
    record Unchanged() implements StateChange {}

    /** It is gone. */
    record Deleted() implements StateChange {}

    /** There is a new one. */
    record Replaced(Payload state) implements StateChange {}
  }
}
