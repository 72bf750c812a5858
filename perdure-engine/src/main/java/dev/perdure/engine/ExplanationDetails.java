package dev.perdure.engine;

import dev.perdure.api.EntityMetadata;
import dev.perdure.api.Explanation;
import dev.perdure.api.Explanation.Wait;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.SubOrchestrationFailed;
import dev.perdure.api.HistoryEvent.TaskFailed;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.OrchestrationMetadata;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a partition alone cannot explain: how things stand with the others that an instance waits
 * for, and which failed attempt a timer follows. All of it is best effort, for people.
 */
final class ExplanationDetails {
  /** Waits that are looked into; each may be a question to another partition. */
  private static final int WAITS_MAX = 20;

  /** How to find out. */
  interface Source {
    /** The history of an orchestration. */
    List<HistoryEvent> history(String instanceId);

    /** What is known of an orchestration; null if there is none. */
    @Nullable OrchestrationMetadata status(String instanceId);

    /** What is known of an entity; null if there is none. */
    @Nullable EntityMetadata entity(String instanceId);
  }

  private ExplanationDetails() {}

  /** Adds details to the waits of an explanation. */
  static Explanation add(Explanation bare, Source source) {
    if (bare.waits().isEmpty()) {
      return bare;
    }
    Map<String, String> attempts = attempts(bare, source);
    List<Wait> waits = new ArrayList<>(bare.waits());
    for (int i = 0; i < Math.min(WAITS_MAX, waits.size()); i++) {
      Wait wait = waits.get(i);
      try {
        waits.set(i, wait.withDetail(detail(bare.instanceId(), wait, attempts, source)));
      } catch (RuntimeException e) {
        // such as a partition that is recovering; what is known already is worth telling
      }
    }
    return bare.withWaits(waits);
  }

  private static @Nullable String detail(
      String instanceId, Wait wait, Map<String, String> attempts, Source source) {
    return switch (wait.kind()) {
      case "timer" -> wait.detail() == null ? attempts.get(wait.description()) : wait.detail();
      case "sub-orchestration" -> child(source.status(wait.on().getFirst()));
      case "entity" -> entity(instanceId, source.entity(wait.on().getFirst()));
      case "lock" -> {
        if (wait.on().getFirst().startsWith("@")) {
          List<String> held = new ArrayList<>();
          for (String id : wait.on().subList(0, Math.min(WAITS_MAX, wait.on().size()))) {
            String one = entity(instanceId, source.entity(id));
            if (one != null) {
              held.add("'%s' is %s".formatted(id, one));
            }
          }
          yield held.isEmpty() ? null : String.join(", ", held);
        }
        OrchestrationMetadata owner = source.status(wait.on().getFirst());
        yield owner == null ? "which does not exist" : "which is " + owner.status();
      }
      default -> null;
    };
  }

  private static String child(@Nullable OrchestrationMetadata child) {
    if (child == null) {
      return "it does not exist yet, or any more";
    }
    return child.problem() == null
        ? "it is " + child.status()
        : "it was set aside: " + child.problem().message();
  }

  private static @Nullable String entity(String waiting, @Nullable EntityMetadata entity) {
    if (entity == null) {
      return null;
    }
    List<String> facts = new ArrayList<>(2);
    if (entity.problem() != null) {
      facts.add("set aside: " + entity.problem().message());
    }
    if (entity.lockedBy() != null && !entity.lockedBy().equals(waiting)) {
      facts.add("locked by '%s'".formatted(entity.lockedBy()));
    }
    if (entity.lockedBy() != null && entity.lockedBy().equals(waiting)) {
      facts.add("locked for it already");
    }
    if (entity.operationsWaiting() > 1) {
      facts.add("with %d in its queue".formatted(entity.operationsWaiting()));
    }
    return facts.isEmpty() ? null : String.join(", ", facts);
  }

  /** Of timers that were set right after an attempt had failed: which one that was. */
  private static Map<String, String> attempts(Explanation bare, Source source) {
    Map<String, String> byTimer = new HashMap<>();
    if (bare.lastFailure() == null
        || bare.waits().stream()
            .noneMatch(wait -> wait.kind().equals("timer") && wait.detail() == null)) {
      return byTimer;
    }
    Map<Integer, String> calls = new HashMap<>();
    String failed = null;
    try {
      for (HistoryEvent event : source.history(bare.instanceId())) {
        switch (event) {
          case TaskScheduled e ->
              calls.put(
                  e.taskId(),
                  "attempt %d of activity '%s' (#%d) failed"
                      .formatted(e.attempt(), e.name(), e.taskId()));
          case SubOrchestrationCreated e ->
              calls.put(
                  e.taskId(),
                  "sub-orchestration '%s' (#%d) failed".formatted(e.instanceId(), e.taskId()));
          default -> {}
        }
        if (event instanceof TimerCreated timer) {
          if (failed != null) {
            byTimer.put("timer (#%d)".formatted(timer.taskId()), "set when " + failed);
          }
        } else {
          failed =
              switch (event) {
                case TaskFailed e -> calls.get(e.taskId());
                case SubOrchestrationFailed e -> calls.get(e.taskId());
                default -> null;
              };
        }
      }
    } catch (RuntimeException e) {
      return byTimer; // such as an execution that ended while it was read
    }
    return byTimer;
  }
}
