package dev.perdure.engine.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.engine.Sleepers;
import java.time.Duration;
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

  private final Sleepers sleepers = new Sleepers();

  @Test
  void thoseWhoseTurnHasNotComeStayOutOfMemoryButNotForLong() {
    World world =
        new World()
            .options(o -> o.withWarm(0, Duration.ofSeconds(1)))
            .functions(f -> sleepers.register(f).orchestrator("quick", ctx -> "done"));
    try (world) {
      world.open();
      sleepers.start(world.client(), SLEEPERS);
      world.crashFor(Duration.ofHours(2));
      world.until("turns are taken", client -> sleepers.awake() == REDELIVERED_AT_ONCE);
      for (int i = 0; i < 100; i++) { // and what may be fired has had the time for it
        world.start("q" + i, "quick", null);
      }
      assertThat(sleepers.fired(world.client()))
          .isBetween((long) REDELIVERED_AT_ONCE, (long) FIRED_MAX);

      world.clock.jump(Duration.ofMinutes(2)); // they are suspected no more
      world.engine().clockChanged();
      world.until("others have their turn, too", client -> sleepers.awake() == STEPS_AT_ONCE);

      sleepers.letGo();
      assertThat(sleepers.ids()).allMatch(id -> "awake".equals(world.output(id, String.class)));
    } finally {
      sleepers.letGo();
    }
  }
}
