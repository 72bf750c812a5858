package dev.perdure.iothub.event;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatch;

/**
 * The events of one partition on disk: a column family of its own, in which keys only grow. Files
 * then never overlap, so that compaction moves them instead of rewriting them, and deleting from
 * the front removes whole files.
 *
 * <p>A key is the sequence number in eight bytes; a value is the enqueued time, the offset and the
 * message. What is left when all events are deleted is in a row of the default column family.
 */
final class EventTable {
  private static final int VALUE_HEADER_BYTES = 16;
  private static final int BOUNDS_BYTES = 48;

  private final RocksDB db;
  private final ColumnFamilyHandle events;
  private final ColumnFamilyHandle rows;
  private final byte[] boundsKey;

  /** What is before it is deleted for good; for the thread of the committer. */
  private long deletedBefore;

  EventTable(RocksDB db, ColumnFamilyHandle events, ColumnFamilyHandle rows, byte[] boundsKey) {
    this.db = db;
    this.events = events;
    this.rows = rows;
    this.boundsKey = boundsKey;
  }

  /** As of the last commit. */
  Bounds bounds() throws RocksDBException {
    byte[] row = db.get(rows, boundsKey);
    Bounds bounds = row == null ? Bounds.NOTHING : decodeBounds(row);
    try (RocksIterator iterator = db.newIterator(events)) {
      iterator.seekToLast();
      if (iterator.isValid()) {
        StoredEvent last = decode(iterator.key(), iterator.value());
        // The row may be newer than the last event, when all were deleted.
        if (last.sequenceNumber() >= bounds.next()) {
          bounds = bounds.append(last);
        }
      }
      iterator.status();
    }
    return bounds;
  }

  void put(WriteBatch batch, StoredEvent event) throws RocksDBException {
    byte[] value =
        ByteBuffer.allocate(VALUE_HEADER_BYTES + event.message().length)
            .putLong(event.enqueuedMillis())
            .putLong(event.offset())
            .put(event.message())
            .array();
    batch.put(events, key(event.sequenceNumber()), value);
  }

  /**
   * Deletes what is before the new bounds, and keeps these: {@link #deleted} once that is written.
   * Ranges do not overlap; hundreds that do would make every look at an event slower.
   */
  void deleteBefore(WriteBatch batch, Bounds now) throws RocksDBException {
    batch.put(rows, boundsKey, encodeBounds(now));
    batch.deleteRange(events, key(deletedBefore), key(now.first()));
  }

  /** Whether there is nothing to delete before an event, since this was opened. */
  boolean isDeletedBefore(long first) {
    return first == deletedBefore;
  }

  void deleted(Bounds now) {
    deletedBefore = now.first();
  }

  /** Gives files back in which nothing but deleted events is. */
  void dropFilesBefore(long first) throws RocksDBException {
    db.deleteFilesInRanges(events, List.of(key(0), key(first)), false);
  }

  @Nullable StoredEvent find(long sequenceNumber) {
    try {
      byte[] key = key(sequenceNumber);
      byte[] value = db.get(events, key);
      return value == null ? null : decode(key, value);
    } catch (RocksDBException e) {
      throw unreadable(e);
    }
  }

  List<StoredEvent> read(long from, long end, int eventsMax, int bytesMax) {
    List<StoredEvent> found = new ArrayList<>(Math.min(eventsMax, 64));
    try (Slice bound = new Slice(key(end));
        ReadOptions options =
            new ReadOptions().setIterateUpperBound(bound).setReadaheadSize(1 << 18);
        RocksIterator iterator = db.newIterator(events, options)) {
      long bytes = 0;
      for (iterator.seek(key(from));
          iterator.isValid() && found.size() < eventsMax && bytes < bytesMax;
          iterator.next()) {
        StoredEvent event = decode(iterator.key(), iterator.value());
        found.add(event);
        bytes += event.message().length;
      }
      iterator.status();
      return found;
    } catch (RocksDBException e) {
      throw unreadable(e);
    }
  }

  private static EventStoreException unreadable(RocksDBException e) {
    return new EventStoreException(
        "Events cannot be read: %s. Look at the disk and the directory of the hub."
            .formatted(e.getMessage()),
        e);
  }

  private static byte[] key(long sequenceNumber) {
    return ByteBuffer.allocate(Long.BYTES).putLong(sequenceNumber).array();
  }

  private static StoredEvent decode(byte[] key, byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    long enqueuedMillis = in.getLong();
    long offset = in.getLong();
    byte[] message = new byte[in.remaining()];
    in.get(message);
    return new StoredEvent(ByteBuffer.wrap(key).getLong(), offset, enqueuedMillis, message);
  }

  private static byte[] encodeBounds(Bounds bounds) {
    return ByteBuffer.allocate(BOUNDS_BYTES)
        .putLong(bounds.first())
        .putLong(bounds.next())
        .putLong(bounds.firstOffset())
        .putLong(bounds.nextOffset())
        .putLong(bounds.lastOffset())
        .putLong(bounds.lastEnqueuedMillis())
        .array();
  }

  private static Bounds decodeBounds(byte[] row) {
    ByteBuffer in = ByteBuffer.wrap(row);
    return new Bounds(
        in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong());
  }
}
