package dev.perdure.json;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.Timestamp;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Calendar;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.TimeZone;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.cfg.MapperConfig;

/**
 * A text for a type of the JDK of which Jackson's own text leaves something out.
 *
 * @param type what is written, and its subclasses
 * @param write makes the text
 * @param read makes a value again; it throws any exception at a text of another form, which is for
 *     Jackson's own reader
 */
record TextForm<T>(Class<T> type, Function<T, String> write, Function<String, T> read) {
  /** Jackson keeps no zone. */
  private static final TextForm<Calendar> CALENDAR =
      new TextForm<>(Calendar.class, TextForm::ofCalendar, TextForm::calendar);

  /** Jackson keeps no flags. */
  private static final TextForm<Pattern> PATTERN =
      new TextForm<>(Pattern.class, TextForm::ofPattern, Pattern::compile);

  /** Jackson keeps the name or else the address, and asks for the address of a name. */
  private static final TextForm<InetAddress> ADDRESS =
      new TextForm<>(InetAddress.class, TextForm::ofAddress, TextForm::address);

  private static final List<TextForm<?>> ALWAYS = List.of(CALENDAR, PATTERN, ADDRESS);

  /** What stands for a flag in a pattern. */
  private record Flag(int bit, char letter) {}

  private static final List<Flag> FLAGS =
      List.of(
          new Flag(Pattern.UNIX_LINES, 'd'),
          new Flag(Pattern.CASE_INSENSITIVE, 'i'),
          new Flag(Pattern.MULTILINE, 'm'),
          new Flag(Pattern.DOTALL, 's'),
          new Flag(Pattern.UNICODE_CASE, 'u'),
          new Flag(Pattern.UNICODE_CHARACTER_CLASS, 'U'),
          new Flag(Pattern.COMMENTS, 'x'));

  /** The form of a class, or of the class that it extends; null if Jackson's is complete. */
  static @Nullable TextForm<?> of(Class<?> type) {
    for (TextForm<?> form : ALWAYS) {
      if (form.type.isAssignableFrom(type)) {
        return form;
      }
    }
    return isTimestamp(type) ? Sql.TIMESTAMP : null;
  }

  /** A Java runtime may be without the module of this class. */
  private static boolean isTimestamp(Class<?> type) {
    return type.getName().equals("java.sql.Timestamp");
  }

  private static final class Sql {
    /** Jackson keeps milliseconds. */
    static final TextForm<Timestamp> TIMESTAMP =
        new TextForm<>(
            Timestamp.class,
            time -> time.toInstant().toString(),
            text -> Timestamp.from(OffsetDateTime.parse(text).toInstant()));
  }

  /** Whether a property asks for a form of its own, which only Jackson knows. */
  static boolean isSetFor(@Nullable BeanProperty property, MapperConfig<?> config, Class<?> type) {
    return property != null
        && !property.findPropertyFormat(config, type).equals(JsonFormat.Value.empty());
  }

  String text(Object value) {
    return write.apply(type.cast(value));
  }

  private static String ofCalendar(Calendar calendar) {
    return ZonedDateTime.ofInstant(calendar.toInstant(), calendar.getTimeZone().toZoneId())
        .toString();
  }

  private static Calendar calendar(String text) {
    ZonedDateTime time = ZonedDateTime.parse(text);
    Calendar calendar = new GregorianCalendar(TimeZone.getTimeZone(time.getZone()));
    calendar.setTimeInMillis(time.toInstant().toEpochMilli());
    return calendar;
  }

  private static String ofPattern(Pattern pattern) {
    int flags = pattern.flags();
    if ((flags & Pattern.CANON_EQ) != 0) {
      throw new IllegalArgumentException(
          "A pattern with the flag CANON_EQ has no form as JSON, since no text stands for the flag");
    }
    String text =
        (flags & Pattern.LITERAL) == 0 ? pattern.pattern() : Pattern.quote(pattern.pattern());
    StringBuilder letters = new StringBuilder();
    for (Flag flag : FLAGS) {
      if ((flags & flag.bit) != 0) {
        letters.append(flag.letter);
      }
    }
    String beginning = letters.isEmpty() ? "" : "(?" + letters + ")";
    // The flags of a pattern may be those that its own text sets.
    return text.startsWith(beginning) ? text : beginning + text;
  }

  private static String ofAddress(InetAddress address) {
    String text = address.toString(); // name/address, without asking anybody for a name
    return text.startsWith("/") ? text.substring(1) : text;
  }

  private static InetAddress address(String text) {
    int slash = text.indexOf('/');
    String number = text.substring(slash + 1);
    if (!number.matches("[0-9.]+|.*:.*")) {
      throw new IllegalArgumentException("No number of an address");
    }
    try {
      InetAddress address = InetAddress.getByName(number);
      return slash < 0
          ? address
          : InetAddress.getByAddress(text.substring(0, slash), address.getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
