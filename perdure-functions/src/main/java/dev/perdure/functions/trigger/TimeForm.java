package dev.perdure.functions.trigger;

import static java.util.Map.entry;

import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import java.util.Map;

/**
 * How a time in UTC is written, in the notation of .NET and its invariant culture: one letter for a
 * form that has a name there, such as {@code o} or {@code d}, or the parts one by one, such as
 * {@code yyyy-MM-dd}. Letters that mean nothing, and what is in quotes, stand for themselves.
 */
final class TimeForm {
  private static final Map<String, String> NAMED =
      Map.ofEntries(
          entry("d", "MM/dd/yyyy"),
          entry("D", "dddd, dd MMMM yyyy"),
          entry("f", "dddd, dd MMMM yyyy HH:mm"),
          entry("F", "dddd, dd MMMM yyyy HH:mm:ss"),
          entry("g", "MM/dd/yyyy HH:mm"),
          entry("G", "MM/dd/yyyy HH:mm:ss"),
          entry("m", "MMMM dd"),
          entry("M", "MMMM dd"),
          entry("o", "yyyy-MM-ddTHH:mm:ss.fffffffK"),
          entry("O", "yyyy-MM-ddTHH:mm:ss.fffffffK"),
          entry("r", "ddd, dd MMM yyyy HH:mm:ss 'GMT'"),
          entry("R", "ddd, dd MMM yyyy HH:mm:ss 'GMT'"),
          entry("s", "yyyy-MM-ddTHH:mm:ss"),
          entry("t", "HH:mm"),
          entry("T", "HH:mm:ss"),
          entry("u", "yyyy-MM-dd HH:mm:ssZ"),
          entry("U", "dddd, dd MMMM yyyy HH:mm:ss"),
          entry("y", "yyyy MMMM"),
          entry("Y", "yyyy MMMM"));

  private TimeForm() {}

  /** Whether there is a form; one of several letters may still be written wrong. */
  static boolean exists(String form) {
    return form.length() != 1 || NAMED.containsKey(form);
  }

  /**
   * Writes times in a form.
   *
   * @throws IllegalArgumentException if there is no such form; the message says why
   */
  static DateTimeFormatter of(String form) {
    String parts = form.length() == 1 ? NAMED.get(form) : form;
    if (parts == null) {
      throw new IllegalArgumentException("No form of the time is called '%s'.".formatted(form));
    }
    DateTimeFormatterBuilder builder = new DateTimeFormatterBuilder();
    for (int i = 0; i < parts.length(); ) {
      char c = parts.charAt(i);
      int end = i + 1;
      if (c == '\'' || c == '"') {
        int close = parts.indexOf(c, end);
        if (close < 0) {
          throw new IllegalArgumentException("A quote is not closed.");
        }
        builder.appendLiteral(parts.substring(end, close));
        end = close + 1;
      } else {
        while (end < parts.length() && parts.charAt(end) == c) {
          end++;
        }
        append(builder, c, parts.substring(i, end));
      }
      i = end;
    }
    return builder.toFormatter(Locale.ENGLISH);
  }

  /** Adds what a letter means that is there one or several times. */
  private static void append(DateTimeFormatterBuilder builder, char letter, String run) {
    switch (letter) {
      case 'y' -> builder.appendPattern(run);
      case 'M' -> builder.appendPattern(atMost(4, run));
      case 'd' ->
          builder.appendPattern(run.length() < 3 ? run : run.length() == 3 ? "EEE" : "EEEE");
      case 'H', 'h', 'm', 's' -> builder.appendPattern(atMost(2, run));
      case 'f' -> builder.appendPattern("S".repeat(run.length()));
      case 't' -> builder.appendPattern("a");
      case 'K' -> builder.appendLiteral("Z");
      case 'z' ->
          builder.appendLiteral(run.length() > 2 ? "+00:00" : run.length() == 2 ? "+00" : "+0");
      case '%' -> {} // only has a single letter not be the name of a form
      default -> builder.appendLiteral(run);
    }
  }

  private static String atMost(int count, String run) {
    return run.length() > count ? run.substring(0, count) : run;
  }
}
