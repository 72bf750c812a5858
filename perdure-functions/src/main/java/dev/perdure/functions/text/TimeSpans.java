package dev.perdure.functions.text;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Spans of time as they stand in the files of apps: {@code hh:mm:ss} or {@code hh:mm}, with days in
 * front ({@code d.hh:mm:ss}) and a fraction behind ({@code hh:mm:ss.fffffff}), or a number of days.
 * Hours go to 23, minutes and seconds to 59; a minus sign may stand in front.
 */
public final class TimeSpans {
  private static final Pattern DAYS = Pattern.compile("(-?)(\\d{1,8})");
  private static final Pattern SPAN =
      Pattern.compile(
          "(-?)(?:(\\d{1,8})\\.)?(\\d{1,2}):(\\d{1,2})(?::(\\d{1,2})(?:\\.(\\d{1,7}))?)?");

  private TimeSpans() {}

  /**
   * The span that a text means.
   *
   * @throws IllegalArgumentException if it means none; the message is a sentence that quotes it
   */
  public static Duration parse(String text) {
    String span = text.strip();
    Matcher days = DAYS.matcher(span);
    if (days.matches()) {
      return signed(days.group(1), Duration.ofDays(Long.parseLong(days.group(2))));
    }
    Matcher matcher = SPAN.matcher(span);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'%s' is not a span of time; write it as hh:mm:ss or d.hh:mm:ss, such as 00:05:00 for five minutes."
              .formatted(text));
    }
    long hours = part(matcher.group(3), 23, "hours", text);
    long minutes = part(matcher.group(4), 59, "minutes", text);
    long seconds = part(matcher.group(5), 59, "seconds", text);
    Duration duration =
        Duration.ofDays(number(matcher.group(2)))
            .plusHours(hours)
            .plusMinutes(minutes)
            .plusSeconds(seconds)
            .plusNanos(nanos(matcher.group(6)));
    return signed(matcher.group(1), duration);
  }

  /** A span as it would be written, {@code hh:mm:ss} or {@code d.hh:mm:ss}; without fractions. */
  public static String format(Duration span) {
    Duration positive = span.abs();
    String days = positive.toDays() == 0 ? "" : positive.toDays() + ".";
    return String.format(
        Locale.ROOT,
        "%s%s%02d:%02d:%02d",
        span.isNegative() ? "-" : "",
        days,
        positive.toHoursPart(),
        positive.toMinutesPart(),
        positive.toSecondsPart());
  }

  private static long part(@Nullable String digits, long most, String unit, String text) {
    long value = number(digits);
    if (value > most) {
      throw new IllegalArgumentException(
          "'%s' is not a span of time: it has %d %s, and the most is %d. Longer spans are written with days in front, as d.hh:mm:ss."
              .formatted(text, value, unit, most));
    }
    return value;
  }

  private static long number(@Nullable String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }

  private static long nanos(@Nullable String fraction) {
    return fraction == null ? 0 : Long.parseLong((fraction + "00000000").substring(0, 9));
  }

  private static Duration signed(@Nullable String sign, Duration duration) {
    return "-".equals(sign) ? duration.negated() : duration;
  }
}
