package dev.perdure.functions.text;

import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.time.temporal.TemporalAccessor;

/** Times as they are written in JSON: in the form of ISO 8601, in UTC unless they say otherwise. */
public final class UtcTime {
  /** Takes 24:00 for the beginning of the next day. */
  private static final DateTimeFormatter FORM =
      DateTimeFormatter.ISO_DATE_TIME.withResolverStyle(ResolverStyle.SMART);

  private UtcTime() {}

  /**
   * Reads a date with a time.
   *
   * @return the time in UTC
   * @throws DateTimeParseException if the text is anything else
   */
  public static OffsetDateTime parse(String text) {
    TemporalAccessor time = FORM.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
    return time instanceof OffsetDateTime offset
        ? offset.withOffsetSameInstant(ZoneOffset.UTC)
        : LocalDateTime.from(time).atOffset(ZoneOffset.UTC);
  }
}
