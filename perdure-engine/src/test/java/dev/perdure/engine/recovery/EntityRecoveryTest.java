package dev.perdure.engine.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.Entity;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityQuery;
import dev.perdure.engine.functions.FunctionRegistry;
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
}
