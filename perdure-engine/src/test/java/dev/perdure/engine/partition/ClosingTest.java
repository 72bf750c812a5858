package dev.perdure.engine.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.HubClosedException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.engine.orchestrator.StepResult;
import dev.perdure.engine.recovery.QuietLog;
import dev.perdure.store.memory.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who waits on a host that closes while a partition of it recovers. */
@ExtendWith(QuietLog.class)
@Timeout(20)
class ClosingTest {
  private final MemoryStore store = new MemoryStore(1);
  private final Loop loop = Loops.of(store, Runnable::run);

  /** A commit has failed, and the partition does not recover before it is asked to stop. */
  @BeforeEach
  void aPartitionIsDown() {
    loop.recover();
    store.failNextCommits(1, new IllegalStateException("the disk is full"));
    CompletableFuture<String> start = new CompletableFuture<>();
    loop.post(
        0,
        new Command.Start(
            "a", "f", "", null, null, Map.of(), IdReusePolicy.IGNORE, null, true, start));
    while (!start.isDone()) {
      loop.runOnce();
    }
    assertThat(start).isCompletedExceptionally();
  }

  @AfterEach
  void end() {
    loop.stop();
    loop.end();
    store.close();
  }

  private CompletableFuture<OrchestrationMetadata> await() {
    CompletableFuture<OrchestrationMetadata> reply = new CompletableFuture<>();
    loop.post(0, new Command.Await("a", true, false, reply));
    return reply;
  }

  private static void assertToldThatItIsClosed(CompletableFuture<?> reply) {
    assertThat(reply).isCompletedExceptionally();
    assertThat(reply.exceptionNow()).isInstanceOf(HubClosedException.class);
  }

  @Test
  void whoBeginsToWaitAfterItWasStoppedIsToldSo() {
    CompletableFuture<?> stopped = loop.drain();
    CompletableFuture<?> late = await();
    while (!stopped.isDone()) {
      loop.runOnce();
    }
    assertToldThatItIsClosed(late);
  }

  @Test
  void whoWaitsForTheRecoveryIsToldThatItDoesNotCome() {
    CompletableFuture<?> waits = await();
    loop.runOnce();
    assertThat(waits).isNotDone();
    loop.stop();
    loop.end();
    assertToldThatItIsClosed(waits);
  }

  @Test
  void whoWaitsForAStepToBeDurableIsToldThatItIsNot() {
    loop.stop();
    loop.end();
    CompletableFuture<@Nullable Void> recorded = new CompletableFuture<>();
    StepResult result =
        new StepResult(
            List.of(), 0, List.of(), StepResult.Waiting.INSTANCE, null, List.of(), recorded);
    loop.post(0, new Command.StepEnded(null, null, result));
    assertToldThatItIsClosed(recorded);
  }
}
