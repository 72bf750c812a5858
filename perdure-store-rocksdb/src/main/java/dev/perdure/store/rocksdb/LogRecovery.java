package dev.perdure.store.rocksdb;

import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.LogRecord;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads the log when a hub is opened: finds its end and proves that nothing is missing before it.
 *
 * <p>The log ends before the first block that is not whole. That is what a crash in the middle of a
 * commit leaves, and no commit is begun before the one before it is durable, so nothing whole can
 * come after it. Something whole after it therefore means that the disk has lost or changed what
 * was committed: {@link CorruptStoreException}. Damage to the very last block cannot be told from a
 * commit that a crash cut short; it ends the log as one.
 */
final class LogRecovery {
  private static final System.Logger LOGGER = System.getLogger(LogRecovery.class.getName());
  private static final Pattern NAME = Pattern.compile("(\\d{12,18})\\" + LogSegment.SUFFIX);

  private final Path directory;
  private final LogReader reader;
  private final PartitionLog[] partitions;
  private final boolean fromTheBeginning;
  private final List<LogSegment> segments = new ArrayList<>();
  private final List<LogSegment> freed = new ArrayList<>();
  private final List<LogSegment> used = new ArrayList<>();
  private final List<LogSegment> prepared = new ArrayList<>();
  private long sequence;

  /**
   * Prepares to read.
   *
   * @param partitions where each partition's durable log starts; they learn the rest
   */
  LogRecovery(Path directory, long hub, PartitionLog[] partitions) {
    this.directory = directory;
    this.reader = new LogReader(hub);
    this.partitions = partitions;
    boolean uncut = true;
    for (PartitionLog partition : partitions) {
      uncut &= !partition.hasStart();
    }
    this.fromTheBeginning = uncut;
  }

  /** Reads all segments. */
  void run(LogFile.Opener opener) throws IOException {
    openSegments(opener);
    sequence = fromTheBeginning ? 1 : 0;
    for (LogSegment segment : segments) {
      passOverFreed(segment);
      long before = sequence;
      long end =
          reader.scan(
              segment,
              sequence,
              (header, bytes, at) -> {
                sequence = header.sequence() + 1;
                LogBlock.decode(bytes, at, header, record -> add(segment, header, record));
              });
      segment.endsAt(end);
      refuseLaterBlock(segment, end);
      if (sequence == before) {
        prepared.add(segment);
      } else {
        used.addAll(prepared);
        prepared.clear();
        used.add(segment);
      }
    }
    refuseMissingEnd();
    for (PartitionLog partition : partitions) {
      partition.recovered();
    }
  }

  /**
   * The last written segment is never freed, so a log that was cut has at least one block; and a
   * partition whose records are there has them up to its start.
   */
  private void refuseMissingEnd() {
    boolean gone = !fromTheBeginning && used.isEmpty();
    for (PartitionLog partition : partitions) {
      gone |= partition.isCutShort();
    }
    if (gone) {
      throw Errors.corrupt(
          "The log in %s ends before positions that the rows say it had: its newest file is missing."
              .formatted(directory),
          null);
    }
  }

  /**
   * Files that were freed keep their names until they are used again, and the ones between them and
   * the rest of the log may be gone. A gap is no loss if all that lies before it is not needed; the
   * positions behind it prove that the gap itself is not.
   */
  private void passOverFreed(LogSegment segment) throws IOException {
    LogBlock.Header first = reader.firstBlock(segment);
    boolean gap = first != null && sequence != 0 && first.sequence() > sequence;
    if (!gap || fromTheBeginning) {
      return;
    }
    long[] starts = Arrays.stream(partitions).mapToLong(PartitionLog::start).toArray();
    for (LogSegment before : used) {
      if (!before.isBefore(starts)) {
        return;
      }
    }
    freed.addAll(used);
    used.clear();
    for (PartitionLog partition : partitions) {
      partition.passedOverGap();
    }
    sequence = 0;
  }

  /** A block that is whole, but not the next one: what came before it is gone. */
  private void refuseLaterBlock(LogSegment segment, long end) throws IOException {
    long later = reader.findBlock(segment, end, Math.max(sequence, 1));
    if (later >= 0) {
      throw Errors.corrupt(
          "The log cannot be read at %s, offset %d: what was committed there is damaged or missing, for another commit follows at offset %d."
              .formatted(segment.path(), end, later),
          null);
    }
  }

  private void add(LogSegment segment, LogBlock.Header header, LogRecord record) {
    int number = record.partition();
    if (number < 0 || number >= partitions.length) {
      throw Errors.corrupt(
          "The log in %s has a record of partition %d, but the hub has %d partitions."
              .formatted(segment.path(), number, partitions.length),
          null);
    }
    PartitionLog partition = partitions[number];
    if (!partition.continuesWith(record)) {
      throw Errors.corrupt(
          "The log in %s goes on at position %d of partition %d, but positions from %d on are missing."
              .formatted(segment.path(), record.firstPosition(), number, partition.nextPosition()),
          null);
    }
    segment.contains(number, record.lastPosition());
    partition.append(record, LogBlock.share(record, header.length(), header.records()));
  }

  private void openSegments(LogFile.Opener opener) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> listing = Files.newDirectoryStream(directory)) {
      for (Path file : listing) {
        String name = file.getFileName().toString();
        if (NAME.matcher(name).matches()) {
          files.add(file);
        } else if (name.equals(LogSegment.UNFINISHED)) {
          Files.delete(file); // half prepared when a crash came
        } else {
          LOGGER.log(
              System.Logger.Level.WARNING, () -> "No file of the log, and left as it is: " + file);
        }
      }
    }
    files.sort(Comparator.comparingLong(LogRecovery::number));
    for (Path path : files) {
      LogFile file = opener.open(path);
      segments.add(new LogSegment(number(path), path, file, file.size(), partitions.length));
    }
  }

  private static long number(Path file) {
    String name = file.getFileName().toString();
    return Long.parseLong(name.substring(0, name.length() - LogSegment.SUFFIX.length()));
  }

  /** The segments with blocks, in order. */
  List<LogSegment> used() {
    return used;
  }

  /** Segments that can be used again: freed ones, and ones that were prepared. */
  List<LogSegment> unused() {
    List<LogSegment> unused = new ArrayList<>(freed);
    unused.addAll(prepared);
    return unused;
  }

  /** The sequence of the next block. */
  long nextSequence() {
    return Math.max(sequence, 1);
  }

  void closeAll() {
    segments.forEach(LogSegment::close);
  }
}
