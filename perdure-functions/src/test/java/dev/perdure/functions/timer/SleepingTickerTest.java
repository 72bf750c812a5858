package dev.perdure.functions.timer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class SleepingTickerTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  @Test
  void aTimeThatHasPassedIsNotWaitedFor() throws Exception {
    Ticker.SLEEPING.await(NOON, InstantSource.fixed(NOON));
    Ticker.SLEEPING.await(NOON, InstantSource.fixed(NOON.plusSeconds(1)));
  }

  @Test
  void itReturnsOnlyOnceTheClockHasReachedTheTime() throws Exception {
    Queue<Instant> clock =
        new ArrayDeque<>(
            List.of(NOON.minusMillis(2), NOON.minusMillis(4), NOON.minusNanos(1), NOON));
    Ticker.SLEEPING.await(NOON, clock::remove);
    assertThat(clock).isEmpty();
  }

  @Test
  void anInterruptEndsTheWait() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(
            () -> Ticker.SLEEPING.await(NOON, InstantSource.fixed(NOON.minusSeconds(86_400))))
        .isInstanceOf(InterruptedException.class);
  }
}
