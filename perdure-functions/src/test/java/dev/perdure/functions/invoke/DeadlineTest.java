package dev.perdure.functions.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DeadlineTest {
  private static final Duration LONG = Duration.ofHours(1);

  private static Deadline in(@Nullable Duration limit) {
    return Deadline.in(limit, LONG, () -> {});
  }

  @Test
  void nothingIsKeptOfRunsThatHaveEnded() {
    for (int i = 0; i < 1000; i++) {
      try (Deadline deadline = in(LONG)) {
        assertThat(Deadline.OPEN).contains(deadline);
      }
    }
    assertThat(Deadline.OPEN).isEmpty();
  }

  @Test
  void aRunThatTakesTooLongIsInterrupted() {
    try (Deadline deadline = in(Duration.ofMillis(1))) {
      assertThat(isInterrupted()).isTrue();
      assertThat(deadline.passed()).isTrue();
    }
    assertThat(Deadline.OPEN).isEmpty();
  }

  @Test
  void whatGoesOnAfterItWasInterruptedIsTold() throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    try (Deadline deadline =
        Deadline.in(Duration.ofMillis(1), Duration.ofMillis(1), told::countDown)) {
      assertThat(isInterrupted()).isTrue();
      told.await();
      assertThat(Deadline.OPEN).doesNotContain(deadline);
    }
  }

  @Test
  void whatCouldNotBeToldIsToldLater() throws Exception {
    CountDownLatch told = new CountDownLatch(2);
    try (Deadline deadline =
        Deadline.in(
            Duration.ofMillis(1),
            Duration.ofMillis(1),
            () -> {
              told.countDown();
              if (told.getCount() > 0) {
                throw new OutOfMemoryError("for this test");
              }
            })) {
      assertThat(isInterrupted()).isTrue();
      told.await();
    }
  }

  @Test
  void aShortLimitIsKeptWhileLongOnesAreWaitedFor() {
    for (int i = 0; i < 100; i++) {
      try (Deadline first = in(LONG);
          Deadline second = in(Duration.ofMillis(1))) {
        assertThat(isInterrupted()).isTrue();
        assertThat(first.passed()).isFalse();
        assertThat(second.passed()).isTrue();
      }
    }
  }

  @Test
  void withoutALimitThereIsNoEnd() {
    try (Deadline none = in(null);
        Deadline endless = in(Duration.ofSeconds(Long.MAX_VALUE))) {
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
