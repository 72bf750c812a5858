package dev.perdure.cli.operations;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.time.temporal.TemporalAccessor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Times and spans of time as people write and read them. Times without an offset are UTC. */
public final class Moment {
  private static final Pattern SPAN = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd[['T'][' ']HH:mm[:ss][.SSS][XXX]]")
          .withResolverStyle(ResolverStyle.STRICT); // 30 February is no day, and not the 28th

  private Moment() {}

  /** A span such as {@code 90s}, {@code 5m}, {@code 12h} or {@code 7d}. */
  public static final class Span implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      Duration span = span(text);
      if (span == null) {
        throw new TypeConversionException(
            "'%s' is no span of time. Write it as in 90s, 5m, 12h or 7d.".formatted(text));
      }
      return span;
    }
  }

  /** A time in the past: one, or how long ago it was. */
  static final class Past implements ITypeConverter<Instant> {
    @Override
    public Instant convert(String text) {
      Duration ago = span(text);
      return ago == null ? time(text, "24h for a day ago") : Instant.now().minus(ago);
    }
  }

  /** A time in the future: one, or how long until then. */
  static final class Future implements ITypeConverter<Instant> {
    @Override
    public Instant convert(String text) {
      Duration until = span(text);
      return until == null ? time(text, "24h for a day from now") : Instant.now().plus(until);
    }
  }

  private static @Nullable Duration span(String text) {
    Matcher matcher = SPAN.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    long count = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(count);
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }

  private static Instant time(String text, String example) {
    try {
      TemporalAccessor parsed =
          TIME.parseBest(text, OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
      return switch (parsed) {
        case OffsetDateTime time -> time.toInstant();
        case LocalDateTime time -> time.toInstant(ZoneOffset.UTC);
        case LocalDate date -> date.atStartOfDay().toInstant(ZoneOffset.UTC);
        default -> throw new DateTimeException("no time");
      };
    } catch (DateTimeException e) {
      throw new TypeConversionException(
          "'%s' is no time. Write it as in 2026-11-26T14:30:00Z, or %s.".formatted(text, example));
    }
  }

  /** How long ago a time was, such as {@code 5m ago}. */
  static String ago(Instant time, Instant now) {
    Duration age = Duration.between(time, now);
    if (age.isNegative() || age.toSeconds() == 0) {
      return "just now";
    }
    String size =
        age.toDays() > 1
            ? age.toDays() + "d"
            : age.toHours() > 1
                ? age.toHours() + "h"
                : age.toMinutes() > 1 ? age.toMinutes() + "m" : age.toSeconds() + "s";
    return size + " ago";
  }

  /** A time from an answer, with how long ago it was; as it is if it cannot be read. */
  static String withAge(String time) {
    String ago = ago(time);
    return ago.isEmpty() ? time : "%s (%s)".formatted(time, ago);
  }

  /** How long ago a time from an answer was; empty if it cannot be read. */
  static String ago(String time) {
    try {
      return ago(Instant.parse(time), Instant.now());
    } catch (DateTimeException e) {
      return "";
    }
  }
}
