package dev.perdure.engine.instance;

import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationCompleted;
import dev.perdure.api.HistoryEvent.EntityOperationFailed;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.SubOrchestrationFailed;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskFailed;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.Payload;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which failures a later attempt made good. A call of the same function with the same input, made
 * after the code was handed the failure of an earlier one, is another attempt: whether a retry
 * policy, the SDK of a remote worker or the code itself made it does not matter, and only of the
 * first does a history tell.
 */
final class MadeGood {
  /**
   * What is called; equal for all attempts. A child may get another id with each of them.
   *
   * @param detail the version of an activity or an orchestrator, empty if it has none, stated or
   *     not, since hubs of before tell these apart in some of their events only; or the entity of
   *     an operation
   */
  private record Function(Class<?> kind, String name, String detail, @Nullable Payload input) {
    static Function versioned(
        Class<?> kind, String name, @Nullable String version, @Nullable Payload input) {
      return new Function(kind, name, version == null ? "" : version, input);
    }
  }

  /** All attempts of one call, by the task of the first. */
  private record Call(int firstTaskId, Function function) {}

  private record Failure(int position, int ordinal, Call call) {}

  private final Map<Integer, Call> callOfTask = new HashMap<>();
  private final Map<Integer, Call> retriedCalls = new HashMap<>(); // by what their attempts share
  private final Map<Function, Set<Call>> failedCalls = new HashMap<>();
  private final Set<Call> good = new HashSet<>();
  private final List<Failure> failures = new ArrayList<>();

  private final List<HistoryEvent> callsOfStep = new ArrayList<>();
  private int handedOver; // of the failures
  private int deliverable;

  private MadeGood() {}

  /**
   * The positions of such failures.
   *
   * @param gone positions of events that do not count any more
   */
  static Set<Integer> failures(List<HistoryEvent> history, Set<Integer> gone) {
    MadeGood attempts = new MadeGood();
    for (int i = 0; i < history.size(); i++) {
      if (!gone.contains(i)) {
        attempts.follow(i, history.get(i));
      }
    }
    return attempts.madeGood();
  }

  private Set<Integer> madeGood() {
    Set<Integer> positions = new HashSet<>();
    for (Failure failure : failures) {
      if (good.contains(failure.call())) {
        positions.add(failure.position());
      }
    }
    return positions;
  }

  private void follow(int position, HistoryEvent event) {
    if (Instance.isDeliverable(event)) {
      deliverable++;
    }
    switch (event) {
      case TaskScheduled e -> callsOfStep.add(e);
      case SubOrchestrationCreated e -> callsOfStep.add(e);
      case EntityOperationCalled e -> callsOfStep.add(e);
      case OrchestratorCompleted e -> stepEnded(e.delivered());
      case TaskFailed e -> failed(position, e.taskId());
      case SubOrchestrationFailed e -> failed(position, e.taskId());
      case EntityOperationFailed e -> failed(position, e.taskId());
      case TaskCompleted e -> completed(e.taskId());
      case SubOrchestrationCompleted e -> completed(e.taskId());
      case EntityOperationCompleted e -> completed(e.taskId());
      default -> {}
    }
  }

  /** A step sees no failure that came while it was under way. */
  private void stepEnded(int delivered) {
    while (handedOver < failures.size() && failures.get(handedOver).ordinal() <= delivered) {
      Call call = failures.get(handedOver++).call();
      failedOf(call.function()).add(call);
    }
    callsOfStep.forEach(this::called);
    callsOfStep.clear();
  }

  private void called(HistoryEvent event) {
    switch (event) {
      case TaskScheduled e -> {
        Function function =
            Function.versioned(TaskScheduled.class, e.name(), e.version(), e.input());
        Call known = e.attempt() > 1 ? retriedCalls.get(e.firstTaskId()) : null;
        if (known != null) {
          failedOf(function).remove(known);
          callOfTask.put(e.taskId(), known);
        } else {
          retriedCalls.put(e.firstTaskId(), attempt(e.taskId(), function));
        }
      }
      case SubOrchestrationCreated e ->
          attempt(
              e.taskId(),
              Function.versioned(SubOrchestrationCreated.class, e.name(), e.version(), e.input()));
      case EntityOperationCalled e ->
          attempt(
              e.taskId(),
              new Function(EntityOperationCalled.class, e.operation(), e.instanceId(), e.input()));
      default -> throw new IllegalStateException("Not a call: " + event);
    }
  }

  private Call attempt(int taskId, Function function) {
    Iterator<Call> oldest = failedOf(function).iterator();
    Call call;
    if (oldest.hasNext()) {
      call = oldest.next();
      oldest.remove();
    } else {
      call = new Call(taskId, function);
    }
    callOfTask.put(taskId, call);
    return call;
  }

  private Set<Call> failedOf(Function function) {
    return failedCalls.computeIfAbsent(function, f -> new LinkedHashSet<>(2));
  }

  private void failed(int position, int taskId) {
    Call call = callOfTask.get(taskId);
    if (call != null) {
      failures.add(new Failure(position, deliverable, call));
    }
  }

  private void completed(int taskId) {
    Call call = callOfTask.get(taskId);
    if (call != null) {
      good.add(call);
    }
  }
}
