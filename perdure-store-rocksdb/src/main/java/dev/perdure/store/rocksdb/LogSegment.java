package dev.perdure.store.rocksdb;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** One file of the log and what is known about its content. Guarded by its {@link CommitLog}. */
final class LogSegment {
  static final String SUFFIX = ".log";

  /** The name of a segment that is being filled. */
  static final String UNFINISHED = "prepared.tmp";

  private static final long NONE = Long.MIN_VALUE;

  private final long number;
  private final Path path;
  private final LogFile file;
  private final long capacity;
  private final long[] lastPositions;
  private long end;

  /**
   * A segment without blocks.
   *
   * @param capacity where the file ends, or may grow to
   */
  LogSegment(long number, Path path, LogFile file, long capacity, int partitions) {
    this.number = number;
    this.path = path;
    this.file = file;
    this.capacity = capacity;
    this.lastPositions = new long[partitions];
    Arrays.fill(lastPositions, NONE);
  }

  static String fileName(long number) {
    return "%012d%s".formatted(number, SUFFIX);
  }

  static Path path(Path directory, long number) {
    return directory.resolve(fileName(number));
  }

  long number() {
    return number;
  }

  Path path() {
    return path;
  }

  LogFile file() {
    return file;
  }

  long capacity() {
    return capacity;
  }

  /** Where the last whole block ends and the next one begins. */
  long end() {
    return end;
  }

  boolean hasRoomFor(long bytes) {
    return end + bytes <= capacity;
  }

  void endsAt(long offset) {
    end = offset;
  }

  void contains(int partition, long lastPosition) {
    lastPositions[partition] = lastPosition;
  }

  /** Whether records at or after a position may be in here. */
  boolean reaches(int partition, long position) {
    return lastPositions[partition] != NONE && lastPositions[partition] >= position;
  }

  /** Whether all that is in here lies before the partitions' starts. */
  boolean isBefore(long[] starts) {
    for (int partition = 0; partition < starts.length; partition++) {
      if (reaches(partition, starts[partition])) {
        return false;
      }
    }
    return true;
  }

  void close() {
    try {
      file.close();
    } catch (IOException e) {
      System.getLogger(LogSegment.class.getName())
          .log(System.Logger.Level.DEBUG, () -> "Closing " + path + " failed", e);
    }
  }
}
