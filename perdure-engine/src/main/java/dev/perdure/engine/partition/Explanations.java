package dev.perdure.engine.partition;

import dev.perdure.api.Explanation;
import dev.perdure.api.Explanation.Wait;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent.ExecutionSetAside;
import dev.perdure.api.HistoryEvent.ExecutionSuspended;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.ParentInstance;
import dev.perdure.api.Problem;
import dev.perdure.engine.instance.EntityLocks;
import dev.perdure.engine.instance.HistoryFacts;
import dev.perdure.engine.instance.Instance;
import dev.perdure.engine.instance.OpenTask;
import dev.perdure.engine.instance.Tries;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Says in words why an orchestration is where it is. Made by the partition's thread, which it keeps
 * nothing of that changes.
 */
final class Explanations implements Explaining {
  /** Waits that are listed; the summary counts them all. */
  private static final int WAITS_MAX = 100;

  /**
   * What can be seen of the code of an orchestration.
   *
   * @param location the line of code that waits; null if that is not known
   * @param tries which attempt of a call a task is, or puts off, as the code in memory knows; null
   *     if it is tried but once, or that is not known
   * @param progress what keeps the step that is due or under way; empty for nothing worth telling
   * @param obstacles tells why an activity is not run; null if it is or may be
   */
  record Code(
      @Nullable String location,
      IntFunction<@Nullable Tries> tries,
      String progress,
      Function<OpenTask.Activity, @Nullable String> obstacles) {}

  /**
   * An open task in words.
   *
   * @param what what is waited for, without the number of its task
   * @param more what follows which attempt it is
   * @param tries which attempt it is, or puts off, as the code in memory knows
   */
  private record Open(
      String kind,
      String what,
      int taskId,
      String more,
      Instant since,
      @Nullable Instant due,
      List<String> on,
      @Nullable Tries tries) {

    Wait with(HistoryFacts facts) {
      if (kind.equals("start")) {
        return new Wait(kind, what, since, due);
      }
      if (kind.equals("timer")) {
        return new Wait(
            kind,
            "%s (#%d)".formatted(what, taskId),
            since,
            due,
            List.of(),
            tries != null ? tries.whyPutOff() : facts.whyPutOff(taskId));
      }
      Tries known = tries != null && tries.max() > 0 ? tries : facts.tries(taskId);
      if (known == null) {
        known = tries;
      }
      return new Wait(
          kind,
          "%s (#%d%s%s".formatted(what, taskId, known == null ? "" : ", " + known, more),
          since,
          due,
          on,
          null);
    }
  }

  private final String id;
  private final String name;
  private final String executionId;
  private final OrchestrationStatus status;
  private final boolean stepping;
  private final boolean needsStep;
  private final boolean closed;
  private final String progress;
  private final @Nullable String location;
  private final @Nullable FailureDetails failure;
  private final @Nullable FailureDetails lastFailure;
  private final @Nullable Problem problem;
  private final @Nullable ParentInstance parent;
  private final @Nullable EntityLocks locks;
  private final List<Open> open;
  private final List<String> waitingFor;

  /**
   * Explains an orchestration.
   *
   * @param code what can be seen of its code
   * @param closed whether the hub is only looked at, so that nothing moves
   */
  Explanations(Instance state, boolean stepping, Code code, boolean closed) {
    this.id = state.id();
    this.name = state.name();
    this.executionId = state.executionId();
    this.status = state.status();
    this.stepping = stepping;
    this.needsStep = state.needsStep();
    this.closed = closed;
    this.progress = code.progress();
    this.location = code.location();
    this.failure = state.failure();
    this.lastFailure = state.failure() != null ? state.failure() : state.lastTaskFailure();
    this.problem = state.problem();
    this.parent = state.parent();
    this.locks = state.locks();
    this.waitingFor = state.waitingFor();
    this.open =
        status.isTerminal()
            ? List.of()
            : state.openTasks().stream().map(task -> open(task, code)).toList();
  }

  private static Open open(OpenTask task, Code code) {
    Instant since = Instant.ofEpochMilli(task.since());
    Tries tries = code.tries().apply(task.taskId());
    return switch (task) {
      case OpenTask.Activity a ->
          new Open(
              "activity",
              "activity '%s'".formatted(a.name()),
              a.taskId(),
              (a.redeliveries() > 0
                      ? ", handed out again %d times)".formatted(a.redeliveries())
                      : ")")
                  + because(code.obstacles().apply(a)),
              since,
              null,
              List.of(),
              tries == null && a.attempt() > 1
                  ? new Tries("activity", a.name(), a.taskId(), a.attempt(), 0)
                  : tries);
      case OpenTask.Timer t ->
          t.taskId() == Instance.SCHEDULED_START
              ? new Open("start", "its scheduled start", 0, "", since, at(t), List.of(), null)
              : new Open("timer", "timer", t.taskId(), "", since, at(t), List.of(), tries);
      case OpenTask.SubOrchestration s ->
          new Open(
              "sub-orchestration",
              "sub-orchestration '%s' with id '%s'".formatted(s.name(), s.instanceId()),
              s.taskId(),
              ")",
              since,
              null,
              List.of(s.instanceId()),
              tries);
      case OpenTask.EntityCall c ->
          new Open(
              "entity",
              "operation '%s' of entity '%s'".formatted(c.operation(), c.entityId()),
              c.taskId(),
              ")",
              since,
              null,
              List.of(c.entityId()),
              null);
      case OpenTask.Lock l ->
          new Open(
              "lock",
              l.lockSet().size() == 1
                  ? "the lock of entity '%s'".formatted(l.lockSet().getFirst())
                  : "the lock of entities " + String.join(", ", l.lockSet()),
              l.taskId(),
              ")",
              since,
              null,
              l.lockSet(),
              null);
    };
  }

  private static Instant at(OpenTask.Timer timer) {
    return Instant.ofEpochMilli(timer.fireAt());
  }

  private static String because(@Nullable String obstacle) {
    return obstacle == null ? "" : ": " + obstacle;
  }

  @Override
  public boolean needsHistory() {
    return !status.isTerminal() || status == OrchestrationStatus.FAILED;
  }

  @Override
  public Explanation with(HistoryFacts history) {
    HistoryFacts facts = history.executionId().equals(executionId) ? history : HistoryFacts.NONE;
    List<Wait> waits = waits(facts);
    return new Explanation(
        id,
        status,
        summary(facts, waits),
        waits.size() > WAITS_MAX ? waits.subList(0, WAITS_MAX) : waits,
        location,
        howToLocate(facts, waits),
        lastFailure,
        problem,
        parent);
  }

  private List<Wait> waits(HistoryFacts facts) {
    List<Wait> waits = new ArrayList<>();
    if (status.isTerminal()) {
      return waits;
    }
    open.forEach(task -> waits.add(task.with(facts)));
    for (String event : waitingFor) {
      if (event.equals(Instance.ANY_EVENT)) {
        if (waitingFor.size() > 1) {
          waits.add(new Wait("event", "further external events", facts.lastStepAt(), null));
        } else if (waits.isEmpty()) {
          waits.add(
              new Wait(
                  "event",
                  "an external event (remote workers do not say which ones they wait for)",
                  facts.lastStepAt(),
                  null));
        }
        continue;
      }
      waits.add(
          new Wait(
              "event",
              "external event '%s'".formatted(event),
              facts.waitsForEventSince(event),
              null));
    }
    // A timer beside an event is its time-out: what is waited for is the event.
    waits.sort(
        Comparator.comparing((Wait wait) -> !wait.kind().equals("event"))
            .thenComparing(Wait::due, Comparator.nullsLast(Comparator.naturalOrder()))
            .thenComparing(Wait::since, Comparator.nullsLast(Comparator.naturalOrder())));
    return waits;
  }

  /** How to learn the line of code that waits, if one does and it is not known. */
  private @Nullable String howToLocate(HistoryFacts facts, List<Wait> waits) {
    boolean codeWaits =
        facts.lastStepAt() != null
            && problem == null
            && !waits.isEmpty()
            && !stepping
            && !needsStep;
    if (location != null || !codeWaits) {
      return null;
    }
    return facts.isRemote()
        ? "the line of code is known to the worker alone, which runs it"
        : "the line of code is not known while the code is not in memory; 'perdure replay' shows it";
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

  private String summary(HistoryFacts facts, List<Wait> waits) {
    String who = "Orchestration '%s' (%s)".formatted(id, name);
    if (problem != null) {
      ExecutionSetAside how = facts.setAside();
      return "%s was set aside%s: %s%s"
          .formatted(
              who,
              how == null ? "" : " at " + how.timestamp(),
              problem.message(),
              whatToDo(problem));
    }
    if (status.isTerminal()) {
      return "%s has ended: %s%s.%s"
          .formatted(
              who, status, failure == null ? "" : " with " + failure, taskBehind(failure, facts));
    }
    if (status == OrchestrationStatus.SUSPENDED) {
      return "%s is suspended%s; it goes on when it is resumed. What it waited for is listed."
          .formatted(who, sinceAndWhy(facts.suspended()));
    }
    if ((stepping || needsStep) && !progress.isEmpty()) {
      return "%s %s.".formatted(who, progress);
    }
    if (stepping) {
      return "%s is running a step of its code.".formatted(who);
    }
    if (needsStep) {
      return "%s has events to handle and %s."
          .formatted(who, closed ? "will run when a host opens the hub" : "is about to run");
    }
    if (waits.isEmpty()) {
      return "%s waits for nothing that is recorded; this is a defect, please report it."
          .formatted(who);
    }
    return "%s waits for %s%s%s."
        .formatted(
            who,
            waits.getFirst().description(),
            waits.size() == 1 ? "" : " and %d more".formatted(waits.size() - 1),
            locks != null && locks.granted()
                ? ", and holds the locks of " + String.join(", ", locks.lockSet())
                : "");
  }

  /** What failed before, for a failure that does not say so itself: not every SDK's does. */
  private static String taskBehind(@Nullable FailureDetails failure, HistoryFacts facts) {
    HistoryFacts.FailedTask failed = facts.lastFailedTask();
    if (failure == null || failed == null || tells(failure, failed.failure())) {
      return "";
    }
    return " The task that failed last: %s: %s.".formatted(failed.what(), failed.failure());
  }

  private static boolean tells(FailureDetails failure, FailureDetails ofTask) {
    String said = ofTask.message().isEmpty() ? ofTask.errorType() : ofTask.message();
    for (FailureDetails f = failure; f != null; f = f.cause()) {
      if (f.toString().contains(said)) {
        return true;
      }
    }
    return false;
  }

  private static String sinceAndWhy(@Nullable ExecutionSuspended how) {
    if (how == null) {
      return "";
    }
    return " since %s%s"
        .formatted(how.timestamp(), how.reason() == null ? "" : " ('" + how.reason() + "')");
  }
}
