package dev.perdure.store;

import java.util.Comparator;

/**
 * A timer. Ordered by due time, then instance id (by its UTF-8 bytes), then task id.
 *
 * @param dueAt milliseconds since 1970
 * @param instanceId whose timer
 * @param taskId which of the instance's tasks; -1 for its scheduled start
 */
public record TimerRow(long dueAt, String instanceId, int taskId) implements Comparable<TimerRow> {
  private static final Comparator<TimerRow> ORDER =
      Comparator.comparingLong(TimerRow::dueAt)
          .thenComparing(TimerRow::instanceId, Utf8Order::compare)
          .thenComparingInt(TimerRow::taskId);

  @Override
  public int compareTo(TimerRow other) {
    return ORDER.compare(this, other);
  }
}
