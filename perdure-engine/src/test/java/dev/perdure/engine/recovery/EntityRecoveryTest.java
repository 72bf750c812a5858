package dev.perdure.engine.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.EntityId;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.extension.ExtendWith;

/** What becomes of entities when a host is stopped, dies, or loses a commit. */
@ExtendWith(QuietLog.class)
class EntityRecoveryTest {
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
