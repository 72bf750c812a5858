package dev.perdure.functions.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DeadlineTest {
  private static final Duration LONG = Duration.ofHours(1);

  @Test
  void nothingIsKeptOfRunsThatHaveEnded() {
    for (int i = 0; i < 1000; i++) {
      try (Deadline deadline = Deadline.in(LONG)) {
        assertThat(Deadline.OPEN).contains(deadline);
      }
    }
    assertThat(Deadline.OPEN).isEmpty();
  }

  @Test
  void aRunThatTakesTooLongIsInterruptedAndNothingThatComesAfterIt() {
    try (Deadline deadline = Deadline.in(Duration.ofMillis(1))) {
      assertThat(isInterrupted()).isTrue();
      assertThat(deadline.passed()).isTrue();
      Thread.currentThread().interrupt(); // as if it came late
    }
    assertThat(Thread.interrupted()).isFalse();
    assertThat(Deadline.OPEN).isEmpty();
  }

  @Test
  void aShortLimitIsKeptWhileLongOnesAreWaitedFor() {
    for (int i = 0; i < 100; i++) {
      try (Deadline first = Deadline.in(LONG);
          Deadline second = Deadline.in(Duration.ofMillis(1))) {
        assertThat(isInterrupted()).isTrue();
        assertThat(first.passed()).isFalse();
        assertThat(second.passed()).isTrue();
      }
    }
  }

  @Test
  void withoutALimitThereIsNoEnd() {
    try (Deadline none = Deadline.in(null);
        Deadline endless = Deadline.in(Duration.ofSeconds(Long.MAX_VALUE))) {
      assertThat(Deadline.OPEN).containsExactly(endless);
      assertThat(none.passed()).isFalse();
    }
  }

  /** Waits until the thread is interrupted; the timeout of the test does that too in the end. */
  private static boolean isInterrupted() {
    try {
      Thread.sleep(Duration.ofSeconds(30));
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }
}
