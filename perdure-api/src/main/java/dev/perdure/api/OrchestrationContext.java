package dev.perdure.api;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The orchestrator's window on the world. Everything it offers is deterministic: replaying the
 * history gives the same answers.
 *
 * <p>A context belongs to one orchestration and is used on that orchestration's thread only. Any
 * other use throws {@link OrchestratorMisuseException}.
 *
 * <p>The thread of an orchestration that is taken out of memory is unwound with a private {@link
 * Error}. Code that catches {@code Throwable}, and {@code finally} blocks, may run then; every call
 * of the context throws the same error again, so nothing such code does reaches the history.
 */
public interface OrchestrationContext {

  // ---- who and when -------------------------------------------------------------------------

  /** The id of this instance. */
  String instanceId();

  /** The name of this orchestrator. */
  String name();

  /** The version of this orchestration; empty if it has none. Branch on it when code changes. */
  String version();

  /** The orchestration that started this one, if it is a sub-orchestration. */
  Optional<ParentInstance> parent();

  /** The tags given at the start, in the order of their names. */
  Map<String, String> tags();

  /**
   * The input.
   *
   * @throws DataConversionException if the input does not fit the type
   */
  <T> @Nullable T input(Class<T> type);

  /** The input, of a type with generic parameters. */
  <T> @Nullable T input(TypeRef<T> type);

  /**
   * The orchestration's own time: when what it last waited for happened; at the beginning, when it
   * was started, or was to start if that was later. It does not move while code runs, and never
   * goes back. Precision: milliseconds.
   */
  Instant currentInstant();

  /**
   * Whether code is being run again to rebuild its state; what it does now has been done before.
   */
  boolean isReplaying();

  /** A UUID that is the same on every replay. */
  UUID newUuid();

  /** A source of random numbers that gives the same numbers on every replay. */
  RandomGenerator random();

  /** A logger, named after the orchestrator, that is silent during replay. */
  System.Logger logger();

  // ---- activities ---------------------------------------------------------------------------

  /** Calls an activity without an input, for a result that is not needed. */
  default Task<@Nullable Void> callActivity(String name) {
    return callActivity(name, null, TaskOptions.NONE, Void.class);
  }

  /** Calls an activity for a result that is not needed. */
  default Task<@Nullable Void> callActivity(String name, @Nullable Object input) {
    return callActivity(name, input, TaskOptions.NONE, Void.class);
  }

  /** Calls an activity for a result that is not needed, with options. */
  default Task<@Nullable Void> callActivity(
      String name, @Nullable Object input, TaskOptions options) {
    return callActivity(name, input, options, Void.class);
  }

  /** Calls an activity. */
  default <R> Task<@Nullable R> callActivity(
      String name, @Nullable Object input, Class<R> resultType) {
    return callActivity(name, input, TaskOptions.NONE, resultType);
  }

  /** Calls an activity whose result has generic parameters. */
  default <R> Task<@Nullable R> callActivity(
      String name, @Nullable Object input, TypeRef<R> resultType) {
    return callActivity(name, input, TaskOptions.NONE, resultType);
  }

  /**
   * Calls an activity. It starts once its schedule is durable and runs at least once. A name that
   * nobody has registered fails the task.
   *
   * @param name the name under which the activity is registered
   * @param input what the data converter can write; null for none
   * @param options a retry policy, or {@link TaskOptions#NONE}
   * @param resultType the class of the result; {@code Void.class} to ignore it
   * @throws DataConversionException if the input cannot be written
   * @throws PayloadTooLargeException if the input is larger than the hub allows
   * @throws IllegalArgumentException if the input is a class, a {@link TypeRef} or options, which
   *     was meant for another parameter
   */
  <R> Task<@Nullable R> callActivity(
      String name, @Nullable Object input, TaskOptions options, Class<R> resultType);

  /** Calls an activity whose result has generic parameters. */
  <R> Task<@Nullable R> callActivity(
      String name, @Nullable Object input, TaskOptions options, TypeRef<R> resultType);

  /**
   * Calls an activity by method reference. All forms of {@code call} come to this one; they add
   * what the compiler can check.
   *
   * @param activity a method reference to a registered activity
   * @param input null if the activity takes none
   * @throws FunctionNotFoundException if the method is not registered
   * @throws IllegalArgumentException if it is no reference to an activity, or to one that takes an
   *     input where there is none or the other way round
   */
  <R extends @Nullable Object> Task<R> callByReference(
      FunctionRef.ToActivity activity, @Nullable Object input, TaskOptions options);

  /** Calls an activity by method reference: {@code ctx.call(Cities::sayHello, "Tokyo")}. */
  default <T, I extends @Nullable Object, R> Task<R> call(
      FunctionRef.ActivityOf<T, I, R> activity, I input) {
    return callByReference(activity, input, TaskOptions.NONE);
  }

  /** Calls an activity with an input, on an instance, by method reference, with options. */
  default <T, I extends @Nullable Object, R> Task<R> call(
      FunctionRef.ActivityOf<T, I, R> activity, I input, TaskOptions options) {
    return callByReference(activity, input, options);
  }

  /** Calls an activity with an input and no result, on an instance, by method reference. */
  default <T, I extends @Nullable Object> Task<@Nullable Void> call(
      FunctionRef.VoidActivityOf<T, I> activity, I input) {
    return callByReference(activity, input, TaskOptions.NONE);
  }

  /**
   * Calls an activity with an input and no result, on an instance, by method reference, with
   * options.
   */
  default <T, I extends @Nullable Object> Task<@Nullable Void> call(
      FunctionRef.VoidActivityOf<T, I> activity, I input, TaskOptions options) {
    return callByReference(activity, input, options);
  }

  /** Calls an activity without an input, on an instance, by method reference. */
  default <T, R> Task<R> call(FunctionRef.ActivityWithoutInput<T, R> activity) {
    return callByReference(activity, null, TaskOptions.NONE);
  }

  /** Calls an activity without an input, on an instance, by method reference, with options. */
  default <T, R> Task<R> call(
      FunctionRef.ActivityWithoutInput<T, R> activity, TaskOptions options) {
    return callByReference(activity, null, options);
  }

  /** Calls an activity without an input and a result, on an instance, by method reference. */
  default <T> Task<@Nullable Void> call(FunctionRef.VoidActivityWithoutInput<T> activity) {
    return callByReference(activity, null, TaskOptions.NONE);
  }

  /**
   * Calls an activity without an input and a result, on an instance, by method reference, with
   * options.
   */
  default <T> Task<@Nullable Void> call(
      FunctionRef.VoidActivityWithoutInput<T> activity, TaskOptions options) {
    return callByReference(activity, null, options);
  }

  /** Calls an activity with a context and an input, on an instance, by method reference. */
  default <T, I extends @Nullable Object, R> Task<R> call(
      FunctionRef.ActivityWithContext<T, I, R> activity, I input) {
    return callByReference(activity, input, TaskOptions.NONE);
  }

  /**
   * Calls an activity with a context and an input, on an instance, by method reference, with
   * options.
   */
  default <T, I extends @Nullable Object, R> Task<R> call(
      FunctionRef.ActivityWithContext<T, I, R> activity, I input, TaskOptions options) {
    return callByReference(activity, input, options);
  }

  /**
   * Calls an activity with a context, an input and no result, on an instance, by method reference.
   */
  default <T, I extends @Nullable Object> Task<@Nullable Void> call(
      FunctionRef.VoidActivityWithContext<T, I> activity, I input) {
    return callByReference(activity, input, TaskOptions.NONE);
  }

  /**
   * Calls an activity with a context, an input and no result, on an instance, by method reference,
   * with options.
   */
  default <T, I extends @Nullable Object> Task<@Nullable Void> call(
      FunctionRef.VoidActivityWithContext<T, I> activity, I input, TaskOptions options) {
    return callByReference(activity, input, options);
  }

  /** Calls an activity with a context only, on an instance, by method reference. */
  default <T, R> Task<R> call(FunctionRef.ActivityWithContextOnly<T, R> activity) {
    return callByReference(activity, null, TaskOptions.NONE);
  }

  /** Calls an activity with a context only, on an instance, by method reference, with options. */
  default <T, R> Task<R> call(
      FunctionRef.ActivityWithContextOnly<T, R> activity, TaskOptions options) {
    return callByReference(activity, null, options);
  }

  /** Calls an activity with a context only and no result, on an instance, by method reference. */
  default <T> Task<@Nullable Void> call(FunctionRef.VoidActivityWithContextOnly<T> activity) {
    return callByReference(activity, null, TaskOptions.NONE);
  }

  /**
   * Calls an activity with a context only and no result, on an instance, by method reference, with
   * options.
   */
  default <T> Task<@Nullable Void> call(
      FunctionRef.VoidActivityWithContextOnly<T> activity, TaskOptions options) {
    return callByReference(activity, null, options);
  }

  /**
   * Calls an activity with an input that is a static method, or bound to an object, by method
   * reference.
   */
  default <I extends @Nullable Object, R> Task<R> call(
      FunctionRef.BoundActivity<I, R> activity, I input) {
    return callByReference(activity, input, TaskOptions.NONE);
  }

  /**
   * Calls an activity with an input that is a static method, or bound to an object, by method
   * reference, with options.
   */
  default <I extends @Nullable Object, R> Task<R> call(
      FunctionRef.BoundActivity<I, R> activity, I input, TaskOptions options) {
    return callByReference(activity, input, options);
  }

  /**
   * Calls an activity with an input and no result, static or bound to an object, by method
   * reference.
   */
  default <I extends @Nullable Object> Task<@Nullable Void> call(
      FunctionRef.VoidBoundActivity<I> activity, I input) {
    return callByReference(activity, input, TaskOptions.NONE);
  }

  /**
   * Calls an activity with an input and no result, static or bound to an object, by method
   * reference, with options.
   */
  default <I extends @Nullable Object> Task<@Nullable Void> call(
      FunctionRef.VoidBoundActivity<I> activity, I input, TaskOptions options) {
    return callByReference(activity, input, options);
  }

  /** Calls an activity without an input, static or bound to an object, by method reference. */
  default <R> Task<R> call(FunctionRef.BoundActivityWithoutInput<R> activity) {
    return callByReference(activity, null, TaskOptions.NONE);
  }

  /**
   * Calls an activity without an input, static or bound to an object, by method reference, with
   * options.
   */
  default <R> Task<R> call(FunctionRef.BoundActivityWithoutInput<R> activity, TaskOptions options) {
    return callByReference(activity, null, options);
  }

  /**
   * Calls an activity without an input and a result, static or bound to an object, by method
   * reference.
   */
  default Task<@Nullable Void> call(FunctionRef.VoidBoundActivityWithoutInput activity) {
    return callByReference(activity, null, TaskOptions.NONE);
  }

  /**
   * Calls an activity without an input and a result, static or bound to an object, by method
   * reference, with options.
   */
  default Task<@Nullable Void> call(
      FunctionRef.VoidBoundActivityWithoutInput activity, TaskOptions options) {
    return callByReference(activity, null, options);
  }

  /**
   * Calls an activity with a context and an input, static or bound to an object, by method
   * reference.
   */
  default <I extends @Nullable Object, R> Task<R> call(
      FunctionRef.BoundActivityWithContext<I, R> activity, I input) {
    return callByReference(activity, input, TaskOptions.NONE);
  }

  /**
   * Calls an activity with a context and an input, static or bound to an object, by method
   * reference, with options.
   */
  default <I extends @Nullable Object, R> Task<R> call(
      FunctionRef.BoundActivityWithContext<I, R> activity, I input, TaskOptions options) {
    return callByReference(activity, input, options);
  }

  /**
   * Calls an activity with a context, an input and no result, static or bound to an object, by
   * method reference.
   */
  default <I extends @Nullable Object> Task<@Nullable Void> call(
      FunctionRef.VoidBoundActivityWithContext<I> activity, I input) {
    return callByReference(activity, input, TaskOptions.NONE);
  }

  /**
   * Calls an activity with a context, an input and no result, static or bound to an object, by
   * method reference, with options.
   */
  default <I extends @Nullable Object> Task<@Nullable Void> call(
      FunctionRef.VoidBoundActivityWithContext<I> activity, I input, TaskOptions options) {
    return callByReference(activity, input, options);
  }

  /** Calls an activity with a context only, static or bound to an object, by method reference. */
  default <R> Task<R> call(FunctionRef.BoundActivityWithContextOnly<R> activity) {
    return callByReference(activity, null, TaskOptions.NONE);
  }

  /**
   * Calls an activity with a context only, static or bound to an object, by method reference, with
   * options.
   */
  default <R> Task<R> call(
      FunctionRef.BoundActivityWithContextOnly<R> activity, TaskOptions options) {
    return callByReference(activity, null, options);
  }

  /**
   * Calls an activity with a context only and no result, static or bound to an object, by method
   * reference.
   */
  default Task<@Nullable Void> call(FunctionRef.VoidBoundActivityWithContextOnly activity) {
    return callByReference(activity, null, TaskOptions.NONE);
  }

  /**
   * Calls an activity with a context only and no result, static or bound to an object, by method
   * reference, with options.
   */
  default Task<@Nullable Void> call(
      FunctionRef.VoidBoundActivityWithContextOnly activity, TaskOptions options) {
    return callByReference(activity, null, options);
  }

  // ---- sub-orchestrations -------------------------------------------------------------------

  /** Starts another orchestration without an input, for an output that is not needed. */
  default Task<@Nullable Void> callSubOrchestrator(String name) {
    return callSubOrchestrator(name, null, TaskOptions.NONE, Void.class);
  }

  /** Starts another orchestration for an output that is not needed. */
  default Task<@Nullable Void> callSubOrchestrator(String name, @Nullable Object input) {
    return callSubOrchestrator(name, input, TaskOptions.NONE, Void.class);
  }

  /** Starts another orchestration for an output that is not needed, with options. */
  default Task<@Nullable Void> callSubOrchestrator(
      String name, @Nullable Object input, TaskOptions options) {
    return callSubOrchestrator(name, input, options, Void.class);
  }

  /** Starts another orchestration and waits for its output. */
  default <R> Task<@Nullable R> callSubOrchestrator(
      String name, @Nullable Object input, Class<R> resultType) {
    return callSubOrchestrator(name, input, TaskOptions.NONE, resultType);
  }

  /** Starts another orchestration whose output has generic parameters. */
  default <R> Task<@Nullable R> callSubOrchestrator(
      String name, @Nullable Object input, TypeRef<R> resultType) {
    return callSubOrchestrator(name, input, TaskOptions.NONE, resultType);
  }

  /**
   * Starts another orchestration and waits for its output. It ends with its parent only if the
   * parent is terminated.
   *
   * @param options retry policy, instance id, version (inherited if not given) and tags
   */
  <R> Task<@Nullable R> callSubOrchestrator(
      String name, @Nullable Object input, TaskOptions options, Class<R> resultType);

  /** Starts another orchestration whose output has generic parameters, with options. */
  <R> Task<@Nullable R> callSubOrchestrator(
      String name, @Nullable Object input, TaskOptions options, TypeRef<R> resultType);

  /**
   * Starts another orchestration by method reference. All forms of {@code callSubOrchestrator} with
   * a method reference come to this one; they add what the compiler can check.
   *
   * @param orchestrator a method reference to a registered orchestrator; if its annotation names a
   *     version, that is the version of the orchestration unless the options have one
   * @param input null if the orchestrator takes none
   * @throws FunctionNotFoundException if the method is not registered
   * @throws IllegalArgumentException if it is no reference to an orchestrator, or to one that takes
   *     an input where there is none or the other way round
   */
  <R extends @Nullable Object> Task<R> callSubOrchestratorByReference(
      FunctionRef.ToOrchestrator orchestrator, @Nullable Object input, TaskOptions options);

  /** Starts an orchestrator with an input, on an instance, by method reference. */
  default <T, I extends @Nullable Object, R> Task<R> callSubOrchestrator(
      FunctionRef.OrchestratorOf<T, I, R> orchestrator, I input) {
    return callSubOrchestratorByReference(orchestrator, input, TaskOptions.NONE);
  }

  /** Starts an orchestrator with an input, on an instance, by method reference, with options. */
  default <T, I extends @Nullable Object, R> Task<R> callSubOrchestrator(
      FunctionRef.OrchestratorOf<T, I, R> orchestrator, I input, TaskOptions options) {
    return callSubOrchestratorByReference(orchestrator, input, options);
  }

  /** Starts an orchestrator without an input, on an instance, by method reference. */
  default <T, R> Task<R> callSubOrchestrator(
      FunctionRef.OrchestratorWithoutInput<T, R> orchestrator) {
    return callSubOrchestratorByReference(orchestrator, null, TaskOptions.NONE);
  }

  /** Starts an orchestrator without an input, on an instance, by method reference, with options. */
  default <T, R> Task<R> callSubOrchestrator(
      FunctionRef.OrchestratorWithoutInput<T, R> orchestrator, TaskOptions options) {
    return callSubOrchestratorByReference(orchestrator, null, options);
  }

  /** Starts an orchestrator with an input and no output, on an instance, by method reference. */
  default <T, I extends @Nullable Object> Task<@Nullable Void> callSubOrchestrator(
      FunctionRef.VoidOrchestratorOf<T, I> orchestrator, I input) {
    return callSubOrchestratorByReference(orchestrator, input, TaskOptions.NONE);
  }

  /**
   * Starts an orchestrator with an input and no output, on an instance, by method reference, with
   * options.
   */
  default <T, I extends @Nullable Object> Task<@Nullable Void> callSubOrchestrator(
      FunctionRef.VoidOrchestratorOf<T, I> orchestrator, I input, TaskOptions options) {
    return callSubOrchestratorByReference(orchestrator, input, options);
  }

  /** Starts an orchestrator without an input and an output, on an instance, by method reference. */
  default <T> Task<@Nullable Void> callSubOrchestrator(
      FunctionRef.VoidOrchestratorWithoutInput<T> orchestrator) {
    return callSubOrchestratorByReference(orchestrator, null, TaskOptions.NONE);
  }

  /**
   * Starts an orchestrator without an input and an output, on an instance, by method reference,
   * with options.
   */
  default <T> Task<@Nullable Void> callSubOrchestrator(
      FunctionRef.VoidOrchestratorWithoutInput<T> orchestrator, TaskOptions options) {
    return callSubOrchestratorByReference(orchestrator, null, options);
  }

  /**
   * Starts an orchestrator with an input that is a static method, or bound to an object, by method
   * reference.
   */
  default <I extends @Nullable Object, R> Task<R> callSubOrchestrator(
      FunctionRef.BoundOrchestrator<I, R> orchestrator, I input) {
    return callSubOrchestratorByReference(orchestrator, input, TaskOptions.NONE);
  }

  /**
   * Starts an orchestrator with an input that is a static method, or bound to an object, by method
   * reference, with options.
   */
  default <I extends @Nullable Object, R> Task<R> callSubOrchestrator(
      FunctionRef.BoundOrchestrator<I, R> orchestrator, I input, TaskOptions options) {
    return callSubOrchestratorByReference(orchestrator, input, options);
  }

  /** Starts an orchestrator without an input, static or bound to an object, by method reference. */
  default <R> Task<R> callSubOrchestrator(
      FunctionRef.BoundOrchestratorWithoutInput<R> orchestrator) {
    return callSubOrchestratorByReference(orchestrator, null, TaskOptions.NONE);
  }

  /**
   * Starts an orchestrator without an input, static or bound to an object, by method reference,
   * with options.
   */
  default <R> Task<R> callSubOrchestrator(
      FunctionRef.BoundOrchestratorWithoutInput<R> orchestrator, TaskOptions options) {
    return callSubOrchestratorByReference(orchestrator, null, options);
  }

  /**
   * Starts an orchestrator with an input and no output, static or bound to an object, by method
   * reference.
   */
  default <I extends @Nullable Object> Task<@Nullable Void> callSubOrchestrator(
      FunctionRef.VoidBoundOrchestrator<I> orchestrator, I input) {
    return callSubOrchestratorByReference(orchestrator, input, TaskOptions.NONE);
  }

  /**
   * Starts an orchestrator with an input and no output, static or bound to an object, by method
   * reference, with options.
   */
  default <I extends @Nullable Object> Task<@Nullable Void> callSubOrchestrator(
      FunctionRef.VoidBoundOrchestrator<I> orchestrator, I input, TaskOptions options) {
    return callSubOrchestratorByReference(orchestrator, input, options);
  }

  /**
   * Starts an orchestrator without an input and an output, static or bound to an object, by method
   * reference.
   */
  default Task<@Nullable Void> callSubOrchestrator(
      FunctionRef.VoidBoundOrchestratorWithoutInput orchestrator) {
    return callSubOrchestratorByReference(orchestrator, null, TaskOptions.NONE);
  }

  /**
   * Starts an orchestrator without an input and an output, static or bound to an object, by method
   * reference, with options.
   */
  default Task<@Nullable Void> callSubOrchestrator(
      FunctionRef.VoidBoundOrchestratorWithoutInput orchestrator, TaskOptions options) {
    return callSubOrchestratorByReference(orchestrator, null, options);
  }

  // ---- entities -----------------------------------------------------------------------------

  /** Calls an operation of an entity, without an input, for a result that is not needed. */
  default Task<@Nullable Void> callEntity(EntityId entity, String operation) {
    return callEntity(entity, operation, null, Void.class);
  }

  /** Calls an operation of an entity for a result that is not needed. */
  default Task<@Nullable Void> callEntity(
      EntityId entity, String operation, @Nullable Object input) {
    return callEntity(entity, operation, input, Void.class);
  }

  /** Calls an operation of an entity without an input. */
  default <R> Task<@Nullable R> callEntity(EntityId entity, String operation, Class<R> resultType) {
    return callEntity(entity, operation, null, resultType);
  }

  /** Calls an operation of an entity without an input, for a result with generic parameters. */
  default <R> Task<@Nullable R> callEntity(
      EntityId entity, String operation, TypeRef<R> resultType) {
    return callEntity(entity, operation, null, resultType);
  }

  /**
   * Calls an operation of an entity and waits for its result. An entity that does not exist yet
   * begins to exist with the first operation that gives it a state. Operations of one entity run
   * one at a time; what one orchestration sends to it runs in the order in which it was sent.
   *
   * <p>The task fails with {@link TaskFailedException} if the operation threw: then it has changed
   * nothing.
   *
   * @param operation the operation's name; upper and lower case are the same
   * @param input what the data converter can write; null for none
   * @param resultType the class of the result; {@code Void.class} to ignore it
   * @throws LockingRulesViolationException if a critical section does not allow it
   * @throws DataConversionException if the input cannot be written
   * @throws PayloadTooLargeException if the input is larger than the hub allows
   * @throws InvalidInstanceIdException if the id of the entity is too long
   */
  <R> Task<@Nullable R> callEntity(
      EntityId entity, String operation, @Nullable Object input, Class<R> resultType);

  /** Calls an operation of an entity whose result has generic parameters. */
  <R> Task<@Nullable R> callEntity(
      EntityId entity, String operation, @Nullable Object input, TypeRef<R> resultType);

  /**
   * Calls an operation by method reference. All forms of {@code callEntity} with a method reference
   * come to this one; they add what the compiler can check.
   *
   * @param operation a method reference to an operation: a method of the entity's class, or of an
   *     interface that has a method of the operation's name
   * @param input null if the operation takes none
   * @throws IllegalArgumentException if it is no such reference, or one to another entity's class,
   *     or the method returns an {@link EntityUpdate}, of which callers get the result only
   */
  <R extends @Nullable Object> Task<R> callEntityByReference(
      EntityId entity, FunctionRef.ToEntityOperation operation, @Nullable Object input);

  /** Calls an operation with an input by method reference. */
  default <T, I extends @Nullable Object, R> Task<R> callEntity(
      EntityId entity, FunctionRef.EntityOperationOf<T, I, R> operation, I input) {
    return callEntityByReference(entity, operation, input);
  }

  /** Calls an operation with an input and no result by method reference. */
  default <T, I extends @Nullable Object> Task<@Nullable Void> callEntity(
      EntityId entity, FunctionRef.VoidEntityOperationOf<T, I> operation, I input) {
    return callEntityByReference(entity, operation, input);
  }

  /** Calls an operation without an input by method reference. */
  default <T, R> Task<R> callEntity(
      EntityId entity, FunctionRef.EntityOperationWithoutInput<T, R> operation) {
    return callEntityByReference(entity, operation, null);
  }

  /** Calls an operation without an input and a result by method reference. */
  default <T> Task<@Nullable Void> callEntity(
      EntityId entity, FunctionRef.VoidEntityOperationWithoutInput<T> operation) {
    return callEntityByReference(entity, operation, null);
  }

  /** Calls an operation with a context and an input by method reference. */
  default <T, I extends @Nullable Object, R> Task<R> callEntity(
      EntityId entity, FunctionRef.EntityOperationWithContext<T, I, R> operation, I input) {
    return callEntityByReference(entity, operation, input);
  }

  /** Calls an operation with a context, an input and no result by method reference. */
  default <T, I extends @Nullable Object> Task<@Nullable Void> callEntity(
      EntityId entity, FunctionRef.VoidEntityOperationWithContext<T, I> operation, I input) {
    return callEntityByReference(entity, operation, input);
  }

  /** Calls an operation with a context only by method reference. */
  default <T, R> Task<R> callEntity(
      EntityId entity, FunctionRef.EntityOperationWithContextOnly<T, R> operation) {
    return callEntityByReference(entity, operation, null);
  }

  /** Calls an operation with a context only and no result by method reference. */
  default <T> Task<@Nullable Void> callEntity(
      EntityId entity, FunctionRef.VoidEntityOperationWithContextOnly<T> operation) {
    return callEntityByReference(entity, operation, null);
  }

  /** Sends an operation without an input to an entity; nobody waits for it. */
  default void signalEntity(EntityId entity, String operation) {
    signalEntity(entity, operation, null, null);
  }

  /** Sends an operation to an entity; nobody waits for it. */
  default void signalEntity(EntityId entity, String operation, @Nullable Object input) {
    signalEntity(entity, operation, input, null);
  }

  /**
   * Sends an operation to an entity; nobody waits for it, and its failure is only logged.
   *
   * @param at when it is to run first; null for at once
   * @throws LockingRulesViolationException if this orchestration holds the lock of the entity
   */
  void signalEntity(
      EntityId entity, String operation, @Nullable Object input, @Nullable Instant at);

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

  /** Locks entities. */
  default Task<CriticalSection> lockEntities(EntityId... entities) {
    return lockEntities(List.of(entities));
  }

  /**
   * Locks entities, in an order that is the same for everybody, so that no two orchestrations can
   * wait for each other. Entities that do not exist can be locked as well. The locks are held until
   * the {@link CriticalSection} is closed or the orchestration ends in whatever way. Cancelling the
   * task gives up waiting.
   *
   * @param entities 1 to 1,000; one that is named twice counts once
   * @throws LockingRulesViolationException if locks are held or asked for already
   * @throws IllegalArgumentException if there is no entity, or too many
   */
  Task<CriticalSection> lockEntities(List<EntityId> entities);

  /** The entities whose locks are held; empty outside of a critical section. */
  List<EntityId> lockedEntities();

  /**
   * An entity behind an interface. Calling a method of the proxy calls the operation of that name:
   * a method that returns a {@link Task} gives the task, any other waits for the result.
   *
   * @param operations an interface whose methods take one input or none; default methods are run as
   *     they are
   * @throws IllegalArgumentException if it is no interface, or has methods that cannot be
   *     operations
   */
  <T> T entityProxy(Class<T> operations, EntityId entity);

  /**
   * An entity behind an interface whose methods are signals: they return at once, and must be
   * {@code void}.
   *
   * @throws IllegalArgumentException if it is no interface, or has methods that cannot be signals
   */
  <T> T signalProxy(Class<T> operations, EntityId entity);

  // ---- time, events, messages ---------------------------------------------------------------

  /**
   * A durable timer.
   *
   * @param delay from {@link #currentInstant}; zero or more, at most 1000 years. Precision:
   *     milliseconds. If the host was down or the orchestration suspended since then, as much of it
   *     has passed
   */
  Task<@Nullable Void> createTimer(Duration delay);

  /** A durable timer that fires at a time; at once if the time has passed. */
  Task<@Nullable Void> createTimer(Instant fireAt);

  /** Waits for an event from outside whose payload is not needed, or which has none. */
  default Task<@Nullable Void> waitForExternalEvent(String name) {
    return waitForExternalEvent(name, Void.class);
  }

  /**
   * Waits for an event from outside. Events that came before are kept and handed over in the order
   * in which they came; several waiters for one name are served in the order in which they asked.
   *
   * @param name the event's name; upper and lower case are the same
   */
  <T> Task<@Nullable T> waitForExternalEvent(String name, Class<T> type);

  /** Waits for an event whose payload has generic parameters. */
  <T> Task<@Nullable T> waitForExternalEvent(String name, TypeRef<T> type);

  /**
   * Waits for an event, but not for ever: the task fails with {@link TaskTimeoutException} when the
   * time has passed.
   */
  <T> Task<@Nullable T> waitForExternalEvent(String name, Duration timeout, Class<T> type);

  /** Waits for an event whose payload has generic parameters, but not for ever. */
  <T> Task<@Nullable T> waitForExternalEvent(String name, Duration timeout, TypeRef<T> type);

  /** Waits for an event whose payload is not needed, but not for ever. */
  default Task<@Nullable Void> waitForExternalEvent(String name, Duration timeout) {
    return waitForExternalEvent(name, timeout, Void.class);
  }

  /** Sends an event to another orchestration. It is dropped if there is no such instance. */
  void sendEvent(String instanceId, String eventName, @Nullable Object payload);

  /**
   * An HTTP request made durably. Where the answer is 202 with a Location header, that address is
   * polled (after {@code Retry-After}, or a second) until it gives another answer.
   */
  Task<DurableHttpResponse> callHttp(DurableHttpRequest request);

  // ---- combining ----------------------------------------------------------------------------

  /**
   * Waits for all tasks.
   *
   * @return a task with all results, in the order of the tasks; it fails with {@link
   *     CompositeTaskFailedException} once all have ended, if any failed
   */
  <V extends @Nullable Object> Task<List<V>> allOf(List<? extends Task<? extends V>> tasks);

  /** Waits for all tasks whose results are not needed, or are taken from the tasks themselves. */
  default Task<@Nullable Void> allOf(Task<?>... tasks) {
    return this.<@Nullable Object>allOf(List.of(tasks)).thenApply(all -> null);
  }

  /**
   * Waits for the first task that ends, well or not; the result is that task. Of several that have
   * ended already it is the first of the list.
   */
  Task<Task<?>> anyOf(List<? extends Task<?>> tasks);

  /** Waits for the first task that ends, well or not; the result is that task. */
  default Task<Task<?>> anyOf(Task<?>... tasks) {
    return anyOf(List.of(tasks));
  }

  /**
   * Hands over tasks in the order in which they end; those that have ended before the iteration
   * begins come first, in the order of the list. Each step of the iteration waits for the next one.
   * Where a loop over {@link #anyOf(List)} looks at all tasks every time, this looks at each task
   * once.
   */
  <V extends @Nullable Object> Iterable<Task<V>> inCompletionOrder(List<Task<V>> tasks);

  // ---- itself -------------------------------------------------------------------------------

  /** A text or value shown with the status, such as progress. */
  void setCustomStatus(@Nullable Object status);

  /**
   * Starts this orchestration afresh with a new input and an empty history once the orchestrator
   * returns; events not yet handled are kept. What the orchestrator returns is ignored.
   */
  default void continueAsNew(@Nullable Object input) {
    continueAsNew(input, true);
  }

  /**
   * Starts this orchestration afresh once the orchestrator returns.
   *
   * @param preserveUnprocessedEvents whether events that came and were not handled are kept
   */
  void continueAsNew(@Nullable Object input, boolean preserveUnprocessedEvents);
}
