package dev.perdure.store.rocksdb;

import static dev.perdure.store.testkit.Rows.active;
import static dev.perdure.store.testkit.Rows.batch;
import static dev.perdure.store.testkit.Rows.commit;
import static dev.perdure.store.testkit.Rows.everything;
import static dev.perdure.store.testkit.Rows.filter;
import static dev.perdure.store.testkit.Rows.history;
import static dev.perdure.store.testkit.Rows.instance;
import static dev.perdure.store.testkit.Rows.key;
import static dev.perdure.store.testkit.Rows.log;
import static dev.perdure.store.testkit.Rows.newInstances;
import static dev.perdure.store.testkit.Rows.query;
import static dev.perdure.store.testkit.Rows.record;
import static dev.perdure.store.testkit.Rows.timers;
import static dev.perdure.store.testkit.Rows.tryCommit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.InstanceFilter;
import dev.perdure.store.InstancePage;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.RowBatch;
import dev.perdure.store.StoreException;
import dev.perdure.store.testkit.CrashCopy;
import dev.perdure.store.testkit.SmallDisk;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.PerfLevel;
import org.rocksdb.RocksDB;

/** Kills, full disks, damage, and what long use does to the files. */
class RocksStoreFaultsTest {
  private static final RocksStoreOptions SMALL =
      RocksStoreOptions.DEFAULTS.withPartitions(2).withLog(64 << 10, 256 << 10);

  @TempDir Path temporary;

  @Test
  void whatAKilledProcessHadAcknowledgedIsThere() throws Exception {
    Path directory = temporary.resolve("hub");
    Process other = OtherProcess.start("commit", directory);
    long acknowledged = 0;
    try (BufferedReader said = other.inputReader()) {
      assertThat(said.readLine()).isEqualTo("opened");
      while (acknowledged < 2000) {
        acknowledged = Long.parseLong(said.readLine());
      }
      other.destroyForcibly().waitFor();
    }
    try (RocksStore store = RocksStore.open(directory)) {
      List<Long> positions = new ArrayList<>();
      store.readLog(0, 0, record -> positions.add(record.data().getLong(0)));
      assertThat(positions).hasSizeGreaterThanOrEqualTo((int) acknowledged).isSorted();
      assertThat(positions.getFirst()).isEqualTo(1);
      assertThat(positions.getLast()).isEqualTo(positions.size());
    }
  }

  @Test
  void aKilledProcessLeavesTheRowsOfItsFirstCallsInAllTables() throws Exception {
    Path directory = temporary.resolve("hub");
    Process other = OtherProcess.start("rows", directory);
    try (BufferedReader said = other.inputReader()) {
      assertThat(said.readLine()).isEqualTo("opened");
      long written = 0;
      while (written < 15_000) {
        written = Long.parseLong(said.readLine());
      }
      other.destroyForcibly().waitFor();
    }
    try (RocksStore store = RocksStore.open(directory)) {
      int kept = query(store, everything(), 10_000).size();
      assertThat(kept).isPositive();
      assertThat(active(store, 0, 10_000)).hasSize(kept);
      assertThat(timers(store, 0, 10_000)).hasSize(kept);
      for (int number = 0; number < kept; number++) {
        assertThat(history(store, 0, "i" + number, 1, 1)).hasSize(1);
        assertThat(store.loadInstance(0, "i" + number)).isNotNull();
      }
      assertThatThrownBy(() -> history(store, 0, "i" + kept, 1, 1))
          .isInstanceOf(CorruptStoreException.class);
    }
  }

  /** A block takes whole pages of the disk, however little it has to say. */
  @Test
  void theSizeOfTheLogIsWhatItsFilesHold() {
    Path directory = temporary.resolve("hub");
    long page = LogBlock.ALIGNMENT;
    try (RocksStore store = RocksStore.open(directory, SMALL)) {
      long epoch = store.acquire(0, "me");
      long other = store.acquire(1, "me");
      for (int position = 1; position <= 100; position++) {
        commit(store, record(0, epoch, position, position, "small"));
      }
      assertThat(store.logBytes()).isEqualTo(100 * page);
      commit(store, record(0, epoch, 101, 101, "x".repeat(5000)), record(1, other, 1, 1, "small."));
      assertThat(store.logBytes()).isEqualTo(102 * page);
      CrashCopy.of(directory, temporary.resolve("crashed"));
    }
    try (RocksStore store = RocksStore.open(temporary.resolve("crashed"))) {
      assertThat(store.logBytes()).as("after a crash").isEqualTo(102 * page);
    }
  }

  /** All segments with records are free to go then; the last of them must stay. */
  @Test
  void theLogGoesOnAfterTheFirstWriteOfASegmentFailedAndEverythingElseWasCut() {
    FaultyFile files = new FaultyFile();
    Path directory = temporary.resolve("hub");
    int position = 0;
    try (RocksStore store = RocksStore.open(directory, SMALL, files)) {
      long epoch = store.acquire(0, "me");
      while (position < 80) { // blocks of 8 KiB, 8 of which fill a segment
        position++;
        commit(store, record(0, epoch, position, position, "x".repeat(6000)));
      }
      store.advanceLogStart(0, epoch, position + 1);
      files.fault = FaultyFile.Fault.DISK_FULL;
      assertThat(tryCommit(store, record(0, epoch, position + 1, position + 1, "lost")))
          .isInstanceOf(StoreException.class);
      files.fault = FaultyFile.Fault.NONE;
    }
    try (RocksStore store = RocksStore.open(directory, SMALL)) {
      long epoch = store.acquire(0, "me");
      commit(store, record(0, epoch, position + 1, position + 1, "after"));
      assertThat(log(store, 0, 0)).contains("81-81:after");
    }
  }

  @Test
  void anErrorInACallbackDoesNotStopOtherCommits() throws Exception {
    try (RocksStore store = RocksStore.open(temporary.resolve("hub"), SMALL)) {
      long epoch = store.acquire(0, "me");
      store.commit(
          List.of(record(0, epoch, 1, 1, "one")),
          failure -> {
            throw new OutOfMemoryError("of a test");
          });
      CompletableFuture<Void> second =
          CompletableFuture.runAsync(() -> commit(store, record(0, epoch, 2, 2, "two")));
      assertThat(second).succeedsWithin(Duration.ofSeconds(30));
    }
  }

  /** A commit callback throws, and so does the log that is told of it. */
  @Test
  void anErrorWhileTellingDoesNotStopOtherCommits() throws Exception {
    Logger logger = Logger.getLogger(GroupCommit.class.getName());
    Handler broken =
        new Handler() {
          @Override
          public void publish(LogRecord told) {
            throw new OutOfMemoryError("of a test");
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(broken);
    try (RocksStore store = RocksStore.open(temporary.resolve("hub"), SMALL)) {
      long epoch = store.acquire(0, "me");
      store.commit(
          List.of(record(0, epoch, 1, 1, "one")),
          failure -> {
            throw new IllegalStateException("of a test");
          });
      CompletableFuture<Void> second =
          CompletableFuture.runAsync(() -> commit(store, record(0, epoch, 2, 2, "two")));
      assertThat(second).succeedsWithin(Duration.ofSeconds(30));
    } finally {
      logger.removeHandler(broken);
    }
  }

  @Test
  void aBackupIsNotMadeWithinTheHub() throws IOException {
    Path directory = temporary.resolve("hub");
    try (RocksStore store = RocksStore.open(directory, SMALL)) {
      Path link = Files.createSymbolicLink(temporary.resolve("link"), directory);
      for (Path target :
          List.of(
              directory,
              directory.resolve("copies").resolve("one"),
              link.resolve("copy"),
              temporary.resolve("elsewhere/../hub/copy"))) {
        assertThatThrownBy(() -> store.backup(target))
            .isInstanceOf(StoreException.class)
            .hasMessageStartingWith("PD-2006");
      }
      assertThat(directory.resolve("copies")).doesNotExist();
      store.backup(temporary.resolve("hub-copy"));
    }
  }

  @Test
  void aBackupThatFailsLeavesNothingAndCanBeRepeated() throws IOException {
    FaultyFile files = new FaultyFile();
    Path made = temporary.resolve("some/copy");
    Path given = Files.createDirectory(temporary.resolve("given"));
    try (RocksStore store = RocksStore.open(temporary.resolve("hub"), SMALL, files)) {
      long epoch = store.acquire(0, "me");
      commit(store, record(0, epoch, 1, 1, "one"));
      for (Path target : List.of(made, given)) {
        files.fault = FaultyFile.Fault.READ;
        assertThatThrownBy(() -> store.backup(target))
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("PD-2011");
        files.fault = FaultyFile.Fault.NONE;
        assertThat(Files.exists(target)).isEqualTo(target.equals(given));
        store.backup(target);
      }
    }
    for (Path target : List.of(made, given)) {
      try (RocksStore copy = RocksStore.open(target)) {
        assertThat(log(copy, 0, 0)).containsExactly("1-1:one");
      }
    }
  }

  @Test
  void anInterruptedThreadOpensBacksUpAndCloses() {
    Path copy = temporary.resolve("copy");
    Thread.currentThread().interrupt();
    try (RocksStore store = RocksStore.open(temporary.resolve("hub"), SMALL)) {
      long epoch = store.acquire(0, "me");
      for (int position = 1; position <= 80; position++) { // of segments that are not prepared too
        commit(store, record(0, epoch, position, position, "x".repeat(20_000)));
      }
      store.backup(copy);
    }
    assertThat(Thread.interrupted()).isTrue();
    try (RocksStore store = RocksStore.open(copy)) {
      assertThat(log(store, 0, 0)).hasSize(80);
    }
  }

  @Test
  void segmentsArePreparedAgainAfterAnErrorOnce() {
    AtomicBoolean fails = new AtomicBoolean();
    AtomicInteger prepared = new AtomicInteger();
    LogFile.Opener opener =
        path -> {
          if (path.endsWith("prepared.tmp")) {
            prepared.incrementAndGet();
            if (fails.getAndSet(false)) {
              throw new OutOfMemoryError("of a test");
            }
          }
          return LogFile.open(path);
        };
    try (RocksStore store = RocksStore.open(temporary.resolve("hub"), SMALL, opener)) {
      long epoch = store.acquire(0, "me");
      int position = 0;
      fails.set(true);
      while (fails.get() || prepared.get() < 2) {
        position++;
        commit(store, record(0, epoch, position, position, "x".repeat(6000)));
        assertThat(position).as("commits until one is prepared again").isLessThan(20_000);
      }
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS) // where what is open cannot be moved
  void rowsThatCannotBeOpenedAgainAreAnErrorUntilTheyCan() throws IOException {
    Path directory = temporary.resolve("hub");
    Path rows = directory.resolve("rows");
    Path away = temporary.resolve("away");
    try (RocksStore store = RocksStore.open(directory, SMALL)) {
      long epoch = store.acquire(0, "me");
      commit(store, record(0, epoch, 1, 1, "one"));
      store.writeRows(0, epoch, newInstances(instance("flushed", 1, 1, true)));
      store.flush();
      commit(store, record(0, epoch, 2, 2, "two"));
      store.writeRows(0, epoch, newInstances(instance("not flushed", 1, 2, true)));
      Files.move(rows, away);
      assertThatThrownBy(store::flush).hasMessageStartingWith("PD-2011");
      assertThatThrownBy(
              () -> store.writeRows(0, epoch, newInstances(instance("refused", 1, 3, true))))
          .hasMessageStartingWith("PD-2011");
      commit(store, record(0, epoch, 3, 3, "three")); // it is the log's own time

      assertThatThrownBy(() -> store.acquire(0, "me")).isInstanceOf(StoreException.class);
      assertThatThrownBy(() -> store.acquire(0, "me")).isInstanceOf(StoreException.class);
      assertThat(Files.exists(rows)).as("nothing is made in their place").isFalse();
      assertThatThrownBy(store::flush).hasMessageContaining("could not be opened again");
      assertThatThrownBy(() -> store.backup(temporary.resolve("backup")))
          .isInstanceOf(StoreException.class);
      assertThatThrownBy(() -> store.loadInstance(0, "flushed")).isInstanceOf(StoreException.class);
      assertThat(log(store, 0, 0)).containsExactly("1-1:one", "2-2:two", "3-3:three");

      Files.move(away, rows);
      long again = store.acquire(0, "me");
      assertThat(store.loadInstance(0, "flushed")).isNotNull();
      assertThat(store.loadInstance(0, "not flushed")).isNull();
      store.writeRows(0, again, newInstances(instance("not flushed", 1, 2, true)));
      store.flush();
    }
    try (RocksStore store = RocksStore.open(directory, SMALL)) {
      assertThat(log(store, 0, 0)).containsExactly("1-1:one", "2-2:two", "3-3:three");
      assertThat(store.loadInstance(0, "not flushed")).isNotNull();
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS) // where what is open cannot be moved
  void aStoreWhoseRowsCannotBeOpenedAgainIsClosedAndLosesNothing() throws IOException {
    Path directory = temporary.resolve("hub");
    Path away = temporary.resolve("away");
    RocksStore store = RocksStore.open(directory, SMALL);
    long epoch = store.acquire(0, "me");
    commit(store, record(0, epoch, 1, 1, "one"));
    store.writeRows(0, epoch, newInstances(instance("lost", 1, 1, true)));
    Files.move(directory.resolve("rows"), away);
    assertThatThrownBy(store::flush).hasMessageStartingWith("PD-2011");
    assertThatThrownBy(() -> store.acquire(0, "me")).isInstanceOf(StoreException.class);
    assertThatThrownBy(store::close).isInstanceOf(StoreException.class);
    Files.move(away, directory.resolve("rows"));

    try (RocksStore again = RocksStore.open(directory, SMALL)) {
      assertThat(log(again, 0, 0)).containsExactly("1-1:one");
    }
  }

  @Test
  void afterAFailedCommitAcquiringTellsTheTruthAndKeepsIt() {
    FaultyFile files = new FaultyFile();
    Path directory = temporary.resolve("hub");
    try (RocksStore store = RocksStore.open(directory, SMALL, files)) {
      long epoch = store.acquire(0, "me");
      commit(store, record(0, epoch, 1, 1, "one"));
      files.fault = FaultyFile.Fault.SYNC;
      assertThat(tryCommit(store, record(0, epoch, 2, 2, "lost")))
          .isInstanceOf(StoreException.class);
      assertThatThrownBy(() -> store.acquire(0, "me")).isInstanceOf(StoreException.class);
      files.fault = FaultyFile.Fault.NONE;
      assertThat(tryCommit(store, record(0, epoch, 2, 2, "too early")))
          .hasMessageContaining("PD-2008");
      store.acquire(0, "me");
      assertThat(log(store, 0, 0)).containsExactly("1-1:one");
      CrashCopy.of(directory, temporary.resolve("crashed"));
    }
    try (RocksStore store = RocksStore.open(temporary.resolve("crashed"))) {
      assertThat(log(store, 0, 0)).containsExactly("1-1:one");
    }
  }

  @Test
  void theLogStaysSmallWhenItsStartIsAdvanced() throws IOException {
    Path directory = temporary.resolve("hub");
    try (RocksStore store = RocksStore.open(directory, SMALL)) {
      long zero = store.acquire(0, "me");
      long one = store.acquire(1, "me");
      commit(store, record(1, one, 1, 1, "once and never again"));
      store.advanceLogStart(1, one, 2);
      for (int position = 1; position <= 500; position++) {
        commit(store, record(0, zero, position, position, "x".repeat(10_000)));
        store.advanceLogStart(0, zero, position + 1);
      }
      store.flush();
      assertThat(store.logBytes()).isZero();
      assertThat(bytesIn(directory.resolve("log"))).isLessThan(3 << 20);
      assertThatThrownBy(() -> store.advanceLogStart(0, zero, 502))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void damagedRowsAreReported() throws IOException {
    Path directory = temporary.resolve("hub");
    try (RocksStore store = RocksStore.open(directory, SMALL)) {
      long epoch = store.acquire(0, "me");
      for (int i = 0; i < 100; i++) {
        store.writeRows(0, epoch, newInstances(instance("i" + i, 1, i, true)));
      }
    }
    try (Stream<Path> files = Files.list(directory.resolve("rows"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".sst")).toList()) {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
          open.seek(20);
          open.write(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        }
      }
    }
    assertThatThrownBy(
            () -> {
              try (RocksStore store = RocksStore.open(directory)) {
                query(store, everything(), 10);
              }
            })
        .isInstanceOf(CorruptStoreException.class)
        .hasMessageContaining("backup");
  }

  @Test
  void aPageDoesNotStepOverAHundredThousandPurgedInstances() throws Exception {
    int purged = 100_000;
    try (RocksStore store = RocksStore.open(temporary.resolve("hub"), SMALL)) {
      long epoch = store.acquire(0, "me");
      store.writeRows(0, epoch, newInstances(instance("survivor", 1, purged, false)));
      for (int i = 0; i < purged; i += 1000) {
        RowBatch rows = new RowBatch();
        for (int j = i; j < i + 1000; j++) {
          rows.put(instance("i" + j, 1, j, false, "s"), null);
        }
        store.writeRows(0, epoch, rows);
      }
      store.flush();
      for (int i = 0; i < purged; i += 1000) {
        int first = i;
        store.writeRows(
            0,
            epoch,
            batch(
                rows -> {
                  for (int j = first; j < first + 1000; j++) {
                    rows.delete("i" + j, key(instance("i" + j, 1, j, false)));
                  }
                }));
      }
      store.flush();
      RocksDB database = store.tables().database();
      long steppedOver = Long.MAX_VALUE;
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (steppedOver > 1000 && System.nanoTime() < deadline) {
        steppedOver = deletionsSteppedOver(store, database);
        Thread.onSpinWait();
      }
      assertThat(steppedOver).isLessThanOrEqualTo(1000);
    }
  }

  private static long deletionsSteppedOver(RocksStore store, RocksDB database) throws Exception {
    database.setPerfLevel(PerfLevel.ENABLE_COUNT);
    database.getPerfContext().reset();
    InstancePage page = store.query(filter(Set.of(1), 0, Long.MAX_VALUE, ""), 10, null);
    assertThat(page.rows()).extracting(InstanceRow::id).containsExactly("survivor");
    return database.getPerfContext().getInternalDeleteSkippedCount();
  }

  @Test
  void aQueryThatFindsNothingGivesUpAfterManyRowsAndSaysWhereToGoOn() {
    try (RocksStore store = RocksStore.open(temporary.resolve("hub"), SMALL)) {
      long epoch = store.acquire(0, "me");
      for (int i = 0; i < 60_000; i += 1000) {
        RowBatch rows = new RowBatch();
        for (int j = i; j < i + 1000; j++) {
          rows.put(instance("i" + j, 1, j, false, "s"), null);
        }
        store.writeRows(0, epoch, rows);
      }
      var nobody =
          new InstanceFilter(
              1, Set.of(), 0, Long.MAX_VALUE, 0, Long.MAX_VALUE, "", "Nobody", Map.of(), false);
      InstancePage first = store.query(nobody, 10, null);
      assertThat(first.rows()).isEmpty();
      assertThat(first.continuationToken()).isNotNull();
      InstancePage second = store.query(nobody, 10, first.continuationToken());
      assertThat(second.rows()).isEmpty();
      assertThat(second.continuationToken()).isNull();
    }
  }

  /** A real full disk, where a small one can be mounted. */
  @Test
  void aFullDiskFailsCommitsAndLosesNothing() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(temporary.resolve("disk"), 16)) {
      fillDisk(disk);
    }
  }

  private static void fillDisk(SmallDisk disk) throws IOException {
    Path directory = disk.resolve("hub");
    int acknowledged = 0;
    try (RocksStore store = RocksStore.open(directory, SMALL)) {
      disk.fill(8 << 20);
      long epoch = store.acquire(0, "me");
      Throwable failure = null;
      while (failure == null && acknowledged < 10_000) {
        int position = acknowledged + 1;
        failure = tryCommit(store, record(0, epoch, position, position, "x".repeat(10_000)));
        acknowledged += failure == null ? 1 : 0;
      }
      assertThat(failure).isInstanceOf(StoreException.class).hasMessageContaining("PD-2007");
      disk.makeRoom();
      long next = store.acquire(0, "me");
      assertThat(log(store, 0, 0)).hasSize(acknowledged);
      acknowledged++;
      commit(store, record(0, next, acknowledged, acknowledged, "room again"));
    }
    try (RocksStore store = RocksStore.open(directory)) {
      assertThat(log(store, 0, 0)).hasSize(acknowledged);
    }
  }

  private static long bytesIn(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
