package dev.perdure.bench.workloads;

import dev.perdure.Perdure;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import dev.perdure.bench.harness.ChildJvm;
import dev.perdure.bench.harness.CpuClock;
import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.WorkloadFailedException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** A host for {@link Restart}; it says on standard output how far it has come. */
public final class RestartHost {
  /** Mode: start everything, let nobody finish, and wait for the end. */
  static final String UNTIL_KILLED = "until-killed";

  /** Mode: go on with what is there, and end when it has finished. */
  static final String TO_THE_END = "to-the-end";

  static final String IN_FLIGHT = "IN-FLIGHT";
  static final String OPEN = "OPEN";
  static final String PROGRESS = "PROGRESS";
  static final String FINISHED = "FINISHED";

  private static final int CLIENTS = 256;

  private final int instances;
  private final boolean lastStepBlocks;
  private final CountDownLatch firstSteps;
  private final AtomicBoolean progressed = new AtomicBoolean();

  private RestartHost(int instances, boolean lastStepBlocks) {
    this.instances = instances;
    this.lastStepBlocks = lastStepBlocks;
    this.firstSteps = new CountDownLatch(instances);
  }

  /** Takes hub directory, number of instances, mode. */
  public static void main(String[] arguments) throws Exception {
    ChildJvm.endWithParent();
    Logger.getLogger("").setLevel(Level.WARNING);
    Path hub = Path.of(arguments[0]);
    int instances = Integer.parseInt(arguments[1]);
    boolean untilKilled = arguments[2].equals(UNTIL_KILLED);
    new RestartHost(instances, untilKilled).run(hub, untilKilled);
    System.exit(0);
  }

  private void run(Path hub, boolean untilKilled) throws InterruptedException {
    StopWatch watch = StopWatch.start();
    try (Perdure perdure =
        Perdure.embedded(hub)
            .orchestrator("twoSteps", RestartHost::orchestrate)
            .activity("first", Integer.class, this::first)
            .activity("last", Integer.class, this::last)
            // Last steps that block must not keep first steps from running.
            .options(o -> lastStepBlocks ? o.withActivitiesMax(2 * instances) : o)
            .start()) {
      say(OPEN + " " + watch.millis());
      if (untilKilled) {
        startAll(perdure.client());
        firstSteps.await();
        // Those that were last still have the result of the first step to commit.
        Thread.sleep(1000);
        say(IN_FLIGHT);
        Thread.sleep(Clients.PATIENCE);
      } else {
        awaitAll(perdure.client());
        say(FINISHED + " " + instances + " " + CpuClock.now() / 1000);
      }
    }
  }

  private static int orchestrate(OrchestrationContext context) {
    Integer number = context.input(Integer.class);
    Integer first = context.callActivity("first", number, Integer.class).await();
    return Objects.requireNonNull(context.callActivity("last", first, Integer.class).await());
  }

  private int first(@Nullable Integer number) {
    firstSteps.countDown();
    return Objects.requireNonNull(number) + 1;
  }

  private int last(@Nullable Integer number) throws InterruptedException {
    if (lastStepBlocks) {
      Thread.sleep(Clients.PATIENCE);
    }
    if (progressed.compareAndSet(false, true)) {
      say(PROGRESS);
    }
    return 2 * Objects.requireNonNull(number);
  }

  private void startAll(PerdureClient client) throws InterruptedException {
    Clients.share(instances, CLIENTS, i -> client.startNew("twoSteps", i, StartOptions.id(id(i))));
  }

  private void awaitAll(PerdureClient client) throws InterruptedException {
    Clients.share(
        instances,
        CLIENTS,
        i -> {
          Integer output = Clients.await(client, id(i)).output(Integer.class);
          WorkloadFailedException.unless(
              output != null && output == 2 * (i + 1), "%s put out %s.", id(i), output);
        });
  }

  private static String id(int number) {
    return "in-flight-" + number;
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
