package dev.perdure.engine.orchestrator;

import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.CustomStatusSet;
import dev.perdure.api.HistoryEvent.EntityLockRequested;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationSignaled;
import dev.perdure.api.HistoryEvent.EntityUnlockSent;
import dev.perdure.api.HistoryEvent.EventSent;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCanceled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.engine.instance.Instance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A history taken apart for replay: the events to hand over, and what the code asked for at each
 * step, against which it is checked.
 */
final class Replay {
  /** What replay found the code to do, where the history says something else; null if it agrees. */
  record Difference(int position, String expected, String actual) {}

  private final List<HistoryEvent> deliverables = new ArrayList<>();
  private final List<HistoryEvent> actions = new ArrayList<>();
  private int[] actionPositions = new int[16];

  // Step k ended when stepDelivered[k] events had been handed over, with stepActions[k] actions.
  private int[] stepDelivered = new int[16];
  private int[] stepActions = new int[16];
  private int[] stepPositions = new int[16];
  private int steps;

  // The steps that are left from before each rewind, and the first id for tasks after it.
  private final List<Rewound> rewinds = new ArrayList<>(1);

  private record Rewound(int steps, int nextTaskId) {}

  /** Whether the last step ended the execution instead of ending in a wait. */
  private boolean lastStepIsTheEnd;

  /** Whether the execution has ended, and was not rewound since. */
  private boolean hasEnded;

  private int nextStep;
  private int nextAction;

  /** A replay of a whole history, in which events that a rewind removed no longer count. */
  Replay(List<HistoryEvent> history) {
    Set<Integer> removed = removed(history);
    for (int i = 0; i < history.size(); i++) {
      if (!removed.isEmpty() && removed.contains(i)) {
        continue;
      }
      HistoryEvent event = history.get(i);
      if (Instance.isDeliverable(event)) {
        deliverables.add(event);
      } else if (event instanceof OrchestratorCompleted step) {
        if (steps == stepDelivered.length) {
          stepDelivered = Arrays.copyOf(stepDelivered, steps * 2);
          stepActions = Arrays.copyOf(stepActions, steps * 2);
          stepPositions = Arrays.copyOf(stepPositions, steps * 2);
        }
        stepDelivered[steps] = step.delivered();
        stepActions[steps] = actions.size();
        stepPositions[steps] = i;
        steps++;
        lastStepIsTheEnd = false;
      } else if (event instanceof ExecutionRewound rewound) {
        rewinds.add(new Rewound(steps, rewound.nextTaskId()));
        hasEnded = false;
      } else if (isEndOfCode(event)) {
        lastStepIsTheEnd = true;
        hasEnded = true;
      } else if (isAction(event)) {
        if (actions.size() == actionPositions.length) {
          actionPositions = Arrays.copyOf(actionPositions, actions.size() * 2);
        }
        actionPositions[actions.size()] = i;
        actions.add(event);
      }
    }
  }

  private static Set<Integer> removed(List<HistoryEvent> history) {
    Set<Integer> removed = Set.of();
    for (HistoryEvent event : history) {
      if (event instanceof ExecutionRewound rewound) {
        removed = removed.isEmpty() ? new HashSet<>() : removed;
        removed.addAll(rewound.removed());
      }
    }
    return removed;
  }

  private static boolean isEndOfCode(HistoryEvent event) {
    return event instanceof HistoryEvent.ContinuedAsNew
        || (event instanceof HistoryEvent.ExecutionCompleted end
            && end.status() != OrchestrationStatus.TERMINATED);
  }

  private static boolean isAction(HistoryEvent event) {
    return event instanceof TaskScheduled
        || event instanceof SubOrchestrationCreated
        || event instanceof TimerCreated
        || event instanceof TimerCanceled
        || event instanceof EventSent
        || event instanceof EntityOperationCalled
        || event instanceof EntityOperationSignaled
        || event instanceof EntityLockRequested
        || event instanceof EntityUnlockSent
        || event instanceof CustomStatusSet;
  }

  /** All events to hand over: first those the code has seen before, then the new ones. */
  List<HistoryEvent> deliverables() {
    return deliverables;
  }

  /** Whether the code is still doing what it has done before. */
  boolean isReplaying() {
    return nextStep < steps;
  }

  /**
   * The least id of a task that the code may ask for now: one that no removed task had, once all
   * that is left from before a rewind is repeated; 0 if there was none.
   */
  int leastTaskId() {
    int least = 0;
    for (Rewound rewound : rewinds) {
      if (nextStep >= rewound.steps()) {
        least = Math.max(least, rewound.nextTaskId());
      }
    }
    return least;
  }

  /** Checks something the code asks for. */
  @Nullable Difference asked(HistoryEvent action) {
    if (nextAction >= stepActions[nextStep]) {
      return new Difference(stepPositions[nextStep], "nothing more in this step", asks(action));
    }
    HistoryEvent recorded = actions.get(nextAction);
    if (!same(recorded, action)) {
      return new Difference(actionPositions[nextAction], describe(recorded), asks(action));
    }
    nextAction++;
    return null;
  }

  /** Checks that the code, which now waits, has asked for all it had asked for by then. */
  @Nullable Difference waits(int delivered) {
    while (nextStep < steps && delivered >= stepDelivered[nextStep]) {
      if (nextAction < stepActions[nextStep]) {
        return missing("waits without having asked for it");
      }
      nextStep++;
    }
    return hasEnded && steps > 0 && nextStep == steps
        ? new Difference(stepPositions[steps - 1], "the end", "waits")
        : null;
  }

  /** Checks that the code, which has ended, had nothing more to do. */
  @Nullable Difference ended(String how) {
    if (!isReplaying()) {
      return null;
    }
    if (lastStepIsTheEnd && nextStep == steps - 1) {
      // What comes after it in the history was done on its behalf, such as the release of locks.
      return nextAction < stepActions[nextStep] ? missing(how) : null;
    }
    if (nextAction < actions.size()) {
      return missing(how);
    }
    return new Difference(stepPositions[nextStep], "a wait", how);
  }

  private static String asks(HistoryEvent action) {
    return "asked for " + describe(action);
  }

  private Difference missing(String actual) {
    return new Difference(actionPositions[nextAction], describe(actions.get(nextAction)), actual);
  }

  private static boolean same(HistoryEvent recorded, HistoryEvent action) {
    return switch (recorded) {
      case TaskScheduled a ->
          action instanceof TaskScheduled b
              && a.taskId() == b.taskId()
              && a.name().equals(b.name());
      case TimerCreated a -> action instanceof TimerCreated b && a.taskId() == b.taskId();
      case TimerCanceled a -> action instanceof TimerCanceled b && a.taskId() == b.taskId();
      case SubOrchestrationCreated a ->
          action instanceof SubOrchestrationCreated b
              && a.taskId() == b.taskId()
              && a.name().equals(b.name())
              && a.instanceId().equals(b.instanceId());
      case EventSent a ->
          action instanceof EventSent b
              && a.taskId() == b.taskId()
              && a.name().equals(b.name())
              && a.instanceId().equals(b.instanceId());
      case EntityOperationCalled a ->
          action instanceof EntityOperationCalled b
              && a.taskId() == b.taskId()
              && a.operation().equals(b.operation())
              && a.instanceId().equals(b.instanceId());
      case EntityOperationSignaled a ->
          action instanceof EntityOperationSignaled b
              && a.taskId() == b.taskId()
              && a.operation().equals(b.operation())
              && a.instanceId().equals(b.instanceId());
      case EntityLockRequested a ->
          action instanceof EntityLockRequested b
              && a.taskId() == b.taskId()
              && a.lockSet().equals(b.lockSet());
      case EntityUnlockSent a -> action instanceof EntityUnlockSent b && a.taskId() == b.taskId();
      default -> recorded instanceof CustomStatusSet && action instanceof CustomStatusSet;
    };
  }

  /** An action in words, without its payloads. */
  static String describe(HistoryEvent action) {
    return switch (action) {
      case TaskScheduled e -> "call of activity '%s' (#%d)".formatted(e.name(), e.taskId());
      case TimerCreated e -> "timer (#%d)".formatted(e.taskId());
      case TimerCanceled e -> "cancellation of timer #%d".formatted(e.taskId());
      case SubOrchestrationCreated e ->
          "sub-orchestration '%s' with id '%s' (#%d)"
              .formatted(e.name(), e.instanceId(), e.taskId());
      case EventSent e ->
          "event '%s' sent to '%s' (#%d)".formatted(e.name(), e.instanceId(), e.taskId());
      case EntityOperationCalled e ->
          "call of operation '%s' of entity '%s' (#%d)"
              .formatted(e.operation(), e.instanceId(), e.taskId());
      case EntityOperationSignaled e ->
          "operation '%s' signaled to entity '%s' (#%d)"
              .formatted(e.operation(), e.instanceId(), e.taskId());
      case EntityLockRequested e ->
          "lock on %s (#%d)".formatted(String.join(", ", e.lockSet()), e.taskId());
      case EntityUnlockSent e -> "release of lock #%d".formatted(e.taskId());
      case CustomStatusSet e -> "custom status";
      default -> action.getClass().getSimpleName();
    };
  }
}
