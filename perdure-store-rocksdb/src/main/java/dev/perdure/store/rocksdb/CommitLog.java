package dev.perdure.store.rocksdb;

import dev.perdure.store.LogRecord;
import dev.perdure.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The log of all partitions: segments, of which the last is written to.
 *
 * <p>An append is one write and one sync into a file that already has its size and its blocks on
 * the disk, which takes half the time of growing a file. Segments that are no longer needed are
 * therefore used again, and new ones are filled with zeros beforehand, in the background. When the
 * background has not kept up, a commit makes its own segment and pays for growing it.
 *
 * <p>Callers of the methods that say so hold {@link #lock}, which is also what makes an epoch and
 * an append one thing.
 */
final class CommitLog {
  private static final System.Logger LOGGER = System.getLogger(CommitLog.class.getName());

  /** A hub's first segment. Small, since it is filled while somebody waits for the hub to open. */
  private static final int FIRST_SEGMENT_BYTES = 1 << 20;

  private static final int SEGMENT_GROWTH = 4;

  /** Segments kept for using them again; past it they are deleted. */
  private static final int FREE_MAX = 4;

  /** A buffer that grew beyond this for a large commit is not kept. */
  private static final int BUFFER_KEPT_BYTES = 4 << 20;

  private static final int FILL_BYTES = 1 << 20;

  /** Blocks of a segment that are there and stay there while they are being read. */
  record Extent(LogSegment segment, long end) {}

  final ReentrantLock lock = new ReentrantLock();

  private final Path directory;
  private final long hub;
  private final int segmentBytesMax;
  private final LogFile.Opener opener;
  private final PartitionLog[] partitions;
  private final ExecutorService background;

  private final Deque<LogSegment> segments = new ArrayDeque<>();
  private final Deque<LogSegment> free = new ArrayDeque<>();
  private final List<LogSegment> retired = new ArrayList<>();
  private @Nullable LogSegment next;
  private boolean preparing;

  /** The segment during which preparing the next one failed; it is not tried again before that. */
  private long failedDuring;

  private long lastNumber;
  private long sequence;
  private int readers;
  private @Nullable IOException broken;
  private ByteBuffer buffer = LogFile.buffer(256 << 10);

  private CommitLog(
      Path directory,
      long hub,
      int segmentBytesMax,
      LogFile.Opener opener,
      PartitionLog[] partitions,
      ExecutorService background) {
    this.directory = directory;
    this.hub = hub;
    this.segmentBytesMax = segmentBytesMax;
    this.opener = opener;
    this.partitions = partitions;
    this.background = background;
  }

  /**
   * Opens the log and recovers its end.
   *
   * @param partitions where each partition's log starts
   * @param background a single thread for preparing segments
   */
  static CommitLog open(
      Path directory,
      long hub,
      int segmentBytesMax,
      LogFile.Opener opener,
      PartitionLog[] partitions,
      ExecutorService background) {
    CommitLog log = new CommitLog(directory, hub, segmentBytesMax, opener, partitions, background);
    LogRecovery recovery = new LogRecovery(directory, hub, partitions);
    try {
      recovery.run(opener);
      log.start(recovery);
    } catch (IOException e) {
      recovery.closeAll();
      throw Errors.io("Opening the log", directory, e);
    } catch (RuntimeException | Error e) {
      recovery.closeAll();
      throw e;
    }
    return log;
  }

  private void start(LogRecovery recovery) throws IOException {
    segments.addAll(recovery.used());
    sequence = recovery.nextSequence();
    for (LogSegment unused : recovery.unused()) {
      lastNumber = Math.max(lastNumber, unused.number());
      free.add(unused);
    }
    if (segments.isEmpty()) {
      segments.add(filled(++lastNumber, Math.min(FIRST_SEGMENT_BYTES, segmentBytesMax)));
    } else {
      lastNumber = Math.max(lastNumber, active().number());
      // What recovery read may only be in memory yet. It becomes the truth now, so it must stay.
      active().file().force();
    }
    prepareNextInTime();
  }

  private LogSegment active() {
    return segments.getLast();
  }

  // ---- appending; the caller holds the lock ---------------------------------------------------

  /** Whether a record goes on where its partition's log ends. */
  boolean continuesWith(LogRecord record) {
    return partitions[record.partition()].continuesWith(record);
  }

  /** Whether a partition's log reaches up to a position, so that it may start there. */
  boolean mayStartAt(int partition, long position) {
    return partitions[partition].mayStartAt(position);
  }

  /** Makes records durable. They go on where their partitions' logs end. */
  void append(List<LogRecord> records) {
    long length = LogBlock.length(records);
    if (length > LogReader.BLOCK_BYTES_MAX) {
      throw new StoreException(
          "PD-2011", "A commit of %,d bytes is too large for the log.".formatted(length), null);
    }
    try {
      repair();
      long padded = LogBlock.aligned(length);
      if (!active().hasRoomFor(padded)) {
        roll(padded);
      }
      ByteBuffer block = buffer((int) padded);
      LogBlock.encode(block, hub, active().number(), sequence, records);
      write(block);
      active().endsAt(active().end() + padded);
    } catch (IOException e) {
      throw Errors.io("Writing the log", active().path(), e);
    }
    sequence++;
    for (LogRecord record : records) {
      active().contains(record.partition(), record.lastPosition());
      partitions[record.partition()].append(record, LogBlock.share(record, length, records.size()));
    }
    prepareNextInTime();
  }

  private void write(ByteBuffer block) throws IOException {
    try {
      active().file().write(block, active().end());
      active().file().force();
    } catch (IOException e) {
      broken = e;
      throw e;
    }
  }

  /**
   * Takes back a block whose write failed. Nobody knows how much of it is on the disk; it must not
   * come to light after a restart, since by then others may have been told that the log ends before
   * it.
   */
  void repair() throws IOException {
    if (broken == null) {
      return;
    }
    LogFile file = active().file();
    if (file.size() > active().end()) {
      file.write(ByteBuffer.allocate(LogBlock.ALIGNMENT), active().end());
    }
    file.force();
    broken = null;
  }

  private ByteBuffer buffer(int bytes) {
    if (bytes <= buffer.capacity()) {
      return buffer;
    }
    if (bytes > BUFFER_KEPT_BYTES) {
      return LogFile.buffer(bytes);
    }
    buffer = LogFile.buffer(Math.min(BUFFER_KEPT_BYTES, Integer.highestOneBit(bytes) * 2));
    return buffer;
  }

  // ---- segments -------------------------------------------------------------------------------

  private void roll(long bytes) throws IOException {
    LogSegment prepared = next;
    next = null;
    if (prepared != null && prepared.capacity() >= bytes) {
      segments.add(prepared);
      return;
    }
    if (prepared != null) {
      free.add(prepared);
    }
    long number = ++lastNumber;
    Path path = LogSegment.path(directory, number);
    LogFile file = opener.open(path);
    forceDirectory(directory);
    long capacity = Math.max(nextBytes(), bytes);
    segments.add(new LogSegment(number, path, file, capacity, partitions.length));
  }

  private long nextBytes() {
    return Math.min(segmentBytesMax, active().capacity() * SEGMENT_GROWTH);
  }

  private void prepareNextInTime() {
    boolean inTime = active().end() > active().capacity() / 2;
    if (inTime && next == null && !preparing && failedDuring != active().number()) {
      preparing = true;
      long number = ++lastNumber;
      long bytes = nextBytes();
      LogSegment reusable = takeFree(bytes);
      try {
        background.execute(() -> prepare(number, bytes, reusable));
      } catch (RuntimeException | Error e) { // such as no memory for a thread
        preparingFailed(e);
        prepared(null);
        if (reusable != null) {
          free.add(reusable);
        }
      }
    }
  }

  private @Nullable LogSegment takeFree(long bytes) {
    LogSegment found = free.poll();
    while (found != null && found.capacity() < bytes) {
      delete(found);
      found = free.poll();
    }
    return found;
  }

  private void prepare(long number, long bytes, @Nullable LogSegment reusable) {
    LogSegment prepared = null;
    try {
      prepared = reusable == null ? filled(number, bytes) : reused(number, reusable);
    } catch (IOException | RuntimeException | Error e) {
      preparingFailed(e);
    }
    lock.lock();
    try {
      prepared(prepared);
    } finally {
      lock.unlock();
    }
  }

  /** Not yet anybody's problem: a commit that needs the segment makes its own, and tells. */
  private void preparingFailed(Throwable why) {
    LOGGER.log(
        System.Logger.Level.WARNING, () -> "Preparing a log file failed in " + directory, why);
  }

  private void prepared(@Nullable LogSegment prepared) {
    preparing = false;
    if (prepared == null) {
      failedDuring = active().number();
    } else if (prepared.number() > active().number()) {
      next = prepared;
    } else {
      free.add(prepared); // a large commit has overtaken it
    }
  }

  private LogSegment reused(long number, LogSegment old) throws IOException {
    old.close();
    Path path = LogSegment.path(directory, number);
    Files.move(old.path(), path, StandardCopyOption.ATOMIC_MOVE);
    forceDirectory(directory);
    LogFile file = opener.open(path);
    return new LogSegment(number, path, file, file.size(), partitions.length);
  }

  private LogSegment filled(long number, long bytes) throws IOException {
    Path unfinished = directory.resolve(LogSegment.UNFINISHED);
    Files.deleteIfExists(unfinished);
    try (LogFile file = opener.open(unfinished)) {
      ByteBuffer zeros = LogFile.buffer((int) Math.min(FILL_BYTES, bytes));
      for (long offset = 0; offset < bytes; offset += zeros.capacity()) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), bytes - offset));
        file.write(zeros, offset);
      }
      file.force();
    } catch (IOException e) {
      Files.deleteIfExists(unfinished); // leave the room to commits
      throw e;
    }
    Path path = LogSegment.path(directory, number);
    Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE);
    forceDirectory(directory);
    return new LogSegment(number, path, opener.open(path), bytes, partitions.length);
  }

  /** Makes a directory and those it lies in, so that they are there after a power failure. */
  static void makeDirectories(Path directory) throws IOException {
    Path parent = directory.toAbsolutePath().getParent();
    if (parent == null || Files.isDirectory(directory)) {
      return;
    }
    makeDirectories(parent);
    Files.createDirectories(directory);
    forceDirectory(parent);
  }

  /** Makes the names in a directory durable, where the system lets directories be opened. */
  static void forceDirectory(Path directory) throws IOException {
    if (System.getProperty("os.name").startsWith("Windows")) {
      return;
    }
    Uninterrupted.run(
        () -> {
          try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
            return directory;
          }
        });
  }

  // ---- cutting --------------------------------------------------------------------------------

  /**
   * Frees what lies before the partitions' starts.
   *
   * @param starts first positions that are needed, as durable with the rows that cover the rest;
   *     {@code Long.MIN_VALUE} for a partition that needs everything
   */
  void cut(long[] starts) {
    lock.lock();
    try {
      for (int partition = 0; partition < starts.length; partition++) {
        partitions[partition].startsAt(starts[partition]);
      }
      while (segments.getFirst().isBefore(starts) && isFollowedByBlocks()) {
        retired.add(segments.removeFirst());
      }
      reuseRetired();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether something is written after the first segment. The last block stays, whether it is
   * needed or not: it tells where the log goes on, and the segment after it may still be empty,
   * because its first write failed.
   */
  private boolean isFollowedByBlocks() {
    return segments.stream().skip(1).anyMatch(segment -> segment.end() > 0);
  }

  private void reuseRetired() {
    if (readers > 0) {
      return;
    }
    for (LogSegment segment : retired) {
      if (free.size() < FREE_MAX && segment.capacity() <= segmentBytesMax) {
        free.add(segment);
      } else {
        delete(segment);
      }
    }
    retired.clear();
  }

  private void delete(LogSegment segment) {
    segment.close();
    try {
      Files.deleteIfExists(segment.path());
    } catch (IOException e) {
      // It is read again at the next start, passed over, and deleted then.
      LOGGER.log(System.Logger.Level.WARNING, () -> "Deleting failed: " + segment.path(), e);
    }
  }

  /** Bytes of log that a restart has to read. */
  long bytes() {
    lock.lock();
    try {
      long bytes = 0;
      for (PartitionLog partition : partitions) {
        bytes += partition.bytes();
      }
      return bytes;
    } finally {
      lock.unlock();
    }
  }

  /** Bytes of log that could be freed if the partitions' logs started at these positions. */
  long bytesBefore(long[] starts) {
    lock.lock();
    try {
      long bytes = 0;
      for (int partition = 0; partition < starts.length; partition++) {
        bytes += partitions[partition].bytesBefore(starts[partition]);
      }
      return bytes;
    } finally {
      lock.unlock();
    }
  }

  /** The largest epoch that recovery has seen. */
  long epoch() {
    long epoch = 0;
    for (PartitionLog partition : partitions) {
      epoch = Math.max(epoch, partition.epoch());
    }
    return epoch;
  }

  // ---- reading --------------------------------------------------------------------------------

  /** Reads partitions' records that end at or after a position and are still needed. */
  void read(Set<Integer> wanted, long fromPosition, LogBlock.RecordVisitor visitor) {
    long[] from = new long[partitions.length];
    List<Extent> extents = new ArrayList<>();
    lock.lock();
    try {
      for (int partition = 0; partition < from.length; partition++) {
        from[partition] =
            wanted.contains(partition)
                ? Math.max(fromPosition, partitions[partition].start())
                : Long.MAX_VALUE;
      }
      for (LogSegment segment : segments) {
        if (!segment.isBefore(from)) {
          extents.add(new Extent(segment, segment.end()));
        }
      }
      readers++;
    } finally {
      lock.unlock();
    }
    try {
      read(extents, from, visitor);
    } finally {
      release();
    }
  }

  private void read(List<Extent> extents, long[] from, LogBlock.RecordVisitor visitor) {
    LogReader reader = new LogReader(hub);
    for (Extent extent : extents) {
      try {
        reader.read(
            extent.segment(),
            extent.end(),
            (header, bytes, at) ->
                LogBlock.decode(
                    bytes,
                    at,
                    header,
                    record -> {
                      if (record.lastPosition() >= from[record.partition()]) {
                        visitor.record(record);
                      }
                    }));
      } catch (IOException e) {
        throw Errors.io("Reading the log", extent.segment().path(), e);
      }
    }
  }

  /** Keeps every segment as it is until {@link #release()}. */
  void retain() {
    lock.lock();
    try {
      readers++;
    } finally {
      lock.unlock();
    }
  }

  /** Ends a {@link #retain()}. */
  void release() {
    lock.lock();
    try {
      readers--;
      reuseRetired();
    } finally {
      lock.unlock();
    }
  }

  /** What is in the log now, retired segments included. To be called between retain and release. */
  List<Extent> extents() {
    lock.lock();
    try {
      List<Extent> extents = new ArrayList<>();
      retired.forEach(segment -> extents.add(new Extent(segment, segment.end())));
      segments.forEach(segment -> extents.add(new Extent(segment, segment.end())));
      return extents;
    } finally {
      lock.unlock();
    }
  }

  /** Closes the files. The background thread has ended, and nobody appends or reads any more. */
  void close() {
    lock.lock();
    try {
      segments.forEach(LogSegment::close);
      free.forEach(LogSegment::close);
      retired.forEach(LogSegment::close);
      if (next != null) {
        next.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
