package dev.perdure.http.durable;

import java.text.ParsePosition;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Times in addresses and in JSON. */
final class Times {
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter TICKS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /** Strict: there is no day that its month does not have. */
  private static final DateTimeFormatter DATE = DateTimeFormatter.ISO_LOCAL_DATE;

  private static final DateTimeFormatter READ =
      new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .append(DATE)
          .optionalStart()
          .appendPattern("['T'][' ']HH:mm")
          .optionalStart()
          .appendLiteral(':')
          .appendValue(ChronoField.SECOND_OF_MINUTE, 2)
          .optionalStart()
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .optionalEnd()
          .optionalEnd()
          .optionalStart()
          .appendOffset("+HH:MM", "Z")
          .optionalEnd()
          .optionalStart()
          .appendOffset("+HHMM", "Z")
          .optionalEnd()
          .optionalEnd()
          .toFormatter(Locale.ROOT); // takes 24:00 for the next midnight, as ISO 8601 does

  private Times() {}

  /** A time in whole seconds. */
  static String seconds(Instant instant) {
    return SECONDS.format(instant);
  }

  /** A time in full. */
  static String full(Instant instant) {
    return TICKS.format(instant);
  }

  /**
   * Reads a time; without an offset it is local.
   *
   * @return null if there is none, or it cannot be read
   */
  static @Nullable Instant read(@Nullable String text) {
    if (text == null || text.isBlank()) {
      return null;
    }
    // A plus sign that was not encoded has come as a space. The library for Python writes the first
    // of all times with the year 1; a year of two digits may be meant otherwise.
    String plain =
        text.strip()
            .replaceFirst("(:\\d{2}(?:\\.\\d+)?) (\\d{2}:?\\d{2})$", "$1+$2")
            .replaceFirst("^(\\d-)", "000$1");
    try {
      DATE.parse(plain, new ParsePosition(0));
      TemporalAccessor parsed =
          READ.parseBest(plain, OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
      return switch (parsed) {
        case OffsetDateTime time -> time.toInstant();
        case LocalDateTime time -> time.atZone(ZoneId.systemDefault()).toInstant();
        case LocalDate date -> date.atStartOfDay(ZoneId.systemDefault()).toInstant();
        default -> null;
      };
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** The end, not included, of a range whose last moment is included. */
  static @Nullable Instant after(@Nullable Instant last) {
    return last == null || last.isAfter(Instant.MAX.minusSeconds(1))
        ? last
        : last.truncatedTo(ChronoUnit.MILLIS).plusMillis(1);
  }
}
