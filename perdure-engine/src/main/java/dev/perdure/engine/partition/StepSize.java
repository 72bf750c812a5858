package dev.perdure.engine.partition;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.CustomStatusSet;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationSignaled;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.EventSent;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.Payload;
import dev.perdure.api.PayloadTooLargeException;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.StartSize;
import dev.perdure.engine.instance.Instance;
import dev.perdure.engine.orchestrator.StepResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How much a step asks for. All of it is in one commit, so a step that asks for more than a commit
 * can hold could never be recorded, however often it is tried.
 */
final class StepSize {
  private StepSize() {}

  /** A step as it is; one that asks for too much is a failure that asks for nothing. */
  static StepResult bounded(Instance instance, StepResult step) {
    try {
      check(instance, step);
      return step;
    } catch (PayloadTooLargeException e) {
      return new StepResult(
          new ArrayList<>(1),
          step.delivered(),
          List.of(),
          new StepResult.Failed(FailureDetails.of(e)),
          null,
          List.of(),
          step.recorded());
    }
  }

  private static void check(Instance instance, StepResult step) {
    long bytes = bytes(step);
    if (bytes > EngineOptions.STEP_BYTES_MAX) {
      throw new PayloadTooLargeException(
          ("Instance '%s' asked for tasks and messages with %,d bytes in one step, that is"
                  + " without waiting in between; a step may have %,d. None of them was"
                  + " recorded. Wait for some before you start more, or keep large data"
                  + " elsewhere and pass references to it.")
              .formatted(instance.id(), bytes, EngineOptions.STEP_BYTES_MAX));
    }
    if (step.outcome() instanceof StepResult.ContinueAsNew next) {
      StartSize.check(
          instance.name(),
          Objects.requireNonNullElse(next.version(), instance.version()),
          Objects.requireNonNullElse(next.tags(), instance.tags()),
          instance.traceContext());
    }
  }

  private static long bytes(StepResult step) {
    long bytes = 0;
    List<HistoryEvent> actions = step.actions();
    for (int i = 0; i < actions.size(); i++) {
      bytes += bytes(actions.get(i));
    }
    if (step.outcome() instanceof StepResult.ContinueAsNew next) {
      for (EventRaised event : next.unprocessed()) {
        bytes += bytes(event);
      }
    }
    return bytes;
  }

  private static long bytes(HistoryEvent event) {
    return switch (event) {
      case TaskScheduled e ->
          bytes(e.input()) + StartSize.chars(e.name(), e.version(), e.tags(), e.traceContext());
      case SubOrchestrationCreated e ->
          bytes(e.input()) + StartSize.chars(e.name(), e.version(), e.tags(), e.traceContext());
      case EventSent e -> bytes(e.payload());
      case EventRaised e -> bytes(e.payload());
      case EntityOperationCalled e -> bytes(e.input());
      case EntityOperationSignaled e -> bytes(e.input());
      case CustomStatusSet e -> bytes(e.status());
      default -> 0;
    };
  }

  private static int bytes(@Nullable Payload payload) {
    return payload == null ? 0 : payload.size();
  }
}
