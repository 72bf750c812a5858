package dev.perdure.engine.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.CriticalSection;
import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.EntitySignal;
import dev.perdure.api.Problem;
import dev.perdure.store.memory.MemoryStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An operation that may kill its host is tried again a few times, then its entity is set aside. */
@ExtendWith(QuietLog.class)
class EntityPoisonTest {
  private static final int TIMES_MAX = 3;
  private static final EntityId KILLER = EntityId.of("killer", "x");

  private final Semaphore running = new Semaphore(0);
  private final AtomicBoolean harmless = new AtomicBoolean();

  /** Counts, and never ends by itself where it is asked to kill, unless it has been put right. */
  private Object count(EntityContext ctx) throws InterruptedException {
    if (ctx.operation().equals("kill") && !harmless.get()) {
      running.release();
      new CountDownLatch(1).await();
    }
    Integer before = ctx.state(Integer.class);
    ctx.setState(before == null ? 1 : before + 1);
    return ctx.state(Integer.class);
  }

  private World world() {
    return new World()
        .partitions(2)
        .options(o -> o.withRedeliveriesMax(TIMES_MAX))
        .functions(
            f -> {
              f.entity("killer", this::count);
              f.entity("good", this::count);
              f.orchestrator(
                  "caller", ctx -> ctx.callEntity(KILLER, "kill", Integer.class).await());
              f.orchestrator(
                  "locker",
                  ctx -> {
                    try (CriticalSection section = ctx.lockEntities(KILLER).await()) {
                      return ctx.callEntity(KILLER, "kill", Integer.class).await();
                    }
                  });
            });
  }

  private void awaitRunning() throws InterruptedException {
    assertThat(running.tryAcquire(20, TimeUnit.SECONDS)).as("it runs").isTrue();
  }

  private static EntityMetadata killer(World world) {
    return world.persistently(client -> client.getEntity(KILLER)).orElseThrow();
  }

  private static int count(World world, EntityId entity) {
    Integer count = world.state(entity, Integer.class);
    return count == null ? 0 : count;
  }

  private void crashesUntilSetAside(World world) throws InterruptedException {
    for (int i = 0; i <= TIMES_MAX; i++) {
      awaitRunning();
      assertThat(killer(world).problem()).isNull();
      world.crash();
    }
    untilSetAside(world);
    assertThat(running.tryAcquire()).as("it runs again").isFalse();
    world.crash();
    world.restart();
    assertThat(killer(world).problem()).as("it stays so").isNotNull();
  }

  private static void untilSetAside(World world) {
    world.until(
        "it is set aside",
        client -> client.getEntity(KILLER).map(e -> e.problem() != null).orElse(false));
    Problem problem = killer(world).problem();
    assertThat(problem.kind()).isEqualTo(Problem.Kind.POISON);
    assertThat(problem.message())
        .contains("'@killer@x'", "the last 3 times a host died", "requeue or purge");
    assertThat(world.client().explain("@killer@x").summary()).contains("set aside");
  }

  private void putRight(World world) {
    harmless.set(true);
    world.tell(client -> client.requeue("@killer@x", "put right"));
  }

  @Test
  void anOperationThatIsCalledIsSetAsideAndCanBeRequeued() throws InterruptedException {
    try (World world = world().open()) {
      world.start("a", "caller", null);
      crashesUntilSetAside(world);
      putRight(world);
      assertThat(world.output("a", Integer.class)).isEqualTo(1);
      Audit.check(world);
    }
  }

  @Test
  void anOperationThatWasSignaledIsSetAsideTogetherWithWhatWaits() throws InterruptedException {
    try (World world = world().open()) {
      world.tell(
          client ->
              client.signalEntities(
                  List.of(
                      EntitySignal.of(KILLER, "add"),
                      EntitySignal.of(KILLER, "kill"),
                      EntitySignal.of(KILLER, "add"))));
      crashesUntilSetAside(world);
      long waiting = killer(world).operationsWaiting();
      assertThat(waiting + count(world, KILLER)).as("nothing is lost").isEqualTo(3);
      putRight(world);
      world.untilEntitiesRest();
      assertThat(count(world, KILLER)).isEqualTo(3);
    }
  }

  @Test
  void anOperationIsSetAsideEvenIfTheFirstCommitsOfEachHostFail() throws InterruptedException {
    try (World world = world().open()) {
      world.start("a", "caller", null);
      world.failFirstCommits(1);
      crashesUntilSetAside(world);
    }
  }

  @Test
  void anOperationAheadOfOthersIsSetAsideAndItsLockStays() throws InterruptedException {
    try (World world = world().open()) {
      world.start("a", "locker", null);
      crashesUntilSetAside(world);
      assertThat(killer(world).lockedBy()).isEqualTo("a");
      putRight(world);
      assertThat(world.output("a", Integer.class)).isEqualTo(1);
      world.untilEntitiesRest();
    }
  }

  @Test
  void whatTimeBringsBackBeforeAnythingIsDurableIsCountedAsWell() throws InterruptedException {
    try (World world = world().open()) {
      world.tell(
          client ->
              client.signalEntity(
                  KILLER, "kill", null, world.clock.instant().plus(Duration.ofHours(1))));
      MemoryStore first = world.memory();
      first.holdCommits(); // it kills before its coming has been recorded
      world.clock.jump(Duration.ofHours(2));
      world.engine().clockChanged();
      awaitRunning();
      Thread crash = Thread.startVirtualThread(world::crash);
      world.until("another life has begun", client -> world.memory() != first);
      first.releaseCommits(); // nothing comes of them any more
      crash.join();
      for (int i = 0; i < TIMES_MAX; i++) {
        awaitRunning();
        world.crash();
      }
      untilSetAside(world);
      putRight(world);
      world.untilEntitiesRest();
      assertThat(count(world, KILLER)).isEqualTo(1);
    }
  }

  @Test
  void anEntityThatWasSetAsideForThisCanBePurged() throws InterruptedException {
    try (World world = world().open()) {
      world.start("a", "caller", null);
      crashesUntilSetAside(world);
      world.tell(client -> client.purgeEntity(KILLER));
      assertThat(world.end("a").failure().cause().message()).contains("was purged");
      harmless.set(true);
      world.start("b", "caller", null);
      assertThat(world.output("b", Integer.class)).isEqualTo(1);
    }
  }

  @Test
  void whatWentWellInBetweenIsForgiven() throws InterruptedException {
    try (World world = world().open()) {
      for (int round = 1; round <= 2; round++) {
        harmless.set(false);
        world.start("a" + round, "caller", null);
        for (int i = 0; i < TIMES_MAX; i++) {
          awaitRunning();
          if (i == TIMES_MAX - 1) {
            harmless.set(true);
          }
          world.crash();
        }
        assertThat(world.output("a" + round, Integer.class)).isEqualTo(round);
      }
      assertThat(killer(world).problem()).isNull();
    }
  }

  @Test
  void orderlyShutdownsDoNotCount() throws InterruptedException {
    try (World world = world().open()) {
      world.start("a", "caller", null);
      for (int i = 0; i < 2 * TIMES_MAX; i++) {
        awaitRunning();
        world.restart();
      }
      awaitRunning();
      assertThat(killer(world).problem()).isNull();
      harmless.set(true);
      world.restart();
      assertThat(world.output("a", Integer.class)).isEqualTo(1);
    }
  }

  @Test
  void othersAreNotSetAsideWithIt() throws InterruptedException {
    try (World world = world().open()) {
      for (int i = 0; i < 20; i++) {
        EntityId good = EntityId.of("good", "" + i);
        world.tell(client -> client.signalEntity(good, "add"));
        world.tell(
            client ->
                client.signalEntity(
                    good, "add", null, world.clock.instant().plus(Duration.ofHours(1))));
      }
      world.start("a", "caller", null);
      for (int i = 0; i < TIMES_MAX; i++) {
        awaitRunning();
        for (int k = 0; k < 20; k++) {
          EntityId good = EntityId.of("good", "" + k);
          world.tell(client -> client.signalEntity(good, "add"));
        }
        world.crash();
      }
      awaitRunning();
      world.crash();
      untilSetAside(world);
      world.clock.jump(Duration.ofHours(2));
      world.engine().clockChanged();
      for (int i = 0; i < 20; i++) {
        EntityId good = EntityId.of("good", "" + i);
        world.until(
            good + " has counted all",
            client ->
                client
                    .getEntity(good)
                    .map(e -> e.operationsWaiting() == 0 && e.problem() == null)
                    .orElse(false));
        assertThat(count(world, good)).isEqualTo(2 + TIMES_MAX);
      }
    }
  }
}
