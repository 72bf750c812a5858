package com.example.functions.text;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.Month;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds dates in the forms in which people write them. */
final class DateFinder {
  private static final String MONTH =
      "(?<%s>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
          + "|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\\.?";

  private static final Pattern DATE =
      Pattern.compile(
          "(?<![\\w.])(?:(?<iso>\\d{4}-\\d{2}-\\d{2})"
              + "|(?<day>\\d{1,2})(?:st|nd|rd|th)? "
              + MONTH.formatted("month")
              + ",? (?<year>\\d{4})|"
              + MONTH.formatted("month2")
              + " (?<day2>\\d{1,2})(?:st|nd|rd|th)?,? (?<year2>\\d{4})"
              + "|(?<dot>\\d{1,2}\\.\\d{1,2}\\.\\d{4})"
              + "|(?<slash>\\d{1,2}/\\d{1,2}/\\d{4}))(?!\\d)");

  private DateFinder() {}

  static List<String> find(String text) {
    Set<String> dates = new LinkedHashSet<>();
    Matcher matcher = DATE.matcher(text);
    while (matcher.find()) {
      String date = date(matcher);
      if (date != null) {
        dates.add(date);
      }
    }
    return new ArrayList<>(dates);
  }

  /** Null if the calendar does not have it. */
  private static String date(Matcher found) {
    if (found.group("iso") != null) {
      String[] parts = found.group().split("-");
      return date(parts[0], parts[1], parts[2]);
    } else if (found.group("month") != null) {
      return date(found.group("year"), month(found.group("month")), found.group("day"));
    } else if (found.group("month2") != null) {
      return date(found.group("year2"), month(found.group("month2")), found.group("day2"));
    } else if (found.group("dot") != null) {
      String[] parts = found.group().split("\\.");
      return date(parts[2], parts[1], parts[0]);
    }
    String[] parts = found.group().split("/");
    String dayFirst = date(parts[2], parts[1], parts[0]);
    String monthFirst = date(parts[2], parts[0], parts[1]);
    if (dayFirst == null || monthFirst == null) {
      return dayFirst == null ? monthFirst : dayFirst;
    }
    return dayFirst.equals(monthFirst) ? dayFirst : found.group();
  }

  private static String month(String name) {
    for (Month month : Month.values()) {
      if (month.name().startsWith(name.substring(0, 3).toUpperCase(Locale.ROOT))) {
        return String.valueOf(month.getValue());
      }
    }
    throw new IllegalArgumentException(name);
  }

  private static String date(String year, String month, String day) {
    try {
      return LocalDate.of(Integer.parseInt(year), Integer.parseInt(month), Integer.parseInt(day))
          .toString();
    } catch (DateTimeException e) {
      return null;
    }
  }
}
