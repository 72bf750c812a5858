package dev.perdure.iothub.event;

import dev.perdure.iothub.codec.EventContent;
import java.util.List;
import java.util.function.LongPredicate;
import org.rocksdb.RocksDBException;

/**
 * A sequence of events. Thread-safe; events become visible when they are durable.
 *
 * <p>Only the committer's thread changes it. What was written last is kept in memory as well, so
 * that readers at the end never touch the disk.
 */
public final class Partition {
  private final int index;
  private final Committer committer;
  private final EventTable table;
  private final Tail tail;
  private volatile Bounds bounds;

  Partition(int index, Committer committer, EventTable table, int tailBytesMax)
      throws RocksDBException {
    this.index = index;
    this.committer = committer;
    this.table = table;
    this.bounds = table.bounds();
    this.tail = new Tail(bounds.next(), tailBytesMax);
  }

  /** Its number in the hub, from 0; as text it is its id. */
  public int index() {
    return index;
  }

  public Bounds bounds() {
    return bounds;
  }

  /**
   * Adds an event at the end. Returns at once as a rule; if too much waits for the disk, when there
   * is room again.
   *
   * @param outcome told when the event is durable, or why it will never be
   * @throws IllegalStateException if the store is closed
   */
  public void append(EventContent content, AppendOutcome outcome) {
    committer.append(new Committer.Pending(this, content, outcome));
  }

  /**
   * The sequence number with which a reader begins, in what is there now.
   *
   * @throws EventStoreException if the disk cannot be read
   */
  public long resolve(StartPosition position) {
    Bounds now = bounds;
    return switch (position) {
      case StartPosition.Earliest() -> now.first();
      case StartPosition.Latest() -> now.next();
      case StartPosition.SequenceNumber(long number, boolean inclusive) ->
          Math.clamp(
              inclusive || number == Long.MAX_VALUE ? number : number + 1, now.first(), now.next());
      case StartPosition.Offset(long offset, boolean inclusive) ->
          firstWhere(
              now,
              sequence -> {
                StoredEvent event = table.find(sequence);
                return event != null
                    && (inclusive ? event.offset() >= offset : event.offset() > offset);
              });
      case StartPosition.EnqueuedTime(long millis, boolean inclusive) ->
          firstWhere(
              now,
              sequence -> {
                StoredEvent event = table.find(sequence);
                return event != null
                    && (inclusive
                        ? event.enqueuedMillis() >= millis
                        : event.enqueuedMillis() > millis);
              });
    };
  }

  /**
   * The first sequence number of which something is true, if it is true of all that follow. What is
   * deleted meanwhile counts as not fulfilling it.
   */
  private static long firstWhere(Bounds within, LongPredicate condition) {
    long low = within.first();
    long high = within.next();
    while (low < high) {
      long middle = low + (high - low) / 2;
      if (condition.test(middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /**
   * Reads events in order, from a sequence number on, or from the oldest if that one is deleted.
   *
   * @param bytesMax no further event is begun after that many bytes
   * @return nothing if the reader is at the end
   * @throws EventStoreException if the disk cannot be read
   */
  public List<StoredEvent> read(long from, int eventsMax, int bytesMax) {
    Bounds now = bounds;
    if (from >= now.next()) {
      return List.of();
    }
    long start = Math.max(from, now.first());
    List<StoredEvent> recent = tail.read(start, eventsMax, bytesMax);
    return recent == null ? table.read(start, now.next(), eventsMax, bytesMax) : recent;
  }

  /** What an event will be if it is written next; the committer's thread only. */
  static StoredEvent place(EventContent content, Bounds after, long nowMillis) {
    long enqueued = Math.max(nowMillis, after.lastEnqueuedMillis());
    return new StoredEvent(
        after.next(),
        after.nextOffset(),
        enqueued,
        content.encode(after.next(), after.nextOffset(), enqueued));
  }

  EventTable table() {
    return table;
  }

  /** Shows what is durable now; the committer's thread only. */
  void show(List<StoredEvent> written, Bounds now) {
    tail.add(written);
    bounds = now;
  }

  /** Hides what is about to be deleted; the committer's thread only. */
  void startAt(Bounds now) {
    bounds = now;
  }

  /** What is left when retention has been enforced. */
  Bounds kept(Retention retention, long nowMillis) {
    Bounds now = bounds;
    long oldest = nowMillis - retention.time().toMillis();
    long leastOffset =
        retention.bytes() == 0 ? 0 : now.firstOffset() + now.bytes() - retention.bytes();
    long first =
        firstWhere(
            now,
            sequence -> {
              StoredEvent event = table.find(sequence);
              return event != null
                  && event.enqueuedMillis() >= oldest
                  && event.offset() >= leastOffset;
            });
    StoredEvent oldestKept = first == now.next() ? null : table.find(first);
    return now.startingAt(first, oldestKept == null ? now.nextOffset() : oldestKept.offset());
  }
}
