package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.CriticalSection;
import dev.perdure.api.EntityId;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import dev.perdure.api.Task;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.memory.MemoryDisk;
import dev.perdure.store.memory.MemoryStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Locks that are released by whoever cleans up, while those who gave them up say so themselves. */
class OrphanedLocksTest {
  private static final int PARTITIONS = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final EntityId first = entityIn(0);
  private final EntityId second = entityIn(1);
  private final SlowPost post = new SlowPost();

  private static EntityId entityIn(int partition) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> EntityId.of("a", partition + "-" + i))
        .filter(id -> InstanceIds.partition(id.instanceId(), PARTITIONS) == partition)
        .findFirst()
        .orElseThrow();
  }

  private static String idIn(int partition) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> "o" + i)
        .filter(id -> InstanceIds.partition(id, PARTITIONS) == partition)
        .findFirst()
        .orElseThrow();
  }

  /** Carries messages between partitions, or keeps them for later. */
  private static final class SlowPost implements Executor {
    private final Deque<Runnable> kept = new ArrayDeque<>();
    private boolean slow;

    @Override
    public synchronized void execute(Runnable delivery) {
      if (slow) {
        kept.add(delivery);
      } else {
        delivery.run();
      }
    }

    synchronized void keep() {
      slow = true;
    }

    synchronized void deliver() {
      slow = false;
      kept.forEach(Runnable::run);
      kept.clear();
    }
  }

  @Test
  void aWishThatWasWithdrawnIsWithdrawnEverywhereThoughItsFirstLockWasCleanedAway() {
    MemoryStore store = MemoryStore.open(new MemoryDisk(), PARTITIONS);
    try (Engine engine =
        Engine.start(
            store, functions(), new JacksonDataConverter(), TestHub.OPTIONS, environment())) {
      PerdureClient client = engine.client();
      client.startNew("holder", null, StartOptions.id("holder"));
      until(() -> isLocked(client, second));
      String wisher = idIn(2);
      client.startNew("wisher", null, StartOptions.id(wisher));
      until(() -> isLocked(client, first)); // and the wish has gone on to the second entity

      post.keep();
      client.raiseEvent(wisher, "give up");
      client.waitForCompletion(wisher, PATIENCE);
      assertThat(client.cleanEntityStorage(false, true).orphanedLocksReleased()).isEqualTo(1);
      post.deliver();
      client.raiseEvent("holder", "go");
      client.waitForCompletion("holder", PATIENCE);

      assertThat(client.audit().findings()).isEmpty();
      until(() -> !isLocked(client, second));
    } finally {
      store.close();
    }
  }

  private FunctionRegistry functions() {
    return FunctionRegistry.builder()
        .entity("a", ctx -> null)
        .orchestrator(
            "holder",
            ctx -> {
              try (CriticalSection section = ctx.lockEntities(second).await()) {
                ctx.waitForExternalEvent("go", String.class).await();
                return section.entities().size();
              }
            })
        .orchestrator(
            "wisher",
            ctx -> {
              Task<CriticalSection> lock = ctx.lockEntities(first, second);
              ctx.waitForExternalEvent("give up", String.class).await();
              lock.cancel();
              return null;
            })
        .build();
  }

  private EngineEnvironment environment() {
    return new EngineEnvironment(
        InstantSource.system(),
        System::nanoTime,
        new Random(7),
        Thread.ofVirtual().name(EngineEnvironment.ORCHESTRATOR_THREAD).factory(),
        Thread.ofVirtual().name("perdure-activity").factory(),
        Thread.ofVirtual().name("perdure-entity").factory(),
        SystemThreads::new,
        post);
  }

  private static boolean isLocked(PerdureClient client, EntityId entity) {
    return client.getEntity(entity).map(e -> e.lockedBy() != null).orElse(false);
  }

  private static void until(BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("the condition was awaited in vain").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }
}
