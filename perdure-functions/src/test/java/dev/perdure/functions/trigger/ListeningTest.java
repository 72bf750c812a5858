package dev.perdure.functions.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ListeningTest {
  private final AtomicInteger starts = new AtomicInteger();
  private final CountDownLatch up = new CountDownLatch(1);
  private final CountDownLatch interrupted = new CountDownLatch(1);

  @Test
  void listenerThatCannotStartIsTriedUntilItCan() throws Exception {
    try (Listening listening =
        listening(
            ready -> {
              if (starts.incrementAndGet() < 4) {
                throw new IOException("The server is away.");
              }
              listen(ready);
            })) {
      listening.start();
      assertThat(up.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(starts).hasValue(4);
      assertThat(listening.isUp()).isTrue();
    }
  }

  @Test
  void itHasBegunOnceItIsUp() throws Exception {
    CountDownLatch connected = new CountDownLatch(1);
    try (Listening listening =
        listening(
            ready -> {
              connected.await();
              listen(ready);
            })) {
      listening.start();
      assertThat(listening.begun()).isNotDone();
      connected.countDown();
      assertThat(listening.begun()).succeedsWithin(Duration.ofSeconds(20));
      assertThat(listening.isUp()).isTrue();
    }
  }

  @Test
  void whatIsAwayIsNotWaitedFor() {
    try (Listening listening =
        listening(
            ready -> {
              throw new IOException("The server is away.");
            })) {
      listening.start();
      assertThat(listening.begun()).succeedsWithin(Duration.ofSeconds(20));
      assertThat(listening.isUp()).isFalse();
    }
  }

  @Test
  void listenerThatStopsIsBegunAgain() throws Exception {
    try (Listening listening =
        listening(
            ready -> {
              if (starts.incrementAndGet() == 1) {
                ready.run();
                throw new IOException("connection lost");
              }
              listen(ready);
            })) {
      listening.start();
      assertThat(up.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(starts).hasValue(2);
    }
  }

  @Test
  void closingInterruptsItAndWaitsForIt() throws Exception {
    Listening listening = listening(this::listen);
    listening.start();
    assertThat(up.await(20, TimeUnit.SECONDS)).isTrue();
    listening.close();
    assertThat(interrupted.getCount()).isZero();
  }

  @Test
  void closingWhileItWaitsForTheNextTryDoesNotTryAgain() throws Exception {
    CountDownLatch failed = new CountDownLatch(1);
    Listening listening =
        new Listening(
            "f",
            ready -> {
              starts.incrementAndGet();
              failed.countDown();
              throw new IOException("no");
            },
            Duration.ofSeconds(20),
            Duration.ofMinutes(5));
    listening.start();
    assertThat(failed.await(20, TimeUnit.SECONDS)).isTrue();
    listening.close();
    assertThat(starts).hasValue(1);
  }

  @Test
  void oneThatWasNeverStartedIsClosedAtOnceAndDoesNotStartLater() {
    Listening listening = listening(this::listen);
    listening.close();
    listening.start();
    assertThat(listening.isUp()).isFalse();
    assertThat(up.getCount()).isOne();
  }

  private void listen(Runnable ready) throws InterruptedException {
    ready.run();
    up.countDown();
    try {
      new CountDownLatch(1).await();
    } finally {
      interrupted.countDown();
    }
  }

  private static Listening listening(Listening.Listener listener) {
    return new Listening("f", listener, Duration.ofSeconds(20), Duration.ofMillis(1));
  }
}
