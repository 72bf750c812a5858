package dev.perdure.api;

import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Signals, reads and manages entities; part of every {@link PerdureClient}. Safe from any thread;
 * not for use inside an orchestrator.
 */
public interface EntityClient {

  // ---- signals ------------------------------------------------------------------------------

  /** Sends an operation without an input to an entity. */
  default void signalEntity(EntityId entity, String operation) {
    signalEntity(entity, operation, null, null);
  }

  /** Sends an operation to an entity. */
  default void signalEntity(EntityId entity, String operation, @Nullable Object input) {
    signalEntity(entity, operation, input, null);
  }

  /**
   * Sends an operation to an entity. Returns when it is durable that the operation waits for its
   * turn, not when it has run. It takes effect exactly once; its failure is only logged.
   *
   * @param operation the operation's name; upper and lower case are the same
   * @param input what the data converter can write; null for none
   * @param at when it is to run first; null for at once
   * @throws FunctionNotFoundException if no such entity is registered
   * @throws InvalidInstanceIdException if the id of the entity is too long
   * @throws DataConversionException if the input cannot be written
   * @throws PayloadTooLargeException if the input is larger than the hub allows
   * @throws HubBusyException if too many operations wait at the entity; nothing was sent
   */
  void signalEntity(
      EntityId entity, String operation, @Nullable Object input, @Nullable Instant at);

  /**
   * Sends many operations and waits for all of them together, which costs far less than sending
   * them one by one. Those to one entity run in the order given. If this throws {@link
   * HubBusyException} or {@link HubClosedException}, some may have been sent and others not; all
   * other errors are found before anything is sent.
   */
  void signalEntities(Collection<EntitySignal> signals);

  /** Signals an operation by method reference, with an input and a time that may be missing. */
  void signalEntityByReference(
      EntityId entity,
      FunctionRef.ToEntityOperation operation,
      @Nullable Object input,
      @Nullable Instant at);

  /** Signals an operation with an input by method reference. */
  default <T, I extends @Nullable Object> void signalEntity(
      EntityId entity, FunctionRef.VoidEntityOperationOf<T, I> operation, I input) {
    signalEntityByReference(entity, operation, input, null);
  }

  /** Signals an operation with an input by method reference, to run at a time. */
  default <T, I extends @Nullable Object> void signalEntity(
      EntityId entity,
      FunctionRef.VoidEntityOperationOf<T, I> operation,
      I input,
      @Nullable Instant at) {
    signalEntityByReference(entity, operation, input, at);
  }

  /** Signals an operation without an input by method reference. */
  default <T> void signalEntity(
      EntityId entity, FunctionRef.VoidEntityOperationWithoutInput<T> operation) {
    signalEntityByReference(entity, operation, null, null);
  }

  /** Signals an operation without an input by method reference, to run at a time. */
  default <T> void signalEntity(
      EntityId entity,
      FunctionRef.VoidEntityOperationWithoutInput<T> operation,
      @Nullable Instant at) {
    signalEntityByReference(entity, operation, null, at);
  }

  /** Signals an operation with a context and an input by method reference. */
  default <T, I extends @Nullable Object> void signalEntity(
      EntityId entity, FunctionRef.VoidEntityOperationWithContext<T, I> operation, I input) {
    signalEntityByReference(entity, operation, input, null);
  }

  /** Signals an operation with a context and an input by method reference, to run at a time. */
  default <T, I extends @Nullable Object> void signalEntity(
      EntityId entity,
      FunctionRef.VoidEntityOperationWithContext<T, I> operation,
      I input,
      @Nullable Instant at) {
    signalEntityByReference(entity, operation, input, at);
  }

  /** Signals an operation with a context only by method reference. */
  default <T> void signalEntity(
      EntityId entity, FunctionRef.VoidEntityOperationWithContextOnly<T> operation) {
    signalEntityByReference(entity, operation, null, null);
  }

  /** Signals an operation with a context only by method reference, to run at a time. */
  default <T> void signalEntity(
      EntityId entity,
      FunctionRef.VoidEntityOperationWithContextOnly<T> operation,
      @Nullable Instant at) {
    signalEntityByReference(entity, operation, null, at);
  }

  /**
   * An entity behind an interface whose methods are signals: they return when the signal is
   * durable, and must be {@code void}.
   *
   * @param operations an interface whose methods take one input or none
   * @throws IllegalArgumentException if it is no interface, or has methods that cannot be signals
   */
  <T> T signalProxy(Class<T> operations, EntityId entity);

  // ---- reading ------------------------------------------------------------------------------

  /**
   * What is known of an entity, with its state as of the last operations that ran; empty if nothing
   * is. An entity without state is known only while it is locked or operations wait for it: see
   * {@link EntityMetadata#hasState()}.
   */
  default Optional<EntityMetadata> getEntity(EntityId entity) {
    return getEntity(entity, true);
  }

  /**
   * What is known of an entity.
   *
   * @param withState whether the state is included
   */
  Optional<EntityMetadata> getEntity(EntityId entity, boolean withState);

  /** Lists entities, a page at a time; sees everything that has been acknowledged. */
  EntityQuery.Page queryEntities(EntityQuery query);

  // ---- managing -----------------------------------------------------------------------------

  /**
   * Removes an entity without running its code: its state, and the operations that wait. Those who
   * called them get a failure. Locks stay as they are.
   *
   * @return whether there was anything to remove
   */
  boolean purgeEntity(EntityId entity);

  /**
   * Looks after the storage of all entities. Perdure removes empty entities, and releases the locks
   * of orchestrations that end, by itself; this is for what should ever be left over.
   *
   * @param removeEmptyEntities whether entities are removed that have neither state nor a lock nor
   *     anything waiting
   * @param releaseOrphanedLocks whether locks are released whose orchestration has ended or is gone
   */
  EntityStorageCleanup cleanEntityStorage(
      boolean removeEmptyEntities, boolean releaseOrphanedLocks);
}
