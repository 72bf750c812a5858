package dev.perdure.engine.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.HistoryEvent.TimerFired;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many whose timers were due while their host was dead. */
@ExtendWith(QuietLog.class)
class OverdueAfterCrashTest {
  private static final int SLEEPERS = 6_000;
  private static final int STEPS_AT_ONCE = 512;
  private static final int REDELIVERED_AT_ONCE = 256;

  /** What may wait to be handed out again, and timers fired at once. */
  private static final int FIRED_MAX = REDELIVERED_AT_ONCE + 2_560 + 500 + 1;

  @Test
  void thoseWhoseTurnHasNotComeStayOutOfMemoryButNotForLong() {
    AtomicInteger begun = new AtomicInteger();
    CountDownLatch release = new CountDownLatch(1);
    World world =
        new World()
            .options(o -> o.withWarm(0, Duration.ofSeconds(1)))
            .functions(
                f -> {
                  f.orchestrator("quick", ctx -> "done");
                  f.orchestrator(
                      "sleeper",
                      ctx -> {
                        ctx.createTimer(Duration.ofHours(1)).await();
                        begun.incrementAndGet();
                        release.await(); // not what orchestrators should do
                        return "awake";
                      });
                });
    try (world) {
      world.open();
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < SLEEPERS; i++) {
        ids.add(world.start("s" + i, "sleeper", null));
      }
      world.until("all sleep", c -> c.explain(ids.getLast()).summary().contains("timer"));
      world.crashFor(Duration.ofHours(2));
      world.until("turns are taken", client -> begun.get() == REDELIVERED_AT_ONCE);
      for (int i = 0; i < 100; i++) { // and what may be fired has had the time for it
        world.start("q" + i, "quick", null);
      }
      assertThat(ids.stream().filter(id -> hasFired(world, id)).count())
          .isBetween((long) REDELIVERED_AT_ONCE, (long) FIRED_MAX);

      world.clock.jump(Duration.ofMinutes(2)); // they are suspected no more
      world.engine().clockChanged();
      world.until("others have their turn, too", client -> begun.get() == STEPS_AT_ONCE);

      release.countDown();
      assertThat(ids).allMatch(id -> "awake".equals(world.output(id, String.class)));
    } finally {
      release.countDown();
    }
  }

  private static boolean hasFired(World world, String id) {
    return world.persistently(client -> client.history(id)).stream()
        .anyMatch(TimerFired.class::isInstance);
  }
}
