package dev.perdure.testing;

import dev.perdure.testing.CrashPoint.AfterActivity;
import dev.perdure.testing.CrashPoint.AtCommit;
import dev.perdure.testing.CrashPoint.Side;
import dev.perdure.testing.CrashReport.Place;
import dev.perdure.testing.CrashReport.Repeated;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Kills the host at every commit that a scenario takes, once just before the commit is durable and
 * once just after, and whenever an activity has run, before its result is durable; and checks that
 * the outcome is always the same.
 *
 * <pre>{@code
 * CrashReport report =
 *     CrashEverywhere.with(Ledger::new)
 *         .program(ledger -> TestHub.builder().register(new Transfers(ledger)))
 *         .scenario((hub, ledger) -> {
 *           String id = hub.client().startNew("transfer", new Transfer("a", "b", 10));
 *           hub.await(id);
 *           return ledger.balances();
 *         })
 *         .run();
 * }</pre>
 *
 * <p>The scenario runs once undisturbed, and then once for every crash. When the host is killed,
 * the next one starts at once on what is on the disk, and the client asks it again what the first
 * one left unanswered. Starting, restarting and purging are done once however often they are asked
 * for; an event or a signal whose answer got lost arrives twice, as it would from any client that
 * does not give up.
 *
 * <p>An activity that runs when the host is killed is let run to its end, and its result is lost.
 *
 * @param <W> the outside world: what activities change, and what does not die with a host
 */
public final class CrashEverywhere<W> {
  /** Past this many commits, or runs of activities, a sample of them is tried. */
  private static final int POINTS_MAX = 1_000;

  /** Past this many failures there is nothing more to learn. */
  private static final int FAILURES_MAX = 10;

  /**
   * What is done with a hub.
   *
   * @param <W> the outside world
   */
  @FunctionalInterface
  public interface Scenario<W> {
    /**
     * Starts something and waits for it.
     *
     * @return the outcome, which must be the same every time: a value that the data converter can
     *     write
     */
    @Nullable Object run(TestHub hub, W world) throws Exception;
  }

  private final Supplier<? extends W> world;
  private @Nullable Function<? super W, TestHub.Builder> program;
  private @Nullable Scenario<? super W> scenario;
  private int pointsMax = POINTS_MAX;
  private long seed = System.nanoTime();

  private CrashEverywhere(Supplier<? extends W> world) {
    this.world = world;
  }

  /**
   * Begins with the outside world.
   *
   * @param world makes a fresh one for every run of the scenario
   */
  public static <W> CrashEverywhere<W> with(Supplier<? extends W> world) {
    return new CrashEverywhere<>(world);
  }

  /** Begins without an outside world: activities have no effects that matter. */
  public static CrashEverywhere<Object> withoutWorld() {
    return new CrashEverywhere<>(Object::new);
  }

  /**
   * Says what runs.
   *
   * @param functions makes the program, for every host anew: what it keeps in memory dies with it
   */
  public CrashEverywhere<W> program(Function<? super W, TestHub.Builder> functions) {
    this.program = functions;
    return this;
  }

  /** Says what is done, and gives the outcome that has to be the same every time. */
  public CrashEverywhere<W> scenario(Scenario<? super W> steps) {
    this.scenario = steps;
    return this;
  }

  /**
   * Tries at most so many commits, and runs of activities: 1,000 unless this says otherwise. If
   * there are more, a sample of them is drawn.
   */
  public CrashEverywhere<W> pointsMax(int max) {
    this.pointsMax = max;
    return this;
  }

  /** Draws the sample by this seed, to try again what another run tried. */
  public CrashEverywhere<W> seed(long chosen) {
    this.seed = chosen;
    return this;
  }

  private record Run(
      boolean died, String when, int commits, String outcome, List<ActivityCall> calls) {}

  /**
   * Runs the scenario again and again.
   *
   * @throws AssertionError if it fails, or its outcome is different, at some crash; the message
   *     says at which
   */
  public CrashReport run() {
    try (Quiet quiet = Quiet.begin()) {
      Run undisturbed;
      try {
        undisturbed = run(null);
      } catch (AssertionError | Exception e) {
        throw new AssertionError(
            "The scenario fails although nobody was killed: " + e.getMessage(), e);
      }
      return new Search(undisturbed).report();
    }
  }

  private Run run(@Nullable CrashPoint crash) throws Exception {
    Function<? super W, TestHub.Builder> functions = program;
    Scenario<? super W> steps = scenario;
    if (functions == null || steps == null) {
      throw new IllegalStateException("CrashEverywhere needs a program and a scenario.");
    }
    W fresh = world.get();
    try (TestHub hub = TestHub.dying(() -> plain(functions.apply(fresh)), crash)) {
      hub.runUntilIdle();
      Object result = steps.run(hub, fresh);
      hub.runUntilIdle();
      String when = hub.lives().diedAt();
      int commits = hub.lives().commits();
      hub.checkNothingIsStuck();
      return new Run(
          !when.isEmpty(), when, commits, hub.converter().toPayload(result).text(), hub.calls());
    }
  }

  /** Checkpoints come when they come; without them, commits are the same every time. */
  private static TestHub.Builder plain(TestHub.Builder builder) {
    return builder.options(
        options -> options.withCheckpoint(Duration.ofDays(1), options.checkpointLogBytes()));
  }

  /** Goes from crash to crash, and gathers what is found. */
  private final class Search {
    private final Run undisturbed;
    private final Map<String, Integer> usual;
    private final Map<String, Integer> most = new TreeMap<>();
    private final Map<String, List<Place>> places = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();
    private @Nullable Throwable firstCause;
    private int crashes;

    Search(Run undisturbed) {
      this.undisturbed = undisturbed;
      this.usual = countByName(undisturbed.calls());
    }

    CrashReport report() {
      int commits = undisturbed.commits();
      int runs = undisturbed.calls().size();
      boolean sampled = commits > pointsMax || runs > pointsMax;
      for (int commit : upTo(commits)) {
        tryBoth(commit);
      }
      // How things share commits is a matter of chance: there may be more of them than before.
      for (int more = commits + 1; commits <= pointsMax && tryBoth(more); more++) {}
      for (int run : upTo(runs)) {
        tryOne(new AfterActivity(run));
      }
      if (!failures.isEmpty()) {
        throw new AssertionError(
            "Not everything is the same when the host is killed:\n  - %s%s"
                .formatted(
                    String.join("\n  - ", failures),
                    sampled ? "\nThis was a sample; its seed was " + seed : ""),
            firstCause);
      }
      List<Repeated> repeated = new ArrayList<>();
      places.forEach(
          (activity, where) ->
              repeated.add(new Repeated(activity, most.getOrDefault(activity, 0), where)));
      return new CrashReport(commits, crashes, sampled, seed, undisturbed.outcome(), repeated);
    }

    /** All numbers from 1 up to this one, or a sample of them. */
    private int[] upTo(int last) {
      IntStream numbers =
          last <= pointsMax
              ? IntStream.rangeClosed(1, last)
              : new Random(seed).ints(1, last + 1).distinct().limit(pointsMax).sorted();
      return numbers.toArray();
    }

    /** Whether the host died, at least once. */
    private boolean tryBoth(int commit) {
      boolean before = tryOne(new AtCommit(commit, Side.BEFORE));
      boolean after = tryOne(new AtCommit(commit, Side.AFTER));
      return before || after;
    }

    private boolean tryOne(CrashPoint point) {
      if (failures.size() == FAILURES_MAX) {
        return false;
      }
      Run run;
      try {
        run = CrashEverywhere.this.run(point);
      } catch (AssertionError | Exception e) {
        fail(point.toString(), "the scenario failed: " + e, e);
        return false;
      }
      if (!run.died()) {
        return false;
      }
      crashes++;
      Place place = new Place(point, run.when());
      if (!run.outcome().equals(undisturbed.outcome())) {
        fail(
            place.toString(),
            "the outcome was %s instead of %s".formatted(run.outcome(), undisturbed.outcome()),
            null);
      }
      more(run.calls())
          .forEach(
              (activity, times) -> {
                most.merge(activity, times, Math::max);
                places.computeIfAbsent(activity, name -> new ArrayList<>()).add(place);
              });
      return true;
    }

    private void fail(String where, String what, @Nullable Throwable cause) {
      failures.add("killed %s: %s".formatted(where, what));
      if (firstCause == null) {
        firstCause = cause;
      }
    }

    /** How many times more than usual activities ran, by name. */
    private Map<String, Integer> more(List<ActivityCall> calls) {
      Map<String, Integer> byCall = new HashMap<>();
      Map<String, Integer> more = new TreeMap<>();
      for (ActivityCall call : calls) {
        if (byCall.merge(call.idempotencyKey() + "#" + call.taskId(), 1, Integer::sum) > 1) {
          more.merge(call.activity(), 1, Integer::sum);
        }
      }
      // What was undone by a crash may come again as another call.
      countByName(calls)
          .forEach(
              (activity, times) -> {
                int surplus = times - usual.getOrDefault(activity, 0);
                if (surplus > 0) {
                  more.merge(activity, surplus, Math::max);
                }
              });
      return more;
    }

    private static Map<String, Integer> countByName(List<ActivityCall> calls) {
      Map<String, Integer> counts = new HashMap<>();
      calls.forEach(call -> counts.merge(call.activity(), 1, Integer::sum));
      return counts;
    }
  }
}
