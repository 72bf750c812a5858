package dev.perdure.http.durable;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.ContinuedAsNew;
import dev.perdure.api.HistoryEvent.CustomStatusSet;
import dev.perdure.api.HistoryEvent.EntityLockGranted;
import dev.perdure.api.HistoryEvent.EntityLockRequested;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationCompleted;
import dev.perdure.api.HistoryEvent.EntityOperationFailed;
import dev.perdure.api.HistoryEvent.EntityOperationSignaled;
import dev.perdure.api.HistoryEvent.EntityUnlockSent;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.EventSent;
import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.HistoryEvent.ExecutionRequeued;
import dev.perdure.api.HistoryEvent.ExecutionResumed;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.HistoryEvent.ExecutionSetAside;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.ExecutionSuspended;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.SubOrchestrationFailed;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskFailed;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCanceled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.HistoryEvent.TimerFired;
import dev.perdure.api.HistoryEvent.WorkRedelivered;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Payload;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * The history of an instance in the form of Durable Functions: what was asked for is merged into
 * what came of it, and what only matters to replay is left out.
 */
final class HistoryEventsJson {
  private final JsonGenerator json;
  private final List<HistoryEvent> events;
  private final boolean inputs;
  private final boolean outputs;

  /** Calls and timers by what came of them. */
  private final IdentityHashMap<HistoryEvent, HistoryEvent> asked = new IdentityHashMap<>();

  /** Calls of which the outcome is not known. */
  private final Set<HistoryEvent> open = Collections.newSetFromMap(new IdentityHashMap<>());

  HistoryEventsJson(
      JsonGenerator json, List<HistoryEvent> events, boolean inputs, boolean outputs) {
    this.json = json;
    this.events = events;
    this.inputs = inputs;
    this.outputs = outputs;
    look();
  }

  private void look() {
    // By number, the last: libraries give numbers of calls that were taken back again.
    Map<Integer, HistoryEvent> last = new HashMap<>();
    for (HistoryEvent event : events) {
      Integer call = call(event);
      HistoryEvent of = last.get(outcome(event));
      if (call != null) {
        last.put(call, event);
        open.add(event);
      } else if (of != null) {
        asked.put(event, of);
        open.remove(of);
      } else if (event instanceof ExecutionRewound rewound) {
        rewound.reopened().stream()
            .map(HistoryEventsJson::call)
            .map(last::get)
            .filter(Objects::nonNull)
            .forEach(open::add);
      }
    }
  }

  /** The number of what is asked for; null if an event asks for nothing that has an outcome. */
  private static @Nullable Integer call(HistoryEvent event) {
    return switch (event) {
      case TaskScheduled e -> e.taskId();
      case SubOrchestrationCreated e -> e.taskId();
      case EntityOperationCalled e -> e.taskId();
      case TimerCreated e -> e.taskId();
      default -> null;
    };
  }

  /** The number of what an event is the outcome of; null if it is none. */
  private static @Nullable Integer outcome(HistoryEvent event) {
    return switch (event) {
      case TaskCompleted e -> e.taskId();
      case TaskFailed e -> e.taskId();
      case SubOrchestrationCompleted e -> e.taskId();
      case SubOrchestrationFailed e -> e.taskId();
      case EntityOperationCompleted e -> e.taskId();
      case EntityOperationFailed e -> e.taskId();
      case TimerFired e -> e.taskId();
      default -> null;
    };
  }

  /** Writes the property {@code historyEvents}. */
  void write() {
    json.writeName("historyEvents");
    json.writeStartArray();
    events.forEach(this::write);
    json.writeEndArray();
  }

  private void write(HistoryEvent event) {
    switch (event) {
      case ExecutionStarted e -> {
        begin("ExecutionStarted", e);
        json.writeStringProperty("FunctionName", e.name());
        input(e.input());
        if (e.scheduledStart() != null) {
          time("ScheduledStartTime", e.scheduledStart());
        }
        json.writeEndObject();
      }
      case TaskScheduled e when open.contains(e) -> {
        begin("TaskScheduled", e);
        json.writeStringProperty("Name", e.name());
        input(e.input());
        json.writeEndObject();
      }
      case SubOrchestrationCreated e when open.contains(e) -> {
        begin("SubOrchestrationInstanceCreated", e);
        json.writeStringProperty("InstanceId", e.instanceId());
        json.writeStringProperty("Name", e.name());
        input(e.input());
        json.writeEndObject();
      }
      case EntityOperationCalled e when open.contains(e) -> {
        begin("EntityOperationCalled", e);
        operation(e.instanceId(), e.operation(), e.input());
        json.writeEndObject();
      }
      case TaskCompleted e -> completed("TaskCompleted", e, e.result());
      case TaskFailed e -> failed("TaskFailed", e, e.failure());
      case SubOrchestrationCompleted e ->
          completed("SubOrchestrationInstanceCompleted", e, e.result());
      case SubOrchestrationFailed e -> failed("SubOrchestrationInstanceFailed", e, e.failure());
      case EntityOperationCompleted e -> completed("EntityOperationCompleted", e, e.result());
      case EntityOperationFailed e -> failed("EntityOperationFailed", e, e.failure());
      case EntityOperationSignaled e -> {
        begin("EntityOperationSignaled", e);
        operation(e.instanceId(), e.operation(), e.input());
        if (e.scheduledTime() != null) {
          time("ScheduledTime", e.scheduledTime());
        }
        json.writeEndObject();
      }
      case EntityLockRequested e -> {
        begin("EntityLockRequested", e);
        json.writeName("LockSet");
        json.writeStartArray();
        e.lockSet().forEach(json::writeString);
        json.writeEndArray();
        json.writeEndObject();
      }
      case EntityLockGranted e -> only("EntityLockGranted", e);
      case EntityUnlockSent e -> only("EntityUnlockSent", e);
      case TimerCreated e -> {
        begin("TimerCreated", e);
        time("FireAt", e.fireAt());
        json.writeEndObject();
      }
      case TimerFired e -> {
        begin("TimerFired", e);
        if (asked.get(e) instanceof TimerCreated timer) {
          time("FireAt", timer.fireAt());
        }
        json.writeEndObject();
      }
      case EventRaised e -> {
        begin("EventRaised", e);
        json.writeStringProperty("Name", e.name());
        input(e.payload());
        json.writeEndObject();
      }
      case EventSent e -> {
        begin("EventSent", e);
        json.writeStringProperty("InstanceId", e.instanceId());
        json.writeStringProperty("Name", e.name());
        input(e.payload());
        json.writeEndObject();
      }
      case ExecutionSuspended e -> reason("ExecutionSuspended", e, e.reason());
      case ExecutionResumed e -> reason("ExecutionResumed", e, e.reason());
      case ExecutionRewound e -> reason("ExecutionRewound", e, e.reason());
      case ExecutionSetAside e -> reason("ExecutionSetAside", e, e.problem().message());
      case ExecutionRequeued e -> reason("ExecutionRequeued", e, e.reason());
      case ContinuedAsNew e -> {
        begin("ContinueAsNew", e);
        result(e.input());
        json.writeEndObject();
      }
      case ExecutionCompleted e -> ended(e);
      case TaskScheduled e -> {} // shown with its outcome, as are those below
      case SubOrchestrationCreated e -> {}
      case EntityOperationCalled e -> {}
      case OrchestratorCompleted e -> {} // matters to replay only, as does what is below
      case TimerCanceled e -> {}
      case CustomStatusSet e -> {}
      case WorkRedelivered e -> {}
    }
  }

  private void begin(String type, HistoryEvent event) {
    json.writeStartObject();
    json.writeStringProperty("EventType", type);
    time("Timestamp", event.timestamp());
  }

  private void time(String name, Instant time) {
    json.writeStringProperty(name, Times.full(time));
  }

  private void input(@Nullable Payload input) {
    if (inputs) {
      Json.stored(json, "Input", input);
    }
  }

  private void result(@Nullable Payload result) {
    if (outputs) {
      Json.stored(json, "Result", result);
    }
  }

  private void operation(String instanceId, String operation, @Nullable Payload input) {
    json.writeStringProperty("InstanceId", instanceId);
    json.writeStringProperty("Name", operation);
    input(input);
  }

  private void only(String type, HistoryEvent event) {
    begin(type, event);
    json.writeEndObject();
  }

  private void reason(String type, HistoryEvent event, @Nullable String reason) {
    begin(type, event);
    Json.text(json, "Reason", reason);
    json.writeEndObject();
  }

  /** What is known of the call that an outcome belongs to. */
  private void callOf(HistoryEvent outcome) {
    switch (asked.get(outcome)) {
      case TaskScheduled call -> call(call, call.name(), call.input());
      case SubOrchestrationCreated call -> call(call, call.name(), call.input());
      case EntityOperationCalled call -> call(call, call.operation(), call.input());
      case null, default -> {} // a history that is not complete
    }
  }

  private void call(HistoryEvent call, String name, @Nullable Payload input) {
    time("ScheduledTime", call.timestamp());
    json.writeStringProperty("FunctionName", name);
    input(input);
  }

  private void completed(String type, HistoryEvent event, @Nullable Payload result) {
    begin(type, event);
    callOf(event);
    result(result);
    json.writeEndObject();
  }

  private void failed(String type, HistoryEvent event, FailureDetails failure) {
    begin(type, event);
    callOf(event);
    json.writeStringProperty("Reason", failure.message());
    json.writeStringProperty("Details", failure.errorType() + ": " + failure.message());
    failure(failure);
    json.writeEndObject();
  }

  /** A failure without its stack traces, which are for the log. */
  private void failure(FailureDetails failure) {
    json.writeName("FailureDetails");
    failureObject(failure);
  }

  private void failureObject(FailureDetails failure) {
    json.writeStartObject();
    json.writeStringProperty("ErrorType", failure.errorType());
    json.writeStringProperty("ErrorMessage", failure.message());
    json.writeBooleanProperty("IsNonRetriable", failure.nonRetriable());
    json.writeName("InnerFailure");
    FailureDetails cause = failure.cause();
    if (cause == null) {
      json.writeNull();
    } else {
      failureObject(cause);
    }
    json.writeEndObject();
  }

  private void ended(ExecutionCompleted event) {
    if (event.status() == OrchestrationStatus.TERMINATED) {
      begin("ExecutionTerminated", event);
      input(event.output());
      json.writeEndObject();
    }
    begin("ExecutionCompleted", event);
    json.writeStringProperty("OrchestrationStatus", StatusName.of(event.status()).title());
    result(event.output());
    FailureDetails failure = event.failure();
    if (failure != null) {
      failure(failure);
    }
    json.writeEndObject();
  }
}
