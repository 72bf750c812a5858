package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.EntityId;
import dev.perdure.api.EntityQuery;
import dev.perdure.api.EntitySignal;
import dev.perdure.api.HubBusyException;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Past a limit there is a clear error or a wait. */
class EntityLimitsTest {
  private static final EntityId SLOW = EntityId.of("slow", "a");

  private static TestHub hub(EngineOptions options, CountDownLatch mayEnd, AtomicInteger most) {
    AtomicInteger running = new AtomicInteger();
    return new TestHub(
        options,
        f ->
            f.entity(
                "slow",
                ctx -> {
                  most.accumulateAndGet(running.incrementAndGet(), Math::max);
                  mayEnd.await();
                  running.decrementAndGet();
                  ctx.setState("done");
                  return null;
                }));
  }

  @Test
  void signalsSentTogetherCountTogether() {
    CountDownLatch mayEnd = new CountDownLatch(1);
    EngineOptions options =
        TestHub.OPTIONS.withLimits(EngineOptions.Limits.DEFAULTS.withEntityQueueMax(10));
    try (TestHub hub = hub(options, mayEnd, new AtomicInteger())) {
      assertThatThrownBy(
              () ->
                  hub.client()
                      .signalEntities(Collections.nCopies(11, EntitySignal.of(SLOW, "work"))))
          .isInstanceOf(HubBusyException.class)
          .hasMessageContaining("@slow@a")
          .hasMessageContaining("limits.entityQueueMax");
      assertThat(hub.client().getEntity(SLOW)).as("nothing was sent").isEmpty();
      hub.client().signalEntities(Collections.nCopies(10, EntitySignal.of(SLOW, "work")));
      mayEnd.countDown();
      hub.until(
          "all have run",
          () -> hub.client().getEntity(SLOW).orElseThrow().operationsWaiting() == 0);
    }
  }

  @Test
  void onlySoManyEntitiesRunAtOnceInEachPartition() {
    CountDownLatch mayEnd = new CountDownLatch(1);
    AtomicInteger most = new AtomicInteger();
    try (TestHub hub = hub(TestHub.OPTIONS.withEntityBatchesMax(1), mayEnd, most)) {
      for (int i = 0; i < 40; i++) {
        hub.client().signalEntity(EntityId.of("slow", "e" + i), "work");
      }
      hub.until("some run", () -> most.get() > 0);
      mayEnd.countDown();
      hub.until(
          "all have run",
          () ->
              hub.client().queryEntities(EntityQuery.ALL.withName("slow")).entities().size() == 40);
      assertThat(most.get()).isLessThanOrEqualTo(4); // as many as the hub has partitions
    }
  }

  @Test
  void entitiesThatWereSetAsideAreFound() {
    CountDownLatch mayEnd = new CountDownLatch(0);
    try (TestHub hub = hub(TestHub.OPTIONS, mayEnd, new AtomicInteger())) {
      hub.client().signalEntity(SLOW, "work");
      hub.client().signalEntity(EntityId.of("slow", "b"), "work");
      hub.until("both have run", () -> size(hub, EntityQuery.ALL) == 2);
      assertThat(size(hub, EntityQuery.ALL.withSetAsideOnly())).isZero();
      hub.restartProgram(f -> f.entity("slow", ctx -> ctx.state(Integer.class)));
      hub.client().signalEntity(SLOW, "work");
      hub.until("it is set aside", () -> size(hub, EntityQuery.ALL.withSetAsideOnly()) == 1);
      assertThat(hub.client().queryEntities(EntityQuery.ALL.withSetAsideOnly()).entities())
          .singleElement()
          .satisfies(entity -> assertThat(entity.id()).isEqualTo(SLOW));
    }
  }

  @Test
  void onlySoManyEntitiesAreLockedTogether() {
    List<EntityId> many =
        IntStream.rangeClosed(1, 1_001).mapToObj(i -> EntityId.of("slow", "e" + i)).toList();
    try (TestHub hub =
        new TestHub(
            TestHub.OPTIONS,
            f ->
                f.orchestrator("greedy", ctx -> ctx.lockEntities(many).await())
                    .orchestrator(
                        "modest",
                        ctx -> {
                          try (var section = ctx.lockEntities(many.subList(0, 300)).await()) {
                            return section.entities().size();
                          }
                        }))) {
      assertThat(hub.failure(hub.client().startNew("greedy")).message())
          .contains("1001 entities", "lock 1000 or fewer");
      assertThat(hub.run("modest", null, Integer.class)).isEqualTo(300);
    }
  }

  @Test
  void aTaskIsNoInput() {
    try (TestHub hub =
        new TestHub(
            TestHub.OPTIONS,
            f ->
                f.activity("a", () -> 1)
                    .orchestrator(
                        "o", ctx -> ctx.callEntity(SLOW, "work", ctx.callActivity("a")).await()))) {
      assertThat(hub.failure(hub.client().startNew("o")).message())
          .contains("callEntity('work')", "a Task", "task.await()");
    }
  }

  private static int size(TestHub hub, EntityQuery query) {
    return hub.client().queryEntities(query).entities().size();
  }
}
