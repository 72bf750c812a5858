package dev.perdure.engine.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.HistoryEvent.WorkRedelivered;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Problem;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Work that may kill its host is tried again a few times, then set aside with the reason. */
@ExtendWith(QuietLog.class)
class PoisonTest {
  private static final int TIMES_MAX = 3;

  /** Tells that it runs, and never ends by itself, unless it has been put right. */
  private static final class Killer {
    private final Semaphore running = new Semaphore(0);
    private final AtomicBoolean harmless = new AtomicBoolean();

    String run() throws InterruptedException {
      if (!harmless.get()) {
        running.release();
        new CountDownLatch(1).await();
      }
      return "harmless";
    }

    void awaitRunning() throws InterruptedException {
      assertThat(running.tryAcquire(20, TimeUnit.SECONDS)).as("it runs").isTrue();
    }
  }

  private static World world(Killer killer) {
    return new World()
        .options(o -> o.withRedeliveriesMax(TIMES_MAX))
        .functions(
            f -> {
              f.activity("killer", killer::run);
              f.orchestrator(
                  "calls", ctx -> ctx.callActivity("killer", null, String.class).await());
              f.orchestrator("steps", ctx -> killer.run());
              f.orchestrator("good", ctx -> ctx.waitForExternalEvent("go", String.class).await());
            });
  }

  private static void crashesUntilParked(World world, Killer killer, String id)
      throws InterruptedException {
    for (int i = 0; i <= TIMES_MAX; i++) {
      killer.awaitRunning();
      assertThat(world.status(id).problem()).isNull();
      world.crash();
    }
    world.until(id + " is set aside", client -> client.status(id).orElseThrow().problem() != null);
    OrchestrationMetadata parked = world.status(id);
    assertThat(parked.status()).isNotIn(OrchestrationStatus.FAILED, OrchestrationStatus.COMPLETED);
    assertThat(parked.problem().kind()).isEqualTo(Problem.Kind.POISON);
    assertThat(parked.problem().message())
        .contains("'" + id + "'", "the last 3 times a host died", "requeue or terminate");
    assertThat(world.client().explain(id).summary()).contains("set aside");
    assertThat(killer.running.tryAcquire()).as("it runs again").isFalse();

    world.crash();
    world.restart();
    assertThat(world.status(id).problem()).as("it stays so").isNotNull();

    killer.harmless.set(true);
    world.tell(client -> client.requeue(id, "put right"));
    assertThat(world.output(id, String.class)).isEqualTo("harmless");
    Audit.check(world);
  }

  @Test
  void anActivityUnderWayAtEachOfSeveralCrashesIsParkedAndCanBeRequeued()
      throws InterruptedException {
    Killer killer = new Killer();
    try (World world = world(killer).open()) {
      world.start("a", "calls", null);
      crashesUntilParked(world, killer, "a");
    }
  }

  @Test
  void aStepUnderWayAtEachOfSeveralCrashesIsParkedAndCanBeRequeued() throws InterruptedException {
    Killer killer = new Killer();
    try (World world = world(killer).open()) {
      world.start("a", "steps", null);
      crashesUntilParked(world, killer, "a");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"calls", "steps"})
  void workThatKillsItsHostIsParkedEvenIfTheFirstCommitsOfEachHostFail(String orchestrator)
      throws InterruptedException {
    Killer killer = new Killer();
    try (World world = world(killer).open()) {
      world.start("a", orchestrator, null);
      world.failFirstCommits(2);
      crashesUntilParked(world, killer, "a");
    }
  }

  @Test
  void aCommitThatFailsLaterIsNoCrash() throws InterruptedException {
    Killer killer = new Killer();
    try (World world = world(killer).open()) {
      world.start("a", "calls", null);
      killer.awaitRunning();
      world.crash();
      killer.awaitRunning();
      world.warm();
      for (int i = 0; i < TIMES_MAX; i++) {
        world.memory().failNextCommits(1, new IllegalStateException("the disk is full"));
        world.start("c" + i, "good", null);
      }
      assertThat(world.client().history("a"))
          .filteredOn(WorkRedelivered.class::isInstance)
          .hasSize(1);
    }
  }

  @Test
  void whatWasParkedCanBeTerminated() throws InterruptedException {
    Killer killer = new Killer();
    try (World world = world(killer).open()) {
      world.start("a", "calls", null);
      for (int i = 0; i <= TIMES_MAX; i++) {
        killer.awaitRunning();
        world.crash();
      }
      world.until("it is set aside", c -> c.status("a").orElseThrow().problem() != null);
      world.tell(client -> client.terminate("a", "no use"));
      assertThat(world.end("a").status()).isEqualTo(OrchestrationStatus.TERMINATED);
    }
  }

  @Test
  void orderlyShutdownsDoNotCount() throws InterruptedException {
    Killer killer = new Killer();
    try (World world = world(killer).open()) {
      world.start("a", "calls", null);
      for (int i = 0; i < 2 * TIMES_MAX; i++) {
        killer.awaitRunning();
        world.restart();
      }
      killer.awaitRunning();
      assertThat(world.status("a").problem()).isNull();
      assertThat(world.client().history("a")).noneMatch(WorkRedelivered.class::isInstance);
    }
  }

  @Test
  void onlyWhatRanIsSuspected() throws InterruptedException {
    Killer killer = new Killer();
    int many = 400;
    try (World world = world(killer).open()) {
      for (int i = 0; i < many; i++) {
        world.start("a" + i, "calls", null);
      }
      for (int i = 0; i < many; i++) {
        killer.awaitRunning();
      }
      world.crash();
      killer.awaitRunning();
      int suspected = 0;
      for (int i = 0; i < many; i++) {
        if (world.client().history("a" + i).stream().anyMatch(WorkRedelivered.class::isInstance)) {
          suspected++;
        }
      }
      assertThat(suspected).isBetween(1, 256);
    }
  }

  @Test
  void whoOnlyWaitsIsNotSuspected() throws InterruptedException {
    Killer killer = new Killer();
    try (World world = world(killer).open()) {
      world.start("bad", "calls", null);
      world.start("good", "good", null);
      killer.awaitRunning();
      world.until("it waits", c -> !c.explain("good").waits().isEmpty());
      for (int i = 0; i < TIMES_MAX; i++) {
        world.crash();
        killer.awaitRunning();
      }
      assertThat(world.client().history("good")).noneMatch(WorkRedelivered.class::isInstance);
      world.tell(client -> client.raiseEvent("good", "go", "well"));
      assertThat(world.output("good", String.class)).isEqualTo("well");
    }
  }
}
