package dev.perdure.engine.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.HubClosedException;
import dev.perdure.store.memory.MemoryStore;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who waits for rows, as a query does, on a host that closes. */
@Timeout(20)
class ClosingQueriesTest {
  /** Rows that are about to be written, and are when the test says so. */
  private final Queue<Runnable> rows = new ArrayDeque<>();

  private final MemoryStore store = new MemoryStore(1);
  private final Loop loop = Loops.of(store, Runnable::run, rows::add);

  @BeforeEach
  void everythingIsInRows() {
    loop.recover();
    CompletableFuture<?> visible = visible();
    while (!visible.isDone()) {
      loop.runOnce();
      writeRows();
    }
  }

  @AfterEach
  void close() {
    store.close();
  }

  private CompletableFuture<?> visible() {
    CompletableFuture<@Nullable Void> reply = new CompletableFuture<>();
    loop.post(0, new Command.Checkpoint(reply));
    return reply;
  }

  private void writeRows() {
    Runnable writing;
    while ((writing = rows.poll()) != null) {
      writing.run();
    }
  }

  /** Goes on until there are rows to be written. */
  private void beginPass() {
    while (rows.isEmpty()) {
      loop.runOnce();
    }
  }

  private void end() {
    loop.stop();
    loop.end();
  }

  private static void assertToldThatItIsClosed(CompletableFuture<?> reply) {
    assertThat(reply).isCompletedExceptionally();
    assertThat(reply.exceptionNow()).isInstanceOf(HubClosedException.class);
  }

  @Test
  void whoComesDuringTheLastCheckpointIsToldThatItIsClosed() {
    CompletableFuture<?> stopped = loop.drain();
    beginPass();
    CompletableFuture<?> late = visible();
    loop.runOnce();
    writeRows();
    while (!stopped.isDone()) {
      loop.runOnce();
    }
    end();
    assertToldThatItIsClosed(late);
  }

  @Test
  void whoWaitsForACheckpointThatIsNotFinishedIsToldThatItIsClosed() {
    CompletableFuture<?> stopped = loop.drain();
    CompletableFuture<?> waits = visible();
    beginPass();
    end();
    assertThat(stopped).isNotDone();
    assertToldThatItIsClosed(waits);
  }
}
