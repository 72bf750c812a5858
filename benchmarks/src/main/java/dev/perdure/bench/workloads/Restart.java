package dev.perdure.bench.workloads;

import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.ChildJvm;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.Workload;
import dev.perdure.bench.harness.WorkloadFailedException;
import java.io.IOException;

/**
 * A host with a hundred thousand orchestrations under way is killed (SIGKILL) and started again.
 * Each has done one activity and waits for a second. The time to the first progress is that from
 * starting the new JVM to the first activity that runs in it.
 */
public final class Restart implements Workload {
  private static final double GOAL_SECONDS = 2;
  private static final int HOST_HEAP_MIB = 2048;

  @Override
  public String name() {
    return "restart";
  }

  @Override
  public String describes() {
    return "SIGKILL with 100,000 orchestrations in flight, then started again: all finish";
  }

  @Override
  public int heapMiB() {
    return 256; // the hosts are JVMs of their own
  }

  @Override
  public void run(BenchContext context) throws Exception {
    int instances = context.sized(100_000, 10_000, 100);
    String hub = context.hub().toString();
    context.progress("starting %,d", instances);
    try (ChildJvm host = host(hub, instances, RestartHost.UNTIL_KILLED)) {
      await(host, RestartHost.IN_FLIGHT);
      host.kill();
    }

    context.progress("killed; starting again");
    StopWatch watch = StopWatch.start();
    try (ChildJvm host = host(hub, instances, RestartHost.TO_THE_END)) {
      String openMillis = await(host, RestartHost.OPEN);
      await(host, RestartHost.PROGRESS);
      double firstProgress = watch.seconds();
      String[] end = await(host, RestartHost.FINISHED).split(" ", -1);
      double seconds = watch.seconds();
      int finished = Integer.parseInt(end[0]);
      WorkloadFailedException.unless(
          finished == instances, "%d instances finished, not %d.", finished, instances);
      context.report(
          Figure.of("first-progress", firstProgress, "s from the start of the JVM")
              .withGoal(Goal.below(GOAL_SECONDS))
              .withCpu(Double.parseDouble(end[1]) / instances));
      context.report(Figure.of("hub-open", Double.parseDouble(openMillis) / 1000, "s"));
      context.report(Figure.of("all-finished", seconds, "s"));
    }
  }

  private static ChildJvm host(String hub, int instances, String mode) throws IOException {
    return ChildJvm.start(HOST_HEAP_MIB, RestartHost.class, hub, String.valueOf(instances), mode);
  }

  /** Reads until a line begins with a word and returns the rest of it. */
  private static String await(ChildJvm host, String word) throws IOException {
    for (String line = host.readLine(); line != null; line = host.readLine()) {
      if (line.startsWith(word)) {
        return line.substring(word.length()).strip();
      }
    }
    throw new WorkloadFailedException(
        "The host ended before it said %s; what went wrong is above.".formatted(word));
  }
}
