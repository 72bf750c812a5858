package dev.perdure.functions.timer;

import dev.perdure.functions.trigger.InvalidTriggerException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Fires again and again after the same time.
 *
 * @param interval more than nothing
 */
record IntervalSchedule(Duration interval) implements Schedule {
  private static final Pattern TIME_SPAN =
      Pattern.compile(
          "(?:(?<days>[0-9]{1,7})\\.)?(?<hours>[0-9]{1,4}):(?<minutes>[0-9]{1,2})"
              + "(?::(?<seconds>[0-9]{1,2})(?:\\.(?<fraction>[0-9]{1,7}))?)?");
  private static final Duration FREQUENT = Duration.ofMinutes(1);

  /** Reads {@code hh:mm}, {@code hh:mm:ss} or either after {@code d.} for days. */
  static IntervalSchedule parse(String text) {
    Matcher span = TIME_SPAN.matcher(text);
    if (!span.matches()) {
      throw invalid(text, "is no time span");
    }
    int hours = number(span.group("hours"));
    if (hours > 23) {
      // Elsewhere '24:00:00' has been read as 24 days.
      throw invalid(
          text,
          "has %d hours, and the most is 23: write %d.%02d%s"
              .formatted(
                  hours,
                  number(span.group("days")) + hours / 24,
                  hours % 24,
                  text.substring(span.end("hours"))));
    }
    int minutes = below60(text, number(span.group("minutes")), "minutes");
    int seconds = below60(text, number(span.group("seconds")), "seconds");
    Duration interval =
        Duration.ofDays(number(span.group("days")))
            .plusHours(hours)
            .plusMinutes(minutes)
            .plusSeconds(seconds)
            .plusNanos(nanos(span.group("fraction")));
    if (interval.isZero()) {
      throw invalid(text, "is no time at all, and the function would never stop running");
    }
    return new IntervalSchedule(interval);
  }

  private static int number(@Nullable String digits) {
    return digits == null ? 0 : Integer.parseInt(digits);
  }

  private static long nanos(@Nullable String fraction) {
    return fraction == null ? 0 : Long.parseLong((fraction + "00000000").substring(0, 9));
  }

  private static int below60(String text, int value, String what) {
    if (value > 59) {
      throw invalid(text, "has %d %s, and the most is 59".formatted(value, what));
    }
    return value;
  }

  private static InvalidTriggerException invalid(String text, String what) {
    return new InvalidTriggerException(
        ("The schedule '%s' %s. A time span is hh:mm:ss, such as '00:05:00' for every five minutes,"
                + " or d.hh:mm:ss, such as '1.00:00:00' for every day.")
            .formatted(text, what));
  }

  @Override
  public Instant next(Instant after, ZoneId zone) {
    return after.plus(interval);
  }

  @Override
  public boolean isFrequent() {
    return interval.compareTo(FREQUENT) < 0;
  }

  @Override
  public boolean followsLocalTime() {
    return false;
  }
}
