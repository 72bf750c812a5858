package dev.perdure.engine.partition;

import dev.perdure.api.EntityId;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.CustomStatusSet;
import dev.perdure.api.HistoryEvent.EntityLockRequested;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationSignaled;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.EventSent;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.InvalidInstanceIdException;
import dev.perdure.api.Payload;
import dev.perdure.api.PayloadTooLargeException;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.InstanceIds;
import dev.perdure.engine.StartSize;
import dev.perdure.engine.instance.Instance;
import dev.perdure.engine.orchestrator.StepResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a step may ask for. All of it is in one commit, so a step that asks for more than a commit
 * can hold could never be recorded, however often it is tried; and remote code may ask for what
 * code of this host was refused when it did.
 */
final class StepLimits {
  private StepLimits() {}

  /**
   * A step as it is; one that asks for what it may not is a failure that asks for nothing.
   *
   * @param idCharsMax characters of an entity's id
   */
  static StepResult bounded(Instance instance, StepResult step, int idCharsMax) {
    try {
      check(instance, step, idCharsMax);
      return step;
    } catch (PayloadTooLargeException | InvalidInstanceIdException e) {
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

  private static void check(Instance instance, StepResult step, int idCharsMax) {
    List<HistoryEvent> actions = step.actions();
    for (int i = 0; i < actions.size(); i++) {
      switch (actions.get(i)) {
        case EntityOperationCalled e -> checkEntity(e.instanceId(), idCharsMax);
        case EntityOperationSignaled e -> checkEntity(e.instanceId(), idCharsMax);
        case EntityLockRequested e -> e.lockSet().forEach(id -> checkEntity(id, idCharsMax));
        default -> {}
      }
    }
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

  /** Code of this host has heard of it earlier; remote code may ask for any id. */
  private static void checkEntity(String id, int charsMax) {
    if (id.length() > charsMax) {
      var unused = InstanceIds.of(EntityId.parse(id), charsMax);
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
      for (EventRaised event : next.notShown()) {
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
