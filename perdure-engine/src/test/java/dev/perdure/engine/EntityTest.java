package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.CriticalSection;
import dev.perdure.api.Entity;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityQuery;
import dev.perdure.api.TaskFailedException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class EntityTest {
  @Entity
  static class Counter {
    int value;

    void add(int n) {
      value += n;
    }

    void fail() {
      value = 1000;
      throw new IllegalStateException("no");
    }

    int get() {
      return value;
    }
  }

  private static final EntityId A = EntityId.of(Counter.class, "a");
  private static final EntityId B = EntityId.of(Counter.class, "b");

  @Test
  void smoke() {
    try (TestHub hub =
        new TestHub(
            TestHub.OPTIONS,
            f ->
                f.entity(Counter.class)
                    .orchestrator(
                        "o",
                        ctx -> {
                          ctx.callEntity(A, Counter::add, 5).await();
                          ctx.signalEntity(A, Counter::add, 6);
                          try {
                            ctx.callEntity(A, "fail").await();
                          } catch (TaskFailedException e) {
                            // expected
                          }
                          return ctx.callEntity(A, Counter::get).await();
                        })
                    .orchestrator(
                        "move",
                        ctx -> {
                          try (CriticalSection section = ctx.lockEntities(B, A).await()) {
                            int a = ctx.callEntity(A, Counter::get).await();
                            ctx.callEntity(A, Counter::add, -1).await();
                            ctx.callEntity(B, Counter::add, 1).await();
                            return a;
                          }
                        }))) {
      assertThat(hub.run("o", null, Integer.class)).isEqualTo(11);
      assertThat(hub.run("o", null, Integer.class)).isEqualTo(22);
      hub.client().signalEntity(A, Counter::add, 100);
      hub.until(
          "added", () -> hub.client().getEntity(A).orElseThrow().state(Counter.class).value == 122);
      for (int i = 0; i < 20; i++) {
        assertThat(hub.run("move", null, Integer.class)).isEqualTo(122 - i);
      }
      assertThat(hub.client().queryEntities(EntityQuery.ALL.withStates()).entities())
          .extracting(e -> e.id() + "=" + e.state(Counter.class).value + e.lockedBy())
          .containsExactly("@counter@a=102null", "@counter@b=20null");
      hub.client().signalEntity(A, "add", 1, hub.now().plus(Duration.ofHours(1)));
      hub.advance(Duration.ofHours(1));
      hub.until(
          "added", () -> hub.client().getEntity(A).orElseThrow().state(Counter.class).value == 103);
      hub.client().signalEntity(A, "delete");
      hub.until("gone", () -> hub.client().getEntity(A).isEmpty());
      hub.restartProgram(f -> f.entity(Counter.class));
      assertThat(hub.client().queryEntities(EntityQuery.ALL.withStates()).entities())
          .extracting(e -> e.id() + "=" + e.state(Counter.class).value)
          .containsExactly("@counter@b=20");
    }
  }
}
