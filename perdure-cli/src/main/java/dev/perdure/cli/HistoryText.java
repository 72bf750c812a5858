package dev.perdure.cli;

import dev.perdure.api.HistoryEvent;
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
import dev.perdure.api.HistoryEvent.ExecutionSetAside;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
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

/** An event of a history in a few words, without payloads. */
final class HistoryText {
  private HistoryText() {}

  @SuppressWarnings("PatternSwitchDefault")
  static String of(HistoryEvent event) {
    return switch (event) {
      case ExecutionStarted e ->
          e.name() + (e.version().isEmpty() ? "" : ", version " + e.version());
      case TaskScheduled e ->
          "#%d %s%s".formatted(e.taskId(), e.name(), attempt(e.attempt(), e.attemptsMax()));
      case TaskCompleted e -> "#" + e.taskId();
      case TaskFailed e -> "#%d %s".formatted(e.taskId(), e.failure());
      case SubOrchestrationCreated e ->
          "#%d %s%s, id '%s'"
              .formatted(
                  e.taskId(), e.name(), attempt(e.attempt(), e.attemptsMax()), e.instanceId());
      case SubOrchestrationCompleted e -> "#" + e.taskId();
      case SubOrchestrationFailed e -> "#%d %s".formatted(e.taskId(), e.failure());
      case TimerCreated e -> "#%d due %s".formatted(e.taskId(), e.fireAt());
      case TimerFired e -> e.taskId() < 0 ? "scheduled start" : "#" + e.taskId();
      case TimerCanceled e -> "#" + e.taskId();
      case EventRaised e -> "'" + e.name() + "'";
      case EventSent e -> "'%s' to '%s'".formatted(e.name(), e.instanceId());
      case EntityOperationCalled e ->
          "#%d %s of %s".formatted(e.taskId(), e.operation(), e.instanceId());
      case EntityOperationSignaled e -> "%s of %s".formatted(e.operation(), e.instanceId());
      case EntityOperationCompleted e -> "#" + e.taskId();
      case EntityOperationFailed e -> "#%d %s".formatted(e.taskId(), e.failure());
      case EntityLockRequested e -> "#%d %s".formatted(e.taskId(), String.join(", ", e.lockSet()));
      case EntityLockGranted e -> "#" + e.taskId();
      case EntityUnlockSent e -> "#" + e.taskId();
      case WorkRedelivered e ->
          "%s, time %d".formatted(e.taskId() < 0 ? "a step" : "#" + e.taskId(), e.count());
      case ExecutionSetAside e -> e.problem().kind() + ": " + firstLine(e.problem().message());
      case ExecutionCompleted e -> e.status() + (e.failure() == null ? "" : ": " + e.failure());
      default -> "";
    };
  }

  /** Which attempt of how many it is; nothing for what is tried but once, as far as is known. */
  private static String attempt(int attempt, int max) {
    if (max == 0 && attempt == 1) {
      return "";
    }
    return ", attempt " + attempt + (max == 0 || max == Integer.MAX_VALUE ? "" : " of " + max);
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
