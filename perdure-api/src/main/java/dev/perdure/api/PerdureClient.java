package dev.perdure.api;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Starts and manages orchestrations and {@linkplain EntityClient entities}. Safe from any thread;
 * not for use inside an orchestrator.
 *
 * <p>Methods that change something return when the change is durable. A change that was refused
 * throws and has no effect.
 *
 * <p>All methods throw {@link InvalidInstanceIdException} for an id that cannot be one, and {@link
 * HubClosedException} once the hub is closed.
 */
public interface PerdureClient extends EntityClient {

  /** Starts an orchestration without an input, under a random id. */
  default String startNew(String name) {
    return startNew(name, null, StartOptions.DEFAULT);
  }

  /**
   * Starts an orchestration under a random id.
   *
   * @param input the input; options go with {@link #startNew(String, Object, StartOptions)}
   */
  default String startNew(String name, @Nullable Object input) {
    return startNew(name, input, StartOptions.DEFAULT);
  }

  /**
   * Starts an orchestration and returns when the start is durable, not when code has run.
   *
   * @param name the orchestrator's name
   * @param input what the data converter can write; null for none
   * @param options id, version, time, tags and what to do about an id in use
   * @return the instance id
   * @throws FunctionNotFoundException if no such orchestrator is registered
   * @throws InstanceAlreadyExistsException if the id is in use and the policy says so
   * @throws DataConversionException if the input cannot be written
   * @throws PayloadTooLargeException if the input is larger than the hub allows, or name, version,
   *     tags and trace context have more than 32,768 characters together
   * @throws IllegalArgumentException if the input is options, a class or a {@link TypeRef}, which
   *     was meant for another parameter
   * @throws HubBusyException if there is too much unfinished work
   */
  String startNew(String name, @Nullable Object input, StartOptions options);

  /**
   * Starts an orchestration by method reference. All forms of {@code startNew} with a method
   * reference come to this one; they add what the compiler can check.
   *
   * @param orchestrator a method reference to a registered orchestrator; if its annotation names a
   *     version, that is the version of the orchestration unless the options have one
   * @param input null if the orchestrator takes none
   * @throws FunctionNotFoundException if the method is not registered
   * @throws IllegalArgumentException if it is no reference to an orchestrator, or to one that takes
   *     an input where there is none or the other way round
   */
  String startNewByReference(
      FunctionRef.ToOrchestrator orchestrator, @Nullable Object input, StartOptions options);

  /**
   * Starts an orchestration by method reference: {@code client.startNew(Orders::process, order)}.
   */
  default <T, I extends @Nullable Object> String startNew(
      FunctionRef.VoidOrchestratorOf<T, I> orchestrator, I input) {
    return startNewByReference(orchestrator, input, StartOptions.DEFAULT);
  }

  /** Starts an orchestration by method reference, with options. */
  default <T, I extends @Nullable Object> String startNew(
      FunctionRef.VoidOrchestratorOf<T, I> orchestrator, I input, StartOptions options) {
    return startNewByReference(orchestrator, input, options);
  }

  /** Starts an orchestration that takes no input, by method reference. */
  default <T> String startNew(FunctionRef.VoidOrchestratorWithoutInput<T> orchestrator) {
    return startNewByReference(orchestrator, null, StartOptions.DEFAULT);
  }

  /** Starts an orchestration that takes no input, by method reference, with options. */
  default <T> String startNew(
      FunctionRef.VoidOrchestratorWithoutInput<T> orchestrator, StartOptions options) {
    return startNewByReference(orchestrator, null, options);
  }

  /** Starts an orchestration by reference to a static method, or one bound to an object. */
  default <I extends @Nullable Object> String startNew(
      FunctionRef.VoidBoundOrchestrator<I> orchestrator, I input) {
    return startNewByReference(orchestrator, input, StartOptions.DEFAULT);
  }

  /**
   * Starts an orchestration by reference to a static method, or one bound to an object, with
   * options.
   */
  default <I extends @Nullable Object> String startNew(
      FunctionRef.VoidBoundOrchestrator<I> orchestrator, I input, StartOptions options) {
    return startNewByReference(orchestrator, input, options);
  }

  /** Starts an orchestration that takes no input, by reference to a static or bound method. */
  default String startNew(FunctionRef.VoidBoundOrchestratorWithoutInput orchestrator) {
    return startNewByReference(orchestrator, null, StartOptions.DEFAULT);
  }

  /**
   * Starts an orchestration that takes no input, by reference to a static or bound method, with
   * options.
   */
  default String startNew(
      FunctionRef.VoidBoundOrchestratorWithoutInput orchestrator, StartOptions options) {
    return startNewByReference(orchestrator, null, options);
  }

  /** What is known of an instance, with its payloads; empty if there is no such instance. */
  default Optional<OrchestrationMetadata> status(String instanceId) {
    return status(instanceId, true);
  }

  /**
   * What is known of an instance; empty if there is no such instance.
   *
   * @param withPayloads whether input, output and custom status are included
   */
  Optional<OrchestrationMetadata> status(String instanceId, boolean withPayloads);

  /**
   * Waits until an instance's code has run for the first time.
   *
   * @param timeout how long at most; zero or less only looks
   * @throws InstanceNotFoundException if there is no such instance
   * @throws WaitTimeoutException if the time passes first
   */
  OrchestrationMetadata waitForStart(String instanceId, Duration timeout);

  /**
   * Waits until an instance has ended, however it ended.
   *
   * @param timeout how long at most; zero or less only looks
   * @return its final state, payloads included
   * @throws InstanceNotFoundException if there is no such instance
   * @throws WaitTimeoutException if the time passes first
   */
  OrchestrationMetadata waitForCompletion(String instanceId, Duration timeout);

  /** Raises an event without a payload. */
  default void raiseEvent(String instanceId, String eventName) {
    raiseEvent(instanceId, eventName, null);
  }

  /**
   * Raises an event to an instance that has not ended. An event that nobody waits for yet is kept.
   *
   * @param eventName the event's name; upper and lower case are the same
   * @throws InstanceNotFoundException if there is no such instance
   * @throws InvalidInstanceStateException if the instance has ended; nothing is recorded
   */
  void raiseEvent(String instanceId, String eventName, @Nullable Object payload);

  /**
   * Pauses an instance: its code does not go on until it is resumed; what arrives is kept. If it is
   * suspended already, nothing changes, and the reason stays that of the first time.
   *
   * @param reason for people and the history; null for none
   * @throws InvalidInstanceStateException if the instance has ended
   * @throws PayloadTooLargeException if the reason is larger than a payload may be
   */
  void suspend(String instanceId, @Nullable String reason);

  /**
   * Lets a suspended instance go on. If it is not suspended, nothing changes.
   *
   * @param reason for people and the history; null for none
   * @throws InvalidInstanceStateException if the instance has ended
   * @throws PayloadTooLargeException if the reason is larger than a payload may be
   */
  void resume(String instanceId, @Nullable String reason);

  /** Ends an instance and its sub-orchestrations. */
  default void terminate(String instanceId, @Nullable String reason) {
    terminate(instanceId, reason, true);
  }

  /**
   * Ends an instance without its code having a say. Activities that run go on, their results are
   * ignored; those that still wait for their turn, or for a worker, are not run.
   *
   * @param reason becomes the output
   * @param recursive whether sub-orchestrations are terminated too
   * @throws InvalidInstanceStateException if the instance has ended
   * @throws PayloadTooLargeException if the reason is larger than a payload may be
   */
  void terminate(String instanceId, @Nullable String reason, boolean recursive);

  /**
   * Lets a failed instance go on from before its failure: the tasks that failed are done again,
   * failed sub-orchestrations are rewound as well.
   *
   * @param reason for people and the history; null for none
   * @throws InvalidInstanceStateException if the instance has not failed
   * @throws PayloadTooLargeException if the reason is larger than a payload may be
   */
  void rewind(String instanceId, @Nullable String reason);

  /**
   * Starts an orchestration with the name, version, tags and input of an existing one.
   *
   * @param newInstanceId whether the new one gets a random id; otherwise it replaces the existing
   *     one, which must have ended
   * @return the id of the new instance
   */
  String restart(String instanceId, boolean newInstanceId);

  /**
   * Tries an instance again that was set aside.
   *
   * @param instanceId an orchestration, or an entity as {@link EntityId#instanceId()}
   * @param reason for people and the history; null for none
   * @throws InvalidInstanceStateException if the instance was not set aside
   * @throws PayloadTooLargeException if the reason is larger than a payload may be
   */
  void requeue(String instanceId, @Nullable String reason);

  /**
   * Removes an ended instance with its history.
   *
   * @return whether there was such an instance
   * @throws InvalidInstanceStateException if the instance has not ended
   */
  default boolean purge(String instanceId) {
    return purge(instanceId, false) > 0;
  }

  /**
   * Removes an ended instance with its history.
   *
   * @param recursive whether its sub-orchestrations, and theirs, are removed too, the youngest
   *     first: where that is cut short, asking again removes the rest. Those of an orchestration
   *     that continued as new are the ones that its last execution has started. One that has not
   *     ended stays, with all that it has started
   * @return how many instances were removed; 0 if there was no such instance
   * @throws InvalidInstanceStateException if the instance has not ended
   */
  int purge(String instanceId, boolean recursive);

  /**
   * Removes ended instances.
   *
   * @return how many were removed
   */
  long purge(PurgeFilter filter);

  /** Lists instances, a page at a time; sees everything that has been acknowledged. */
  InstanceQuery.Page query(InstanceQuery query);

  /**
   * The history of an instance's current execution.
   *
   * @throws InstanceNotFoundException if there is no such instance
   */
  List<HistoryEvent> history(String instanceId);

  /**
   * Why an instance is where it is.
   *
   * @param instanceId an orchestration, or an entity as {@link EntityId#instanceId()}
   * @throws InstanceNotFoundException if there is no such instance
   */
  Explanation explain(String instanceId);

  /**
   * Proves, for every orchestration that has not ended and for every entity, that something will
   * wake it: an activity that this host has in hand, a timer that is set, a sub-orchestration or an
   * entity that knows of the request, a message on its way, an event with a name, a step about to
   * run. What it finds is a defect of Perdure.
   *
   * <p>Runs no user code and changes nothing. The hub goes on meanwhile: what looks wrong is looked
   * at again after a moment, and counts only if it still does. It takes as long as reading the row
   * of every such instance, about a second for 20,000, a few at a time between other work. Of an
   * instance that waits for more than 10,000 things, so many are looked at, and so many operations
   * of one entity's queue.
   *
   * @return how many instances were looked at, and what was found
   */
  AuditReport audit();
}
