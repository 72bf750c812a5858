package dev.perdure.engine.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.engine.activity.ActivityWork;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.engine.recovery.QuietLog;
import dev.perdure.store.ForwardingStore;
import dev.perdure.store.memory.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** How one partition recovers, and what the others notice. */
@ExtendWith(QuietLog.class)
@Timeout(30)
class PartitionRecoveryTest {
  private static final RuntimeException DISK_FULL = new IllegalStateException("the disk is full");

  private final MemoryStore disk = new MemoryStore(2);
  private final AtomicInteger acquired = new AtomicInteger();
  private IntConsumer rowsLost = partition -> {};
  private final List<Set<Integer>> logReads = new ArrayList<>();
  private boolean tooLittleMemory;
  private boolean losesRows;
  private final Watched store = new Watched();
  private final BlockingQueue<ActivityWork> handedOut = new LinkedBlockingQueue<>();
  private Loop loop = open();

  private final class Watched extends ForwardingStore {
    Watched() {
      super(disk);
    }

    @Override
    public long acquire(int partition, String owner) {
      acquired.incrementAndGet();
      long epoch = super.acquire(partition, owner);
      if (losesRows) {
        losesRows = false;
        rowsLost.accept(partition); // the rows are opened again for whoever needs them first
      }
      return epoch;
    }

    @Override
    public void onRowsLost(IntConsumer listener) {
      rowsLost = listener;
      super.onRowsLost(listener);
    }

    @Override
    public void readLogs(Set<Integer> partitions, LogVisitor visitor) {
      logReads.add(partitions);
      if (partitions.contains(0) && tooLittleMemory) {
        throw new InternalError("too little memory"); // one that JUnit lives with
      }
      super.readLogs(partitions, visitor);
    }
  }

  private Loop open() {
    Loop opened =
        Loops.of(
            store,
            FunctionRegistry.builder()
                .orchestrator("o", ctx -> ctx.callActivity("a", null, String.class).await())
                .activity("a", () -> "")
                .build(),
            Runnable::run,
            handedOut::add);
    opened.recover();
    return opened;
  }

  @AfterEach
  void close() {
    loop.stop();
    loop.end();
    store.close();
  }

  private CompletableFuture<String> start(int partition, String id) {
    CompletableFuture<String> reply = new CompletableFuture<>();
    loop.post(
        partition,
        new Command.Start(
            id, "o", "", null, null, Map.of(), IdReusePolicy.ERROR, null, true, reply));
    return reply;
  }

  private void turnUntil(BooleanSupplier reached) {
    while (!reached.getAsBoolean()) {
      loop.runOnce();
    }
  }

  private void failACommitOfTheFirst() {
    turnUntil(() -> !loop.partition(1).hasOpenBatch() && !loop.hasWork());
    disk.failNextCommits(1, DISK_FULL);
    CompletableFuture<String> failed = start(0, "failed");
    turnUntil(failed::isDone);
    assertThat(failed).isCompletedExceptionally();
  }

  @Test
  void tooLittleMemoryForOneDoesNotStopTheOthers() {
    tooLittleMemory = true;
    failACommitOfTheFirst();
    for (int i = 0; i < 200; i++) {
      CompletableFuture<String> other = start(1, "other" + i);
      turnUntil(other::isDone);
      assertThat(other).isCompletedWithValue("other" + i);
      Thread.yield();
    }
    tooLittleMemory = false;
    turnUntil(() -> !loop.partition(0).isDown());
  }

  @Test
  void partitionsThatFailTogetherReadTheLogTogether() {
    disk.failNextCommits(1, DISK_FULL);
    CompletableFuture<String> first = start(0, "first");
    CompletableFuture<String> second = start(1, "second");
    turnUntil(() -> first.isDone() && second.isDone());
    assertThat(first).isCompletedExceptionally();
    assertThat(second).isCompletedExceptionally();
    logReads.clear();

    turnUntil(() -> !loop.partition(0).isDown() && !loop.partition(1).isDown());

    assertThat(logReads).containsExactly(Set.of(0, 1));
  }

  @Test
  void rowsThatWereOpenedAgainForAPartitionAreNotLostForIt() {
    int before = acquired.get();
    losesRows = true;
    failACommitOfTheFirst();
    turnUntil(() -> !loop.partition(0).isDown());
    for (int i = 0; i < 10; i++) {
      CompletableFuture<String> next = start(0, "next" + i);
      turnUntil(next::isDone);
      assertThat(next).isCompletedWithValue("next" + i);
    }
    assertThat(acquired.get() - before).isEqualTo(1);
  }

  @Test
  void whatComesAfterTheLastRowsOfACloseIsNoCrash() {
    CompletableFuture<String> started = start(0, "i");
    turnUntil(() -> started.isDone() && handedOut.size() == 1);
    CompletableFuture<?> drained = loop.drain();
    turnUntil(drained::isDone);
    loop.post(0, new Command.Receive(1, 1, new Message.Event("i", "late", null)));
    turnUntil(() -> !loop.partition(0).hasOpenBatch() && !loop.hasWork());
    loop.stop();
    loop.end();
    handedOut.clear();

    loop = open();
    turnUntil(() -> handedOut.size() == 1);
    assertThat(handedOut.element().redelivered()).isFalse();
  }
}
