package dev.perdure.engine;

import dev.perdure.api.AuditReport.Finding;
import dev.perdure.engine.activity.ActivityWork;
import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.engine.worker.Workers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Notes of an audit about work that has waited for its turn for long: what waits, and why. Each
 * says what keeps one piece of work; what keeps many of the same is said once for all but the
 * first. Used by one thread.
 */
final class LongWaits {
  /** What notes of this kind are about. */
  static final String KIND = "waiting";

  /** Notes of the same that are listed one by one. */
  private static final int ALIKE_MAX = 20;

  /** Tells why no worker takes work of a function; null if one does or might. */
  @FunctionalInterface
  interface Obstacles {
    /** Asked once for each function and version. */
    @Nullable String obstacle(FunctionKind kind, String name, String version);
  }

  private record Function(FunctionKind kind, String name, String version) {}

  /** What many pieces of work may have in common. */
  private record Cause(FunctionKind kind, String name, String why) {}

  private record Note(Finding finding, Cause cause) {}

  private final Obstacles obstacles;
  private final Map<Function, String> reasons = new HashMap<>();
  private final List<Note> notes = new ArrayList<>();

  LongWaits(Obstacles obstacles) {
    this.obstacles = obstacles;
  }

  /** An activity waits. One note for each instance is enough: what helps one helps them all. */
  void add(ActivityWork work, Instant since) {
    String why =
        work.isRemote()
            ? whyNoWorkerTakes(new Function(FunctionKind.ACTIVITY, work.name(), work.version()))
            : "as many run as may (maxConcurrent of the activity, activitiesMax of the host)";
    add(
        work.instanceId(),
        "activity '%s' (#%d) still waits for its turn".formatted(work.name(), work.taskId()),
        since,
        new Cause(FunctionKind.ACTIVITY, work.name(), why));
  }

  /** A step or operations wait for a worker. */
  void add(Workers.Waiting work) {
    String why = whyNoWorkerTakes(new Function(work.kind(), work.name(), work.version()));
    add(
        work.instanceId(),
        waits(work.kind(), work.name()),
        Instant.ofEpochMilli(work.sinceMillis()),
        new Cause(work.kind(), work.name(), why));
  }

  private void add(String instanceId, String what, Instant since, Cause cause) {
    notes.add(new Note(new Finding(instanceId, KIND, what + ": " + cause.why(), since), cause));
  }

  private static String waits(FunctionKind kind, String name) {
    return switch (kind) {
      case ORCHESTRATOR -> "its next step still waits for its turn";
      case ACTIVITY -> "activity '%s' still waits for its turn".formatted(name);
      case ENTITY -> "its operations still wait for their turn";
    };
  }

  private String whyNoWorkerTakes(Function function) {
    return reasons.computeIfAbsent(
        function,
        asked -> {
          String obstacle = obstacles.obstacle(asked.kind(), asked.name(), asked.version());
          return obstacle == null ? "the workers that run it are busy" : obstacle;
        });
  }

  /** A note for every instance. */
  List<Finding> all() {
    return notes.stream().map(Note::finding).toList();
  }

  /** The notes, in which one stands for those of the same cause beyond the first. */
  List<Finding> grouped() {
    Map<Cause, List<Finding>> byCause = new LinkedHashMap<>();
    for (Note note : notes) {
      byCause.computeIfAbsent(note.cause(), cause -> new ArrayList<>()).add(note.finding());
    }
    List<Finding> grouped = new ArrayList<>();
    byCause.forEach(
        (cause, alike) -> {
          // One that is left over is listed as the others are.
          int listed = alike.size() <= ALIKE_MAX + 1 ? alike.size() : ALIKE_MAX;
          grouped.addAll(alike.subList(0, listed));
          if (listed < alike.size()) {
            grouped.add(forAll(cause, alike.subList(listed, alike.size())));
          }
        });
    return grouped;
  }

  private static Finding forAll(Cause cause, List<Finding> rest) {
    Instant since = null;
    for (Finding one : rest) {
      Instant begun = one.since();
      since = since == null || (begun != null && begun.isBefore(since)) ? begun : since;
    }
    return new Finding(
        rest.getFirst().instanceId(),
        KIND,
        waits(cause.kind(), cause.name()) + ": " + cause.why(),
        since,
        rest.size() - 1);
  }
}
