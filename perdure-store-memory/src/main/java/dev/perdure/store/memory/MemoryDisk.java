package dev.perdure.store.memory;

import dev.perdure.store.LogRecord;
import dev.perdure.store.RowBatch;
import dev.perdure.store.StoreException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link MemoryStore} would have on a disk. It outlives the store, so that a test can close
 * or crash one and open the next on what is left.
 *
 * <p>Committed log records and epochs are durable at once. Rows are durable after a flush; until
 * then a {@linkplain #crash() crash} loses them. Thread-safe.
 */
public final class MemoryDisk {
  /** A call that a crash may still lose: rows were written, or the start of the log was moved. */
  private record Unflushed(int partition, @Nullable RowBatch rows, long logStart) {}

  private static final class Partition {
    final Deque<LogRecord> log = new ArrayDeque<>();
    PartitionTables written = new PartitionTables();
    PartitionTables durable = new PartitionTables();
    long epoch;
    long lastPosition = -1;
    boolean positionKnown;
  }

  private List<Partition> partitions = List.of();
  private final List<Unflushed> unflushed = new ArrayList<>();
  private long logBytes;
  private boolean open;
  private int crashes;

  /** An empty disk. */
  public MemoryDisk() {}

  /**
   * Forgets every row written since the last flush. The store that was open is of no use after it.
   */
  public synchronized void crash() {
    crash(0);
  }

  /**
   * Forgets what was written since the last flush, except for the first few calls, which had
   * reached the disk by chance.
   *
   * @param kept how many of the {@link #unflushedCalls()} survive
   */
  public synchronized void crash(int kept) {
    lose(kept);
    crashes++;
    open = false;
  }

  /** Forgets what was written since the last flush, as in a crash. */
  synchronized void lose(int kept) {
    unflushed.subList(0, Math.min(kept, unflushed.size())).forEach(this::makeDurable);
    unflushed.clear();
    for (Partition partition : partitions) {
      partition.written = partition.durable.copy();
    }
  }

  /** How many calls a crash would lose now. */
  public synchronized int unflushedCalls() {
    return unflushed.size();
  }

  /** How many crashes there have been; a store that saw fewer is dead. */
  synchronized int crashes() {
    return crashes;
  }

  synchronized int open(int wantedPartitions) {
    if (open) {
      throw new StoreException(
          "PD-2001", "This memory disk is in use by another store. Close or crash it first.", null);
    }
    if (partitions.isEmpty()) {
      partitions =
          IntStream.range(0, wantedPartitions).mapToObj(number -> new Partition()).toList();
    } else if (partitions.size() != wantedPartitions) {
      throw StoreException.otherPartitions("This memory disk", partitions.size(), wantedPartitions);
    }
    open = true;
    return crashes;
  }

  synchronized void close() {
    open = false;
  }

  synchronized long nextEpoch(int partition) {
    return ++partitions.get(partition).epoch;
  }

  synchronized long epoch(int partition) {
    return partitions.get(partition).epoch;
  }

  /** Refuses records that do not go on where the log ends. */
  synchronized void checkPosition(LogRecord record) {
    Partition partition = partitions.get(record.partition());
    if (partition.positionKnown && record.firstPosition() != partition.lastPosition + 1) {
      throw new IllegalArgumentException(
          "Partition %d: a record begins at position %d, but the log ends at position %d."
              .formatted(record.partition(), record.firstPosition(), partition.lastPosition));
    }
  }

  synchronized void append(List<LogRecord> records) {
    for (LogRecord record : records) {
      Partition partition = partitions.get(record.partition());
      partition.log.add(copy(record));
      partition.lastPosition = record.lastPosition();
      partition.positionKnown = true;
      logBytes += record.data().remaining();
    }
  }

  private static LogRecord copy(LogRecord record) {
    ByteBuffer data = ByteBuffer.allocate(record.data().remaining());
    data.put(record.data().duplicate()).flip();
    return new LogRecord(
        record.partition(),
        record.epoch(),
        record.firstPosition(),
        record.lastPosition(),
        data.asReadOnlyBuffer());
  }

  synchronized List<LogRecord> log(int partition, long fromPosition) {
    return partitions.get(partition).log.stream()
        .filter(record -> record.lastPosition() >= fromPosition)
        .toList();
  }

  synchronized void write(int partition, RowBatch rows) {
    PartitionTables written = partitions.get(partition).written;
    written.check(rows);
    written.apply(rows);
    unflushed.add(new Unflushed(partition, rows, 0));
  }

  synchronized void advanceLogStart(int partition, long position) {
    unflushed.add(new Unflushed(partition, null, position));
  }

  synchronized void flush() {
    unflushed.forEach(this::makeDurable);
    unflushed.clear();
  }

  private void makeDurable(Unflushed call) {
    Partition partition = partitions.get(call.partition());
    if (call.rows() != null) {
      partition.durable.apply(call.rows());
      return;
    }
    LogRecord first = partition.log.peek();
    while (first != null && first.lastPosition() < call.logStart()) {
      logBytes -= first.data().remaining();
      partition.log.remove();
      first = partition.log.peek();
    }
  }

  synchronized long logBytes() {
    return logBytes;
  }

  /** The rows as written; to be used while holding this disk's monitor. */
  PartitionTables written(int partition) {
    return partitions.get(partition).written;
  }
}
