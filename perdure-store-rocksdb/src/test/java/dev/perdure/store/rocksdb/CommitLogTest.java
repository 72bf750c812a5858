package dev.perdure.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.LogRecord;
import dev.perdure.store.StoreException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log on its own: damage, failures, and files that are used again. */
class CommitLogTest {
  private static final int PARTITIONS = 2;
  private static final long HUB = 0x1234_5678_9abc_def0L;
  private static final int SEGMENT_BYTES = 64 << 10;

  @TempDir Path directory;
  private final FaultyFile files = new FaultyFile();
  private long[] starts = {Long.MIN_VALUE, Long.MIN_VALUE};
  private CommitLog log;

  @BeforeEach
  void open() {
    log = open(directory);
  }

  @AfterEach
  void close() {
    log.close();
  }

  private CommitLog open(Path from) {
    PartitionLog[] partitions =
        Arrays.stream(starts).mapToObj(PartitionLog::new).toArray(PartitionLog[]::new);
    return CommitLog.open(from, HUB, SEGMENT_BYTES, files, partitions, new DirectExecutor());
  }

  private void reopen() {
    log.close();
    open();
  }

  // ---- torn tails and damage ----------------------------------------------------------------

  @Test
  void aCommitCutShortAtAnyByteIsNotThereAndTheLogGoesOnBeforeIt() throws IOException {
    append(0, 1, "one");
    append(0, 2, "two");
    append(0, 3, "three");
    Path file = onlyFile();
    byte[] whole = Files.readAllBytes(file);
    int last = 2 * LogBlock.ALIGNMENT;
    int length = ByteBuffer.wrap(whole).getInt(last + 4);
    for (byte filling : new byte[] {0, (byte) 0xff}) {
      for (int kept = 0; kept < length; kept++) {
        log.close();
        byte[] torn = whole.clone();
        Arrays.fill(torn, last + kept, last + LogBlock.ALIGNMENT, filling);
        Files.write(file, torn);
        open();
        assertThat(read(0)).as("%d bytes kept", kept).containsExactly("1:one", "2:two");
        append(0, 3, "new");
        reopen();
        assertThat(read(0)).containsExactly("1:one", "2:two", "3:new");
      }
    }
  }

  @Test
  void damageBeforeAnotherCommitIsReportedWithItsPlaceWhereverItIs() throws IOException {
    append(0, 1, "one");
    append(0, 2, "two");
    append(0, 3, "three");
    Path file = onlyFile();
    byte[] whole = Files.readAllBytes(file);
    int damaged = LogBlock.ALIGNMENT;
    int length = ByteBuffer.wrap(whole).getInt(damaged + 4);
    for (int at = 0; at < length; at++) {
      log.close();
      byte[] flipped = whole.clone();
      flipped[damaged + at] ^= 0x10;
      Files.write(file, flipped);
      assertThatThrownBy(this::open)
          .as("byte %d", at)
          .isInstanceOf(CorruptStoreException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining("offset 4096")
          .hasMessageContaining("backup");
    }
    Files.write(file, whole);
    open();
    assertThat(read(0)).hasSize(3);
  }

  @Test
  void aLostPageBeforeAnotherCommitIsReported() throws IOException {
    append(0, 1, "one");
    append(0, 2, "two");
    log.close();
    overwrite(onlyFile(), 0, new byte[LogBlock.ALIGNMENT]);
    assertThatThrownBy(this::open).isInstanceOf(CorruptStoreException.class);
    overwrite(onlyFile(), LogBlock.ALIGNMENT, new byte[LogBlock.ALIGNMENT]);
    open();
    assertThat(read(0)).isEmpty();
  }

  @Test
  void damageIsAlsoFoundWhileTheLogIsInUse() throws IOException {
    append(0, 1, "one");
    append(0, 2, "two");
    overwrite(onlyFile(), LogBlock.HEADER_BYTES + 5, new byte[] {99});
    assertThatThrownBy(() -> read(0)).isInstanceOf(CorruptStoreException.class);
  }

  @Test
  void aMissingFileIsReported() throws IOException {
    fill(0, 1, 40);
    List<Path> all = files();
    assertThat(all).hasSizeGreaterThan(3);
    log.close();
    for (Path missing : List.of(all.getFirst(), all.get(1))) {
      byte[] content = Files.readAllBytes(missing);
      Files.delete(missing);
      assertThatThrownBy(this::open).isInstanceOf(CorruptStoreException.class);
      Files.write(missing, content);
    }
    open();
    assertThat(read(0)).hasSize(40);
  }

  @Test
  void aFileMissingFromALogThatWasCutIsReported() throws IOException {
    fill(0, 1, 40);
    cut(5);
    List<Path> all = files();
    log.close();
    Files.delete(all.getFirst());
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptStoreException.class)
        .hasMessageContaining("missing");
    log = open(Files.createTempDirectory(directory, "other"), Long.MIN_VALUE);
  }

  /** The last block that was written is never freed: a log that was cut cannot be empty. */
  @Test
  void aLogThatWasCutAndIsGoneIsReported() throws IOException {
    fill(0, 1, 20);
    cut(21);
    log.close();
    for (Path file : files()) {
      Files.delete(file);
    }
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptStoreException.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining("missing");
    log = open(Files.createTempDirectory(directory, "other"), Long.MIN_VALUE);
  }

  @Test
  void theNewestFileMissingFromALogThatWasCutIsReported() throws IOException {
    fill(0, 1, 20);
    Path newest = newestWithBlocks();
    cut(21);
    log.close();
    Files.delete(newest);
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptStoreException.class)
        .hasMessageContaining("missing");
    log = open(Files.createTempDirectory(directory, "other"), Long.MIN_VALUE);
  }

  private Path newestWithBlocks() {
    log.retain();
    try {
      return log.extents().stream()
          .filter(extent -> extent.end() > 0)
          .reduce((one, other) -> other)
          .orElseThrow()
          .segment()
          .path();
    } finally {
      log.release();
    }
  }

  private CommitLog open(Path from, long start) {
    Arrays.fill(starts, start);
    return open(from);
  }

  /** Files that are not the log's own. */
  @Test
  void whatSomebodyPutBesideTheLogIsLeftAlone() throws IOException {
    append(0, 1, "one");
    Path unfinished = Files.writeString(directory.resolve("prepared.tmp"), "half prepared");
    Path note = Files.writeString(directory.resolve("note.txt"), "precious");
    reopen();
    assertThat(note).hasContent("precious");
    assertThat(unfinished).doesNotExist();
    assertThat(read(0)).containsExactly("1:one");
  }

  /** As when no thread can be made for it, for a while. */
  @Test
  void aSegmentIsPreparedAfterTheBackgroundRefusedOne() throws IOException {
    AtomicBoolean refuses = new AtomicBoolean(true);
    List<Runnable> prepared = new ArrayList<>();
    DirectExecutor background =
        new DirectExecutor() {
          @Override
          public void execute(Runnable command) {
            if (refuses.getAndSet(false)) {
              throw new RejectedExecutionException("of a test");
            }
            prepared.add(command);
            command.run();
          }
        };
    Path other = Files.createTempDirectory(directory, "other");
    log.close();
    PartitionLog[] partitions = {PartitionLog.uncut(), PartitionLog.uncut()};
    log = CommitLog.open(other, HUB, SEGMENT_BYTES, files, partitions, background);
    fill(0, 1, 40);
    assertThat(read(0)).hasSize(40);
    assertThat(prepared).isNotEmpty();
  }

  @Test
  void blocksOfAnotherHubAreNotRead() throws IOException {
    append(0, 1, "one");
    log.close();
    PartitionLog[] partitions = {PartitionLog.uncut(), PartitionLog.uncut()};
    log =
        CommitLog.open(directory, HUB + 1, SEGMENT_BYTES, files, partitions, new DirectExecutor());
    assertThat(read(0)).isEmpty();
  }

  @Test
  void dataThatLooksLikeABlockIsNotTakenForOne() throws IOException {
    // The image of what could be the next block, within the data of a block that is then torn.
    ByteBuffer image = ByteBuffer.allocate(LogBlock.ALIGNMENT);
    LogBlock.encode(image, 0, 1, 2, List.of(record(0, 9, "forged")));
    byte[] data = new byte[4 * LogBlock.ALIGNMENT];
    int first = LogBlock.ALIGNMENT - LogBlock.HEADER_BYTES - LogBlock.RECORD_HEADER_BYTES;
    System.arraycopy(image.array(), 0, data, first, LogBlock.ALIGNMENT);
    append(new LogRecord(0, 1, 1, 1, ByteBuffer.wrap(data)));
    log.close();
    overwrite(onlyFile(), LogBlock.HEADER_BYTES + 40, new byte[] {77});
    open();
    assertThat(read(0)).isEmpty();
  }

  // ---- failures -----------------------------------------------------------------------------

  @Test
  void aCommitThatFailedDoesNotComeToLightLater() {
    for (FaultyFile.Fault fault : FaultyFile.Fault.values()) {
      if (fault == FaultyFile.Fault.READ) {
        continue; // fails no commit
      }
      long next = read(0).size() + 1;
      if (fault != FaultyFile.Fault.NONE) {
        files.fault = fault;
        assertThatThrownBy(() -> append(0, next, "failed")).isInstanceOf(StoreException.class);
        files.fault = FaultyFile.Fault.NONE;
        assertThat(read(0)).hasSize((int) next - 1);
        repair();
        reopen();
        assertThat(read(0)).as("after %s", fault).hasSize((int) next - 1);
      }
      append(0, next, "good");
      reopen();
      assertThat(read(0)).hasSize((int) next).endsWith(next + ":good");
    }
  }

  @Test
  void theNextCommitTakesBackTheFailedOne() {
    append(0, 1, "one");
    files.fault = FaultyFile.Fault.SYNC;
    assertThatThrownBy(() -> append(0, 2, "x".repeat(20_000))).hasMessageContaining("PD-2011");
    assertThatThrownBy(() -> append(0, 2, "still failing")).isInstanceOf(StoreException.class);
    files.fault = FaultyFile.Fault.NONE;
    append(1, 1, "other partition");
    append(0, 2, "two");
    reopen();
    assertThat(read(0)).containsExactly("1:one", "2:two");
    assertThat(read(1)).containsExactly("1:other partition");
  }

  @Test
  void aFullDiskIsNamedAndTheLogGoesOnWhenThereIsRoomAgain() {
    fill(0, 1, 3);
    files.fault = FaultyFile.Fault.DISK_FULL;
    String large = "x".repeat(2 * SEGMENT_BYTES);
    assertThatThrownBy(() -> append(0, 4, large))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("PD-2007")
        .hasMessageContaining("free some space");
    files.fault = FaultyFile.Fault.NONE;
    append(0, 4, "four");
    reopen();
    assertThat(read(0)).hasSize(4).endsWith("4:four");
  }

  @Test
  void anInterruptedThreadCommitsAndStaysInterrupted() {
    Thread.currentThread().interrupt();
    append(0, 1, "one");
    assertThat(Thread.interrupted()).isTrue();
    append(0, 2, "two");
    reopen();
    assertThat(read(0)).containsExactly("1:one", "2:two");
  }

  @Test
  void aThreadThatIsInterruptedAgainAndAgainDoesNotDisturbAnother() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    Path path = directory.resolve("shared");
    try (LogFile file = LogFile.open(path)) {
      file.write(LogFile.buffer(LogBlock.ALIGNMENT), 0);
      FutureTask<Integer> reading =
          new FutureTask<>(
              () -> {
                int reads = 0;
                while (!ended.get()) {
                  file.read(ByteBuffer.allocate(LogBlock.ALIGNMENT), 0);
                  reads++;
                }
                return reads;
              });
      Thread reader = Thread.ofPlatform().start(reading);
      Thread interrupter =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (!ended.get()) {
                      reader.interrupt();
                    }
                  });
      try {
        for (int i = 0; i < 300; i++) {
          file.write(LogFile.buffer(LogBlock.ALIGNMENT), 0);
          file.force();
        }
      } finally {
        ended.set(true);
        reader.join();
        interrupter.join();
      }
      assertThat(reading.get()).isPositive();
    }
  }

  // ---- past the page cache ----------------------------------------------------------------------

  @Test
  void whatIsAlignedAndWhatIsNotCanBeWrittenToOneFileInTurns() throws IOException {
    Path path = directory.resolve("turns");
    byte[] expected = new byte[8 * LogBlock.ALIGNMENT];
    Random random = new Random(1);
    try (LogFile file = LogFile.open(path)) {
      for (int i = 0; i < 200; i++) {
        int unit = random.nextBoolean() ? LogBlock.ALIGNMENT : 1;
        int offset = random.nextInt(expected.length) / unit * unit;
        int length = (1 + random.nextInt(expected.length - offset)) / unit * unit;
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        System.arraycopy(bytes, 0, expected, offset, length);
        file.write(LogFile.buffer(length).put(bytes).flip(), offset);
        if (random.nextInt(4) == 0) {
          file.force();
        }
        ByteBuffer read = ByteBuffer.allocate((int) file.size());
        file.read(read, 0);
        assertThat(Arrays.equals(read.array(), Arrays.copyOf(expected, read.capacity()))).isTrue();
        assertThat(Files.size(path)).isEqualTo(file.size());
      }
    }
  }

  @Test
  void buffersAreAligned() {
    for (int bytes : new int[] {0, 1, LogBlock.ALIGNMENT, LogBlock.ALIGNMENT + 1, 1 << 20}) {
      ByteBuffer buffer = LogFile.buffer(bytes);
      assertThat(buffer.capacity()).isEqualTo(bytes);
      assertThat(buffer.alignmentOffset(0, LogBlock.ALIGNMENT)).isZero();
    }
  }

  // ---- segments -----------------------------------------------------------------------------

  @Test
  void filesAreUsedAgainAndTheirOldBlocksAreNotSeen() throws IOException {
    long next = 1;
    for (int round = 0; round < 30; round++) {
      fill(0, next, next + 19);
      next += 20;
      cut(next - 5);
      if (round % 3 == 0) {
        reopen();
      }
      List<String> expected =
          LongStream.range(next - 5, next).mapToObj(position -> position + ":").toList();
      assertThat(read(0).stream().map(record -> record.replaceAll("x", "")).toList())
          .isEqualTo(expected);
      assertThat(files()).hasSizeLessThan(25);
    }
  }

  @Test
  void freedFilesOfWhichOnlySomeAreLeftDoNotMatter() throws IOException {
    fill(0, 1, 200);
    cut(195);
    assertThat(files()).hasSizeLessThan(10);
    reopen();
    assertThat(read(0)).hasSize(6);
    append(0, 201, "more");
    reopen();
    assertThat(read(0)).hasSize(7).endsWith("201:more");
  }

  @Test
  void filesAreNotFreedWhileTheyAreRead() {
    fill(0, 1, 40);
    List<Long> positions = new ArrayList<>();
    log.read(
        Set.of(0),
        0,
        record -> {
          if (positions.isEmpty()) {
            cut(41);
            fill(0, 41, 80);
          }
          positions.add(record.firstPosition());
        });
    assertThat(positions).isEqualTo(LongStream.rangeClosed(1, 40).boxed().toList());
  }

  @Test
  void aPartitionThatIsSilentHoldsNoFiles() throws IOException {
    append(1, 1, "only one");
    fill(0, 1, 60);
    starts[1] = 2;
    cut(61);
    assertThat(files()).hasSizeLessThan(8);
    assertThat(log.bytes()).isZero();
  }

  @Test
  void aCommitLargerThanAFileGetsOneOfItsOwn() {
    append(0, 1, "one");
    byte[] large = new byte[5 * SEGMENT_BYTES + 123];
    new Random(3).nextBytes(large);
    append(new LogRecord(0, 1, 2, 2, ByteBuffer.wrap(large)));
    append(0, 3, "three");
    fill(0, 4, 20);
    reopen();
    List<byte[]> read = new ArrayList<>();
    log.read(Set.of(0), 0, record -> read.add(bytes(record)));
    assertThat(read).hasSize(20);
    assertThat(read.get(1)).isEqualTo(large);
  }

  @Test
  void recordsOfOneCommitAreOneBlock() throws IOException {
    append(record(0, 1, "a"), record(1, 1, "b"));
    log.close();
    overwrite(onlyFile(), LogBlock.HEADER_BYTES + LogBlock.RECORD_HEADER_BYTES, new byte[] {0});
    open();
    assertThat(read(0)).isEmpty();
    assertThat(read(1)).isEmpty();
  }

  // ---- words --------------------------------------------------------------------------------

  private void append(int partition, long position, String data) {
    append(record(partition, position, data));
  }

  private void append(LogRecord... records) {
    log.lock.lock();
    try {
      log.append(List.of(records));
    } finally {
      log.lock.unlock();
    }
  }

  /** Commits of about 8 KiB each. */
  private void fill(int partition, long first, long last) {
    for (long position = first; position <= last; position++) {
      append(partition, position, "x".repeat(8000));
    }
  }

  private void repair() {
    log.lock.lock();
    try {
      log.repair();
    } catch (IOException e) {
      throw new AssertionError(e);
    } finally {
      log.lock.unlock();
    }
  }

  private void cut(long start) {
    starts[0] = start;
    log.cut(starts);
  }

  private static LogRecord record(int partition, long position, String data) {
    ByteBuffer bytes = ByteBuffer.wrap(data.getBytes(StandardCharsets.UTF_8));
    return new LogRecord(partition, 1, position, position, bytes);
  }

  private List<String> read(int partition) {
    List<String> records = new ArrayList<>();
    log.read(
        Set.of(partition),
        0,
        record ->
            records.add(
                record.firstPosition() + ":" + new String(bytes(record), StandardCharsets.UTF_8)));
    return records;
  }

  private static byte[] bytes(LogRecord record) {
    byte[] bytes = new byte[record.data().remaining()];
    record.data().get(bytes);
    return bytes;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> listing = Files.list(directory)) {
      return listing.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private Path onlyFile() throws IOException {
    return files().getFirst();
  }

  private static void overwrite(Path file, long offset, byte[] bytes) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(offset);
      open.write(bytes);
    }
  }
}
