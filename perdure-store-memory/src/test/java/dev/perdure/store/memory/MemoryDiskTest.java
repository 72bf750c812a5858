package dev.perdure.store.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.store.InstanceColumns;
import dev.perdure.store.InstanceKey;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.LogRecord;
import dev.perdure.store.RowBatch;
import dev.perdure.store.StoreException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MemoryDiskTest {
  private final MemoryDisk disk = new MemoryDisk();
  private final List<Throwable> failures = new ArrayList<>();
  private int committed;

  @Test
  void aCrashLosesRowsThatWereNotFlushedAndKeepsTheLog() {
    MemoryStore store = MemoryStore.open(disk, 1);
    long epoch = store.acquire(0, "test");
    store.writeRows(0, epoch, row("flushed"));
    store.flush();
    store.writeRows(0, epoch, row("lost"));
    commit(store, epoch, 1);
    store.advanceLogStart(0, epoch, 2);

    disk.crash();

    MemoryStore next = MemoryStore.open(disk, 1);
    assertThat(next.loadInstance(0, "flushed")).isNotNull();
    assertThat(next.loadInstance(0, "lost")).isNull();
    assertThat(positions(next)).containsExactly(1L);
  }

  @Test
  void aCrashMayKeepTheFirstCallsSinceTheLastFlush() {
    MemoryStore store = MemoryStore.open(disk, 1);
    long epoch = store.acquire(0, "test");
    store.writeRows(0, epoch, row("a"));
    store.writeRows(0, epoch, row("b"));
    assertThat(disk.unflushedCalls()).isEqualTo(2);

    disk.crash(1);

    MemoryStore next = MemoryStore.open(disk, 1);
    assertThat(next.loadInstance(0, "a")).isNotNull();
    assertThat(next.loadInstance(0, "b")).isNull();
  }

  @Test
  void aStoreWhoseDiskCrashedRefusesEverything() {
    MemoryStore store = MemoryStore.open(disk, 1);
    long epoch = store.acquire(0, "test");
    disk.crash();

    assertThatThrownBy(() -> store.loadInstance(0, "a")).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> store.acquire(0, "test")).isInstanceOf(StoreException.class);
    commit(store, epoch, 1);
    assertThat(failures).hasSize(1);
    store.close();
    assertThat(positions(MemoryStore.open(disk, 1))).isEmpty();
  }

  @Test
  void aFailedCommitLosesItsRecordsOrKeepsThemAsTheTestChooses() {
    MemoryStore store = MemoryStore.open(disk, 1);
    RuntimeException failure = new IllegalStateException("disk on fire");
    long first = store.acquire(0, "test");
    store.failNextCommits(1, failure);
    commit(store, first, 1);
    assertThat(failures).containsExactly(failure);
    assertThat(positions(store)).isEmpty();

    long second = store.acquire(0, "test");
    store.failNextCommitsButKeepThem(1, failure);
    commit(store, second, 1);
    assertThat(failures).containsExactly(failure, failure);
    assertThat(positions(store)).containsExactly(1L);
    assertThat(committed).isZero();
  }

  @Test
  void heldCommitsAreDurableOnlyWhenReleased() {
    MemoryStore store = MemoryStore.open(disk, 1);
    long epoch = store.acquire(0, "test");
    store.holdCommits();
    commit(store, epoch, 1);
    assertThat(store.heldCommits()).isEqualTo(1);
    assertThat(positions(store)).isEmpty();
    assertThat(committed).isZero();

    store.releaseCommits();
    assertThat(positions(store)).containsExactly(1L);
    assertThat(committed).isEqualTo(1);
  }

  @Test
  void aRowThatIsWrittenOverUnderTheWrongKeyIsRefused() {
    MemoryStore store = MemoryStore.open(disk, 1);
    long epoch = store.acquire(0, "test");
    store.writeRows(0, epoch, row("a"));

    RowBatch forgetful = row("a");
    assertThatThrownBy(() -> store.writeRows(0, epoch, forgetful))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("last written as");
    RowBatch wrong = new RowBatch();
    wrong.delete("a", new InstanceKey(9, 9, false));
    assertThatThrownBy(() -> store.writeRows(0, epoch, wrong))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aRecordThatLeavesAGapInThePositionsIsRefused() {
    MemoryStore store = MemoryStore.open(disk, 1);
    long epoch = store.acquire(0, "test");
    commit(store, epoch, 1);
    commit(store, epoch, 3);
    assertThat(failures).hasSize(1);
    assertThat(failures.get(0)).isInstanceOf(IllegalArgumentException.class);
  }

  private void commit(MemoryStore store, long epoch, long position) {
    var data = ByteBuffer.wrap(new byte[] {1, 2, 3});
    store.commit(
        List.of(new LogRecord(0, epoch, position, position, data)),
        (@Nullable Throwable failure) -> {
          if (failure == null) {
            committed++;
          } else {
            failures.add(failure);
          }
        });
  }

  private static List<Long> positions(MemoryStore store) {
    List<Long> positions = new ArrayList<>();
    store.readLog(0, 0, record -> positions.add(record.firstPosition()));
    return positions;
  }

  private static RowBatch row(String id) {
    RowBatch batch = new RowBatch();
    var columns = new InstanceColumns(id, 0, 1, "f", "", 10, 10, 0, "", Map.of());
    batch.put(new InstanceRow(columns, 1, true, new byte[] {1}), null);
    return batch;
  }
}
