package dev.perdure.store.testkit;

import static dev.perdure.store.testkit.Rows.active;
import static dev.perdure.store.testkit.Rows.batch;
import static dev.perdure.store.testkit.Rows.bytes;
import static dev.perdure.store.testkit.Rows.commit;
import static dev.perdure.store.testkit.Rows.describe;
import static dev.perdure.store.testkit.Rows.everything;
import static dev.perdure.store.testkit.Rows.filter;
import static dev.perdure.store.testkit.Rows.history;
import static dev.perdure.store.testkit.Rows.ids;
import static dev.perdure.store.testkit.Rows.instance;
import static dev.perdure.store.testkit.Rows.key;
import static dev.perdure.store.testkit.Rows.log;
import static dev.perdure.store.testkit.Rows.message;
import static dev.perdure.store.testkit.Rows.newInstances;
import static dev.perdure.store.testkit.Rows.outbox;
import static dev.perdure.store.testkit.Rows.query;
import static dev.perdure.store.testkit.Rows.record;
import static dev.perdure.store.testkit.Rows.text;
import static dev.perdure.store.testkit.Rows.timers;
import static dev.perdure.store.testkit.Rows.tryCommit;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.FencedException;
import dev.perdure.store.InstanceColumns;
import dev.perdure.store.InstanceFilter;
import dev.perdure.store.InstancePage;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.LogRecord;
import dev.perdure.store.RowBatch;
import dev.perdure.store.Store;
import dev.perdure.store.StoreException;
import dev.perdure.store.TimerRow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@link Store} promises. Every store has a test that extends this. */
public abstract class StoreContract {
  /** Partitions of the hub under test. */
  protected static final int PARTITIONS = 4;

  /**
   * Ids in the order of their UTF-8 bytes: empty, prefixes of each other, control characters,
   * separators, and characters beyond the basic plane, which sort before U+FFFD as UTF-16.
   */
  private static final List<String> ORDERED_IDS =
      List.of(
          "\0",
          "\0\0",
          "\0\1",
          "\1",
          " ",
          "%",
          "a",
          "a\0",
          "a\0\0b",
          "a\0b",
          "a\1",
          "a/b",
          "aa",
          "a\u00ff",
          "b",
          "\u00e9",
          "\u20ac",
          "\uffee",
          "\ufffd",
          "\ud83d\ude00",
          "\ud83d\ude00a",
          "\udbff\udfff");

  /** The store under test. */
  protected Store store;

  /** Opens this test's hub with {@link #PARTITIONS} partitions; makes it the first time. */
  protected abstract Store open();

  /** Lets the store die as a killed process would, so that {@link #open} finds what is left. */
  protected abstract void crash(Store store);

  /**
   * Has the store, which stays open, lose rows that are not durable, as an error of the medium may.
   * It may do so only when it is used next.
   */
  protected abstract void loseRows(Store store);

  /** Opens a backup, if this store has such a thing. */
  protected Store openBackup(Path directory) {
    throw new UnsupportedOperationException("no backups");
  }

  @BeforeEach
  void openStore() {
    store = open();
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  /** Closes the store and opens it again. */
  protected final void reopen() {
    store.close();
    store = open();
  }

  /** Kills the store and opens what is left. */
  protected final void crashAndReopen() {
    crash(store);
    store = open();
  }

  // ---- leases -------------------------------------------------------------------------------

  @Test
  void aHubKeepsItsNumberOfPartitions() {
    assertThat(store.partitions()).isEqualTo(PARTITIONS);
    reopen();
    assertThat(store.partitions()).isEqualTo(PARTITIONS);
  }

  @Test
  void epochsGrowWithEveryAcquisitionAlsoAcrossRestartsAndCrashes() {
    long first = store.acquire(1, "me");
    long second = store.acquire(1, "me");
    reopen();
    long third = store.acquire(1, "you");
    crashAndReopen();
    long fourth = store.acquire(1, "you");
    assertThat(List.of(first, second, third, fourth)).isSorted().doesNotHaveDuplicates();
    assertThat(first).isPositive();
  }

  @Test
  void aWriteUnderAnEpochThatWasTakenOverIsRefusedAndChangesNothing() {
    long old = store.acquire(0, "me");
    store.writeRows(0, old, newInstances(instance("a", 1, 1, true)));
    commit(store, record(0, old, 1, 1, "one"));
    long current = store.acquire(0, "you");

    assertThat(tryCommit(store, record(0, old, 2, 2, "late"))).isInstanceOf(FencedException.class);
    assertThatThrownBy(() -> store.writeRows(0, old, newInstances(instance("late", 1, 1, true))))
        .isInstanceOf(FencedException.class)
        .hasMessageContaining("PD-2002");
    assertThatThrownBy(() -> store.advanceLogStart(0, old, 2)).isInstanceOf(FencedException.class);

    store.flush();
    assertThat(log(store, 0, 0)).containsExactly("1-1:one");
    assertThat(store.loadInstance(0, "late")).isNull();
    commit(store, record(0, current, 2, 2, "two"));
    assertThat(log(store, 0, 0)).containsExactly("1-1:one", "2-2:two");
  }

  @Test
  void anEpochFromBeforeARestartIsRefusedEvenIfNobodyTookThePartitionSince() {
    long old = store.acquire(0, "me");
    commit(store, record(0, old, 1, 1, "one"));
    reopen();
    assertThat(tryCommit(store, record(0, old, 2, 2, "late"))).isInstanceOf(FencedException.class);
    assertThatThrownBy(() -> store.writeRows(0, old, newInstances(instance("late", 1, 1, true))))
        .isInstanceOf(FencedException.class);
    assertThat(log(store, 0, 0)).containsExactly("1-1:one");
  }

  @Test
  void aPartitionThatNobodyAcquiredTakesNoWrites() {
    assertThat(tryCommit(store, record(2, 0, 1, 1, "x"))).isInstanceOf(FencedException.class);
    assertThat(tryCommit(store, record(2, 1, 1, 1, "x"))).isInstanceOf(FencedException.class);
    assertThat(log(store, 2, 0)).isEmpty();
  }

  @Test
  void partitionsAreFencedOneByOne() {
    long zero = store.acquire(0, "me");
    long one = store.acquire(1, "me");
    store.acquire(0, "you");
    commit(store, record(1, one, 1, 1, "fine"));
    assertThat(tryCommit(store, record(0, zero, 1, 1, "late"))).isInstanceOf(FencedException.class);
  }

  // ---- log ----------------------------------------------------------------------------------

  @Test
  void aNewHubHasNoLogAndNoRows() {
    for (int partition = 0; partition < PARTITIONS; partition++) {
      assertThat(log(store, partition, 0)).isEmpty();
      assertThat(store.loadPartition(partition)).isNull();
      assertThat(store.scanActive(partition, null, 10)).isEmpty();
      assertThat(store.scanTimers(partition, null, 10)).isEmpty();
      assertThat(store.scanOutbox(partition, null, 10)).isEmpty();
    }
    assertThat(query(store, everything(), 10)).isEmpty();
    assertThat(store.logBytes()).isZero();
  }

  @Test
  void aCommitWithoutRecordsSucceeds() {
    commit(store);
  }

  @Test
  void committedRecordsAreReadBackInOrder() {
    long epoch = store.acquire(0, "me");
    commit(store, record(0, epoch, 1, 3, "a"));
    commit(store, record(0, epoch, 4, 4, ""));
    commit(store, record(0, epoch, 5, 9, "c"));
    assertThat(log(store, 0, 0)).containsExactly("1-3:a", "4-4:", "5-9:c");
  }

  @Test
  void aRecordTellsItsPartitionAndEpoch() {
    long epoch = store.acquire(3, "me");
    commit(store, record(3, epoch, 1, 2, "a"));
    List<LogRecord> read = new ArrayList<>();
    store.readLog(3, 0, read::add);
    assertThat(read).hasSize(1);
    assertThat(read.getFirst().partition()).isEqualTo(3);
    assertThat(read.getFirst().epoch()).isEqualTo(epoch);
  }

  @Test
  void theLogsOfSeveralPartitionsAreReadTogetherEachInOrder() {
    long[] epochs = new long[PARTITIONS];
    for (int partition = 0; partition < PARTITIONS; partition++) {
      epochs[partition] = store.acquire(partition, "me");
    }
    for (int position = 1; position <= 3; position++) {
      List<LogRecord> records = new ArrayList<>();
      for (int partition = 0; partition < PARTITIONS; partition++) {
        records.add(record(partition, epochs[partition], position, position, "p" + partition));
      }
      commit(store, records.toArray(LogRecord[]::new));
    }
    store.advanceLogStart(2, epochs[2], 3);
    store.flush();
    crashAndReopen();
    Map<Integer, List<String>> read = new HashMap<>();
    store.readLogs(
        Set.of(0, 2, 3),
        record ->
            read.computeIfAbsent(record.partition(), partition -> new ArrayList<>())
                .add(describe(record)));
    assertThat(read).containsOnlyKeys(0, 2, 3);
    assertThat(read.get(0)).containsExactly("1-1:p0", "2-2:p0", "3-3:p0");
    assertThat(read.get(2)).endsWith("3-3:p2");
    assertThat(read.get(3)).containsExactly("1-1:p3", "2-2:p3", "3-3:p3");
  }

  @Test
  void readingFromAPositionShowsEveryRecordThatEndsThereOrLater() {
    long epoch = store.acquire(0, "me");
    commit(store, record(0, epoch, 1, 3, "a"));
    commit(store, record(0, epoch, 4, 6, "b"));
    commit(store, record(0, epoch, 7, 9, "c"));
    assertThat(log(store, 0, 5)).endsWith("4-6:b", "7-9:c");
    assertThat(log(store, 0, 6)).endsWith("4-6:b", "7-9:c");
    assertThat(log(store, 0, 7)).endsWith("7-9:c");
    assertThat(log(store, 0, 10)).allMatch(record -> !record.startsWith("10"));
  }

  @Test
  void oneCommitWritesTheLogsOfSeveralPartitions() {
    long zero = store.acquire(0, "me");
    long one = store.acquire(1, "me");
    long three = store.acquire(3, "me");
    commit(store, record(0, zero, 1, 1, "a"), record(3, three, 1, 2, "b"));
    commit(store, record(3, three, 3, 3, "c"), record(1, one, 1, 1, "d"));
    assertThat(log(store, 0, 0)).containsExactly("1-1:a");
    assertThat(log(store, 1, 0)).containsExactly("1-1:d");
    assertThat(log(store, 2, 0)).isEmpty();
    assertThat(log(store, 3, 0)).containsExactly("1-2:b", "3-3:c");
  }

  @Test
  void aCommitOfWhichOnePartitionIsFencedWritesNone() {
    long zero = store.acquire(0, "me");
    long one = store.acquire(1, "me");
    store.acquire(1, "you");
    assertThat(tryCommit(store, record(0, zero, 1, 1, "a"), record(1, one, 1, 1, "b")))
        .isInstanceOf(FencedException.class);
    assertThat(log(store, 0, 0)).isEmpty();
    assertThat(log(store, 1, 0)).isEmpty();
  }

  @Test
  void afterAFailedCommitAPartitionTakesNoMoreUntilItIsAcquiredAgain() {
    long zero = store.acquire(0, "me");
    long one = store.acquire(1, "me");
    store.acquire(1, "you");
    tryCommit(store, record(0, zero, 1, 1, "a"), record(1, one, 1, 1, "b"));

    assertThat(tryCommit(store, record(0, zero, 1, 1, "again")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("PD-2008");
    long next = store.acquire(0, "me");
    commit(store, record(0, next, 1, 1, "now"));
    assertThat(log(store, 0, 0)).containsExactly("1-1:now");
  }

  @Test
  void theNewOwnerIsNotBlockedByAFailedCommitOfTheOld() {
    long old = store.acquire(0, "me");
    long current = store.acquire(0, "you");
    tryCommit(store, record(0, old, 1, 1, "late"));
    commit(store, record(0, current, 1, 1, "fine"));
  }

  @Test
  void aRecordThatLeavesAGapIsRefused() {
    long epoch = store.acquire(0, "me");
    commit(store, record(0, epoch, 1, 3, "a"));
    assertThat(tryCommit(store, record(0, epoch, 5, 5, "b")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(log(store, 0, 0)).containsExactly("1-3:a");
  }

  @Test
  void buffersAreTheCallersAgainAfterTheCallback() {
    long epoch = store.acquire(0, "me");
    ByteBuffer buffer = ByteBuffer.allocateDirect(100);
    for (int position = 1; position <= 3; position++) {
      buffer.clear().position(10);
      buffer.put(bytes("data " + position)).flip().position(10);
      commit(store, new LogRecord(0, epoch, position, position, buffer));
      assertThat(buffer.position()).isEqualTo(10);
    }
    assertThat(log(store, 0, 0)).containsExactly("1-1:data 1", "2-2:data 2", "3-3:data 3");
  }

  @Test
  void whatWasCommittedIsThereAfterARestartWithoutAFlush() {
    long epoch = store.acquire(0, "me");
    commit(store, record(0, epoch, 1, 1, "a"));
    reopen();
    assertThat(log(store, 0, 0)).containsExactly("1-1:a");
    long next = store.acquire(0, "me");
    commit(store, record(0, next, 2, 2, "b"));
    reopen();
    assertThat(log(store, 0, 0)).containsExactly("1-1:a", "2-2:b");
  }

  @Test
  void whatWasCommittedIsThereAfterACrash() {
    long zero = store.acquire(0, "me");
    long one = store.acquire(1, "me");
    for (int position = 1; position <= 20; position++) {
      commit(
          store,
          record(0, zero, position, position, "zero " + position),
          record(1, one, position, position, "one " + position));
    }
    crashAndReopen();
    assertThat(log(store, 0, 0)).hasSize(20).endsWith("20-20:zero 20");
    assertThat(log(store, 1, 0)).hasSize(20).endsWith("20-20:one 20");
  }

  // ---- rows that are lost while the store is open ---------------------------------------------

  @Test
  void rowsThatAreLostAreInTheLog() {
    List<Integer> told = new ArrayList<>();
    store.onRowsLost(told::add);
    long zero = store.acquire(0, "me");
    long one = store.acquire(1, "me");
    commit(store, record(0, zero, 1, 1, "a"), record(1, one, 1, 1, "a"));
    store.writeRows(0, zero, newInstances(instance("durable", 1, 1, true)));
    store.advanceLogStart(0, zero, 2);
    store.flush();
    commit(store, record(0, zero, 2, 2, "b"), record(1, one, 2, 2, "b"));
    store.writeRows(0, zero, newInstances(instance("lost", 1, 2, true)));
    store.advanceLogStart(0, zero, 3);

    loseRows(store);
    long again = store.acquire(0, "me");

    assertThat(told).containsExactly(0, 1, 2, 3);
    assertThat(again).isGreaterThan(zero);
    assertThat(store.scanActive(0, null, 9)).containsExactly("durable");
    assertThat(log(store, 0, 2)).containsExactly("2-2:b");
    commit(store, record(0, again, 3, 3, "c"));
    store.writeRows(0, again, newInstances(instance("lost", 1, 2, true)));
    store.advanceLogStart(0, again, 4);
    store.flush();
    crashAndReopen();
    store.acquire(0, "me");
    assertThat(store.scanActive(0, null, 9)).containsExactly("durable", "lost");
    assertThat(log(store, 1, 0)).containsExactly("1-1:a", "2-2:b");
  }

  @Test
  void noPartitionIsUsedThatHasLostRowsBeforeItIsAcquiredAgain() {
    store.acquire(0, "me");
    long one = store.acquire(1, "me");
    commit(store, record(1, one, 1, 1, "a"));
    store.writeRows(1, one, newInstances(instance("lost", 1, 1, true)));
    loseRows(store);
    store.acquire(0, "me");

    assertThat(tryCommit(store, record(1, one, 2, 2, "b"))).isInstanceOf(FencedException.class);
    assertThatThrownBy(() -> store.writeRows(1, one, newInstances(instance("x", 1, 2, true))))
        .isInstanceOf(FencedException.class);
    assertThatThrownBy(() -> store.advanceLogStart(1, one, 2)).isInstanceOf(FencedException.class);
    List<Runnable> readings =
        List.of(
            () -> store.loadPartition(1),
            () -> store.loadInstance(1, "lost"),
            () -> store.readHistory(1, "lost", 1, 0, chunk -> {}),
            () -> store.scanActive(1, null, 9),
            () -> store.scanTimers(1, null, 9),
            () -> store.scanOutbox(1, null, 9),
            () -> store.query(everything(), 9, null));
    for (Runnable reading : readings) {
      assertThatThrownBy(reading::run)
          .isInstanceOf(StoreException.class)
          .hasMessageStartingWith("PD-2013");
    }
    assertThat(store.loadInstance(0, "lost")).isNull();
    assertThat(log(store, 1, 0)).containsExactly("1-1:a");

    for (int partition = 1; partition < PARTITIONS; partition++) {
      store.acquire(partition, "me");
    }
    assertThat(store.loadInstance(1, "lost")).isNull();
    assertThat(query(store, everything(), 9)).isEmpty();
  }

  @Test
  void rowsMayBeLostOverAndOver() {
    long epoch = store.acquire(0, "me");
    for (int position = 1; position <= 5; position++) {
      commit(store, record(0, epoch, position, position, "x"));
      store.writeRows(0, epoch, newInstances(instance("i" + position, 1, position, true)));
      if (position % 2 == 0) {
        store.flush();
      }
      store.writeRows(0, epoch, newInstances(instance("never flushed", 1, 9, true)));
      loseRows(store);
      epoch = store.acquire(0, "me");
    }
    assertThat(store.scanActive(0, null, 9)).containsExactly("i2", "i4");
    assertThat(log(store, 0, 0)).hasSize(5);
  }

  @Test
  void aLargeRecordIsReadBackWhole() {
    long epoch = store.acquire(0, "me");
    byte[] large = new byte[3_000_000];
    new Random(42).nextBytes(large);
    commit(store, new LogRecord(0, epoch, 1, 1, ByteBuffer.wrap(large)));
    commit(store, record(0, epoch, 2, 2, "after"));
    crashAndReopen();
    List<byte[]> read = new ArrayList<>();
    store.readLog(
        0,
        0,
        record -> {
          byte[] data = new byte[record.data().remaining()];
          record.data().get(data);
          read.add(data);
        });
    assertThat(read).hasSize(2);
    assertThat(read.getFirst()).isEqualTo(large);
  }

  @Test
  void manyThreadsCommitForTheirPartitionsAtOnce() throws Exception {
    int commits = 200;
    var start = new CountDownLatch(1);
    try (var threads = Executors.newFixedThreadPool(PARTITIONS)) {
      List<Future<?>> done = new ArrayList<>();
      for (int partition = 0; partition < PARTITIONS; partition++) {
        int mine = partition;
        long epoch = store.acquire(mine, "thread " + mine);
        done.add(
            threads.submit(
                () -> {
                  start.await();
                  for (int position = 1; position <= commits; position++) {
                    commit(store, record(mine, epoch, position, position, "p" + position));
                  }
                  return null;
                }));
      }
      start.countDown();
      for (Future<?> thread : done) {
        thread.get();
      }
    }
    crashAndReopen();
    List<String> expected =
        IntStream.rangeClosed(1, commits).mapToObj(i -> i + "-" + i + ":p" + i).toList();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      assertThat(log(store, partition, 0)).isEqualTo(expected);
    }
  }

  @Test
  void aCallbackMayCommitAgain() throws Exception {
    long epoch = store.acquire(0, "me");
    int commits = 50;
    var done = new CountDownLatch(1);
    commitOneAfterAnother(epoch, 1, commits, done);
    done.await();
    assertThat(log(store, 0, 0)).hasSize(commits);
  }

  private void commitOneAfterAnother(long epoch, int position, int last, CountDownLatch done) {
    store.commit(
        List.of(record(0, epoch, position, position, "x")),
        failure -> {
          if (failure != null || position == last) {
            done.countDown();
          } else {
            commitOneAfterAnother(epoch, position + 1, last, done);
          }
        });
  }

  // ---- log start ----------------------------------------------------------------------------

  @Test
  void theLogIsCutOnlyWhenTheRowsAreDurable() {
    long epoch = store.acquire(0, "me");
    commit(store, record(0, epoch, 1, 1, "a"));
    store.writeRows(0, epoch, newInstances(instance("a", 1, 1, true)));
    store.advanceLogStart(0, epoch, 2);
    crashAndReopen();
    // Either the rows have survived, or the log that tells the same.
    boolean row = store.loadInstance(0, "a") != null;
    assertThat(row || log(store, 0, 0).contains("1-1:a")).isTrue();
  }

  @Test
  void logBytesGrowWithCommitsAndShrinkWhenTheLogIsCut() {
    long epoch = store.acquire(0, "me");
    commit(store, record(0, epoch, 1, 1, "x".repeat(1000)));
    long one = store.logBytes();
    assertThat(one).isGreaterThanOrEqualTo(1000);
    commit(store, record(0, epoch, 2, 2, "x".repeat(1000)));
    assertThat(store.logBytes()).isGreaterThanOrEqualTo(one + 1000);
    store.advanceLogStart(0, epoch, 3);
    store.flush();
    assertThat(store.logBytes()).isZero();
  }

  @Test
  void logBytesSurviveARestart() {
    long epoch = store.acquire(0, "me");
    commit(store, record(0, epoch, 1, 1, "x".repeat(1000)));
    long bytes = store.logBytes();
    crashAndReopen();
    assertThat(store.logBytes()).isEqualTo(bytes);
  }

  @Test
  void theLogFromItsStartOnSurvivesTheCut() {
    long zero = store.acquire(0, "me");
    long one = store.acquire(1, "me");
    for (int position = 1; position <= 5; position++) {
      commit(
          store, record(0, zero, position, position, "a"), record(1, one, position, position, "b"));
    }
    store.advanceLogStart(0, zero, 4);
    store.flush();
    crashAndReopen();
    assertThat(log(store, 0, 4)).endsWith("4-4:a", "5-5:a");
    assertThat(log(store, 1, 1)).containsExactly("1-1:b", "2-2:b", "3-3:b", "4-4:b", "5-5:b");
  }

  @Test
  void theLogGoesOnAfterItWasCutWhollyAndTheStoreRestarted() {
    long epoch = store.acquire(0, "me");
    commit(store, record(0, epoch, 1, 7, "a"));
    store.advanceLogStart(0, epoch, 8);
    store.flush();
    reopen();
    long next = store.acquire(0, "me");
    commit(store, record(0, next, 8, 9, "b"));
    assertThat(log(store, 0, 8)).containsExactly("8-9:b");
    crashAndReopen();
    assertThat(log(store, 0, 8)).containsExactly("8-9:b");
  }

  // ---- rows ---------------------------------------------------------------------------------

  @Test
  void anInstanceIsLoadedAsItWasWritten() {
    long epoch = store.acquire(2, "me");
    var columns =
        new InstanceColumns(
            "order-\u20ac-1",
            3,
            127,
            "Name \ud83d\ude00",
            "2.1",
            1_700_000_000_123L,
            1_700_000_000_456L,
            Long.MAX_VALUE,
            "parent",
            Map.of("k", "v", "", "empty", "long", "x".repeat(5000)));
    var row = new InstanceRow(columns, Long.MAX_VALUE - 1, true, new byte[] {0, -1, 5});
    store.writeRows(2, epoch, newInstances(row));
    InstanceRow loaded = requireNonNull(store.loadInstance(2, columns.id()));
    assertThat(loaded.columns()).isEqualTo(columns);
    assertThat(loaded.position()).isEqualTo(row.position());
    assertThat(loaded.active()).isTrue();
    assertThat(loaded.state()).containsExactly(0, -1, 5);
  }

  @Test
  void anInstanceThatIsNotThereIsNull() {
    long epoch = store.acquire(0, "me");
    store.writeRows(0, epoch, newInstances(instance("aa", 1, 1, true)));
    assertThat(store.loadInstance(0, "a")).isNull();
    assertThat(store.loadInstance(0, "aaa")).isNull();
    assertThat(store.loadInstance(1, "aa")).isNull();
  }

  @Test
  void aReplacedInstanceIsFoundOnlyWhereItStandsNow() {
    long epoch = store.acquire(0, "me");
    InstanceRow before = instance("a", 1, 100, true);
    InstanceRow after = instance("a", 2, 200, false, "new state");
    store.writeRows(0, epoch, newInstances(before));
    store.writeRows(0, epoch, batch(rows -> rows.put(after, key(before))));

    assertThat(describe(store.loadInstance(0, "a"))).isEqualTo(describe(after));
    assertThat(active(store, 0, 10)).isEmpty();
    assertThat(query(store, filter(Set.of(1), 0, 1000, ""), 10)).isEmpty();
    assertThat(query(store, filter(Set.of(2), 0, 1000, ""), 10)).containsExactly("a");
    assertThat(query(store, everything(), 10)).containsExactly("a");
    assertThat(query(store, filter(Set.of(), 0, 150, ""), 10)).isEmpty();
  }

  @Test
  void anInstanceWrittenTwiceInOneBatchStandsAsWrittenLast() {
    long epoch = store.acquire(0, "me");
    InstanceRow first = instance("a", 1, 100, true);
    InstanceRow second = instance("a", 2, 100, false);
    store.writeRows(
        0,
        epoch,
        batch(
            rows -> {
              rows.put(first, null);
              rows.put(second, key(first));
            }));
    assertThat(describe(store.loadInstance(0, "a"))).isEqualTo(describe(second));
    assertThat(active(store, 0, 10)).isEmpty();
    assertThat(query(store, everything(), 10)).containsExactly("a");
  }

  @Test
  void aDeletedInstanceIsGoneFromEverywhere() {
    long epoch = store.acquire(0, "me");
    InstanceRow row = instance("a", 1, 100, true);
    store.writeRows(0, epoch, newInstances(row, instance("b", 1, 100, true)));
    store.writeRows(0, epoch, batch(rows -> rows.delete("a", key(row))));
    assertThat(store.loadInstance(0, "a")).isNull();
    assertThat(active(store, 0, 10)).containsExactly("b");
    assertThat(query(store, everything(), 10)).containsExactly("b");
    assertThat(query(store, filter(Set.of(1), 0, 1000, "a"), 10)).isEmpty();
  }

  @Test
  void deletesComeBeforePutsWithinABatch() {
    long epoch = store.acquire(0, "me");
    InstanceRow old = instance("a", 5, 100, false);
    InstanceRow fresh = instance("a", 1, 100, true, "fresh");
    store.writeRows(
        0,
        epoch,
        batch(
            rows -> {
              rows.put(old, null);
              rows.put(history("a", 1, 0, "old"));
              rows.put(message(1, 1, "old"));
              rows.put(new TimerRow(5, "a", 1));
            }));
    store.writeRows(
        0,
        epoch,
        batch(
            rows -> {
              rows.put(fresh, null);
              rows.put(history("a", 1, 0, "new"));
              rows.put(message(1, 1, "new"));
              rows.put(new TimerRow(5, "a", 1));
              rows.delete("a", key(old));
              rows.deleteHistory("a", 1, 1);
              rows.deleteOutbox(1, 1, 1);
              rows.delete(new TimerRow(5, "a", 1));
            }));
    assertThat(describe(store.loadInstance(0, "a"))).isEqualTo(describe(fresh));
    assertThat(history(store, 0, "a", 1, 1)).containsExactly("new");
    assertThat(outbox(store, 0, 10)).containsExactly("1/1:new");
    assertThat(timers(store, 0, 10)).hasSize(1);
    assertThat(query(store, everything(), 10)).containsExactly("a");
  }

  @Test
  void deletingWhatIsNotThereChangesNothing() {
    long epoch = store.acquire(0, "me");
    store.writeRows(
        0,
        epoch,
        batch(
            rows -> {
              rows.delete("a", key(instance("a", 1, 1, true)));
              rows.deleteHistory("a", 1, 3);
              rows.deleteOutbox(1, 5, 9);
              rows.delete(new TimerRow(5, "a", 1));
            }));
    assertThat(query(store, everything(), 10)).isEmpty();
  }

  @Test
  void thePartitionsOwnRowIsReplaced() {
    long zero = store.acquire(0, "me");
    long one = store.acquire(1, "me");
    store.writeRows(0, zero, batch(rows -> rows.putPartition(bytes("first"))));
    store.writeRows(0, zero, batch(rows -> rows.putPartition(bytes("second"))));
    store.writeRows(1, one, batch(rows -> rows.putPartition(bytes("other"))));
    assertThat(text(store.loadPartition(0))).isEqualTo("second");
    assertThat(text(store.loadPartition(1))).isEqualTo("other");
    assertThat(store.loadPartition(2)).isNull();
  }

  @Test
  void flushedRowsSurviveACrash() {
    long epoch = store.acquire(0, "me");
    store.writeRows(0, epoch, everyKindOfRow());
    store.flush();
    crashAndReopen();
    assertEveryKindOfRow(store);
  }

  @Test
  void rowsSurviveACloseWithoutAFlush() {
    long epoch = store.acquire(0, "me");
    store.writeRows(0, epoch, everyKindOfRow());
    reopen();
    assertEveryKindOfRow(store);
  }

  @Test
  void aCrashNeverKeepsALaterCallWithoutAnEarlierOne() {
    long zero = store.acquire(0, "me");
    long one = store.acquire(1, "me");
    for (int i = 0; i < 100; i++) {
      InstanceRow row = instance("i" + i, 1, i, false);
      store.writeRows(i % 2, i % 2 == 0 ? zero : one, newInstances(row));
      if (i == 50) {
        store.flush();
      }
    }
    crashAndReopen();
    boolean there = true;
    for (int i = 0; i < 100; i++) {
      boolean found = store.loadInstance(i % 2, "i" + i) != null;
      assertThat(found && !there).as("row %d without an earlier one", i).isFalse();
      assertThat(found || i > 50).as("row %d was flushed", i).isTrue();
      there = found;
    }
  }

  private static RowBatch everyKindOfRow() {
    return batch(
        rows -> {
          rows.put(instance("a", 1, 100, true), null);
          rows.put(history("a", 1, 0, "chunk 0"));
          rows.put(history("a", 1, 1, "chunk 1"));
          rows.put(new TimerRow(10, "a", 1));
          rows.put(message(2, 1, "hello"));
          rows.putPartition(bytes("partition"));
        });
  }

  private static void assertEveryKindOfRow(Store store) {
    assertThat(describe(store.loadInstance(0, "a")))
        .isEqualTo(describe(instance("a", 1, 100, true)));
    assertThat(history(store, 0, "a", 1, 2)).containsExactly("chunk 0", "chunk 1");
    assertThat(timers(store, 0, 10)).containsExactly(new TimerRow(10, "a", 1));
    assertThat(outbox(store, 0, 10)).containsExactly("2/1:hello");
    assertThat(text(store.loadPartition(0))).isEqualTo("partition");
    assertThat(active(store, 0, 10)).containsExactly("a");
    assertThat(query(store, everything(), 10)).containsExactly("a");
  }

  // ---- history ------------------------------------------------------------------------------

  @Test
  void historyIsReadInOrderAndOnlyAsFarAsWanted() {
    long epoch = store.acquire(0, "me");
    int chunks = 300;
    for (int chunk = 0; chunk < chunks; chunk++) {
      String events = "chunk " + chunk;
      int number = chunk;
      store.writeRows(0, epoch, batch(rows -> rows.put(history("a", 1, number, events))));
    }
    List<String> expected = IntStream.range(0, chunks).mapToObj(i -> "chunk " + i).toList();
    assertThat(history(store, 0, "a", 1, chunks)).isEqualTo(expected);
    assertThat(history(store, 0, "a", 1, 2)).containsExactly("chunk 0", "chunk 1");
    assertThat(history(store, 0, "a", 1, 0)).isEmpty();
  }

  @Test
  void executionsAndInstancesHaveHistoriesOfTheirOwn() {
    long epoch = store.acquire(0, "me");
    store.writeRows(
        0,
        epoch,
        batch(
            rows -> {
              rows.put(history("a", 1, 0, "a1"));
              rows.put(history("a", 2, 0, "a2"));
              rows.put(history("a\0", 1, 0, "other"));
              rows.put(history("aa", 1, 0, "aa1"));
              rows.put(history("aa", 1, 1, "aa1 more"));
            }));
    store.writeRows(0, epoch, batch(rows -> rows.deleteHistory("a", 1, 1)));
    assertThat(history(store, 0, "a", 2, 1)).containsExactly("a2");
    assertThat(history(store, 0, "a\0", 1, 1)).containsExactly("other");
    assertThat(history(store, 0, "aa", 1, 2)).containsExactly("aa1", "aa1 more");
    assertThatThrownBy(() -> history(store, 0, "a", 1, 1))
        .isInstanceOf(CorruptStoreException.class)
        .hasMessageContaining("PD-2003");
  }

  @Test
  void aMissingChunkIsReportedAndNotPassedOver() {
    long epoch = store.acquire(0, "me");
    store.writeRows(
        0,
        epoch,
        batch(
            rows -> {
              rows.put(history("a", 1, 0, "zero"));
              rows.put(history("a", 1, 2, "two"));
            }));
    assertThatThrownBy(() -> history(store, 0, "a", 1, 3))
        .isInstanceOf(CorruptStoreException.class);
    assertThatThrownBy(() -> history(store, 0, "nobody", 1, 1))
        .isInstanceOf(CorruptStoreException.class);
  }

  // ---- timers -------------------------------------------------------------------------------

  @Test
  void timersComeByDueTimeThenIdThenTask() {
    long epoch = store.acquire(0, "me");
    List<TimerRow> expected = new ArrayList<>();
    for (long dueAt : new long[] {-5, 0, 1, 255, 256, 1_700_000_000_000L, Long.MAX_VALUE}) {
      for (String id : List.of("a", "a\0", "ab", "b", "\uffee", "\ud83d\ude00")) {
        for (int task : new int[] {-1, 0, 1, 300, Integer.MAX_VALUE}) {
          expected.add(new TimerRow(dueAt, id, task));
        }
      }
    }
    List<TimerRow> shuffled = new ArrayList<>(expected);
    Collections.shuffle(shuffled, new Random(1));
    store.writeRows(0, epoch, batch(rows -> shuffled.forEach(rows::put)));
    assertThat(timers(store, 0, 7)).isEqualTo(expected);
    assertThat(timers(store, 0, 10_000)).isEqualTo(expected);
    assertThat(expected).isSorted();
  }

  @Test
  void aDeletedTimerIsGoneAndItsNeighboursStay() {
    long epoch = store.acquire(0, "me");
    store.writeRows(
        0,
        epoch,
        batch(
            rows -> {
              rows.put(new TimerRow(5, "a", 1));
              rows.put(new TimerRow(5, "a", 2));
              rows.put(new TimerRow(6, "a", 1));
            }));
    store.writeRows(0, epoch, batch(rows -> rows.delete(new TimerRow(5, "a", 2))));
    assertThat(timers(store, 0, 10))
        .containsExactly(new TimerRow(5, "a", 1), new TimerRow(6, "a", 1));
    assertThat(timers(store, 1, 10)).isEmpty();
  }

  @Test
  void timersAreScannedFromAPlaceThatNeedNotBeATimer() {
    long epoch = store.acquire(0, "me");
    store.writeRows(0, epoch, batch(rows -> rows.put(new TimerRow(10, "a", 1))));
    assertThat(store.scanTimers(0, new TimerRow(9, "zzz", 9), 5)).hasSize(1);
    assertThat(store.scanTimers(0, new TimerRow(10, "a", 0), 5)).hasSize(1);
    assertThat(store.scanTimers(0, new TimerRow(10, "a", 1), 5)).isEmpty();
    assertThat(store.scanTimers(0, new TimerRow(10, "", -1), 5)).hasSize(1);
  }

  // ---- outbox -------------------------------------------------------------------------------

  @Test
  void messagesComeByReceiverAndNumber() {
    long epoch = store.acquire(0, "me");
    List<String> expected = new ArrayList<>();
    RowBatch rows = new RowBatch();
    for (int receiver : new int[] {3, 1, 2}) {
      for (long number : new long[] {256, 1, 255, Integer.MAX_VALUE + 1L}) {
        rows.put(message(receiver, number, "m"));
      }
    }
    store.writeRows(0, epoch, rows);
    for (int receiver : new int[] {1, 2, 3}) {
      for (long number : new long[] {1, 255, 256, Integer.MAX_VALUE + 1L}) {
        expected.add(receiver + "/" + number + ":m");
      }
    }
    assertThat(outbox(store, 0, 5)).isEqualTo(expected);
    assertThat(outbox(store, 1, 5)).isEmpty();
  }

  @Test
  void acknowledgedMessagesAreDeletedByRange() {
    long epoch = store.acquire(0, "me");
    store.writeRows(
        0,
        epoch,
        batch(
            rows -> {
              for (int number = 1; number <= 6; number++) {
                rows.put(message(1, number, "m"));
                rows.put(message(2, number, "m"));
              }
            }));
    store.writeRows(0, epoch, batch(rows -> rows.deleteOutbox(1, 1, 4)));
    store.writeRows(0, epoch, batch(rows -> rows.deleteOutbox(2, 6, 9)));
    assertThat(outbox(store, 0, 100))
        .containsExactly("1/5:m", "1/6:m", "2/1:m", "2/2:m", "2/3:m", "2/4:m", "2/5:m");
  }

  // ---- active -------------------------------------------------------------------------------

  @Test
  void activeInstancesComeById() {
    long epoch = store.acquire(0, "me");
    List<String> shuffled = new ArrayList<>(ORDERED_IDS);
    Collections.shuffle(shuffled, new Random(2));
    store.writeRows(
        0,
        epoch,
        batch(
            rows -> {
              for (String id : shuffled) {
                rows.put(instance(id, 1, 1, true), null);
                rows.put(instance("idle " + id, 1, 1, false), null);
              }
            }));
    assertThat(active(store, 0, 3)).isEqualTo(ORDERED_IDS);
    assertThat(store.scanActive(0, null, 1)).containsExactly(ORDERED_IDS.getFirst());
    assertThat(active(store, 1, 3)).isEmpty();
  }

  @Test
  void anIdIsFoundByExactlyItself() {
    long epoch = store.acquire(0, "me");
    RowBatch rows = new RowBatch();
    ORDERED_IDS.forEach(id -> rows.put(instance(id, 1, 1, false), null));
    store.writeRows(0, epoch, rows);
    for (String id : ORDERED_IDS) {
      InstanceRow row = requireNonNull(store.loadInstance(0, id));
      assertThat(row.id()).isEqualTo(id);
      assertThat(text(row.state())).isEqualTo("state of " + id);
    }
  }

  // ---- query --------------------------------------------------------------------------------

  @Test
  void aQueryListsAllPartitionsByCreationTimeAndId() {
    List<String> expected = new ArrayList<>();
    RowBatch[] rows =
        IntStream.range(0, PARTITIONS).mapToObj(i -> new RowBatch()).toArray(RowBatch[]::new);
    for (int i = 0; i < 200; i++) {
      String id = "i%03d".formatted(i);
      expected.add(id);
      rows[(i * 7) % PARTITIONS].put(instance(id, i % 5, i / 10, i % 3 == 0), null);
    }
    for (int partition = 0; partition < PARTITIONS; partition++) {
      store.writeRows(partition, store.acquire(partition, "me"), rows[partition]);
    }
    for (int pageSize : new int[] {1, 7, 50, 200, 1000}) {
      assertThat(query(store, everything(), pageSize)).isEqualTo(expected);
    }
    store.flush();
    assertThat(query(store, everything(), 33)).isEqualTo(expected);
  }

  @Test
  void equalCreationTimesAreOrderedByTheUtf8BytesOfIds() {
    for (int partition = 0; partition < PARTITIONS; partition++) {
      RowBatch rows = new RowBatch();
      for (int i = partition; i < ORDERED_IDS.size(); i += PARTITIONS) {
        rows.put(instance(ORDERED_IDS.get(i), i % 3, 1, false), null);
      }
      store.writeRows(partition, store.acquire(partition, "me"), rows);
    }
    assertThat(query(store, everything(), 3)).isEqualTo(ORDERED_IDS);
  }

  @Test
  void aPrefixListsById() {
    for (int partition = 0; partition < PARTITIONS; partition++) {
      RowBatch rows = new RowBatch();
      for (int i = partition; i < ORDERED_IDS.size(); i += PARTITIONS) {
        rows.put(instance(ORDERED_IDS.get(i), i % 3, 1000 - i, false), null);
      }
      store.writeRows(partition, store.acquire(partition, "me"), rows);
    }
    for (String prefix : List.of("a", "a\0", "\0", "\ud83d\ude00", "b", "zz")) {
      assertThat(query(store, filter(Set.of(), Long.MIN_VALUE, Long.MAX_VALUE, prefix), 2))
          .as("prefix %s", prefix)
          .isEqualTo(ORDERED_IDS.stream().filter(id -> id.startsWith(prefix)).toList());
    }
  }

  @Test
  void statusesAndCreationTimesNarrowAQuery() {
    writeTwentyInstances();
    assertThat(query(store, filter(Set.of(1), 0, 1000, ""), 2))
        .containsExactly("i01", "i05", "i09", "i13", "i17");
    assertThat(query(store, filter(Set.of(3, 1), 0, 1000, ""), 3))
        .containsExactly("i01", "i03", "i05", "i07", "i09", "i11", "i13", "i15", "i17", "i19");
    assertThat(query(store, filter(Set.of(), 105, 108, ""), 10))
        .containsExactly("i05", "i06", "i07");
    assertThat(query(store, filter(Set.of(1, 2), 105, 111, ""), 10))
        .containsExactly("i05", "i06", "i09", "i10");
    assertThat(query(store, filter(Set.of(99), 0, 1000, ""), 10)).isEmpty();
    assertThat(query(store, filter(Set.of(1), 105, 1000, "i1"), 10)).containsExactly("i13", "i17");
  }

  @Test
  void kindNameTagsAndEndNarrowAQuery() {
    long epoch = store.acquire(0, "me");
    store.writeRows(
        0,
        epoch,
        batch(
            rows -> {
              rows.put(listed("a", Rows.KIND, "F", 0, Map.of("team", "x", "env", "test")), null);
              rows.put(listed("b", Rows.KIND, "F", 500, Map.of("team", "x")), null);
              rows.put(listed("c", Rows.KIND, "G", 600, Map.of("team", "y")), null);
              rows.put(listed("d", Rows.KIND + 1, "F", 500, Map.of()), null);
            }));
    assertThat(query(store, narrowed(Rows.KIND + 1, 0, Long.MAX_VALUE, null, Map.of()), 1))
        .containsExactly("d");
    assertThat(query(store, narrowed(Rows.KIND, 0, Long.MAX_VALUE, "F", Map.of()), 1))
        .containsExactly("a", "b");
    assertThat(query(store, narrowed(Rows.KIND, 0, Long.MAX_VALUE, null, Map.of("team", "x")), 1))
        .containsExactly("a", "b");
    assertThat(
            query(
                store,
                narrowed(Rows.KIND, 0, Long.MAX_VALUE, null, Map.of("team", "x", "env", "test")),
                1))
        .containsExactly("a");
    assertThat(query(store, narrowed(Rows.KIND, 500, 600, null, Map.of()), 1)).containsExactly("b");
    assertThat(query(store, narrowed(Rows.KIND, 1, Long.MAX_VALUE, null, Map.of()), 1))
        .containsExactly("b", "c");
    assertThat(query(store, narrowed(Rows.KIND, 0, 600, null, Map.of()), 1)).containsExactly("b");
  }

  private static InstanceRow listed(
      String id, int kind, String name, long completedAt, Map<String, String> tags) {
    var columns = new InstanceColumns(id, kind, 1, name, "", 10, 20, completedAt, "p", tags);
    return new InstanceRow(columns, 1, false, bytes("s"));
  }

  private static InstanceFilter narrowed(
      int kind, long endedFrom, long endedTo, @Nullable String name, Map<String, String> tags) {
    return new InstanceFilter(
        kind, Set.of(), 0, Long.MAX_VALUE, endedFrom, endedTo, "", name, tags, false);
  }

  @Test
  void rowsComeWithTheirStateOnlyIfWanted() {
    writeTwentyInstances();
    InstanceFilter with = everything();
    InstanceFilter without =
        new InstanceFilter(
            Rows.KIND,
            Set.of(),
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            0,
            Long.MAX_VALUE,
            "",
            null,
            Map.of(),
            false);
    InstanceRow row = store.query(with, 1, null).rows().getFirst();
    assertThat(describe(row)).isEqualTo(describe(instance("i00", 0, 100, true)));
    InstanceRow bare = store.query(without, 1, null).rows().getFirst();
    assertThat(bare.state()).isNull();
    assertThat(bare.columns()).isEqualTo(row.columns());
    assertThat(bare.position()).isEqualTo(row.position());
    assertThat(bare.active()).isEqualTo(row.active());
  }

  @Test
  void pagesNeitherRepeatNorMissUnchangedRowsWhileOthersComeAndGo() {
    for (String prefix : List.of("", "i")) {
      long epoch = store.acquire(0, "me");
      Set<String> steady = new HashSet<>();
      RowBatch rows = new RowBatch();
      for (int i = 0; i < 100; i++) {
        InstanceRow row = instance(prefix + "i%03d".formatted(i), 1, i, false);
        rows.put(row, null);
        if (i % 2 == 0) {
          steady.add(row.id());
        }
      }
      store.writeRows(0, epoch, rows);

      InstanceFilter filter = filter(Set.of(1), 0, 1000, prefix.isEmpty() ? "" : "ii");
      List<String> read = new ArrayList<>();
      String token = null;
      int changing = 1;
      do {
        InstancePage page = store.query(filter, 10, token);
        read.addAll(ids(page.rows()));
        token = page.continuationToken();
        InstanceRow gone = instance(prefix + "i%03d".formatted(changing), 1, changing, false);
        InstanceRow fresh = instance(prefix + "i%03d-new".formatted(changing), 1, changing, false);
        store.writeRows(
            0,
            epoch,
            batch(
                change -> {
                  change.delete(gone.id(), key(gone));
                  change.put(fresh, null);
                }));
        changing += 2;
      } while (token != null);
      assertThat(read).doesNotHaveDuplicates().containsAll(steady);
      deleteEverything(epoch);
    }
  }

  private void deleteEverything(long epoch) {
    RowBatch deletes = new RowBatch();
    store.query(everything(), 1000, null).rows().forEach(row -> deletes.delete(row.id(), key(row)));
    store.writeRows(0, epoch, deletes);
  }

  @Test
  void theLastPageHasNoToken() {
    writeTwentyInstances();
    InstancePage all = store.query(everything(), 100, null);
    assertThat(all.rows()).hasSize(20);
    assertThat(all.continuationToken()).isNull();
  }

  @Test
  void aStrangeTokenIsRefused() {
    writeTwentyInstances();
    String token = requireNonNull(store.query(everything(), 1, null).continuationToken());
    for (String strange : List.of("", "!", "abc", "AAAA", token + "*", token.substring(1))) {
      assertThatThrownBy(() -> store.query(everything(), 1, strange))
          .as("token '%s'", strange)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> store.query(filter(Set.of(), 0, Long.MAX_VALUE, "i"), 1, token))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private void writeTwentyInstances() {
    for (int partition = 0; partition < PARTITIONS; partition++) {
      RowBatch rows = new RowBatch();
      for (int i = partition; i < 20; i += PARTITIONS) {
        rows.put(instance("i%02d".formatted(i), i % 4, 100 + i, i % 2 == 0), null);
      }
      store.writeRows(partition, store.acquire(partition, "me"), rows);
    }
  }

  // ---- whole hub ----------------------------------------------------------------------------

  @Test
  void randomWritesLeaveTheSameRowsAndIndexesAsASimpleModel() {
    var random = new Random(7);
    long[] epochs = new long[PARTITIONS];
    for (int partition = 0; partition < PARTITIONS; partition++) {
      epochs[partition] = store.acquire(partition, "me");
    }
    Map<String, InstanceRow> model = new ConcurrentHashMap<>();
    for (int round = 0; round < 300; round++) {
      int partition = random.nextInt(PARTITIONS);
      RowBatch rows = new RowBatch();
      Set<String> touched = new HashSet<>();
      for (int i = 0; i < 5; i++) {
        String id = partition + "-" + random.nextInt(20);
        if (touched.add(id)) {
          change(model, rows, random, id);
        }
      }
      store.writeRows(partition, epochs[partition], rows);
      if (round % 100 == 99) {
        store.flush();
      }
    }
    assertMatches(model);
    crashAndReopen();
    assertMatches(model);
  }

  private static void change(
      Map<String, InstanceRow> model, RowBatch rows, Random random, String id) {
    InstanceRow before = model.get(id);
    if (before != null && random.nextInt(3) == 0) {
      rows.delete(id, key(before));
      model.remove(id);
      return;
    }
    InstanceRow row =
        instance(id, random.nextInt(5), random.nextInt(50), random.nextBoolean(), "s" + random);
    rows.put(row, before == null ? null : key(before));
    model.put(id, row);
  }

  private void assertMatches(Map<String, InstanceRow> model) {
    List<String> byCreation =
        model.values().stream()
            .sorted(
                Comparator.<InstanceRow>comparingLong(row -> row.columns().createdAt())
                    .thenComparing(InstanceRow::id))
            .map(InstanceRow::id)
            .toList();
    assertThat(query(store, everything(), 9)).isEqualTo(byCreation);
    for (int partition = 0; partition < PARTITIONS; partition++) {
      String prefix = partition + "-";
      assertThat(active(store, partition, 4))
          .isEqualTo(
              model.values().stream()
                  .filter(row -> row.id().startsWith(prefix) && row.active())
                  .map(InstanceRow::id)
                  .sorted()
                  .toList());
    }
    model.forEach(
        (id, row) ->
            assertThat(describe(store.loadInstance(Integer.parseInt(id.substring(0, 1)), id)))
                .isEqualTo(describe(row)));
  }

  @Test
  void aBackupOpenedAsAStoreEqualsTheOriginal(@TempDir Path temporary) {
    Path directory = temporary.resolve("backup");
    long epoch = store.acquire(0, "me");
    commit(store, record(0, epoch, 1, 2, "in the log"));
    store.writeRows(0, epoch, everyKindOfRow());
    try {
      store.backup(directory);
    } catch (UnsupportedOperationException e) {
      assumeTrue(false, "this store has no backups");
    }
    commit(store, record(0, epoch, 3, 3, "later"));
    store.writeRows(0, epoch, newInstances(instance("later", 1, 1, true)));

    try (Store backup = openBackup(directory)) {
      assertEveryKindOfRow(backup);
      assertThat(log(backup, 0, 0)).containsExactly("1-2:in the log");
      assertThat(backup.acquire(0, "you")).isGreaterThan(epoch);
    }
    assertThat(log(store, 0, 0)).containsExactly("1-2:in the log", "3-3:later");
  }

  @Test
  void aBackupIsNotWrittenOverSomethingElse(@TempDir Path temporary) throws IOException {
    Path file = Files.writeString(temporary.resolve("precious"), "data");
    assertThatThrownBy(() -> store.backup(temporary)).isInstanceOf(RuntimeException.class);
    assertThat(file).hasContent("data");
  }

  @Test
  void aClosedStoreRefusesEverything() {
    long epoch = store.acquire(0, "me");
    store.close();
    store.close();
    assertThat(tryCommit(store, record(0, epoch, 1, 1, "x"))).isInstanceOf(StoreException.class);
    List<Runnable> calls =
        List.of(
            () -> store.acquire(0, "me"),
            () -> store.writeRows(0, epoch, new RowBatch()),
            () -> store.advanceLogStart(0, epoch, 1),
            () -> store.flush(),
            () -> store.logBytes(),
            () -> store.readLog(0, 0, record -> {}),
            () -> store.loadPartition(0),
            () -> store.loadInstance(0, "a"),
            () -> store.readHistory(0, "a", 1, 1, chunk -> {}),
            () -> store.scanActive(0, null, 1),
            () -> store.scanTimers(0, null, 1),
            () -> store.scanOutbox(0, null, 1),
            () -> store.query(everything(), 1, null));
    for (Runnable call : calls) {
      assertThatThrownBy(call::run)
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("PD-2009");
    }
  }
}
