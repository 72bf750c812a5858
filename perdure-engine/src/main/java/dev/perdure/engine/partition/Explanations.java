package dev.perdure.engine.partition;

import dev.perdure.api.Explanation;
import dev.perdure.api.Explanation.Wait;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Problem;
import dev.perdure.engine.instance.EntityLocks;
import dev.perdure.engine.instance.Instance;
import dev.perdure.engine.instance.OpenTask;
import dev.perdure.engine.orchestrator.Tries;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Says in words why an instance is where it is. */
final class Explanations {
  /** Waits that are listed; the summary counts them all. */
  private static final int WAITS_MAX = 100;

  private Explanations() {}

  /**
   * Explains an orchestration.
   *
   * @param code what can be seen of its code
   * @param closed whether the hub is only looked at, so that nothing moves
   */
  static Explanation of(Instance state, boolean stepping, Code code, boolean closed) {
    List<Wait> waits = waits(state, code);
    return new Explanation(
        state.id(),
        state.status(),
        summary(state, stepping, code.progress(), waits, closed),
        waits.size() > WAITS_MAX ? waits.subList(0, WAITS_MAX) : waits,
        code.location(),
        state.failure() != null ? state.failure() : state.lastTaskFailure(),
        state.problem(),
        state.parent());
  }

  /**
   * What can be seen of the code of an orchestration.
   *
   * @param location the line of code that waits; null if that is not known
   * @param tries which attempt of a call a task is, or puts off, as the code in memory knows; null
   *     if it is tried but once, or that is not known
   * @param progress what keeps the step under way; empty for nothing worth telling
   * @param obstacles tells why no worker runs an activity; null if one may
   */
  record Code(
      @Nullable String location,
      IntFunction<@Nullable Tries> tries,
      String progress,
      Function<OpenTask.Activity, @Nullable String> obstacles) {}

  private static List<Wait> waits(Instance state, Code code) {
    List<Wait> waits = new ArrayList<>();
    if (state.status().isTerminal()) {
      return waits;
    }
    for (OpenTask task : state.openTasks()) {
      Instant since = Instant.ofEpochMilli(task.since());
      Tries tries = code.tries().apply(task.taskId());
      waits.add(
          switch (task) {
            case OpenTask.Activity a ->
                new Wait(
                    "activity",
                    "activity '%s' (#%d%s%s)%s"
                        .formatted(
                            a.name(),
                            a.taskId(),
                            tries != null
                                ? ", " + tries
                                : a.attempt() > 1 ? ", attempt " + a.attempt() : "",
                            a.redeliveries() > 0
                                ? ", handed out again %d times".formatted(a.redeliveries())
                                : "",
                            because(code.obstacles().apply(a))),
                    since,
                    null);
            case OpenTask.Timer t ->
                new Wait(
                    t.taskId() == Instance.SCHEDULED_START ? "start" : "timer",
                    t.taskId() == Instance.SCHEDULED_START
                        ? "its scheduled start"
                        : "timer (#%d)".formatted(t.taskId()),
                    since,
                    Instant.ofEpochMilli(t.fireAt()),
                    List.of(),
                    tries == null ? null : whyPutOff(tries));
            case OpenTask.SubOrchestration s ->
                new Wait(
                    "sub-orchestration",
                    "sub-orchestration '%s' with id '%s' (#%d%s)"
                        .formatted(
                            s.name(),
                            s.instanceId(),
                            s.taskId(),
                            tries == null ? "" : ", " + tries),
                    since,
                    null,
                    List.of(s.instanceId()),
                    null);
            case OpenTask.EntityCall c ->
                new Wait(
                    "entity",
                    "operation '%s' of entity '%s' (#%d)"
                        .formatted(c.operation(), c.entityId(), c.taskId()),
                    since,
                    null,
                    List.of(c.entityId()),
                    null);
            case OpenTask.Lock l ->
                new Wait(
                    "lock",
                    "the lock of %s (#%d)"
                        .formatted(
                            l.lockSet().size() == 1
                                ? "entity '" + l.lockSet().getFirst() + "'"
                                : "entities " + String.join(", ", l.lockSet()),
                            l.taskId()),
                    since,
                    null,
                    l.lockSet(),
                    null);
          });
    }
    for (String name : state.waitingFor()) {
      if (name.equals(Instance.ANY_EVENT)) {
        if (waits.isEmpty()) {
          waits.add(
              new Wait(
                  "event",
                  "an external event (remote workers do not say which ones they wait for)",
                  null,
                  null));
        }
        continue;
      }
      waits.add(new Wait("event", "external event '%s'".formatted(name), null, null));
    }
    // A timer beside an event is its time-out: what is waited for is the event.
    waits.sort(
        Comparator.comparing((Wait wait) -> !wait.kind().equals("event"))
            .thenComparing(Wait::due, Comparator.nullsLast(Comparator.naturalOrder()))
            .thenComparing(Wait::since, Comparator.nullsLast(Comparator.naturalOrder())));
    return waits;
  }

  private static String because(@Nullable String obstacle) {
    return obstacle == null ? "" : ": " + obstacle;
  }

  /** Of a timer before the next attempt of a call: which attempt has failed. */
  private static String whyPutOff(Tries tries) {
    return "set when %s of %s '%s' (#%d) failed"
        .formatted(tries, tries.kind(), tries.name(), tries.taskId());
  }

  /** What becomes of something that was set aside, as far as its problem does not say so. */
  static String whatToDo(Problem problem) {
    return switch (problem.kind()) {
      case NONDETERMINISM -> " 'perdure replay' tells beforehand whether it would go on then.";
      case FUNCTION_NOT_FOUND ->
          " It is tried again when a host is started in which it is registered.";
      case UNREADABLE, POISON -> "";
    };
  }

  private static String summary(
      Instance state, boolean stepping, String progress, List<Wait> waits, boolean closed) {
    String who = "Orchestration '%s' (%s)".formatted(state.id(), state.name());
    if (state.problem() != null) {
      return "%s was set aside: %s%s"
          .formatted(who, state.problem().message(), whatToDo(state.problem()));
    }
    if (state.status().isTerminal()) {
      return "%s has ended: %s%s."
          .formatted(
              who, state.status(), state.failure() == null ? "" : " with " + state.failure());
    }
    if (state.status() == OrchestrationStatus.SUSPENDED) {
      return "%s is suspended; it goes on when it is resumed. What it waited for is listed."
          .formatted(who);
    }
    if (stepping && !progress.isEmpty()) {
      return "%s %s.".formatted(who, progress);
    }
    if (stepping) {
      return "%s is running a step of its code.".formatted(who);
    }
    if (state.needsStep()) {
      return "%s has events to handle and %s."
          .formatted(who, closed ? "will run when a host opens the hub" : "is about to run");
    }
    if (waits.isEmpty()) {
      return "%s waits for nothing that is recorded; this is a defect, please report it."
          .formatted(who);
    }
    EntityLocks locks = state.locks();
    return "%s waits for %s%s%s."
        .formatted(
            who,
            waits.getFirst().description(),
            waits.size() == 1 ? "" : " and %d more".formatted(waits.size() - 1),
            locks != null && locks.granted()
                ? ", and holds the locks of " + String.join(", ", locks.lockSet())
                : "");
  }
}
