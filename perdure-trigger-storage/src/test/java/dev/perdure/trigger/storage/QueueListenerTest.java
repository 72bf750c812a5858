package dev.perdure.trigger.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** What a listener does with messages, against a queue in memory. */
class QueueListenerTest {
  private static final Dequeuing OPTIONS =
      new Dequeuing(2, 1, 5, Duration.ZERO, Duration.ofSeconds(1), Duration.ofMinutes(10));
  private static final Duration CLOSING = Duration.ofSeconds(5);

  private final FakeQueue queue = new FakeQueue("orders");
  private final FakeQueue poison = new FakeQueue("orders-poison");
  private final BlockingQueue<String> worked = new LinkedBlockingQueue<>();

  @FunctionalInterface
  private interface Work {
    Fate.Result work(Received message) throws InterruptedException;
  }

  private QueueListener listener(Dequeuing options, MessageQueue poisonQueue, Work work) {
    return listener(options, poisonQueue, CLOSING, work);
  }

  private QueueListener listener(
      Dequeuing options, MessageQueue poisonQueue, Duration closing, Work work) {
    QueueListener listener =
        new QueueListener(
            "F",
            queue,
            options,
            new QueueListener.Worker() {
              @Override
              public Fate.Result work(Received message) throws InterruptedException {
                worked.add(message.id());
                return work.work(message);
              }

              @Override
              public MessageQueue poison(Received message) {
                return poisonQueue;
              }

              @Override
              public void missing() {}
            },
            closing);
    listener.start();
    return listener;
  }

  @Test
  void successDeletesTheMessage() {
    queue.put("m1", 1);

    try (QueueListener listener = listener(OPTIONS, poison, m -> Fate.Result.SUCCEEDED)) {
      assertThat(Await.next(queue.done)).isEqualTo("delete m1 with r0");
    }
  }

  @Test
  void failureReturnsTheMessageAfterTheDelay() {
    queue.put("m1", 1);
    Dequeuing options =
        new Dequeuing(
            2, 1, 5, Duration.ofSeconds(7), Duration.ofSeconds(1), Duration.ofMinutes(10));

    try (QueueListener listener = listener(options, poison, m -> Fate.Result.FAILED)) {
      assertThat(Await.next(queue.done)).isEqualTo("hide m1 PT7S with r0");
    }
  }

  @Test
  void aMessageAboutWhatIsOutOfReachBeginsAnew() {
    queue.put("m1", 5);

    try (QueueListener listener = listener(OPTIONS, poison, m -> Fate.Result.OUT_OF_REACH)) {
      assertThat(Await.next(queue.done)).isEqualTo("send after PT30S");
      assertThat(Await.next(queue.done)).isEqualTo("delete m1 with r0");
    }
    assertThat(queue.sent).containsExactly("text of m1");
    assertThat(poison.sent).isEmpty();
  }

  @Test
  void aDefectOfTheWorkerLeavesItsOwnMessageAlone() {
    queue.put("m1", 1);
    Dequeuing options = OPTIONS.withHeld(Duration.ofMillis(20));

    try (QueueListener listener =
        listener(
            options,
            poison,
            m -> {
              if (m.id().equals("m1")) {
                throw new IllegalStateException("a defect");
              }
              Await.until("it was renewed", () -> renewals("m2") > 3);
              long before = renewals("m1");
              Await.until("it was renewed often", () -> renewals("m2") > 9);
              return renewals("m1") == before ? Fate.Result.SUCCEEDED : Fate.Result.FAILED;
            })) {
      Await.until("the defect happens", () -> !worked.isEmpty());
      queue.put("m2", 1);

      Await.until(
          "m2 is done, and m1 was not kept from others meanwhile",
          () -> queue.done.stream().anyMatch(done -> done.contains("delete m2")));
    }
  }

  private long renewals(String id) {
    return queue.done.stream().filter(done -> done.startsWith("hide " + id + " PT0.02S")).count();
  }

  @Test
  void aMessageThatWasTakenTooOftenIsMovedWithoutBeingWorkedOn() {
    queue.put("m1", 6);

    try (QueueListener listener = listener(OPTIONS, poison, m -> Fate.Result.SUCCEEDED)) {
      assertThat(Await.next(queue.done)).isEqualTo("delete m1 with r0");
      assertThat(poison.sent).containsExactly("text of m1");
      assertThat(worked).isEmpty();
    }
  }

  @Test
  void aMessageIsOnlyDeletedWhenItIsInThePoisonQueue() {
    queue.put("m1", 5);
    poison.fail(1);

    try (QueueListener listener = listener(OPTIONS, poison, m -> Fate.Result.FAILED)) {
      Await.until("it was worked on", () -> !worked.isEmpty());
      queue.put("m2", 5);
      assertThat(Await.next(queue.done)).isEqualTo("delete m2 with r0");
      assertThat(poison.sent).containsExactly("text of m2");
      assertThat(queue.done).isEmpty();
    }
  }

  @Test
  void theTimeOfAMessageIsRenewedWhileItIsWorkedOnAlsoAfterAFailure() {
    queue.put("m1", 1);
    CountDownLatch gate = new CountDownLatch(1);
    Dequeuing options = OPTIONS.withHeld(Duration.ofMillis(100));

    try (QueueListener listener =
        listener(
            options,
            poison,
            m -> {
              queue.fail(1);
              gate.await();
              return Fate.Result.SUCCEEDED;
            })) {
      String first = Await.next(queue.done);
      assertThat(first).startsWith("hide m1 PT0.1S with r");
      String second = Await.next(queue.done);
      assertThat(second).as("with the new receipt").isNotEqualTo(first);
      gate.countDown();
      String last = Await.next(queue.done);
      while (last.startsWith("hide")) {
        last = Await.next(queue.done);
      }
      assertThat(last).startsWith("delete m1 with r").isNotEqualTo("delete m1 with r0");
    }
    assertThat(queue.done).as("nothing is renewed any longer").isEmpty();
  }

  @Test
  void aListenerThatHasWaitedLongIsWokenByAnOutput() {
    Dequeuing options =
        new Dequeuing(2, 1, 5, Duration.ZERO, Duration.ofHours(1), Duration.ofMinutes(10));

    try (QueueListener listener = listener(options, poison, m -> Fate.Result.SUCCEEDED)) {
      // The wait after the sixth look is a second or more, the one after that two.
      Await.until("it waits for longer and longer", () -> queue.looks() == 6);
      long before = System.nanoTime();
      queue.put("m1", 1);
      LocalNotices.tell(queue.address(), "");

      assertThat(Await.next(queue.done)).isEqualTo("delete m1 with r0");
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(1));
    }
  }

  @Test
  void aQueueThatIsAwayIsReadAgainLater() {
    queue.fail(1);
    queue.put("m1", 1);

    try (QueueListener listener = listener(OPTIONS, poison, m -> Fate.Result.SUCCEEDED)) {
      assertThat(Await.next(queue.done)).isEqualTo("delete m1 with r0");
    }
  }

  @Test
  void whatDoesNotEndWhenTheHostClosesIsCutOffAndGivenBackAtOnce() {
    queue.put("m1", 5);
    CountDownLatch forever = new CountDownLatch(1);
    QueueListener listener =
        listener(
            OPTIONS,
            poison,
            Duration.ofMillis(50),
            m -> {
              try {
                forever.await();
              } catch (InterruptedException e) {
                return Fate.Result.FAILED; // as when a function catches it and fails
              }
              return Fate.Result.SUCCEEDED;
            });
    assertThat(Await.next(worked)).isEqualTo("m1");

    listener.close();

    assertThat(Await.next(queue.done)).isEqualTo("hide m1 PT0S with r0");
    assertThat(poison.sent).isEmpty();
  }

  @Test
  void nothingIsTakenAfterTheListenerIsClosed() {
    QueueListener listener = listener(OPTIONS, poison, m -> Fate.Result.SUCCEEDED);
    Await.until("it listens", () -> queue.looks() > 0);
    listener.close();
    int looks = queue.looks();
    queue.put("m1", 1);

    LocalNotices.tell(queue.address(), "");
    listener.start();

    assertThat(queue.looks()).isEqualTo(looks);
    assertThat(worked).isEmpty();
  }
}
