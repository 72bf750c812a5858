package dev.perdure.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An operation's window on the world. It belongs to one run of one operation, and is used on its
 * thread only.
 *
 * <p>What an operation asks for (signals, starts of orchestrations) happens once its new state is
 * durable, all or nothing; if it throws, nothing of it happens.
 */
public interface EntityContext {

  // ---- who, what and when -------------------------------------------------------------------

  /** The entity. */
  EntityId id();

  /** The name of the operation, as the caller wrote it. */
  String operation();

  /** Whether nobody waits for the result: the operation was signaled, not called. */
  boolean isSignal();

  /**
   * The time of this operation; it does not move while the operation runs. Precision: milliseconds.
   */
  Instant currentInstant();

  /**
   * The input of the operation; null if there is none.
   *
   * @throws DataConversionException if the input does not fit the type
   */
  <T> @Nullable T input(Class<T> type);

  /** The input, of a type with generic parameters. */
  <T> @Nullable T input(TypeRef<T> type);

  // ---- state --------------------------------------------------------------------------------

  /** Whether the entity has state: it was set and not deleted since. */
  boolean hasState();

  /**
   * A copy of the state; null if there is none. Changes to it count once it is given to {@link
   * #setState}.
   *
   * <p>Where the state does not fit the type, the entity is set aside and nothing is lost.
   */
  <T> @Nullable T state(Class<T> type);

  /** A copy of the state, of a type with generic parameters. */
  <T> @Nullable T state(TypeRef<T> type);

  /**
   * Replaces the state. With null the entity is deleted. Operations of a class have no need of it:
   * their object is the state.
   *
   * @throws DataConversionException if the state cannot be written
   * @throws PayloadTooLargeException if the state is larger than the hub allows
   */
  void setState(@Nullable Object state);

  /** Removes the state: unless a later operation sets it anew, the entity does not exist. */
  void deleteState();

  // ---- others -------------------------------------------------------------------------------

  /** Sends an operation without an input to an entity, possibly this one; nobody waits for it. */
  default void signalEntity(EntityId entity, String operation) {
    signalEntity(entity, operation, null, null);
  }

  /** Sends an operation to an entity, possibly this one; nobody waits for it. */
  default void signalEntity(EntityId entity, String operation, @Nullable Object input) {
    signalEntity(entity, operation, input, null);
  }

  /**
   * Sends an operation to an entity, possibly this one; nobody waits for it.
   *
   * @param at when it is to run first; null for at once
   * @throws DataConversionException if the input cannot be written
   * @throws PayloadTooLargeException if the input is larger than the hub allows
   */
  void signalEntity(
      EntityId entity, String operation, @Nullable Object input, @Nullable Instant at);

  /** Starts an orchestration without an input, under a random id. */
  default String startNew(String name) {
    return startNew(name, null, StartOptions.DEFAULT);
  }

  /** Starts an orchestration under a random id. */
  default String startNew(String name, @Nullable Object input) {
    return startNew(name, input, StartOptions.DEFAULT);
  }

  /**
   * Starts an orchestration. Nothing happens if an orchestration of the chosen id is under way.
   *
   * @param options id, version, time and tags; the policy for an id in use has no effect
   * @return the instance id
   * @throws FunctionNotFoundException if no such orchestrator is registered
   * @throws DataConversionException if the input cannot be written
   * @throws PayloadTooLargeException if the input is larger than the hub allows
   */
  String startNew(String name, @Nullable Object input, StartOptions options);
}
