package dev.perdure.engine.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.Payload;
import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.store.ForwardingStore;
import dev.perdure.store.LogRecord;
import dev.perdure.store.Store;
import dev.perdure.store.memory.MemoryStore;
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

/** However much is asked for at once, what waits for a commit is bounded. */
@Timeout(60)
class CommitSizeTest {
  private static final int INPUT_BYTES = 8 << 20;

  private static final int STARTS = 30;

  /** Commits that have begun and go on when the test says so. */
  private final Queue<Runnable> commits = new ArrayDeque<>();

  private final List<Long> commitBytes = new ArrayList<>();
  private final MemoryStore disk = new MemoryStore(2);
  private final Store store = measured(disk);
  private final Loop loop = Loops.of(store, commits::add);
  private final List<CompletableFuture<String>> starts = new ArrayList<>();

  private Store measured(Store disk) {
    return new ForwardingStore(disk) {
      @Override
      public void commit(List<LogRecord> records, Store.CommitCallback callback) {
        commitBytes.add(records.stream().mapToLong(record -> record.data().remaining()).sum());
        super.commit(records, callback);
      }
    };
  }

  @BeforeEach
  void muchIsAskedForAtOnce() {
    loop.recover();
    while (loop.hasWork()) {
      loop.runOnce();
      goOn();
    }
    commitBytes.clear();
    Payload input = Payload.of(new byte[INPUT_BYTES]);
    Instant later = Instant.ofEpochSecond(4_000_000_000L);
    for (int i = 0; i < STARTS; i++) {
      CompletableFuture<String> reply = new CompletableFuture<>();
      starts.add(reply);
      loop.post(
          i % 2,
          new Command.Start(
              "a" + i, "f", "", input, later, Map.of(), IdReusePolicy.IGNORE, null, true, reply));
    }
  }

  @AfterEach
  void end() {
    loop.stop();
    goOn();
    loop.end();
    store.close();
  }

  private void goOn() {
    Runnable commit;
    while ((commit = commits.poll()) != null) {
      commit.run();
    }
  }

  @Test
  void nothingMoreIsTakenWhileACommitIsUnderWayAndTheNextOneIsFull() {
    for (int i = 0; i < 10; i++) {
      loop.runOnce();
    }
    assertThat(commits).hasSize(1);
    assertThat(loop.hasWork()).as("there is something that can be done").isFalse();
    goOn();
    assertThat(loop.hasWork()).isTrue();
  }

  @Test
  void eachCommitHoldsAsMuchAsIsAllowed() {
    while (starts.stream().anyMatch(start -> !start.isDone())) {
      loop.runOnce();
      goOn();
    }
    assertThat(starts).allMatch(start -> !start.isCompletedExceptionally());
    assertThat(commitBytes)
        .allMatch(bytes -> bytes < Loop.OPEN_BYTES_MAX + 2 * INPUT_BYTES)
        .hasSizeLessThan(6);
  }

  @Test
  void whatAFailedCommitDropsMakesRoom() {
    disk.failNextCommits(1, new IllegalStateException("the disk is full"));
    loop.runOnce();
    loop.runOnce();
    assertThat(loop.hasWork()).isFalse();
    goOn();
    while (starts.stream().anyMatch(start -> !start.isDone())) {
      loop.runOnce();
      goOn();
    }
    assertThat(starts).anyMatch(CompletableFuture::isCompletedExceptionally);
  }
}
