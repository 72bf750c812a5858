package dev.perdure.engine.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.EntityMetadata;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.PerdureClient;
import dev.perdure.engine.ActivityStart;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.recovery.CrashingStore.Crash;
import dev.perdure.engine.recovery.CrashingStore.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Each story is told to its end, then told again with the power going off at its first commit, at
 * its second, and so on, until it ends before the power would go off. It always ends the same.
 */
final class Stories {
  private static final int COMMITS_MAX = 400;

  private Stories() {}

  /**
   * How the power goes off.
   *
   * @param again whether it goes off twice more, soon after the hub was opened again
   * @param flushEvery after how many checkpoints rows are flushed and the log is cut; 0 for never
   * @param rowCallsKept calls that wrote rows without a flush and survive
   */
  record Fault(
      Moment when,
      ActivityStart start,
      boolean again,
      Duration checkpoints,
      int flushEvery,
      int rowCallsKept) {}

  static List<Fault> faults() {
    Duration often = Duration.ofMillis(1);
    Duration rarely = Duration.ofHours(1_000);
    return List.of(
        new Fault(Moment.BEFORE_IT_IS_DURABLE, ActivityStart.STRICT, false, rarely, 0, 0),
        new Fault(Moment.AFTER_IT_IS_DURABLE, ActivityStart.STRICT, true, often, 0, 0),
        new Fault(Moment.AFTER_IT_IS_DURABLE, ActivityStart.PIPELINED, false, often, 1, 0),
        new Fault(Moment.BEFORE_IT_IS_DURABLE, ActivityStart.PIPELINED, true, often, 2, 1),
        new Fault(Moment.AFTER_IT_IS_DURABLE, ActivityStart.STRICT, true, often, 3, 2));
  }

  static void tell(
      Fault fault,
      int partitions,
      BiConsumer<World, FunctionRegistry.Builder> functions,
      Consumer<World> story) {
    tell(fault, partitions, options -> options, functions, story);
  }

  static void tell(
      Fault fault,
      int partitions,
      UnaryOperator<EngineOptions> options,
      BiConsumer<World, FunctionRegistry.Builder> functions,
      Consumer<World> story) {
    for (int commit = 1; commit <= COMMITS_MAX; commit++) {
      List<Crash> crashes = new ArrayList<>();
      crashes.add(new Crash(commit, fault.when(), fault.rowCallsKept()));
      if (fault.again()) {
        crashes.add(new Crash(2, fault.when(), 0));
        crashes.add(new Crash(3, fault.when(), fault.rowCallsKept()));
      }
      int deaths;
      try (World world =
          new World()
              .partitions(partitions)
              .activityStart(fault.start())
              .options(o -> options.apply(o.withCheckpoint(fault.checkpoints(), 1 << 16)))
              .flushEvery(fault.flushEvery())
              .crashes(crashes)) {
        world.functions(builder -> functions.accept(world, builder)).open();
        story.accept(world);
        Audit.check(world);
        deaths = world.deaths();
        Map<String, String> before = outcome(world);
        world.restart();
        assertThat(outcome(world)).isEqualTo(before);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("The power went off at " + crashes, e);
      }
      if (deaths == 0) {
        return;
      }
    }
    throw new AssertionError("The story takes more than " + COMMITS_MAX + " commits");
  }

  /** What is settled; other things may go on while we look. */
  private static Map<String, String> outcome(World world) {
    Map<String, String> outcome = new TreeMap<>();
    for (OrchestrationMetadata instance : world.instances()) {
      if (instance.isTerminal()) {
        outcome.put(instance.instanceId(), instance.status().name());
      }
    }
    for (EntityMetadata entity : world.entities()) {
      if (entity.operationsWaiting() == 0) {
        outcome.put(entity.id().instanceId(), entity.serializedState() + ", " + entity.lockedBy());
      }
    }
    return outcome;
  }

  static void ignoreIfEnded(World world, Consumer<PerdureClient> request) {
    try {
      world.tell(request);
    } catch (InvalidInstanceStateException e) {
      // asked a second time, because the first answer got lost
    }
  }
}
