package dev.perdure.cli.demo;

import dev.perdure.Perdure;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Five stories, told one after the other while they run. Whoever is interrupted carries on with the
 * same hub: everything that must not be forgotten is in it.
 */
public final class Demo {
  // A story takes seconds; only a person who lets an approval wait for ever needs longer.
  private static final Duration PATIENCE = Duration.ofHours(1);

  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

  private final Narrator narrator;
  private final List<Story> stories;

  /**
   * The stories.
   *
   * @param approver asks the person at the console and returns the answer, or empty for none; null
   *     if no person takes part
   */
  public Demo(
      Narrator narrator, Pace pace, @Nullable Function<String, Optional<Boolean>> approver) {
    this.narrator = narrator;
    this.stories =
        List.of(
            new Chaining(narrator, pace),
            new FanOut(narrator, pace),
            new Monitor(narrator, pace),
            new Approval(narrator, pace, approver == null ? null : approver::apply),
            new Aggregator(narrator, pace));
  }

  /** Registers the stories' functions. */
  public Perdure.Builder register(Perdure.Builder hub) {
    stories.forEach(hub::register);
    return hub;
  }

  /**
   * Tells the stories: those of an interrupted run that have not ended, or all.
   *
   * @return whether all ended well
   */
  public boolean tell(PerdureClient client) throws InterruptedException {
    Run run = Run.next(client, stories);
    if (run.interruptedSince() != null) {
      narrator.say(
          "Found an unfinished run (number %d) from %s: carrying on."
              .formatted(run.number(), clockTime(run.interruptedSince())));
    }
    boolean well = true;
    for (int i = 0; i < stories.size(); i++) {
      Story story = stories.get(i);
      narrator.heading(
          "%d of %d  %s".formatted(i + 1, stories.size(), story.title()), story.explanation());
      well &= tell(story, client, run);
    }
    narrator.say("");
    narrator.say(
        well ? "All five stories have ended." : "A story has failed; see above for what happened.");
    return well;
  }

  private boolean tell(Story story, PerdureClient client, Run run) throws InterruptedException {
    String id = run.instanceId(story);
    OrchestrationMetadata known = client.status(id).orElse(null);
    if (known != null && known.isTerminal()) {
      narrator.note("had ended before the interruption");
      return ending(story, known);
    }
    if (known != null) {
      sayWhatIsDone(client, known);
    } else {
      client.startNew(
          story.orchestrator(),
          story.input(),
          StartOptions.id(id).withIdReuse(StartOptions.IdReusePolicy.ERROR));
    }
    narrator.listen();
    story.accompany(client, id);
    return ending(story, client.waitForCompletion(id, PATIENCE));
  }

  private boolean ending(Story story, OrchestrationMetadata end) {
    boolean well = end.status() == OrchestrationStatus.COMPLETED;
    narrator.outcome(well ? story.outcome(end) : "%s: %s".formatted(end.status(), end.failure()));
    return well;
  }

  private void sayWhatIsDone(PerdureClient client, OrchestrationMetadata known) {
    List<String> done = completedCalls(client.history(known.instanceId()));
    narrator.note(
        done.isEmpty()
            ? "had begun at %s; no step was done".formatted(clockTime(known.createdAt()))
            : "done before the interruption and not done again: " + inShort(done));
  }

  /** Activities and operations of entities whose results are there. */
  private static List<String> completedCalls(List<HistoryEvent> history) {
    Map<Integer, String> scheduled = new LinkedHashMap<>();
    List<String> done = new ArrayList<>();
    for (HistoryEvent event : history) {
      if (event instanceof HistoryEvent.TaskScheduled schedule) {
        scheduled.put(schedule.taskId(), schedule.name());
      } else if (event instanceof HistoryEvent.EntityOperationCalled call) {
        scheduled.put(call.taskId(), call.operation());
      } else if (event instanceof HistoryEvent.TaskCompleted completed) {
        done.add(scheduled.getOrDefault(completed.taskId(), "#" + completed.taskId()));
      } else if (event instanceof HistoryEvent.EntityOperationCompleted completed) {
        done.add(scheduled.getOrDefault(completed.taskId(), "#" + completed.taskId()));
      }
    }
    return done;
  }

  /** Names in order, with the number of times for those that come several times. */
  private static String inShort(List<String> names) {
    Map<String, Integer> times = new LinkedHashMap<>();
    names.forEach(name -> times.merge(name, 1, Integer::sum));
    List<String> parts = new ArrayList<>();
    times.forEach((name, n) -> parts.add(n == 1 ? name : n + " x " + name));
    return String.join(", ", parts);
  }

  private static String clockTime(Instant instant) {
    return TIME.format(instant.truncatedTo(ChronoUnit.SECONDS).atZone(ZoneId.systemDefault()));
  }
}
