package dev.perdure.engine.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.CriticalSection;
import dev.perdure.api.Entity;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityQuery;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.PerdureClient;
import dev.perdure.engine.functions.FunctionRegistry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What becomes of entities when a host is stopped, dies, or loses a commit. */
@ExtendWith(QuietLog.class)
class EntityRecoveryTest {
  @Entity
  static class Counter {
    int value;

    void add(int n) {
      value += n;
    }

    int get() {
      return value;
    }
  }

  private static EntityId counter(int number) {
    return EntityId.of(Counter.class, "" + number);
  }

  private static void sendToAll(FunctionRegistry.Builder f) {
    f.orchestrator(
        "sendToAll",
        Integer.class,
        (ctx, many) -> {
          for (int i = 0; i < many; i++) {
            ctx.signalEntity(counter(i), "add", 1);
          }
          return null;
        });
  }

  @Test
  void anEntityThatSomebodyLooksAtRightAfterTheStartGoesOnLikeAllOthers() {
    int many = 1_000;
    try (World world =
        new World()
            .functions(
                f -> {
                  f.entity(Counter.class);
                  sendToAll(f);
                })
            .open()) {
      world.start("a", "sendToAll", many);
      world.output("a", Object.class);
      world.untilEntitiesRest();
      world.functions(EntityRecoveryTest::sendToAll).restart();
      world.start("b", "sendToAll", many);
      world.output("b", Object.class);
      world.until(
          "they are set aside",
          client ->
              client.queryEntities(EntityQuery.ALL.withPageSize(many)).entities().stream()
                  .allMatch(e -> e.problem() != null && e.operationsWaiting() == 1));

      world.functions(f -> f.entity(Counter.class)).restart();
      for (int i = many - 1; i > many - 200; i--) {
        assertThat(world.state(counter(i), Counter.class).value).isBetween(1, 2);
      }
      world.untilEntitiesRest();
      assertThat(world.entities())
          .hasSize(many)
          .allMatch(e -> e.problem() == null && e.state(Counter.class).value == 2);
    }
  }

  @RepeatedTest(10)
  void whatIsInterruptedByTheEndOfTheProgramRunsAgainAtTheNextStart() throws InterruptedException {
    Semaphore running = new Semaphore(0);
    AtomicBoolean first = new AtomicBoolean(true);
    try (World world =
        new World()
            .functions(
                f -> {
                  f.entity(
                      "slow",
                      ctx -> {
                        if (first.get()) {
                          running.release();
                          new CountDownLatch(1).await();
                        }
                        ctx.setState("done");
                        return "done";
                      });
                  f.orchestrator(
                      "caller",
                      Integer.class,
                      (ctx, i) ->
                          ctx.callEntity(EntityId.of("slow", "" + i), "run", String.class).await());
                })
            .open()) {
      for (int i = 0; i < 8; i++) {
        world.start("a" + i, "caller", i);
      }
      for (int i = 0; i < 8; i++) {
        assertThat(running.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
      }
      first.set(false);
      world.restart();
      for (int i = 0; i < 8; i++) {
        assertThat(world.output("a" + i, String.class)).isEqualTo("done");
      }
    }
  }

  @Test
  void whatEndsWhileTheProgramIsBeingStoppedCounts() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    try (World world =
        new World()
            .options(o -> o.withShutdownGrace(World.PATIENCE))
            .functions(
                f ->
                    f.entity(
                        "slow",
                        ctx -> {
                          running.countDown();
                          mayEnd.await();
                          Integer before = ctx.state(Integer.class);
                          ctx.setState(before == null ? 1 : before + 1);
                          return null;
                        }))
            .open()) {
      EntityId slow = EntityId.of("slow", "x");
      world.tell(client -> client.signalEntity(slow, "run"));
      await(running);
      PerdureClient before = world.client();
      CompletableFuture<Void> stopped = CompletableFuture.runAsync(world::stop);
      assertThatThrownBy(
              () -> {
                while (true) {
                  before.signalEntity(EntityId.of("slow", "y"), "run");
                }
              })
          .isInstanceOf(HubClosedException.class);
      mayEnd.countDown();
      stopped.get(20, TimeUnit.SECONDS);
      world.open();
      assertThat(world.persistently(client -> client.getEntity(slow)).orElseThrow())
          .satisfies(
              entity -> {
                assertThat(entity.state(Integer.class)).isEqualTo(1);
                assertThat(entity.operationsWaiting()).isZero();
              });
    }
  }

  private static void await(CountDownLatch latch) throws InterruptedException {
    assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
  }

  // ---- commits that fail
  // --------------------------------------------------------------------------

  private static final RuntimeException DISK_FULL = new IllegalStateException("the disk is full");

  @Test
  void everythingTakesEffectOnceHoweverManyCommitsFail() {
    int many = 60;
    try (World world =
        new World()
            .partitions(4)
            .options(o -> o.withCheckpoint(Duration.ofMillis(1), 1 << 16))
            .functions(
                f -> {
                  f.entity(Counter.class);
                  f.orchestrator(
                      "count",
                      Integer.class,
                      (ctx, i) -> {
                        ctx.signalEntity(counter(i % 5), Counter::add, 1);
                        ctx.callEntity(counter((i + 1) % 5), Counter::add, 1).await();
                        try (CriticalSection section =
                            ctx.lockEntities(counter(0), counter(1 + i % 4)).await()) {
                          int value = ctx.callEntity(counter(0), Counter::get).await();
                          ctx.callEntity(counter(0), Counter::add, 1).await();
                          return ctx.callEntity(counter(0), Counter::get).await() - value;
                        }
                      });
                })
            .open()
            .warm()) {
      for (int i = 0; i < many; i++) {
        if (i % 5 == 1) {
          world.memory().failNextCommits(1, DISK_FULL);
        } else if (i % 5 == 3) {
          world.memory().failNextCommitsButKeepThem(1, DISK_FULL);
        } else if (i % 20 == 12) {
          world.store().failNextRows();
        }
        world.start("i" + i, "count", i);
      }
      for (int i = 0; i < many; i++) {
        assertThat(world.output("i" + i, Integer.class)).isEqualTo(1);
      }
      world.untilEntitiesRest();
      int sum = 0;
      for (int i = 0; i < 5; i++) {
        sum += world.state(counter(i), Counter.class).value;
      }
      assertThat(sum).isEqualTo(3 * many);
      Audit.check(world);
    }
  }

  @Test
  void aBatchThatWasUnderWayWhenACommitFailedIsRunAgainAndCountsOnce() throws InterruptedException {
    Semaphore running = new Semaphore(0);
    CountDownLatch mayEnd = new CountDownLatch(1);
    try (World world =
        new World()
            .options(o -> o.withRedeliveriesMax(1)) // nobody is suspected: the host lives
            .functions(
                f -> {
                  f.entity(
                      "slow",
                      ctx -> {
                        running.release();
                        mayEnd.await();
                        Integer before = ctx.state(Integer.class);
                        ctx.setState(before == null ? 1 : before + 1);
                        ctx.signalEntity(EntityId.of(Counter.class, "1"), "add", 1);
                        return ctx.state(Integer.class);
                      });
                  f.entity(Counter.class);
                  f.orchestrator(
                      "caller",
                      ctx ->
                          ctx.callEntity(EntityId.of("slow", "x"), "run", Integer.class).await());
                  f.orchestrator("nothing", ctx -> "");
                })
            .open()) {
      world.start("a", "caller", null);
      assertThat(running.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
      for (int i = 0; i < 5; i++) {
        world.memory().failNextCommits(1, DISK_FULL);
        world.start("b" + i, "nothing", null);
        world.output("b" + i, String.class);
        assertThat(running.tryAcquire(20, TimeUnit.SECONDS)).as("it runs again").isTrue();
      }
      mayEnd.countDown(); // for all six
      assertThat(world.output("a", Integer.class)).isEqualTo(1);
      world.untilEntitiesRest();
      assertThat(world.state(EntityId.of("slow", "x"), Integer.class)).isEqualTo(1);
      assertThat(world.state(counter(1), Counter.class).value).isEqualTo(1);
    }
  }

  @Test
  void aResultWhoseCommitFailedIsNotSeenByAnybody() {
    try (World world =
        new World()
            .functions(
                f -> {
                  f.entity(Counter.class);
                  f.orchestrator(
                      "caller", ctx -> ctx.callEntity(counter(1), Counter::add, 1).await());
                })
            .open()
            .warm()) {
      for (int i = 1; i <= 30; i++) {
        String id = "a" + i;
        world.start(id, "caller", null);
        world.memory().failNextCommits(1, DISK_FULL);
        world.end(id);
        assertThat(world.state(counter(1), Counter.class).value).isEqualTo(i);
      }
    }
  }

  // ---- rows
  // ---------------------------------------------------------------------------------------

  @Test
  void anEntityComesAndGoesWhileRowsAreWrittenAndTheLogIsCut() {
    try (World world =
        new World()
            .options(
                o ->
                    o.withCheckpoint(Duration.ofMillis(1), 1 << 16)
                        .withWarm(0, Duration.ofMillis(1)))
            .flushEvery(2)
            .functions(
                f -> {
                  f.entity(Counter.class);
                  f.orchestrator(
                      "phoenix",
                      ctx -> {
                        int sum = 0;
                        for (int i = 0; i < 3; i++) {
                          ctx.callEntity(counter(1), Counter::add, 1).await();
                          sum += ctx.callEntity(counter(1), Counter::get).await();
                          ctx.callEntity(counter(1), "delete").await();
                        }
                        return sum;
                      });
                })
            .open()) {
      for (int i = 0; i < 60; i++) {
        world.start("a" + i, "phoenix", null);
        assertThat(world.output("a" + i, Integer.class)).isEqualTo(3);
        if (i % 3 == 1) {
          world.crash(i % 7);
        }
        assertThat(world.state(counter(1), Counter.class)).isNull();
      }
      assertThat(world.entities()).isEmpty();
    }
  }
}
