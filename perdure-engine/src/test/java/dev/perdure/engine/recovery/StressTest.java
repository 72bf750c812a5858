package dev.perdure.engine.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.RetryPolicy;
import dev.perdure.api.Task;
import dev.perdure.api.TaskFailedException;
import dev.perdure.api.TaskOptions;
import dev.perdure.api.TaskTimeoutException;
import dev.perdure.engine.ActivityStart;
import dev.perdure.engine.functions.FunctionRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Everything at once, while the power goes off, commits fail and time leaps. A failure names its
 * seed; run it alone with {@code -Dperdure.seed=...}. Threads are real, so the same seed makes the
 * same plan, not the same run.
 */
@ExtendWith(QuietLog.class)
class StressTest {
  private static final RuntimeException DISK_FULL = new IllegalStateException("the disk is full");
  private static final int ACTIONS = 150;

  static LongStream seeds() {
    Long chosen = Long.getLong("perdure.seed");
    return chosen != null ? LongStream.of(chosen) : LongStream.of(1, 2, 3, 4, System.nanoTime());
  }

  private static void functions(FunctionRegistry.Builder f) {
    f.activity("increment", Integer.class, n -> n + 1);
    f.activity(
        "fail",
        () -> {
          throw new IllegalStateException("as asked");
        });
    f.orchestrator("leaf", Integer.class, StressTest::leaf);
    f.orchestrator("mix", Integer.class, StressTest::mix);
    f.orchestrator("countdown", Integer.class, StressTest::countdown);
    StressBank.register(f);
  }

  private static Object leaf(OrchestrationContext ctx, Integer n) {
    ctx.createTimer(Duration.ofSeconds(n % 100)).await();
    return ctx.callActivity("increment", n, Integer.class).await();
  }

  private static Object countdown(OrchestrationContext ctx, Integer n) {
    if (n == 0) {
      return 0;
    }
    ctx.setCustomStatus(n);
    int less = n - ctx.callActivity("increment", 0, Integer.class).await();
    ctx.continueAsNew(less);
    return null;
  }

  private static Object mix(OrchestrationContext ctx, Integer n) {
    int sum = n;
    for (int i = 0; i < 4; i++) {
      int step = sum;
      switch ((n / 7 + i) % 6) {
        case 0 -> sum = ctx.callActivity("increment", step, Integer.class).await();
        case 1 -> {
          List<Task<Integer>> tasks = new ArrayList<>();
          for (int k = 0; k < 5; k++) {
            tasks.add(ctx.callActivity("increment", k, Integer.class));
          }
          sum += ctx.allOf(tasks).await().stream().mapToInt(Integer::intValue).sum() - 14;
        }
        case 2 -> {
          ctx.createTimer(Duration.ofMinutes(1 + n % 90)).await();
          sum++;
        }
        case 3 -> sum = ctx.callSubOrchestrator("leaf", step, Integer.class).await();
        case 4 -> {
          try {
            ctx.waitForExternalEvent("go", Duration.ofMinutes(30), String.class).await();
          } catch (TaskTimeoutException e) {
            ctx.setCustomStatus("nobody came");
          }
          sum++;
        }
        default -> {
          try {
            ctx.callActivity(
                    "fail",
                    null,
                    TaskOptions.retry(RetryPolicy.of(2, Duration.ofSeconds(5))),
                    String.class)
                .await();
          } catch (TaskFailedException e) {
            sum++;
          }
        }
      }
    }
    return sum;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everythingEndsAsItShould(long seed) {
    Random random = new Random(seed);
    try (World world =
        new World()
            .partitions(1 + random.nextInt(4))
            .activityStart(random.nextBoolean() ? ActivityStart.STRICT : ActivityStart.PIPELINED)
            .options(
                o ->
                    o.withCheckpoint(Duration.ofMillis(1 + random.nextInt(20)), 1 << 16)
                        .withWarm(1 + random.nextInt(20), Duration.ofMillis(5)))
            .flushEvery(random.nextInt(4))
            .functions(StressTest::functions)
            .open()) {
      Map<String, Integer> expected = new TreeMap<>();
      StressBank bank = new StressBank(world, random);
      for (int i = 0; i < ACTIONS; i++) {
        if (random.nextInt(3) == 0) {
          bank.act();
        } else {
          act(world, random, expected);
        }
      }
      for (var entry : expected.entrySet()) {
        ifRunning(world, client -> client.resume(entry.getKey(), null));
        var end = world.endWhileTimeFlies(entry.getKey(), Duration.ofMinutes(10));
        assertThat(end.status()).as(end::toString).isEqualTo(OrchestrationStatus.COMPLETED);
        assertThat(end.output(Integer.class)).as(end::toString).isEqualTo(entry.getValue());
      }
      bank.settle();
      Audit.check(world);
      world.restart();
      bank.check();
      assertThat(world.instances()).allMatch(instance -> instance.isTerminal());
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("Seed " + seed, e);
    }
  }

  private static void act(World world, Random random, Map<String, Integer> expected) {
    int n = random.nextInt(1_000);
    List<String> ids = List.copyOf(expected.keySet());
    String some = ids.isEmpty() ? null : ids.get(random.nextInt(ids.size()));
    switch (random.nextInt(20)) {
      case 0, 1, 2, 3, 4, 5, 6 -> {
        String id = "m" + expected.size();
        world.start(id, "mix", n);
        expected.put(id, n + 4);
      }
      case 7 -> {
        String id = "c" + expected.size();
        world.start(id, "countdown", n % 8);
        expected.put(id, 0);
      }
      case 8, 9 -> {
        world.clock.jump(Duration.ofMinutes(n % 40));
        world.engine().clockChanged();
      }
      case 10, 11 -> {
        if (some != null) {
          ifRunning(world, client -> client.raiseEvent(some, "go", "now"));
        }
      }
      case 12 -> {
        if (some != null) {
          ifRunning(world, client -> client.suspend(some, "a while"));
        }
      }
      case 13 -> {
        if (some != null) {
          ifRunning(world, client -> client.resume(some, null));
        }
      }
      case 14 -> world.memory().failNextCommits(1, DISK_FULL);
      case 15 -> world.memory().failNextCommitsButKeepThem(1, DISK_FULL);
      case 16 -> world.store().failNextRows();
      case 17 -> world.crash(n % 5);
      case 18 -> world.restart();
      default -> world.instances();
    }
  }

  static void ifRunning(World world, Consumer<PerdureClient> request) {
    try {
      world.tell(request);
    } catch (InvalidInstanceStateException e) {
      // it has ended meanwhile
    }
  }
}
