package dev.perdure.engine;

import dev.perdure.api.EntityMetadata;
import dev.perdure.api.Explanation;
import dev.perdure.api.Explanation.Wait;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.engine.instance.HistoryFacts;
import dev.perdure.engine.partition.Explaining;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a partition alone cannot explain: how things stand with the others that an instance waits
 * for, and what its history tells. All of it is best effort, for people.
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

  /**
   * Completes an explanation.
   *
   * @param instanceId the instance
   * @param begun what its partition knows
   */
  static Explanation complete(String instanceId, Explaining begun, Source source) {
    Explanation bare =
        begun.with(begun.needsHistory() ? facts(instanceId, source) : HistoryFacts.NONE);
    List<Wait> waits = new ArrayList<>(bare.waits());
    for (int i = 0; i < Math.min(WAITS_MAX, waits.size()); i++) {
      Wait wait = waits.get(i);
      try {
        waits.set(i, wait.withDetail(detail(instanceId, wait, source)));
      } catch (RuntimeException e) {
        // such as a partition that is recovering; what is known already is worth telling
      }
    }
    return bare.withWaits(waits);
  }

  private static HistoryFacts facts(String instanceId, Source source) {
    try {
      return HistoryFacts.of(source.history(instanceId));
    } catch (RuntimeException e) {
      return HistoryFacts.NONE; // such as an execution that ended while it was read
    }
  }

  private static @Nullable String detail(String instanceId, Wait wait, Source source) {
    return switch (wait.kind()) {
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
      default -> wait.detail();
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
}
