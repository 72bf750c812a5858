package dev.perdure.json;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.CodeState;
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
import dev.perdure.api.ParentInstance;
import dev.perdure.api.Problem;
import dev.perdure.api.TraceContext;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Histories as JSON, to keep, to look at, and to check code against.
 *
 * <p>A document has the {@code instanceId}, for people the {@code name}, {@code version} and {@code
 * executionId}, and the {@code events}, each with its {@code type} and {@code timestamp}.
 *
 * <p>An event has the name of its record as its type, and its components as properties. What is
 * null is left out. A payload is embedded as it is if it is JSON; if not, its bytes are in Base64
 * under the property's name with {@code Base64} at its end, such as {@code inputBase64}. Payloads
 * hold what the instance worked with: treat a file of them accordingly.
 *
 * <p>What is read is what was written, to the byte, unless the file was edited in between.
 */
public final class HistoryJson {
  private HistoryJson() {}

  /**
   * A history with the instance it belongs to.
   *
   * @param instanceId the instance
   * @param events all events of one execution, in order
   */
  public record Document(String instanceId, List<HistoryEvent> events) {
    /** Copies the list. */
    public Document {
      events = List.copyOf(events);
    }
  }

  // ---- writing ------------------------------------------------------------------------------

  /** A history as JSON. */
  public static String write(String instanceId, List<HistoryEvent> events) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(instanceId, events, out);
    return out.toString(StandardCharsets.UTF_8);
  }

  /**
   * Writes a history as JSON, in UTF-8.
   *
   * @param out is flushed, and not closed
   * @throws tools.jackson.core.JacksonException if it cannot be written to
   */
  public static void write(String instanceId, List<HistoryEvent> events, OutputStream out) {
    try (HistoryWriter json = new HistoryWriter(out)) {
      json.object(
          () -> {
            json.text("instanceId", instanceId);
            if (!events.isEmpty() && events.getFirst() instanceof ExecutionStarted start) {
              // For people who look: the first event says the same.
              json.text("name", start.name());
              json.text("version", start.version());
              json.text("executionId", start.executionId());
            }
            json.objects("events", events, event -> write(json, event));
          });
    }
  }

  private static void write(HistoryWriter json, HistoryEvent event) {
    json.text("type", event.getClass().getSimpleName());
    json.time("timestamp", event.timestamp());
    switch (event) {
      case ExecutionStarted e -> {
        json.text("name", e.name());
        json.text("version", e.version());
        json.text("executionId", e.executionId());
        json.payload("input", e.input());
        ParentInstance parent = e.parent();
        if (parent != null) {
          json.object(
              "parent",
              () -> {
                json.text("instanceId", parent.instanceId());
                json.text("executionId", parent.executionId());
                json.text("name", parent.name());
                if (!parent.version().isEmpty()) {
                  json.text("version", parent.version());
                }
                json.number("taskId", parent.taskId());
                if (parent.rewinds() > 0) {
                  json.number("rewinds", parent.rewinds());
                }
              });
        }
        json.time("scheduledStart", e.scheduledStart());
        json.texts("tags", e.tags());
        write(json, e.traceContext());
      }
      case OrchestratorCompleted e -> {
        json.number("delivered", e.delivered());
        json.texts("waitingFor", e.waitingFor());
        json.payload("details", e.details());
      }
      case TaskScheduled e -> {
        json.number("taskId", e.taskId());
        json.text("name", e.name());
        json.payload("input", e.input());
        json.number("firstTaskId", e.firstTaskId());
        json.number("attempt", e.attempt());
        if (e.attemptsMax() != 0) {
          json.number("attemptsMax", e.attemptsMax());
        }
        json.text("version", e.version());
        if (!e.tags().isEmpty()) {
          json.texts("tags", e.tags());
        }
        write(json, e.traceContext());
      }
      case TaskCompleted e -> {
        json.number("taskId", e.taskId());
        json.payload("result", e.result());
      }
      case TaskFailed e -> {
        json.number("taskId", e.taskId());
        write(json, "failure", e.failure());
      }
      case SubOrchestrationCreated e -> {
        json.number("taskId", e.taskId());
        json.text("instanceId", e.instanceId());
        json.text("name", e.name());
        json.text("version", e.version());
        json.payload("input", e.input());
        if (e.attempt() != 1) {
          json.number("attempt", e.attempt());
        }
        if (e.attemptsMax() != 0) {
          json.number("attemptsMax", e.attemptsMax());
        }
        json.texts("tags", e.tags());
        write(json, e.traceContext());
      }
      case SubOrchestrationCompleted e -> {
        json.number("taskId", e.taskId());
        json.payload("result", e.result());
      }
      case SubOrchestrationFailed e -> {
        json.number("taskId", e.taskId());
        write(json, "failure", e.failure());
      }
      case TimerCreated e -> {
        json.number("taskId", e.taskId());
        json.time("fireAt", e.fireAt());
      }
      case TimerFired e -> json.number("taskId", e.taskId());
      case TimerCanceled e -> json.number("taskId", e.taskId());
      case EventRaised e -> {
        json.text("name", e.name());
        json.payload("payload", e.payload());
      }
      case EventSent e -> {
        json.number("taskId", e.taskId());
        json.text("instanceId", e.instanceId());
        json.text("name", e.name());
        json.payload("payload", e.payload());
      }
      case EntityOperationCalled e -> {
        json.number("taskId", e.taskId());
        json.text("instanceId", e.instanceId());
        json.text("operation", e.operation());
        json.payload("input", e.input());
        json.time("scheduledTime", e.scheduledTime());
      }
      case EntityOperationSignaled e -> {
        json.number("taskId", e.taskId());
        json.text("instanceId", e.instanceId());
        json.text("operation", e.operation());
        json.payload("input", e.input());
        json.time("scheduledTime", e.scheduledTime());
      }
      case EntityOperationCompleted e -> {
        json.number("taskId", e.taskId());
        json.payload("result", e.result());
      }
      case EntityOperationFailed e -> {
        json.number("taskId", e.taskId());
        write(json, "failure", e.failure());
      }
      case EntityLockRequested e -> {
        json.number("taskId", e.taskId());
        json.texts("lockSet", e.lockSet());
      }
      case EntityLockGranted e -> json.number("taskId", e.taskId());
      case EntityUnlockSent e -> json.number("taskId", e.taskId());
      case CustomStatusSet e -> json.payload("status", e.status());
      case ExecutionSuspended e -> json.text("reason", e.reason());
      case ExecutionResumed e -> json.text("reason", e.reason());
      case ExecutionRewound e -> {
        json.text("reason", e.reason());
        json.numbers("removed", e.removed());
        json.objects("reopened", e.reopened(), reopened -> write(json, reopened));
        json.number("delivered", e.delivered());
        json.number("deliverable", e.deliverable());
        if (e.parentRewinds() > 0) {
          json.number("parentRewinds", e.parentRewinds());
        }
        if (e.nextTaskId() > 0) {
          json.number("nextTaskId", e.nextTaskId());
        }
        CodeState code = e.code();
        if (code != null) {
          json.object(
              "code",
              () -> {
                json.flag("statusRemoved", code.statusRemoved());
                json.payload("customStatus", code.customStatus());
                json.texts("waitingFor", code.waitingFor());
              });
        }
      }
      case ExecutionSetAside e ->
          json.object(
              "problem",
              () -> {
                json.text("kind", e.problem().kind().name());
                json.text("message", e.problem().message());
              });
      case ExecutionRequeued e -> json.text("reason", e.reason());
      case WorkRedelivered e -> {
        json.number("taskId", e.taskId());
        json.number("count", e.count());
      }
      case ContinuedAsNew e -> json.payload("input", e.input());
      case ExecutionCompleted e -> {
        json.text("status", e.status().name());
        json.payload("output", e.output());
        FailureDetails failure = e.failure();
        if (failure != null) {
          write(json, "failure", failure);
        }
      }
    }
  }

  private static void write(HistoryWriter json, @Nullable TraceContext trace) {
    if (trace != null) {
      json.object(
          "traceContext",
          () -> {
            json.text("traceParent", trace.traceParent());
            json.text("traceState", trace.traceState());
          });
    }
  }

  private static void write(HistoryWriter json, String name, FailureDetails failure) {
    json.object(
        name,
        () -> {
          json.text("errorType", failure.errorType());
          json.text("message", failure.message());
          json.text("stackTrace", failure.stackTrace());
          FailureDetails cause = failure.cause();
          if (cause != null) {
            write(json, "cause", cause);
          }
          json.flag("nonRetriable", failure.nonRetriable());
          json.payload("properties", failure.properties());
        });
  }

  // ---- reading ------------------------------------------------------------------------------

  /**
   * Reads a history that {@link #write} wrote.
   *
   * @throws HistoryFormatException if it is not one; the message says what is wrong and where
   */
  public static Document read(String json) {
    HistoryReader document = HistoryReader.of(json);
    return new Document(
        document.text("instanceId"), document.objects("events", HistoryJson::readEvent));
  }

  private static HistoryEvent readEvent(HistoryReader json) {
    String type = json.text("type");
    var at = json.time("timestamp");
    return switch (type) {
      case "ExecutionStarted" ->
          new ExecutionStarted(
              at,
              json.text("name"),
              json.text("version"),
              json.text("executionId"),
              json.payload("input"),
              json.objectOrNull("parent", HistoryJson::readParent),
              json.timeOrNull("scheduledStart"),
              json.textMap("tags"),
              trace(json));
      case "OrchestratorCompleted" ->
          new OrchestratorCompleted(
              at, json.number("delivered"), json.texts("waitingFor"), json.payload("details"));
      case "TaskScheduled" ->
          new TaskScheduled(
              at,
              json.number("taskId"),
              json.text("name"),
              json.payload("input"),
              json.number("firstTaskId"),
              json.number("attempt"),
              json.numberOr("attemptsMax", 0),
              json.textOrNull("version"),
              Objects.requireNonNullElse(json.textMapOrNull("tags"), Map.of()),
              trace(json));
      case "TaskCompleted" -> new TaskCompleted(at, json.number("taskId"), json.payload("result"));
      case "TaskFailed" -> new TaskFailed(at, json.number("taskId"), failure(json));
      case "SubOrchestrationCreated" ->
          new SubOrchestrationCreated(
              at,
              json.number("taskId"),
              json.text("instanceId"),
              json.text("name"),
              json.text("version"),
              json.payload("input"),
              json.numberOr("attempt", 1),
              json.numberOr("attemptsMax", 0),
              json.textMap("tags"),
              trace(json));
      case "SubOrchestrationCompleted" ->
          new SubOrchestrationCompleted(at, json.number("taskId"), json.payload("result"));
      case "SubOrchestrationFailed" ->
          new SubOrchestrationFailed(at, json.number("taskId"), failure(json));
      case "TimerCreated" -> new TimerCreated(at, json.number("taskId"), json.time("fireAt"));
      case "TimerFired" -> new TimerFired(at, json.number("taskId"));
      case "TimerCanceled" -> new TimerCanceled(at, json.number("taskId"));
      case "EventRaised" -> new EventRaised(at, json.text("name"), json.payload("payload"));
      case "EventSent" ->
          new EventSent(
              at,
              json.number("taskId"),
              json.text("instanceId"),
              json.text("name"),
              json.payload("payload"));
      case "EntityOperationCalled" ->
          new EntityOperationCalled(
              at,
              json.number("taskId"),
              json.text("instanceId"),
              json.text("operation"),
              json.payload("input"),
              json.timeOrNull("scheduledTime"));
      case "EntityOperationSignaled" ->
          new EntityOperationSignaled(
              at,
              json.number("taskId"),
              json.text("instanceId"),
              json.text("operation"),
              json.payload("input"),
              json.timeOrNull("scheduledTime"));
      case "EntityOperationCompleted" ->
          new EntityOperationCompleted(at, json.number("taskId"), json.payload("result"));
      case "EntityOperationFailed" ->
          new EntityOperationFailed(at, json.number("taskId"), failure(json));
      case "EntityLockRequested" ->
          new EntityLockRequested(at, json.number("taskId"), json.texts("lockSet"));
      case "EntityLockGranted" -> new EntityLockGranted(at, json.number("taskId"));
      case "EntityUnlockSent" -> new EntityUnlockSent(at, json.number("taskId"));
      case "CustomStatusSet" -> new CustomStatusSet(at, json.payload("status"));
      case "ExecutionSuspended" -> new ExecutionSuspended(at, json.textOrNull("reason"));
      case "ExecutionResumed" -> new ExecutionResumed(at, json.textOrNull("reason"));
      case "ExecutionRewound" ->
          new ExecutionRewound(
              at,
              json.textOrNull("reason"),
              json.numbers("removed"),
              json.objects("reopened", HistoryJson::readEvent),
              json.number("delivered"),
              json.number("deliverable"),
              json.numberOr("parentRewinds", 0),
              json.numberOr("nextTaskId", 0),
              json.objectOrNull(
                  "code",
                  code ->
                      new CodeState(
                          code.flag("statusRemoved"),
                          code.payload("customStatus"),
                          code.texts("waitingFor"))));
      case "ExecutionSetAside" ->
          new ExecutionSetAside(
              at,
              json.object(
                  "problem",
                  problem ->
                      new Problem(
                          problem.constant("kind", Problem.Kind.class), problem.text("message"))));
      case "ExecutionRequeued" -> new ExecutionRequeued(at, json.textOrNull("reason"));
      case "WorkRedelivered" ->
          new WorkRedelivered(at, json.number("taskId"), json.number("count"));
      case "ContinuedAsNew" -> new ContinuedAsNew(at, json.payload("input"));
      case "ExecutionCompleted" ->
          new ExecutionCompleted(
              at,
              json.constant("status", OrchestrationStatus.class),
              json.payload("output"),
              json.objectOrNull("failure", HistoryJson::readFailure));
      default ->
          throw json.wrong(
              "type",
              "no history event is called '%s'; a newer version of Perdure may have written it"
                  .formatted(type));
    };
  }

  private static ParentInstance readParent(HistoryReader json) {
    return new ParentInstance(
        json.text("instanceId"),
        json.text("executionId"),
        json.text("name"),
        Objects.requireNonNullElse(json.textOrNull("version"), ""),
        json.number("taskId"),
        json.numberOr("rewinds", 0));
  }

  private static FailureDetails failure(HistoryReader json) {
    return json.object("failure", HistoryJson::readFailure);
  }

  private static FailureDetails readFailure(HistoryReader json) {
    return new FailureDetails(
        json.text("errorType"),
        json.text("message"),
        json.textOrNull("stackTrace"),
        json.objectOrNull("cause", HistoryJson::readFailure),
        json.flag("nonRetriable"),
        json.payload("properties"));
  }

  private static @Nullable TraceContext trace(HistoryReader json) {
    return json.objectOrNull(
        "traceContext",
        trace -> new TraceContext(trace.text("traceParent"), trace.textOrNull("traceState")));
  }
}
