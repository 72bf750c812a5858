package dev.perdure.bench.workloads;

import dev.perdure.Perdure;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.PerdureClient;
import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.CpuClock;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.Workload;
import dev.perdure.bench.harness.WorkloadFailedException;
import dev.perdure.engine.ActivityStart;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Orchestrations that have called 50,000 activities and wait for an event are taken up from disk:
 * the time from raising the event (or from when their code began to run, should the engine be that
 * eager) to their end. One called its activities all at once, the other one after the other. The
 * hub is opened again before, but in the same JVM, so its code is compiled, and the operating
 * system may have the files in memory.
 */
public final class Replay implements Workload {
  private static final double GOAL_SECONDS = 2;
  private static final String FAN_OUT = "replayFanOut";
  private static final String SEQUENCE = "replaySequence";
  private static final String GO = "go";

  @Override
  public String name() {
    return "replay";
  }

  @Override
  public String describes() {
    return "cold replay of a history of 100,000 events (50,000 activities)";
  }

  @Override
  public void run(BenchContext context) throws Exception {
    measure(context, FAN_OUT, "fan-out");
    measure(context, SEQUENCE, "sequence");
  }

  private static void measure(BenchContext context, String orchestrator, String metric)
      throws InterruptedException {
    int activities = context.sized(50_000, 5_000, 100);
    Path directory = context.directory().resolve(metric);
    String id;
    try (Perdure perdure = open(directory, new AtomicLong())) {
      context.progress("%s: calling %,d activities", metric, activities);
      id = perdure.client().startNew(orchestrator, activities);
      awaitWaiting(perdure.client(), id);
    }
    context.progress("%s: closed; opening again", metric);
    AtomicLong began = new AtomicLong();
    CpuClock cpu = CpuClock.start(); // opening included: an eager engine replays then
    try (Perdure perdure = open(directory, began)) {
      long raised = System.nanoTime();
      perdure.client().raiseEvent(id, GO);
      Long output = Clients.await(perdure.client(), id).output(Long.class);
      long ended = System.nanoTime();
      double cpuMicros = cpu.microsPer(1);
      long expected = orchestrator.equals(FAN_OUT) ? FanOut.expectedSum(activities) : activities;
      WorkloadFailedException.unless(
          output != null && output == expected, "It put out %s, not %d.", output, expected);
      int events = perdure.client().history(id).size();
      WorkloadFailedException.unless(
          events >= 2 * activities && began.get() != 0,
          "It has a history of %d events and was %s.",
          events,
          began.get() == 0 ? "not replayed" : "replayed");
      double seconds = (ended - Math.min(raised, began.get())) / 1e9;
      context.report(
          Figure.of(metric, seconds, "s for " + events + " events")
              .withGoal(Goal.below(GOAL_SECONDS))
              .withCpu(cpuMicros));
    }
  }

  /**
   * Opens a hub.
   *
   * @param began gets the time at which an orchestrator's code was first run in replay
   */
  private static Perdure open(Path directory, AtomicLong began) {
    return Perdure.embedded(directory)
        .orchestrator(FAN_OUT, ctx -> noting(began, ctx, Replay::fanOut))
        .orchestrator(SEQUENCE, ctx -> noting(began, ctx, Replay::sequence))
        // Only building the history is quicker for it.
        .options(o -> o.withActivityStart(ActivityStart.PIPELINED))
        .activity("twice", Integer.class, number -> 2 * Objects.requireNonNull(number))
        .activity("next", Integer.class, number -> Objects.requireNonNull(number) + 1)
        .start();
  }

  private static Long noting(
      AtomicLong began, OrchestrationContext context, Function<OrchestrationContext, Long> code) {
    if (context.isReplaying()) {
      began.compareAndSet(0, System.nanoTime());
    }
    return code.apply(context);
  }

  private static Long fanOut(OrchestrationContext context) {
    int activities = Objects.requireNonNull(context.input(Integer.class));
    return waitForGo(context, FanOut.callAndAdd(context, activities));
  }

  private static Long sequence(OrchestrationContext context) {
    int activities = Objects.requireNonNull(context.input(Integer.class));
    return waitForGo(context, Sequence.count(context, activities));
  }

  private static Long waitForGo(OrchestrationContext context, long result) {
    context.setCustomStatus(GO);
    context.waitForExternalEvent(GO, Void.class).await();
    return result;
  }

  private static void awaitWaiting(PerdureClient client, String id) throws InterruptedException {
    StopWatch watch = StopWatch.start();
    while (!GO.equals(client.status(id).orElseThrow().customStatus(String.class))) {
      WorkloadFailedException.unless(
          watch.nanos() < Clients.PATIENCE.toNanos(),
          "Its activities were not done after %s.",
          Clients.PATIENCE);
      Thread.sleep(20);
    }
  }
}
