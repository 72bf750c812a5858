package dev.perdure.functions.timer;

import java.time.Instant;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a timer runs. Knows no clock.
 *
 * @param text the text of the schedule
 * @param schedule the schedule
 * @param zone whose local time it is in
 */
record Timetable(String text, Schedule schedule, ZoneId zone) {
  static Timetable of(String text, ZoneId zone) {
    return new Timetable(text, Schedule.parse(text), zone);
  }

  /** Where a timer stands of which nothing is known. */
  TimerStatus begin(Instant now) {
    return status(null, next(now), now);
  }

  /**
   * Where a timer stands when its host starts. If the schedule was changed meanwhile, the next time
   * is reckoned by the new one from the last run, but nothing was missed of a schedule that was not
   * in force.
   *
   * @param known where it stood; null if that is not known
   */
  TimerStatus resume(@Nullable TimerStatus known, Instant now) {
    if (known == null) {
      return begin(now);
    }
    if (known.schedule().equals(text) && known.zone().equals(zone.getId())) {
      return known;
    }
    Instant last = known.last();
    Instant next = next(last == null ? known.lastUpdated() : last);
    return status(last, next.isBefore(now) ? next(now) : next, now);
  }

  /**
   * Where a timer stands after a run, whether that failed or not. The next run is reckoned from the
   * beginning of this one, unless it took so long that its time has passed: then from the end.
   *
   * @param planned whether it ran because its time had come
   */
  TimerStatus afterRun(TimerStatus before, boolean planned, Instant began, Instant ended) {
    // A clock that was set back a little must not let the same time come twice.
    Instant last = planned && before.next().isAfter(began) ? before.next() : began;
    Instant next = next(last);
    return status(last, next.isAfter(ended) ? next : next(ended), ended);
  }

  private Instant next(Instant after) {
    return schedule.next(after, zone);
  }

  private TimerStatus status(@Nullable Instant last, Instant next, Instant now) {
    return new TimerStatus(last, next, now, text, zone.getId());
  }
}
