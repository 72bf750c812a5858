package dev.perdure.simulation;

import dev.perdure.api.Explanation;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.CustomStatusSet;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.engine.instance.Instance;
import dev.perdure.engine.instance.OpenTask;
import dev.perdure.engine.orchestrator.StepResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Compares what a hub says of an orchestration with what follows from its history: by the events
 * alone, and by its code when it is replayed.
 */
final class ReplayedState {
  private static final Pattern TASK = Pattern.compile("\\(#(\\d+)");

  /** What is said of the events that the code of remote workers may wait for. */
  private static final Pattern REMOTE = Pattern.compile("an external event \\(remote.*");

  /** A hub lists so many waits at most. */
  private static final int WAITS_MAX = 100;

  /**
   * What a hub said of an orchestration at one moment.
   *
   * @param history all events of its current execution
   */
  record Live(OrchestrationMetadata status, Explanation explanation, List<HistoryEvent> history) {}

  private final Live live;
  private final Instance replayed;
  private final List<String> differences = new ArrayList<>();

  private ReplayedState(Live live) {
    this.live = live;
    this.replayed = new Instance(live.status().instanceId());
    live.history().forEach(event -> replayed.apply(event, 0));
  }

  /** Asks for what a hub knows; null if the orchestration is not there or moved meanwhile. */
  static @Nullable Live ask(PerdureClient client, String id) {
    try {
      List<HistoryEvent> before = client.history(id);
      Explanation explanation = client.explain(id);
      OrchestrationMetadata status = client.status(id).orElse(null);
      List<HistoryEvent> after = client.history(id);
      return status != null && before.equals(after) ? new Live(status, explanation, after) : null;
    } catch (InstanceNotFoundException e) {
      return null;
    }
  }

  /** What the events of the history say otherwise than the hub. */
  static List<String> differencesOfState(Live live) {
    ReplayedState state = new ReplayedState(live);
    state.compareMetadata();
    state.compareWaits();
    return state.differences;
  }

  /** What the code, replayed, says otherwise than the history. */
  static List<String> differencesOfCode(Live live, StepResult code) {
    ReplayedState state = new ReplayedState(live);
    state.compareCode(code);
    return state.differences;
  }

  private void compareMetadata() {
    OrchestrationMetadata status = live.status();
    compare("name", replayed.name(), status.name());
    compare("version", replayed.version(), status.version());
    compare("execution", replayed.publicExecutionId(), status.executionId());
    compare("tags", replayed.tags(), status.tags());
    compare("parent", replayed.publicParent(), status.parent());
    compare("problem", replayed.problem(), status.problem());
    compare("input", replayed.input(), status.serializedInput());
    compare("output", replayed.output(), status.serializedOutput());
    compare("failure", text(replayed.failure()), text(status.failure()));
    compare("time of change", replayed.updatedAt(), status.lastUpdatedAt().toEpochMilli());
    if (live.history().stream().anyMatch(CustomStatusSet.class::isInstance)) {
      // Else it is what an earlier execution set, which this history does not tell.
      compare("custom status", replayed.customStatus(), status.serializedCustomStatus());
    }
    OrchestrationStatus was = replayed.status();
    boolean carriedOver =
        status.status() == OrchestrationStatus.SUSPENDED
            || status.status() == OrchestrationStatus.RUNNING;
    if (was != OrchestrationStatus.PENDING || !carriedOver) {
      // An execution that continues another one is as suspended, or as much under way, as that was.
      compare("status", was, status.status());
    }
  }

  private void compareWaits() {
    TreeSet<String> said = new TreeSet<>();
    for (Explanation.Wait wait : live.explanation().waits()) {
      Matcher task = TASK.matcher(wait.description());
      said.add(
          wait.kind()
              + switch (wait.kind()) {
                case "event" -> " " + REMOTE.matcher(wait.description()).replaceFirst("any");
                case "start" -> "";
                default -> task.find() ? " #" + task.group(1) : " without a number";
              });
    }
    TreeSet<String> known = new TreeSet<>();
    for (OpenTask task : replayed.openTasks()) {
      known.add(kind(task));
    }
    for (String event : replayed.waitingFor()) {
      if (!event.equals(Instance.ANY_EVENT)) {
        known.add("event external event '%s'".formatted(event));
      } else if (replayed.waitingFor().size() > 1) {
        known.add("event further external events");
      } else if (known.isEmpty()) {
        known.add("event any");
      }
    }
    if (known.size() <= WAITS_MAX) {
      compare("waits", known, said);
    }
  }

  private static String kind(OpenTask task) {
    return switch (task) {
      case OpenTask.Activity t -> "activity #" + t.taskId();
      case OpenTask.Timer t ->
          t.taskId() == Instance.SCHEDULED_START ? "start" : "timer #" + t.taskId();
      case OpenTask.SubOrchestration t -> "sub-orchestration #" + t.taskId();
      case OpenTask.EntityCall t -> "entity #" + t.taskId();
      case OpenTask.Lock t -> "lock #" + t.taskId();
    };
  }

  private void compareCode(StepResult code) {
    if (code.outcome() instanceof StepResult.Stuck stuck) {
      differences.add("the code does not agree: " + stuck.problem().message());
      return;
    }
    switch (replayed.status()) {
      case COMPLETED ->
          compare("end of the code", new StepResult.Completed(replayed.output()), code.outcome());
      case FAILED ->
          compare(
              "end of the code",
              "failed with " + text(replayed.failure()),
              code.outcome() instanceof StepResult.Failed failed
                  ? "failed with " + text(failed.failure())
                  : code.outcome().toString());
      case RUNNING -> {
        if (!replayed.needsStep()) {
          compare("end of the code", StepResult.Waiting.INSTANCE, code.outcome());
          compare("actions", List.of(), code.actions());
          compare("events handled", replayed.delivered(), code.delivered());
          compare(
              "events waited for",
              new TreeSet<>(replayed.waitingFor()),
              new TreeSet<>(code.waitingFor()));
        }
      }
      default -> {} // the code has not begun, was cut off, or has events that it has not seen
    }
  }

  private static @Nullable String text(@Nullable FailureDetails failure) {
    return failure == null ? null : failure.errorType() + ": " + failure.message();
  }

  private void compare(String what, @Nullable Object replay, @Nullable Object hub) {
    if (!Objects.equals(replay, hub)) {
      differences.add("%s is %s by its history and %s".formatted(what, replay, hub));
    }
  }
}
