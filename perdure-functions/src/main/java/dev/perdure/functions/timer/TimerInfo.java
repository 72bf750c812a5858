package dev.perdure.functions.timer;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a function is told of the timer that runs it.
 *
 * @param followsLocalTime whether the schedule follows changes of daylight saving time
 * @param status where the timer stands; null if that is not recorded
 * @param isPastDue whether it should have run earlier, while no host ran
 */
record TimerInfo(boolean followsLocalTime, @Nullable TimerStatus status, boolean isPastDue) {
  /** What stands for a last run that never was. */
  private static final String NEVER = "0001-01-01T00:00:00+00:00";

  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 7, true)
          .appendOffset("+HH:MM", "+00:00")
          .toFormatter(Locale.ROOT);

  /** As JSON, the way functions get it. */
  String toJson(ZoneId zone) {
    return """
        {"Schedule":{"AdjustForDST":%b},"ScheduleStatus":%s,"IsPastDue":%b}"""
        .formatted(followsLocalTime, statusJson(zone), isPastDue);
  }

  private String statusJson(ZoneId zone) {
    if (status == null) {
      return "null";
    }
    Instant last = status.last();
    return """
        {"Last":"%s","Next":"%s","LastUpdated":"%s"}"""
        .formatted(
            last == null ? NEVER : text(last, zone),
            text(status.next(), zone),
            text(status.lastUpdated(), zone));
  }

  /** A time as text, in a time zone. */
  static String text(Instant time, ZoneId zone) {
    return TIME.format(time.atZone(zone));
  }
}
