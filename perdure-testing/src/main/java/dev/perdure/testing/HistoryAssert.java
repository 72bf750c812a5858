package dev.perdure.testing;

import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.ContinuedAsNew;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerFired;
import dev.perdure.api.OrchestrationStatus;
import java.util.List;
import java.util.function.Predicate;

/**
 * Asserts what happened to an orchestration, by its history. Every method throws an {@link
 * AssertionError} that shows the history if it is not so.
 *
 * <pre>{@code
 * hub.assertHistory(id).called("reserve", 1).neverCalled("refund").completed();
 * }</pre>
 */
public final class HistoryAssert {
  private final List<HistoryEvent> history;

  private HistoryAssert(List<HistoryEvent> history) {
    this.history = List.copyOf(history);
  }

  /** Assertions about a history. */
  public static HistoryAssert of(List<HistoryEvent> history) {
    return new HistoryAssert(history);
  }

  /** An activity was called so often; attempts of a retry policy are one call. */
  public HistoryAssert called(String activity, int times) {
    return counts(
        "calls of activity '%s'".formatted(activity),
        times,
        e ->
            e instanceof TaskScheduled call && call.name().equals(activity) && call.attempt() == 1);
  }

  /** An activity was not called. */
  public HistoryAssert neverCalled(String activity) {
    return called(activity, 0);
  }

  /** An activity was tried so often, over all calls of it. */
  public HistoryAssert tried(String activity, int times) {
    return counts(
        "attempts of activity '%s'".formatted(activity),
        times,
        e -> e instanceof TaskScheduled call && call.name().equals(activity));
  }

  /** These activities were called in this order; others may have been called in between. */
  public HistoryAssert calledInOrder(String... activities) {
    int next = 0;
    for (HistoryEvent event : history) {
      if (next < activities.length
          && event instanceof TaskScheduled call
          && call.attempt() == 1
          && call.name().equals(activities[next])) {
        next++;
      }
    }
    return next == activities.length
        ? this
        : fail(
            "the activities %s were not called in this order: '%s' is missing"
                .formatted(List.of(activities), activities[next]));
  }

  /** Sub-orchestrations of this name were started so often. */
  public HistoryAssert startedChild(String orchestrator, int times) {
    return counts(
        "sub-orchestrations '%s'".formatted(orchestrator),
        times,
        e -> e instanceof SubOrchestrationCreated child && child.name().equals(orchestrator));
  }

  /** An event of this name came so often; upper and lower case are the same. */
  public HistoryAssert raised(String eventName, int times) {
    return counts(
        "events '%s'".formatted(eventName),
        times,
        e -> e instanceof EventRaised event && event.name().equalsIgnoreCase(eventName));
  }

  /** So many timers ran out, those of timeouts and of retries included. */
  public HistoryAssert timersFired(int times) {
    return counts("timers that fired", times, TimerFired.class::isInstance);
  }

  /** There are so many events of a kind for which something holds. */
  public <E extends HistoryEvent> HistoryAssert has(
      int times, Class<E> kind, Predicate<? super E> condition) {
    return counts(
        "%s events that were asked for".formatted(kind.getSimpleName()),
        times,
        e -> kind.isInstance(e) && condition.test(kind.cast(e)));
  }

  /** It ended with an output. */
  public HistoryAssert completed() {
    return ended(OrchestrationStatus.COMPLETED);
  }

  /** It ended with a failure. */
  public HistoryAssert failed() {
    return ended(OrchestrationStatus.FAILED);
  }

  /** It was ended from outside. */
  public HistoryAssert terminated() {
    return ended(OrchestrationStatus.TERMINATED);
  }

  /** It has not ended. */
  public HistoryAssert notEnded() {
    return counts("ends", 0, e -> e instanceof ExecutionCompleted || e instanceof ContinuedAsNew);
  }

  private HistoryAssert ended(OrchestrationStatus status) {
    return counts(
        "ends as " + status, 1, e -> e instanceof ExecutionCompleted end && end.status() == status);
  }

  private HistoryAssert counts(String what, int expected, Predicate<HistoryEvent> condition) {
    long actual = history.stream().filter(condition).count();
    return actual == expected
        ? this
        : fail("expected %d %s, but there are %d".formatted(expected, what, actual));
  }

  private HistoryAssert fail(String what) {
    throw new AssertionError("The history is not as expected: " + what + ".\n" + this);
  }

  /** The history, an event a line, without what is only for the engine. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("The history:");
    for (int i = 0; i < history.size(); i++) {
      if (!(history.get(i) instanceof OrchestratorCompleted)) {
        text.append("\n  %3d  %s".formatted(i, history.get(i)));
      }
    }
    return text.toString();
  }
}
