package dev.perdure.simulation;

import com.google.protobuf.StringValue;
import com.google.protobuf.Timestamp;
import dev.perdure.grpc.protocol.CompleteOrchestrationAction;
import dev.perdure.grpc.protocol.CreateSubOrchestrationAction;
import dev.perdure.grpc.protocol.CreateTimerAction;
import dev.perdure.grpc.protocol.EntityLockRequestedEvent;
import dev.perdure.grpc.protocol.EntityOperationCalledEvent;
import dev.perdure.grpc.protocol.EntityOperationSignaledEvent;
import dev.perdure.grpc.protocol.EntityUnlockSentEvent;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.OrchestrationInstance;
import dev.perdure.grpc.protocol.OrchestrationStatus;
import dev.perdure.grpc.protocol.OrchestratorAction;
import dev.perdure.grpc.protocol.ScheduleTaskAction;
import dev.perdure.grpc.protocol.SendEntityMessageAction;
import dev.perdure.grpc.protocol.SendEventAction;
import dev.perdure.grpc.protocol.TaskFailureDetails;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the code of an orchestration that runs at a remote worker sees of its history, as an SDK
 * shows it: at every step it runs from its beginning, and stops where it has to wait. Whatever an
 * SDK could not live with in a history is a violation.
 */
final class RemoteContext {
  private static final String WHOLE = "remote histories are whole";

  /** The code has to wait. */
  static final class Waits extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Waits() {
      super(null, null, false, false);
    }
  }

  /** The code begins afresh. */
  static final class ContinuesAsNew extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final String input;

    ContinuesAsNew(String input) {
      super(null, null, false, false);
      this.input = input;
    }
  }

  /** What the code waits for has failed. */
  static final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Failed(String message) {
      super(message, null, false, false);
    }
  }

  /** How a task ended, and at which position of the history. */
  private record Outcome(int position, @Nullable String result, @Nullable String failure) {}

  private record Raised(int position, HistoryEvent event) {
    String input() {
      return event.getEventRaised().getInput().getValue();
    }
  }

  private final String instanceId;
  private final Report report;

  // The history.
  private String name = "";
  private String input = "";
  private int positions;
  private final Map<Integer, String> recorded = new LinkedHashMap<>();
  private final Map<Integer, Outcome> outcomes = new HashMap<>();
  private final Map<String, List<Raised>> raised = new LinkedHashMap<>();
  private Instant now = Instant.MIN;

  // The code.
  private int ids;
  private final Map<Integer, String> asked = new HashMap<>();
  private final List<OrchestratorAction> actions = new ArrayList<>();

  /**
   * A context with a history.
   *
   * @param past the events of earlier steps
   * @param events those of this step, as far as they are to be taken
   */
  RemoteContext(
      String instanceId, List<HistoryEvent> past, List<HistoryEvent> events, Report report) {
    this.instanceId = instanceId;
    this.report = report;
    past.forEach(this::read);
    check(
        events.getFirst().hasOrchestratorStarted(),
        "its step begins with " + events.getFirst().getEventTypeCase());
    events.forEach(this::read);
  }

  private void check(boolean holds, String otherwise) {
    report.check(WHOLE, holds, instanceId + ": " + otherwise);
  }

  // ---- reading the history --------------------------------------------------------------------

  private void read(HistoryEvent event) {
    switch (event.getEventTypeCase()) {
      case ORCHESTRATORSTARTED -> {
        Instant then = now;
        now = instant(event.getTimestamp());
        check(now.isAfter(then), "its clock went from %s to %s".formatted(then, now));
      }
      case EXECUTIONSTARTED -> {
        check(positions == 1 && name.isEmpty(), "it was started at position " + positions);
        name = event.getExecutionStarted().getName();
        input = event.getExecutionStarted().getInput().getValue();
      }
      case TASKSCHEDULED -> record(event, "activity " + event.getTaskScheduled().getName());
      case SUBORCHESTRATIONINSTANCECREATED ->
          record(event, "child " + event.getSubOrchestrationInstanceCreated().getName());
      case TIMERCREATED -> record(event, "timer");
      case EVENTSENT -> record(event, "event " + event.getEventSent().getName());
      case ENTITYOPERATIONCALLED ->
          record(event, "call " + event.getEntityOperationCalled().getOperation());
      case ENTITYOPERATIONSIGNALED ->
          record(event, "signal " + event.getEntityOperationSignaled().getOperation());
      case ENTITYLOCKREQUESTED -> record(event, "lock");
      case ENTITYUNLOCKSENT -> record(event, "unlock");
      case TASKCOMPLETED ->
          ended(
              event.getTaskCompleted().getTaskScheduledId(),
              event.getTaskCompleted().getResult().getValue());
      case TASKFAILED ->
          failed(
              event.getTaskFailed().getTaskScheduledId(),
              event.getTaskFailed().getFailureDetails());
      case SUBORCHESTRATIONINSTANCECOMPLETED ->
          ended(
              event.getSubOrchestrationInstanceCompleted().getTaskScheduledId(),
              event.getSubOrchestrationInstanceCompleted().getResult().getValue());
      case SUBORCHESTRATIONINSTANCEFAILED ->
          failed(
              event.getSubOrchestrationInstanceFailed().getTaskScheduledId(),
              event.getSubOrchestrationInstanceFailed().getFailureDetails());
      case TIMERFIRED -> {
        check(
            now.isAfter(instant(event.getTimerFired().getFireAt())),
            "a timer fired before its time, by the clock of its code");
        ended(event.getTimerFired().getTimerId(), "");
      }
      case ENTITYOPERATIONCOMPLETED ->
          ended(
              id(event.getEntityOperationCompleted().getRequestId()),
              event.getEntityOperationCompleted().getOutput().getValue());
      case ENTITYOPERATIONFAILED ->
          failed(
              id(event.getEntityOperationFailed().getRequestId()),
              event.getEntityOperationFailed().getFailureDetails());
      case ENTITYLOCKGRANTED -> ended(id(event.getEntityLockGranted().getCriticalSectionId()), "");
      case EVENTRAISED ->
          raised
              .computeIfAbsent(event.getEventRaised().getName(), key -> new ArrayList<>())
              .add(new Raised(positions, event));
      default -> check(false, "it has an event of kind " + event.getEventTypeCase());
    }
    positions++;
  }

  private void record(HistoryEvent event, String what) {
    check(
        recorded.put(event.getEventId(), what) == null,
        "%s has an id that was used before, %d".formatted(what, event.getEventId()));
  }

  private void ended(int id, String result) {
    end(id, new Outcome(positions, result, null));
  }

  private void failed(int id, TaskFailureDetails failure) {
    end(id, new Outcome(positions, null, failure.getErrorMessage()));
  }

  private void end(int id, Outcome outcome) {
    check(recorded.containsKey(id), "task %d ended and was not asked for".formatted(id));
    check(outcomes.put(id, outcome) == null, "task %d ended twice".formatted(id));
  }

  private String key(int id) {
    return instanceId + "/" + id;
  }

  private static int id(String key) {
    return Integer.parseInt(key.substring(key.lastIndexOf('/') + 1));
  }

  private static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  private static Timestamp time(Instant at) {
    return Timestamp.newBuilder().setSeconds(at.getEpochSecond()).setNanos(at.getNano()).build();
  }

  private static StringValue text(String text) {
    return StringValue.of(text);
  }

  // ---- what code asks for ---------------------------------------------------------------------

  String instanceId() {
    return instanceId;
  }

  /** The name of the function. */
  String name() {
    return name;
  }

  String input() {
    return input;
  }

  private int ask(String what, OrchestratorAction.Builder action) {
    int id = ++ids;
    asked.put(id, what);
    String before = recorded.get(id);
    if (before == null) {
      actions.add(action.setId(id).build());
    } else {
      check(
          before.equals(what), "as #%d it asks for %s, and did for %s".formatted(id, what, before));
    }
    return id;
  }

  int activity(String function, String argument) {
    return ask(
        "activity " + function,
        OrchestratorAction.newBuilder()
            .setScheduleTask(
                ScheduleTaskAction.newBuilder().setName(function).setInput(text(argument))));
  }

  int child(String function, String argument) {
    return ask(
        "child " + function,
        OrchestratorAction.newBuilder()
            .setCreateSubOrchestration(
                CreateSubOrchestrationAction.newBuilder()
                    .setName(function)
                    .setInstanceId(key(ids + 1))
                    .setInput(text(argument))));
  }

  int timer(Duration delay) {
    return ask(
        "timer",
        OrchestratorAction.newBuilder()
            .setCreateTimer(CreateTimerAction.newBuilder().setFireAt(time(now.plus(delay)))));
  }

  void send(String to, String event, String argument) {
    var unused =
        ask(
            "event " + event,
            OrchestratorAction.newBuilder()
                .setSendEvent(
                    SendEventAction.newBuilder()
                        .setInstance(OrchestrationInstance.newBuilder().setInstanceId(to))
                        .setName(event)
                        .setData(text(argument))));
  }

  private int message(String what, SendEntityMessageAction.Builder message) {
    return ask(what, OrchestratorAction.newBuilder().setSendEntityMessage(message));
  }

  int call(String entity, String operation, String argument) {
    return message(
        "call " + operation,
        SendEntityMessageAction.newBuilder()
            .setEntityOperationCalled(
                EntityOperationCalledEvent.newBuilder()
                    .setRequestId(key(ids + 1))
                    .setOperation(operation)
                    .setInput(text(argument))
                    .setParentInstanceId(text(instanceId))
                    .setTargetInstanceId(text(entity))));
  }

  void signal(String entity, String operation, String argument, @Nullable Duration delay) {
    EntityOperationSignaledEvent.Builder signal =
        EntityOperationSignaledEvent.newBuilder()
            .setRequestId(key(ids + 1))
            .setOperation(operation)
            .setInput(text(argument))
            .setTargetInstanceId(text(entity));
    if (delay != null) {
      signal.setScheduledTime(time(now.plus(delay)));
    }
    var unused =
        message(
            "signal " + operation,
            SendEntityMessageAction.newBuilder().setEntityOperationSignaled(signal));
  }

  /** Asks for the locks of entities, which must be in their order. */
  int lock(List<String> entities) {
    return message(
        "lock",
        SendEntityMessageAction.newBuilder()
            .setEntityLockRequested(
                EntityLockRequestedEvent.newBuilder()
                    .setCriticalSectionId(key(ids + 1))
                    .addAllLockSet(entities)
                    .setParentInstanceId(text(instanceId))));
  }

  void unlock(int lock, List<String> entities) {
    for (String entity : entities) {
      var unused =
          message(
              "unlock",
              SendEntityMessageAction.newBuilder()
                  .setEntityUnlockSent(
                      EntityUnlockSentEvent.newBuilder()
                          .setCriticalSectionId(key(lock))
                          .setParentInstanceId(text(instanceId))
                          .setTargetInstanceId(text(entity))));
    }
  }

  // ---- waiting ----------------------------------------------------------------------------------

  boolean isDone(int task) {
    return outcomes.containsKey(task);
  }

  /** The result of a task, as JSON. */
  String await(int task) {
    Outcome outcome = outcomes.get(task);
    if (outcome == null) {
      throw new Waits();
    }
    if (outcome.result == null) {
      throw new Failed(String.valueOf(outcome.failure));
    }
    return outcome.result;
  }

  /** Which of two tasks ended first. */
  int awaitFirst(int one, int other) {
    Outcome a = outcomes.get(one);
    Outcome b = outcomes.get(other);
    if (a == null && b == null) {
      throw new Waits();
    }
    return b == null || (a != null && a.position < b.position) ? one : other;
  }

  /** The input of the next event of a name. */
  String awaitEvent(String event) {
    List<Raised> came = raised.getOrDefault(event, List.of());
    if (came.isEmpty()) {
      throw new Waits();
    }
    return came.removeFirst().input();
  }

  /** The input of the next event of a name; null if a timer fires before one comes. */
  @Nullable String awaitEvent(String event, int timer) {
    List<Raised> came = raised.getOrDefault(event, List.of());
    Outcome fired = outcomes.get(timer);
    if (came.isEmpty() && fired == null) {
      throw new Waits();
    }
    if (fired != null && (came.isEmpty() || fired.position < came.getFirst().position)) {
      return null;
    }
    return came.removeFirst().input();
  }

  // ---- ending -----------------------------------------------------------------------------------

  /** What the code asked for that the history does not have, once it waits. */
  List<OrchestratorAction> actions() {
    for (Map.Entry<Integer, String> action : recorded.entrySet()) {
      check(
          asked.containsKey(action.getKey()),
          "its history has %s as #%d, for which it did not ask"
              .formatted(action.getValue(), action.getKey()));
    }
    return actions;
  }

  /** What ends the execution, after what the code asked for before. */
  List<OrchestratorAction> actionsAndEnd(OrchestrationStatus status, String result) {
    List<OrchestratorAction> all = new ArrayList<>(actions());
    CompleteOrchestrationAction.Builder end =
        CompleteOrchestrationAction.newBuilder()
            .setOrchestrationStatus(status)
            .setResult(text(result));
    if (status == OrchestrationStatus.ORCHESTRATION_STATUS_CONTINUED_AS_NEW) {
      raised.values().stream()
          .flatMap(List::stream)
          .sorted((a, b) -> Integer.compare(a.position, b.position))
          .forEach(event -> end.addCarryoverEvents(event.event));
    } else if (status == OrchestrationStatus.ORCHESTRATION_STATUS_FAILED) {
      end.setFailureDetails(
          TaskFailureDetails.newBuilder().setErrorType("Failed").setErrorMessage(result));
    }
    all.add(OrchestratorAction.newBuilder().setId(++ids).setCompleteOrchestration(end).build());
    return all;
  }
}
