package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.HistoryEvent.TimerFired;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Many that sleep until the same time, or until a time at which no host was there. */
class OverdueTimersTest {
  private static final int STEPS_AT_ONCE = 512;
  private static final int SLEEPERS = 9_000;

  /** What may wait in memory for its turn, in the four partitions, and timers fired at once. */
  private static final int FIRED_MAX = STEPS_AT_ONCE + 4 * (1_024 + 500);

  @Test
  void thoseWhoseTurnHasNotComeStayOutOfMemory() {
    Sleepers sleepers = new Sleepers();
    try (TestHub hub =
        new TestHub(
            TestHub.OPTIONS.withWarm(0, Duration.ofSeconds(1)),
            f -> sleepers.register(f).orchestrator("quick", ctx -> "done"))) {
      sleepers.start(hub.client(), SLEEPERS);
      hub.restart();
      hub.advance(Duration.ofHours(2));
      hub.until("all turns are taken", () -> sleepers.awake() == STEPS_AT_ONCE);
      for (int i = 0; i < 100; i++) { // and what may be fired has had the time for it
        hub.client().startNew("quick");
      }

      assertThat(sleepers.fired(hub.client())).isBetween((long) STEPS_AT_ONCE, (long) FIRED_MAX);
      sleepers.letGo();
      assertThat(sleepers.ids()).allMatch(id -> "awake".equals(hub.output(id, String.class)));
    }
  }

  /** Those that wait for their turn for other reasons are no reason for timers to wait. */
  @Test
  void timersFireHoweverManyWaitForTheirTurn() {
    AtomicInteger begun = new AtomicInteger();
    CountDownLatch release = new CountDownLatch(1);
    try (TestHub hub =
        new TestHub(
            TestHub.OPTIONS,
            f ->
                f.orchestrator(
                        "busy",
                        ctx -> {
                          ctx.waitForExternalEvent("go").await();
                          begun.incrementAndGet();
                          release.await(); // not what orchestrators should do
                          return "done";
                        })
                    .orchestrator(
                        "sleeper",
                        ctx -> {
                          ctx.createTimer(Duration.ofHours(1)).await();
                          return "awake";
                        }))) {
      String sleeper = hub.client().startNew("sleeper");
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < SLEEPERS; i++) {
        ids.add(hub.client().startNew("busy"));
      }
      ids.forEach(id -> hub.client().raiseEvent(id, "go"));
      hub.until("all turns are taken", () -> begun.get() == STEPS_AT_ONCE);

      hub.advance(Duration.ofHours(2));
      hub.until("it is due", () -> !hub.history(sleeper, TimerFired.class).isEmpty());
      release.countDown();
      assertThat(hub.output(sleeper, String.class)).isEqualTo("awake");
      assertThat(ids).allMatch(id -> "done".equals(hub.output(id, String.class)));
    }
  }
}
