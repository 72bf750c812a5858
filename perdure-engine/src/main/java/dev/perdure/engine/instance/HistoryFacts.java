package dev.perdure.engine.instance;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationFailed;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.ExecutionRequeued;
import dev.perdure.api.HistoryEvent.ExecutionResumed;
import dev.perdure.api.HistoryEvent.ExecutionSetAside;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.ExecutionSuspended;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.SubOrchestrationFailed;
import dev.perdure.api.HistoryEvent.TaskFailed;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.HistoryEvent.TimerFired;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the history of an execution tells about its waits that its state does not: which attempts
 * they are, since when events have been waited for, when it was suspended or set aside. Does not
 * change once it has been read. Safe from any thread.
 *
 * <p>Calls that the engine retries say in the history which attempt of how many they are. Remote
 * workers retry by themselves and say nothing, so that is concluded: what is called by the same
 * name when a timer has fired that was set when such a call had failed is the next attempt of it.
 */
public final class HistoryFacts {
  /** Of a history that is not known. */
  public static final HistoryFacts NONE = new HistoryFacts();

  /**
   * A task that failed.
   *
   * @param what which one, in words: what was called, and which attempt that was
   * @param failure how
   */
  public record FailedTask(String what, FailureDetails failure) {}

  /**
   * A call of an activity, a sub-orchestration or an operation of an entity.
   *
   * @param attempt which attempt it is; 0 if that is not known
   * @param max attempts in all, as in {@link Tries}
   */
  private record Call(String kind, String name, int taskId, int attempt, int max) {
    static Call of(TaskScheduled e) {
      return of("activity", e.name(), e.taskId(), e.attempt(), e.attemptsMax());
    }

    static Call of(SubOrchestrationCreated e) {
      return of("sub-orchestration", e.name(), e.taskId(), e.attempt(), e.attemptsMax());
    }

    static Call of(EntityOperationCalled e) {
      String kind = "operation of entity '%s':".formatted(e.instanceId());
      return of(kind, e.operation(), e.taskId(), 0, 0);
    }

    private static Call of(String kind, String name, int taskId, int attempt, int max) {
      return new Call(kind, name, taskId, attempt > 1 || max > 0 ? attempt : 0, max);
    }

    /** Whether this may be the next attempt of a call that failed. */
    boolean mayFollow(Call failed) {
      return attempt == 0 && kind.equals(failed.kind) && name.equals(failed.name);
    }

    Call asNextOf(Call failed) {
      return new Call(kind, name, taskId, Math.max(1, failed.attempt) + 1, 0);
    }

    @Nullable Tries tries() {
      return attempt == 0 ? null : new Tries(kind, name, taskId, attempt, max);
    }

    /** What was called, and which attempt it is. */
    @Override
    public String toString() {
      Tries tries = tries();
      return "%s '%s' (#%d%s)".formatted(kind, name, taskId, tries == null ? "" : ", " + tries);
    }

    String whyPutOff() {
      Tries tries = tries();
      return tries == null ? "set when %s failed".formatted(this) : tries.whyPutOff();
    }
  }

  private String executionId = "";
  private @Nullable ExecutionSuspended suspended;
  private @Nullable ExecutionSetAside setAside;
  private @Nullable Instant lastStepAt;
  private @Nullable FailedTask lastFailed;
  private boolean remote;
  private final Map<Integer, Call> calls = new HashMap<>();
  private final Map<Integer, Call> putOff = new HashMap<>();
  private Map<String, Instant> eventsSince = Map.of();

  private HistoryFacts() {}

  /** Reads a history, or as much of one as there is yet. */
  public static HistoryFacts of(List<HistoryEvent> history) {
    HistoryFacts facts = new HistoryFacts();
    Reading reading = facts.new Reading();
    Rewind.effective(history).forEach(reading::read);
    return facts;
  }

  /** Reads the events one after the other, a step at a time. */
  private final class Reading {
    private final List<HistoryEvent> deliverables = new ArrayList<>();
    private final List<Call> asked = new ArrayList<>();
    private final List<Integer> timers = new ArrayList<>();
    private int delivered;

    void read(HistoryEvent event) {
      if (Instance.isDeliverable(event)) {
        deliverables.add(event);
      }
      switch (event) {
        case ExecutionStarted e -> executionId = e.executionId();
        case TaskScheduled e -> asked.add(Call.of(e));
        case SubOrchestrationCreated e -> asked.add(Call.of(e));
        case EntityOperationCalled e -> asked.add(Call.of(e));
        case TimerCreated e -> timers.add(e.taskId());
        case OrchestratorCompleted e -> stepEnded(e);
        case ExecutionSuspended e -> suspended = e;
        case ExecutionResumed e -> suspended = null;
        case ExecutionSetAside e -> setAside = e;
        case ExecutionRequeued e -> setAside = null;
        default -> {}
      }
    }

    private void stepEnded(OrchestratorCompleted step) {
      int from = Math.min(delivered, deliverables.size());
      int to = Math.max(from, Math.min(step.delivered(), deliverables.size()));
      List<HistoryEvent> handed = deliverables.subList(from, to);
      delivered = to;
      lastStepAt = step.timestamp();
      if (step.details() != null) {
        remote = true;
        findNextAttempts(handed);
      }
      handed.forEach(this::noteFailure);
      List<Call> failed = failuresToRetry(handed);
      // From here on: an id may have been used before, which some workers do.
      asked.forEach(call -> calls.put(call.taskId(), call));
      timers.forEach(putOff::remove);
      findTimersOfRetries(failed, handed.size());
      findWaitsForEvents(step, handed);
      asked.clear();
      timers.clear();
    }

    private void noteFailure(HistoryEvent event) {
      switch (event) {
        case TaskFailed e -> noteFailure(e.taskId(), e.failure());
        case SubOrchestrationFailed e -> noteFailure(e.taskId(), e.failure());
        case EntityOperationFailed e -> noteFailure(e.taskId(), e.failure());
        default -> {}
      }
    }

    private void noteFailure(int taskId, FailureDetails failure) {
      Call call = calls.get(taskId);
      lastFailed = call == null ? null : new FailedTask(call.toString(), failure);
    }

    private void findNextAttempts(List<HistoryEvent> handed) {
      for (HistoryEvent event : handed) {
        Call failed = event instanceof TimerFired fired ? putOff.get(fired.taskId()) : null;
        for (int i = 0; failed != null && i < asked.size(); i++) {
          if (asked.get(i).mayFollow(failed)) {
            asked.set(i, asked.get(i).asNextOf(failed));
            failed = null;
          }
        }
      }
    }

    /**
     * Whoever retries sets a timer for each failure, in their order. What does not add up was not
     * like that, or not only, and is left open.
     */
    private void findTimersOfRetries(List<Call> failed, int handed) {
      boolean clear = failed.size() == 1 && handed == 1 && !timers.isEmpty();
      if (clear || timers.size() == failed.size()) {
        for (int i = 0; i < failed.size(); i++) {
          putOff.put(timers.get(i), failed.get(i));
        }
      }
    }

    private List<Call> failuresToRetry(List<HistoryEvent> handed) {
      List<Call> all = new ArrayList<>(1);
      for (HistoryEvent event : handed) {
        switch (event) {
          case TaskFailed e -> addIfRetried(e.taskId(), e.failure(), all);
          case SubOrchestrationFailed e -> addIfRetried(e.taskId(), e.failure(), all);
          default -> {}
        }
      }
      List<Call> withPolicy = all.stream().filter(call -> call.max() > 0).toList();
      return withPolicy.isEmpty() ? all : withPolicy;
    }

    private void addIfRetried(int taskId, FailureDetails failure, List<Call> to) {
      Call call = calls.get(taskId);
      if (call != null
          && !failure.nonRetriable()
          && (call.max() == 0 || call.attempt() < call.max())) {
        to.add(call);
      }
    }

    /** A wait goes on from step to step until an event of its name has come. */
    private void findWaitsForEvents(OrchestratorCompleted step, List<HistoryEvent> handed) {
      Set<String> came = new HashSet<>();
      for (HistoryEvent event : handed) {
        if (event instanceof EventRaised raised) {
          came.add(folded(raised.name()));
        }
      }
      Map<String, Instant> now = new HashMap<>();
      for (String name : step.waitingFor()) {
        String key = folded(name);
        Instant before = came.contains(key) ? null : eventsSince.get(key);
        now.put(key, before == null ? step.timestamp() : before);
      }
      eventsSince = now;
    }
  }

  private static String folded(String eventName) {
    return eventName.toLowerCase(Locale.ROOT);
  }

  /** The execution whose history it is; empty if it is not known. */
  public String executionId() {
    return executionId;
  }

  /** Which attempt of a call a task is; null if it is tried but once, or that is not known. */
  public @Nullable Tries tries(int taskId) {
    Call call = calls.get(taskId);
    return call == null ? null : call.tries();
  }

  /**
   * Of a timer that was set because an attempt of a call had failed: which one that was, in words;
   * null if it is another timer, or that is not known.
   */
  public @Nullable String whyPutOff(int timerId) {
    Call failed = putOff.get(timerId);
    return failed == null ? null : failed.whyPutOff();
  }

  /** Since when an event of a name has been waited for; null if it is not, or that is not known. */
  public @Nullable Instant waitsForEventSince(String name) {
    return eventsSince.get(folded(name));
  }

  /**
   * The task that failed last, of those whose end the code has seen; null if none failed, or that
   * is not known.
   */
  public @Nullable FailedTask lastFailedTask() {
    return lastFailed;
  }

  /**
   * When the code was last run until it had to wait; null if it was not yet, or it is not known.
   */
  public @Nullable Instant lastStepAt() {
    return lastStepAt;
  }

  /** How it was suspended; null if it is not, or that is not known. */
  public @Nullable ExecutionSuspended suspended() {
    return suspended;
  }

  /** How it was set aside; null if it is not, or that is not known. */
  public @Nullable ExecutionSetAside setAside() {
    return setAside;
  }

  /** Whether its code is run by remote workers, as far as steps were taken. */
  public boolean isRemote() {
    return remote;
  }
}
