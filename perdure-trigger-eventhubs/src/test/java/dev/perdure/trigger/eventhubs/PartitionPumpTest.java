package dev.perdure.trigger.eventhubs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.trigger.eventhubs.PartitionPump.Batching;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PartitionPumpTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final Recorder work = new Recorder();
  private final Semaphore turn = new Semaphore(1);
  private @Nullable PartitionPump<Integer> pump;

  /** Takes down what is run and written; a run ends when it is allowed to. */
  private static final class Recorder implements PartitionPump.Work<Integer> {
    final BlockingQueue<List<Integer>> batches = new LinkedBlockingQueue<>();
    final BlockingQueue<Integer> checkpoints = new LinkedBlockingQueue<>();
    final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    volatile CountDownLatch goOn = new CountDownLatch(0);
    volatile boolean swallows;
    volatile boolean takesNoNotice;
    volatile boolean interruptsItself;
    volatile boolean cannotWrite;
    volatile @Nullable Error failure;

    @Override
    public void run(List<Integer> batch, PartitionPump.State<Integer> state)
        throws InterruptedException {
      batches.add(batch);
      batch.subList(0, batch.size() - 1).forEach(state::done);
      if (failure != null) {
        throw failure;
      }
      awaitEnd();
      if (interruptsItself) {
        Thread.currentThread().interrupt();
      }
      state.done(batch.get(batch.size() - 1));
    }

    private void awaitEnd() throws InterruptedException {
      while (true) {
        try {
          goOn.await();
          return;
        } catch (InterruptedException e) {
          if (swallows) {
            return;
          } else if (!takesNoNotice) {
            throw e;
          }
        }
      }
    }

    @Override
    public void failed(Throwable thrown) {
      failures.add(thrown);
    }

    @Override
    public boolean checkpoint(Integer last) {
      boolean written = !cannotWrite;
      checkpoints.add(last);
      return written;
    }

    List<Integer> batch() throws InterruptedException {
      List<Integer> batch = batches.poll(LONG.toSeconds(), TimeUnit.SECONDS);
      assertThat(batch).as("a batch").isNotNull();
      return batch;
    }

    Integer checkpoint() throws InterruptedException {
      Integer checkpoint = checkpoints.poll(LONG.toSeconds(), TimeUnit.SECONDS);
      assertThat(checkpoint).as("a checkpoint").isNotNull();
      return checkpoint;
    }
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (pump != null) {
      pump.stop();
      work.goOn.countDown();
      assertThat(awaitEnd(LONG)).isZero();
    }
  }

  @Test
  void runsAtOnceAndTakesTogetherWhatCameInTheMeantime() throws Exception {
    work.goOn = new CountDownLatch(1);
    begin(new Batching(3, 1, Duration.ZERO, 1));
    add(1);
    assertThat(work.batch()).containsExactly(1);
    for (int i = 2; i <= 6; i++) {
      add(i);
    }
    work.goOn.countDown();
    assertThat(work.batch()).containsExactly(2, 3, 4);
    assertThat(work.batch()).containsExactly(5, 6);
    assertThat(List.of(work.checkpoint(), work.checkpoint(), work.checkpoint()))
        .containsExactly(1, 4, 6);
  }

  @Test
  void goesOnAfterAFunctionThatLeavesItsThreadInterrupted() throws Exception {
    work.interruptsItself = true;
    begin(new Batching(3, 1, Duration.ZERO, 1));
    for (int i = 1; i <= 3; i++) {
      add(i);
      assertThat(work.batch()).containsExactly(i);
      assertThat(work.checkpoint()).isEqualTo(i);
    }
  }

  @Test
  void neverRunsTwiceAtOnceAndKeepsTheOrder() throws Exception {
    begin(new Batching(7, 1, Duration.ZERO, 1));
    for (int i = 0; i < 1000; i++) {
      add(i);
    }
    List<Integer> seen = new ArrayList<>();
    while (seen.size() < 1000) {
      seen.addAll(work.batch());
    }
    assertThat(seen).isEqualTo(IntStream.range(0, 1000).boxed().toList());
  }

  @Test
  void beginsWhenThePumpBeforeItHasEndedItsRunAndWrittenItDown() throws Exception {
    work.goOn = new CountDownLatch(1);
    begin(new Batching(1, 1, Duration.ZERO, 1));
    add(1);
    assertThat(work.batch()).containsExactly(1);
    PartitionPump<Integer> before = pump();
    before.stop();
    begin(new Batching(1, 1, Duration.ZERO, 1));
    add(2);
    assertThatItWaitsForItsTurn();
    work.goOn.countDown();
    assertThat(work.batch()).containsExactly(2);
    assertThat(List.of(work.checkpoint(), work.checkpoint())).containsExactly(1, 2);
    assertThat(turn.availablePermits()).isZero();
  }

  private void assertThatItWaitsForItsTurn() {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (!turn.hasQueuedThreads()) {
      assertThat(System.nanoTime() - deadline).as("it waits for its turn").isNegative();
      Thread.onSpinWait();
    }
    assertThat(work.batches).isEmpty();
  }

  @Test
  void endsWithoutItsTurnWhenItIsStopped() throws Exception {
    turn.acquire();
    begin(new Batching(1, 1, Duration.ZERO, 1));
    add(1);
    pump().stop();
    assertThat(awaitEnd(LONG)).isZero();
    assertThat(work.batches).isEmpty();
    assertThat(turn.availablePermits()).isZero();
  }

  @Test
  void waitsForTheSmallestBatchThatIsWanted() throws Exception {
    begin(new Batching(10, 3, Duration.ofMinutes(10), 1));
    add(1);
    add(2);
    assertThat(work.batches.poll(50, TimeUnit.MILLISECONDS)).isNull();
    add(3);
    assertThat(work.batch()).containsExactly(1, 2, 3);
  }

  @Test
  void waitsNoLongerThanItMay() throws Exception {
    begin(new Batching(10, 3, Duration.ofMillis(50), 1));
    add(1);
    assertThat(work.batch()).containsExactly(1);
  }

  @Test
  void writesDownEveryFewBatches() throws Exception {
    begin(new Batching(1, 1, Duration.ZERO, 2));
    for (int i = 1; i <= 4; i++) {
      add(i);
    }
    assertThat(work.checkpoint()).isEqualTo(2);
    assertThat(work.checkpoint()).isEqualTo(4);
    assertThat(work.checkpoints).isEmpty();
  }

  @Test
  void writesDownWhatIsDoneWhenItIsStopped() throws Exception {
    begin(new Batching(1, 1, Duration.ZERO, 100));
    add(1);
    assertThat(work.batch()).containsExactly(1);
    pump().stop();
    assertThat(awaitEnd(LONG)).isZero();
    assertThat(work.checkpoint()).isEqualTo(1);
  }

  @Test
  void whatCouldNotBeWrittenDownIsTriedAgainWhenItIsStopped() throws Exception {
    work.cannotWrite = true;
    begin(new Batching(1, 1, Duration.ZERO, 1));
    add(1);
    assertThat(work.checkpoint()).isEqualTo(1);
    work.cannotWrite = false;
    pump().stop();
    assertThat(awaitEnd(LONG)).isZero();
    assertThat(work.checkpoint()).isEqualTo(1);
    assertThat(work.checkpoints).isEmpty();
  }

  @Test
  void whatCouldNotBeWrittenDownIsLeftOutOnceMoreIsDone() throws Exception {
    work.cannotWrite = true;
    begin(new Batching(1, 1, Duration.ZERO, 1));
    add(1);
    assertThat(work.checkpoint()).isEqualTo(1);
    work.cannotWrite = false;
    add(2);
    assertThat(work.checkpoint()).isEqualTo(2);
    pump().stop();
    assertThat(awaitEnd(LONG)).isZero();
    assertThat(work.checkpoints).isEmpty();
  }

  @Test
  void writesNothingDownOfAPartitionThatItHasLost() throws Exception {
    work.goOn = new CountDownLatch(1);
    begin(new Batching(1, 1, Duration.ZERO, 1));
    add(1);
    assertThat(work.batch()).containsExactly(1);
    pump().lose();
    work.goOn.countDown();
    assertThat(awaitEnd(LONG)).isZero();
    assertThat(work.checkpoints).isEmpty();
  }

  @Test
  void runThatIsCutOffIsNotWrittenDown() throws Exception {
    work.goOn = new CountDownLatch(1);
    begin(new Batching(1, 1, Duration.ZERO, 1));
    add(1);
    assertThat(work.batch()).containsExactly(1);
    pump().stop();
    assertThat(awaitEnd(Duration.ofMillis(20))).isOne();
    assertThat(work.checkpoints).isEmpty();
  }

  @Test
  void runThatIsCutOffIsNotWrittenDownEvenIfItEndsAsIfNothingHadHappened() throws Exception {
    work.swallows = true;
    work.goOn = new CountDownLatch(1);
    begin(new Batching(1, 1, Duration.ZERO, 1));
    add(1);
    assertThat(work.batch()).containsExactly(1);
    pump().stop();
    assertThat(awaitEnd(Duration.ofMillis(20))).isOne();
    assertThat(work.checkpoints).isEmpty();
  }

  @Test
  void whatWasDoneBeforeARunThatIsCutOffIsWrittenDown() throws Exception {
    for (boolean swallows : new boolean[] {false, true}) {
      work.swallows = swallows;
      beginWithBatchUnderWay();
      pump().stop();
      assertThat(awaitEnd(Duration.ofMillis(20))).isOne();
      assertThat(work.checkpoint()).isEqualTo(2);
      assertThat(work.checkpoints).isEmpty();
    }
  }

  @Test
  void whatWasDoneBeforeARunThatCannotBeCutOffIsWrittenDown() throws Exception {
    work.takesNoNotice = true;
    beginWithBatchUnderWay();
    pump().stop();
    assertThat(
            PartitionPump.awaitAll(List.of(pump()), Duration.ofMillis(20), Duration.ofMillis(20)))
        .isOne();
    assertThat(work.checkpoint()).isEqualTo(2);
    work.goOn.countDown();
    assertThat(awaitEnd(LONG)).isZero();
    assertThat(work.checkpoints).isEmpty();
  }

  @Test
  void whatWasDoneOfAPartitionThatIsLostIsNotWrittenDown() throws Exception {
    beginWithBatchUnderWay();
    pump().lose();
    assertThat(awaitEnd(Duration.ofMillis(20))).isOne();
    assertThat(work.checkpoints).isEmpty();
  }

  /** The first two events of the batch are done, and the third one waits. */
  private void beginWithBatchUnderWay() throws InterruptedException {
    work.goOn = new CountDownLatch(1);
    begin(new Batching(3, 3, LONG, 1));
    for (int i = 1; i <= 3; i++) {
      add(i);
    }
    assertThat(work.batch()).containsExactly(1, 2, 3);
  }

  @Test
  void defectEndsThePumpAndIsReported() throws Exception {
    work.failure = new NoClassDefFoundError("meant to be");
    begin(new Batching(1, 1, Duration.ZERO, 1));
    add(1);
    assertThat(work.failures.poll(LONG.toSeconds(), TimeUnit.SECONDS)).isSameAs(work.failure);
    add(2); // does not wait for ever
    assertThat(work.checkpoints).isEmpty();
  }

  @Test
  void pumpsThatDoNotEndAreInterruptedTogether() throws Exception {
    work.goOn = new CountDownLatch(1);
    List<PartitionPump<Integer>> several = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      PartitionPump<Integer> each =
          new PartitionPump<>(
              "test " + i, new Batching(1, 1, Duration.ZERO, 1), 10, new Semaphore(1), work);
      each.add(i);
      assertThat(work.batch()).containsExactly(i);
      several.add(each);
    }
    several.forEach(PartitionPump::stop);
    long begin = System.nanoTime();
    assertThat(PartitionPump.awaitAll(several, Duration.ofSeconds(1), LONG)).isEqualTo(20);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void whatWaitsIsNotRunOnceItIsStopped() throws Exception {
    work.goOn = new CountDownLatch(1);
    begin(new Batching(1, 1, Duration.ZERO, 1));
    for (int i = 1; i <= 5; i++) {
      add(i);
    }
    assertThat(work.batch()).containsExactly(1);
    pump().stop();
    work.goOn.countDown();
    assertThat(awaitEnd(LONG)).isZero();
    assertThat(work.batches).isEmpty();
    assertThat(work.checkpoint()).isEqualTo(1);
  }

  @Test
  void whoeverFetchesWaitsForAFunctionThatDoesNotKeepUp() throws Exception {
    work.goOn = new CountDownLatch(1);
    begin(new Batching(1, 1, Duration.ZERO, 1), 2);
    add(1);
    assertThat(work.batch()).containsExactly(1);
    add(2);
    add(3);
    Thread fetcher = Thread.ofVirtual().start(() -> addQuietly(4));
    assertThat(fetcher.join(Duration.ofMillis(100))).isFalse();
    work.goOn.countDown();
    assertThat(fetcher.join(LONG)).isTrue();
    assertThat(List.of(work.batch(), work.batch(), work.batch()))
        .containsExactly(List.of(2), List.of(3), List.of(4));
  }

  private void begin(Batching batching) {
    begin(batching, 100);
  }

  private void begin(Batching batching, int capacity) {
    pump = new PartitionPump<>("test", batching, capacity, turn, work);
  }

  private int awaitEnd(Duration patience) throws InterruptedException {
    return PartitionPump.awaitAll(List.of(pump()), patience, LONG);
  }

  private PartitionPump<Integer> pump() {
    return java.util.Objects.requireNonNull(pump);
  }

  private void add(int event) throws InterruptedException {
    pump().add(event);
  }

  private void addQuietly(int event) {
    try {
      add(event);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
