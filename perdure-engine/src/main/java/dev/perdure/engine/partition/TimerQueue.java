package dev.perdure.engine.partition;

import dev.perdure.store.TimerRow;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The timers of a partition. Those that are due soon are in memory; the others are rows in the
 * store and are fetched when their time comes near, so that sleeping instances cost no heap.
 *
 * <p>The invariant: every timer up to the horizon is in memory, and so is every timer that has no
 * row yet.
 */
final class TimerQueue {
  /** How far ahead timers are kept in memory. */
  private static final long WINDOW_MILLIS = 60_000;

  /** How long before the horizon is reached the next timers are fetched. */
  private static final long MARGIN_MILLIS = 10_000;

  /** Timers fetched at once; a thousand take about a millisecond. */
  private static final int FETCH_MAX = 2_000;

  private final TreeSet<TimerRow> near = new TreeSet<>();
  private @Nullable TimerRow horizon;

  /** Forgets everything, for recovery. */
  void clear() {
    near.clear();
    horizon = null;
  }

  /** A timer was set; the store has no row for it yet. */
  void add(TimerRow timer) {
    near.add(timer);
  }

  /** A timer was removed. */
  void remove(TimerRow timer) {
    near.remove(timer);
  }

  /** The store has a row for a timer now. */
  void stored(TimerRow timer) {
    if (horizon == null || timer.compareTo(horizon) > 0) {
      near.remove(timer);
    }
  }

  /**
   * Takes the earliest timer that is due; null if none is, or if an earlier one may still have to
   * be fetched (after a leap of the clock, or a long time in which the host was down).
   */
  @Nullable TimerRow takeDue(long now) {
    if (near.isEmpty() || horizon == null) {
      return null;
    }
    TimerRow first = near.first();
    return first.dueAt() > now || first.compareTo(horizon) > 0 ? null : near.pollFirst();
  }

  /** Fetches timers whose time comes near. Returns whether there is more to fetch at once. */
  boolean fetch(long now, BiFunction<@Nullable TimerRow, Integer, List<TimerRow>> scan) {
    TimerRow from = horizon;
    if (from != null && from.dueAt() > now + MARGIN_MILLIS) {
      return false;
    }
    long end = now + WINDOW_MILLIS;
    List<TimerRow> rows = scan.apply(from, FETCH_MAX);
    for (TimerRow row : rows) {
      if (row.dueAt() >= end) {
        horizon = later(from, new TimerRow(end, "", Integer.MIN_VALUE));
        return false;
      }
      near.add(row);
      horizon = row;
    }
    if (rows.size() < FETCH_MAX) {
      horizon = later(horizon, new TimerRow(end, "", Integer.MIN_VALUE));
      return false;
    }
    return true;
  }

  private static TimerRow later(@Nullable TimerRow a, TimerRow b) {
    return a == null || a.compareTo(b) < 0 ? b : a;
  }

  /**
   * Whether a timer will be taken when it is due: it is in memory, or it is a row that will be
   * fetched.
   */
  boolean knows(TimerRow timer, BiFunction<@Nullable TimerRow, Integer, List<TimerRow>> scan) {
    return near.contains(timer)
        || ((horizon == null || timer.compareTo(horizon) > 0) && hasRow(timer, scan));
  }

  /** Whether the store has a row for a timer. */
  static boolean hasRow(
      TimerRow timer, BiFunction<@Nullable TimerRow, Integer, List<TimerRow>> scan) {
    TimerRow before = new TimerRow(timer.dueAt(), timer.instanceId(), timer.taskId() - 1);
    return scan.apply(before, 1).contains(timer);
  }

  /** When the next timer is due, near or far, in milliseconds since 1970; the largest for none. */
  long earliest(BiFunction<@Nullable TimerRow, Integer, List<TimerRow>> scan) {
    long earliest = near.isEmpty() ? Long.MAX_VALUE : near.first().dueAt();
    List<TimerRow> far = scan.apply(horizon, 1);
    return far.isEmpty() ? earliest : Math.min(earliest, far.getFirst().dueAt());
  }

  /** When there is something to do next, in milliseconds since 1970. */
  long nextAt() {
    long fetchAt = horizon == null ? 0 : horizon.dueAt() - MARGIN_MILLIS;
    return near.isEmpty() ? fetchAt : Math.min(fetchAt, near.first().dueAt());
  }

  int size() {
    return near.size();
  }
}
