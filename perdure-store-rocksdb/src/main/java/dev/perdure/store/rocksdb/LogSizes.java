package dev.perdure.store.rocksdb;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How many bytes of one partition's log lie before a position, nearly: records are counted in runs,
 * so that the count costs next to no memory however small they are. Guarded by its {@link
 * CommitLog}.
 */
final class LogSizes {
  private static final long RUN_BYTES = 256 << 10;

  private static final class Run {
    long lastPosition;
    long bytes;
  }

  private final Deque<Run> runs = new ArrayDeque<>();
  private long total;

  void add(long lastPosition, long bytes) {
    Run run = runs.peekLast();
    if (run == null || run.bytes >= RUN_BYTES) {
      run = new Run();
      runs.add(run);
    }
    run.lastPosition = lastPosition;
    run.bytes += bytes;
    total += bytes;
  }

  /** Forgets what lies before a position. */
  void cut(long start) {
    Run run = runs.peekFirst();
    while (run != null && run.lastPosition < start) {
      total -= run.bytes;
      runs.removeFirst();
      run = runs.peekFirst();
    }
  }

  /** Bytes that lie before a position and were not cut. */
  long before(long start) {
    long bytes = 0;
    for (Run run : runs) {
      if (run.lastPosition >= start) {
        break;
      }
      bytes += run.bytes;
    }
    return bytes;
  }

  long total() {
    return total;
  }
}
