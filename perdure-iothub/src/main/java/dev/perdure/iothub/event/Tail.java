package dev.perdure.iothub.event;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The newest events of a partition, in memory. Thread-safe. */
final class Tail {
  private static final int EVENTS_MAX = 4096;

  private final int bytesMax;
  private final StoredEvent[] ring = new StoredEvent[EVENTS_MAX];
  private long first;
  private long next;
  private long bytes;

  Tail(long next, int bytesMax) {
    this.first = next;
    this.next = next;
    this.bytesMax = bytesMax;
  }

  synchronized void add(List<StoredEvent> events) {
    for (StoredEvent event : events) {
      if (event.sequenceNumber() != next) {
        throw new IllegalStateException(
            "Event %d does not follow %d".formatted(event.sequenceNumber(), next - 1));
      }
      if (next - first == EVENTS_MAX) {
        forgetFirst();
      }
      ring[index(next++)] = event;
      bytes += event.message().length;
      while (bytes > bytesMax && next - first > 1) {
        forgetFirst();
      }
    }
  }

  @SuppressWarnings("NullAway") // what is before the first is never looked at
  private void forgetFirst() {
    int index = index(first++);
    bytes -= ring[index].message().length;
    ring[index] = null;
  }

  /** Events from one on, or null if that one is no longer here. */
  synchronized @Nullable List<StoredEvent> read(long from, int eventsMax, int bytesMaxOfRead) {
    if (from < first) {
      return null;
    }
    List<StoredEvent> events = new ArrayList<>((int) Math.min(eventsMax, next - from));
    long read = 0;
    for (long at = from; at < next && events.size() < eventsMax && read < bytesMaxOfRead; at++) {
      StoredEvent event = ring[index(at)];
      events.add(event);
      read += event.message().length;
    }
    return events;
  }

  private static int index(long sequenceNumber) {
    return (int) (sequenceNumber % EVENTS_MAX);
  }
}
