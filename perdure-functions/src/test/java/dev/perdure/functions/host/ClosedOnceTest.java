package dev.perdure.functions.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ClosedOnceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch mayEnd = new CountDownLatch(1);
  private final AtomicInteger times = new AtomicInteger();

  /** Takes until it may end, or its thread is interrupted. */
  private final ClosedOnce slow =
      new ClosedOnce(
          () -> {
            begun.countDown();
            try {
              mayEnd.await();
              times.incrementAndGet();
            } catch (InterruptedException e) {
              times.set(-1);
            }
          });

  /** Closes on a thread of its own; says afterwards whether that thread was interrupted. */
  private Thread closing(AtomicBoolean interrupted) {
    return Thread.ofPlatform()
        .start(
            () -> {
              slow.close();
              interrupted.set(Thread.currentThread().isInterrupted());
            });
  }

  private static void awaitState(Thread thread, Thread.State state) {
    while (thread.getState() != state) {
      Thread.onSpinWait();
    }
  }

  @Test
  void whoComesSecondWaitsUntilItIsClosed() throws Exception {
    Thread first = closing(new AtomicBoolean());
    begun.await();
    Thread second = closing(new AtomicBoolean());
    awaitState(second, Thread.State.WAITING);
    mayEnd.countDown();
    assertThat(first.join(PATIENCE) && second.join(PATIENCE)).isTrue();
    slow.close();
    assertThat(times).hasValue(1);
  }

  @Test
  void anInterruptOfTheFirstReachesNeitherTheWorkNorItsWait() throws Exception {
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread first = closing(interrupted);
    begun.await();
    awaitState(first, Thread.State.WAITING);
    first.interrupt();
    awaitState(first, Thread.State.WAITING);
    mayEnd.countDown();
    assertThat(first.join(PATIENCE)).isTrue();
    assertThat(times).hasValue(1);
    assertThat(interrupted).isTrue();
  }

  @Test
  void whoComesSecondAndIsInterruptedWaitsNoLonger() throws Exception {
    Thread first = closing(new AtomicBoolean());
    begun.await();
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread second = closing(interrupted);
    second.interrupt();
    assertThat(second.join(PATIENCE)).isTrue();
    assertThat(interrupted).isTrue();
    assertThat(times).hasValue(0);
    mayEnd.countDown();
    assertThat(first.join(PATIENCE)).isTrue();
    assertThat(times).hasValue(1);
  }

  @Test
  void theWorkItselfMayAskForIt() {
    AtomicReference<ClosedOnce> self = new AtomicReference<>();
    self.set(
        new ClosedOnce(
            () -> {
              self.get().close();
              times.incrementAndGet();
            }));
    self.get().close();
    assertThat(times).hasValue(1);
  }
}
