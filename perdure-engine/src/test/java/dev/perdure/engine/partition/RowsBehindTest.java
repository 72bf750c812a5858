package dev.perdure.engine.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.Payload;
import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.store.ForwardingStore;
import dev.perdure.store.RowBatch;
import dev.perdure.store.Store;
import dev.perdure.store.StoreException;
import dev.perdure.store.memory.MemoryStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** However slowly rows are written, what memory holds for them is bounded. */
@Timeout(60)
class RowsBehindTest {
  private static final int INPUT_BYTES = 1 << 20;

  private static final int LOG_BYTES = 8 << 20;

  private static final int STARTS = 60;

  /** Rows that are written when the test says so. */
  private final Queue<Runnable> rows = new ArrayDeque<>();

  private boolean broken;
  private final Store store =
      new ForwardingStore(new MemoryStore(2)) {
        @Override
        public void writeRows(int partition, long epoch, RowBatch batch) {
          if (broken) {
            throw new StoreException("PD-2011", "the disk is full", null);
          }
          super.writeRows(partition, epoch, batch);
        }
      };
  private final Loop loop = loop();
  private final List<CompletableFuture<String>> starts = new ArrayList<>();

  private Loop loop() {
    return Loops.of(
        store,
        FunctionRegistry.builder().build(),
        EngineOptions.DEFAULTS.withCheckpoint(Duration.ofDays(1), LOG_BYTES),
        Runnable::run,
        rows::add,
        work -> {},
        work -> {
          throw new IllegalStateException("There are no entities here.");
        });
  }

  @BeforeEach
  void muchIsAskedFor() {
    loop.recover();
    start(loop, "a");
    runUntilNothingCanBeDone();
  }

  private void start(Loop host, String prefix) {
    Payload input = Payload.of(new byte[INPUT_BYTES]);
    Instant later = Instant.ofEpochSecond(4_000_000_000L);
    for (int i = 0; i < STARTS; i++) {
      CompletableFuture<String> reply = new CompletableFuture<>();
      starts.add(reply);
      host.post(
          i % 2,
          new Command.Start(
              prefix + i,
              "f",
              "",
              input,
              later,
              Map.of(),
              IdReusePolicy.IGNORE,
              null,
              true,
              reply));
    }
  }

  @AfterEach
  void end() {
    loop.stop();
    loop.end();
    store.close();
  }

  private void runUntilNothingCanBeDone() {
    runUntilNothingCanBeDone(loop);
  }

  private static void runUntilNothingCanBeDone(Loop host) {
    boolean more = true;
    for (int idle = 0; idle < 3; idle = more ? 0 : idle + 1) { // a commit may wait for a moment
      more = host.runOnce();
    }
  }

  private void writeRows() {
    Runnable writing;
    while ((writing = rows.poll()) != null) {
      writing.run();
    }
  }

  private long taken() {
    return starts.stream().filter(CompletableFuture::isDone).count();
  }

  @Test
  void nothingMoreIsTakenUntilRowsHaveBeenWritten() {
    assertThat(taken() * INPUT_BYTES).isBetween(2L * LOG_BYTES - INPUT_BYTES, 3L * LOG_BYTES);
    assertThat(loop.hasWork()).as("there is something that can be done").isFalse();
    writeRows();
    assertThat(loop.hasWork()).isTrue();
  }

  @Test
  void allIsTakenInTheEnd() {
    while (taken() < STARTS) {
      writeRows();
      runUntilNothingCanBeDone();
    }
    assertThat(starts).allMatch(start -> !start.isCompletedExceptionally());
  }

  @Test
  void nothingIsAtRestWhileCommandsWaitForRows() {
    CompletableFuture<Long> rest = loop.whenAtRest(() -> true);
    runUntilNothingCanBeDone();
    assertThat(rest).isNotDone();
    while (!rest.isDone()) {
      writeRows();
      runUntilNothingCanBeDone();
    }
    assertThat(taken()).isEqualTo(STARTS);
  }

  /** What is read from the log is in memory, and in no row, as what was logged since. */
  @Test
  void whatRecoveryReadsFromTheLogCounts() {
    Loop next = loop();
    next.recover();
    starts.clear();
    start(next, "b");
    runUntilNothingCanBeDone(next);
    assertThat(taken() * INPUT_BYTES).isLessThan(LOG_BYTES);
    next.stop();
    next.end();
  }

  @Test
  void whatIsDroppedMakesRoom() {
    long before = taken();
    broken = true;
    writeRows();
    runUntilNothingCanBeDone();
    assertThat(taken()).isGreaterThan(before);
  }
}
