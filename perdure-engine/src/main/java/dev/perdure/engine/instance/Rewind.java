package dev.perdure.engine.instance;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.CodeState;
import dev.perdure.api.HistoryEvent.CustomStatusSet;
import dev.perdure.api.HistoryEvent.EntityLockGranted;
import dev.perdure.api.HistoryEvent.EntityLockRequested;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationCompleted;
import dev.perdure.api.HistoryEvent.EntityOperationFailed;
import dev.perdure.api.HistoryEvent.EntityOperationSignaled;
import dev.perdure.api.HistoryEvent.EntityUnlockSent;
import dev.perdure.api.HistoryEvent.EventSent;
import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
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
import dev.perdure.api.ParentInstance;
import dev.perdure.api.Payload;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Takes a failed orchestration back to just before its failure.
 *
 * <p>The last failure of a task that the code was handed, and the failures handed over together
 * with it or right before it without the code asking for anything in between, are removed. Failures
 * that a later attempt {@linkplain MadeGood made good} do not count. What the code asked for after
 * them, and what came of that, is removed too: the code will decide anew once the failed tasks have
 * another result. If no task failed, only the last step is removed: code that threw by itself is
 * run again.
 */
public final class Rewind {
  private Rewind() {}

  /**
   * The id of an execution as clients and workers are told it: a new one after each rewind. The
   * engine knows the execution by one id throughout, for which answers may be on their way, and on
   * which what the code was told to be random depends.
   *
   * @param executionId the id that it began with
   * @param rewinds how often it was rewound
   */
  public static String executionId(String executionId, int rewinds) {
    return rewinds == 0
        ? executionId
        : UUID.nameUUIDFromBytes((executionId + "/rewound/" + rewinds).getBytes(UTF_8))
            .toString()
            .replace("-", "");
  }

  /** A parent as clients and workers are told of it. */
  public static @Nullable ParentInstance withPublicId(@Nullable ParentInstance parent) {
    return parent == null || parent.rewinds() == 0
        ? parent
        : new ParentInstance(
            parent.instanceId(),
            executionId(parent.executionId(), parent.rewinds()),
            parent.name(),
            parent.version(),
            parent.taskId(),
            parent.rewinds());
  }

  /**
   * A parent that was rewound after it had started this one.
   *
   * @param rewinds how often in all
   */
  public static ParentInstance rewound(ParentInstance parent, int rewinds) {
    return new ParentInstance(
        parent.instanceId(),
        parent.executionId(),
        parent.name(),
        parent.version(),
        parent.taskId(),
        rewinds);
  }

  /** The events that still count, given what earlier rewinds removed. */
  public static List<HistoryEvent> effective(List<HistoryEvent> history) {
    Set<Integer> removed = removed(history);
    if (removed.isEmpty()) {
      return history;
    }
    List<HistoryEvent> kept = new ArrayList<>(history.size());
    for (int i = 0; i < history.size(); i++) {
      if (!removed.contains(i)) {
        kept.add(history.get(i));
      }
    }
    return kept;
  }

  private static Set<Integer> removed(List<HistoryEvent> history) {
    Set<Integer> removed = new HashSet<>();
    for (HistoryEvent event : history) {
      if (event instanceof ExecutionRewound rewound) {
        removed.addAll(rewound.removed());
      }
    }
    return removed;
  }

  /**
   * Decides what a rewind removes that is not part of the parent's.
   *
   * @param history the whole history of the failed execution
   */
  public static ExecutionRewound plan(
      List<HistoryEvent> history, @Nullable String reason, Instant now) {
    return plan(history, reason, 0, now);
  }

  /**
   * Decides what a rewind removes.
   *
   * @param history the whole history of the failed execution
   * @param parentRewinds how often the parent that has it rewound was rewound itself; 0 if it is
   *     not the parent that asks
   */
  public static ExecutionRewound plan(
      List<HistoryEvent> history, @Nullable String reason, int parentRewinds, Instant now) {
    Set<Integer> gone = removed(history);
    Set<Integer> madeGood = MadeGood.failures(history, gone);
    int lastFailure = -1;
    for (int i = 0; i < history.size(); i++) {
      if (!gone.contains(i) && isTaskFailure(history.get(i)) && !madeGood.contains(i)) {
        lastFailure = i;
      }
    }
    List<Integer> removing = new ArrayList<>();
    int lastAction = lastActionBefore(history, gone, lastFailure);
    int firstFailure = firstFailureAfter(history, gone, lastAction);
    int lastStep = lastStep(history, gone);
    Set<Integer> asked = new HashSet<>(); // tasks whose calls are removed
    Map<Integer, HistoryEvent> open = new HashMap<>();
    for (int i = 0; i < history.size(); i++) {
      if (gone.contains(i)) {
        continue;
      }
      HistoryEvent event = history.get(i);
      boolean remove =
          event instanceof ExecutionCompleted
              || (lastFailure < 0 && i >= lastStep && isDecision(event))
              || (lastFailure >= 0
                  && i > lastAction
                  && isTaskFailure(event)
                  && !madeGood.contains(i))
              || (lastFailure >= 0 && i > firstFailure && isDecision(event))
              || asked.contains(resultOf(event));
      if (remove) {
        removing.add(i);
        asked.add(callOf(event));
      } else {
        follow(open, event);
      }
    }
    removing.sort(null);
    Set<Integer> all = new HashSet<>(gone);
    all.addAll(removing);
    int delivered = 0;
    int deliverable = 0;
    boolean statusRemoved = false;
    Payload customStatus = null;
    List<String> waitingFor = List.of();
    for (int i = 0; i < history.size(); i++) {
      HistoryEvent event = history.get(i);
      if (all.contains(i)) {
        statusRemoved |= !gone.contains(i) && event instanceof CustomStatusSet;
      } else {
        if (Instance.isDeliverable(event)) {
          deliverable++;
        } else if (event instanceof CustomStatusSet set) {
          customStatus = set.status();
        } else if (event instanceof OrchestratorCompleted step) {
          delivered = step.delivered();
          waitingFor = step.waitingFor();
        }
      }
    }
    return new ExecutionRewound(
        now,
        reason,
        removing,
        List.copyOf(open.values()),
        delivered,
        deliverable,
        parentRewinds,
        nextTaskId(history),
        new CodeState(statusRemoved, customStatus, waitingFor));
  }

  /**
   * Why a plan must not be carried out, to follow the words "cannot be rewound: "; null if it may.
   *
   * <p>Locks were released when the orchestration failed: it must not go on where it believes that
   * it holds them. And an operation of an entity that was under way then may have run, without
   * anybody having listened: it must not be sent a second time.
   */
  public static @Nullable String refusal(List<HistoryEvent> history, ExecutionRewound plan) {
    Set<Integer> before = removed(history);
    Set<Integer> after = new HashSet<>(before);
    after.addAll(plan.removed());
    Map<Integer, HistoryEvent> unanswered = new LinkedHashMap<>();
    boolean locked = false;
    for (int i = 0; i < history.size(); i++) {
      if (before.contains(i)) {
        continue;
      }
      switch (history.get(i)) {
        case EntityOperationCalled e -> unanswered.put(e.taskId(), e);
        case EntityOperationCompleted e -> unanswered.remove(e.taskId());
        case EntityOperationFailed e -> unanswered.remove(e.taskId());
        case EntityLockRequested e -> {
          unanswered.put(e.taskId(), e);
          locked |= !after.contains(i);
        }
        case EntityLockGranted e -> unanswered.remove(e.taskId());
        case EntityUnlockSent e -> {
          unanswered.remove(e.taskId());
          locked &= after.contains(i);
        }
        default -> {}
      }
    }
    if (locked) {
      return "it failed in a critical section, or waiting for one, and its locks were released.";
    }
    if (unanswered.isEmpty()) {
      return null;
    }
    return unanswered.values().iterator().next() instanceof EntityOperationCalled call
        ? ("when it failed, operation '%s' of entity '%s' (#%d) was under way; it may have run, and"
                + " must not run twice.")
            .formatted(call.operation(), call.instanceId(), call.taskId())
        : "when it failed, it waited for locks, which may have been on their way to it.";
  }

  private static int lastActionBefore(List<HistoryEvent> history, Set<Integer> gone, int end) {
    int last = -1;
    for (int i = 0; i < end; i++) {
      if (!gone.contains(i) && callOf(history.get(i)) != NONE) {
        last = i;
      }
    }
    return last;
  }

  private static int firstFailureAfter(List<HistoryEvent> history, Set<Integer> gone, int begin) {
    for (int i = begin + 1; i < history.size(); i++) {
      if (!gone.contains(i) && isTaskFailure(history.get(i))) {
        return i;
      }
    }
    return -1;
  }

  private static int lastStep(List<HistoryEvent> history, Set<Integer> gone) {
    // The last step is everything the code decided after the step before it had ended.
    int last = 0;
    int before = 0;
    boolean ended = false; // whether the event looked at follows the end of a step
    for (int i = 0; i < history.size(); i++) {
      if (gone.contains(i)) {
        continue;
      }
      if (history.get(i) instanceof OrchestratorCompleted) {
        before = last;
        last = i + 1;
        ended = true;
      } else if (history.get(i) instanceof ExecutionCompleted) {
        return ended ? before : last; // one that was ended for it had no last step of its own
      } else {
        ended = false;
      }
    }
    return before;
  }

  /** The first id that no task has, be it removed or not. */
  private static int nextTaskId(List<HistoryEvent> history) {
    int next = 0;
    for (HistoryEvent event : history) {
      next = Math.max(next, callOf(event) + 1);
    }
    return next;
  }

  private static final int NONE = Integer.MIN_VALUE;

  private static boolean isTaskFailure(HistoryEvent event) {
    return event instanceof TaskFailed
        || event instanceof SubOrchestrationFailed
        || event instanceof EntityOperationFailed;
  }

  private static boolean isDecision(HistoryEvent event) {
    return event instanceof OrchestratorCompleted
        || event instanceof CustomStatusSet
        || event instanceof TimerCanceled
        || event instanceof EntityUnlockSent
        || callOf(event) != NONE;
  }

  private static int callOf(HistoryEvent event) {
    return switch (event) {
      case TaskScheduled e -> e.taskId();
      case TimerCreated e -> e.taskId();
      case SubOrchestrationCreated e -> e.taskId();
      case EventSent e -> e.taskId();
      case EntityOperationCalled e -> e.taskId();
      case EntityOperationSignaled e -> e.taskId();
      case EntityLockRequested e -> e.taskId();
      default -> NONE;
    };
  }

  private static int resultOf(HistoryEvent event) {
    return switch (event) {
      case TaskCompleted e -> e.taskId();
      case TaskFailed e -> e.taskId();
      case TimerFired e -> e.taskId();
      case SubOrchestrationCompleted e -> e.taskId();
      case SubOrchestrationFailed e -> e.taskId();
      case EntityOperationCompleted e -> e.taskId();
      case EntityOperationFailed e -> e.taskId();
      case EntityLockGranted e -> e.taskId();
      default -> NONE + 1;
    };
  }

  private static boolean isMessage(HistoryEvent event) {
    return event instanceof EventSent || event instanceof EntityOperationSignaled;
  }

  private static void follow(Map<Integer, HistoryEvent> open, HistoryEvent event) {
    if (event instanceof TimerCanceled cancelled) {
      open.remove(cancelled.taskId());
    } else if (event instanceof EntityUnlockSent unlock) {
      open.remove(unlock.taskId());
    } else if (!isMessage(event) && callOf(event) != NONE) {
      open.put(callOf(event), event);
    } else {
      open.remove(resultOf(event));
    }
  }
}
