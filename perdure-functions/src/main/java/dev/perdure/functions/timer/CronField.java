package dev.perdure.functions.timer;

import dev.perdure.functions.trigger.InvalidTriggerException;
import java.time.DayOfWeek;
import java.time.Month;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/** A field of a cron expression, in the order in which they are written. */
enum CronField {
  SECOND("second", 0, 59),
  MINUTE("minute", 0, 59),
  HOUR("hour", 0, 23),
  DAY("day of month", 1, 31),
  MONTH("month", 1, 12),
  /** Sunday is 0. */
  WEEKDAY("day of week", 0, 6);

  private static final List<String> MONTHS = Stream.of(Month.values()).map(Enum::name).toList();
  private static final List<String> WEEKDAYS =
      Stream.of(DayOfWeek.values()).map(day -> day.minus(1).name()).toList();

  private static final String FORMS =
      "alone, in a list a,b, as a range a-b, as * for all, or with a step: */n, a-b/n, or a/n for"
          + " every n-th from a on";

  private final String title;
  private final int min;
  private final int max;

  CronField(String title, int min, int max) {
    this.title = title;
    this.min = min;
    this.max = max;
  }

  /** How many values there are. */
  int size() {
    return max - min + 1;
  }

  /**
   * The values that a field stands for.
   *
   * @param text the field
   * @param schedule all of the expression, for errors
   */
  SortedSet<Integer> parse(String text, String schedule) {
    SortedSet<Integer> values = new TreeSet<>();
    for (String item : text.split(",", -1)) {
      addItem(item, values, schedule);
    }
    return values;
  }

  private void addItem(String item, SortedSet<Integer> values, String schedule) {
    int slash = item.indexOf('/');
    String range = slash < 0 ? item : item.substring(0, slash);
    int dash = range.indexOf('-');
    int from;
    int to;
    if (range.equals("*")) {
      from = min;
      to = max;
    } else if (dash < 0) {
      from = value(range, item, schedule);
      to = slash < 0 ? from : max;
    } else {
      int one = value(range.substring(0, dash), item, schedule);
      int other = value(range.substring(dash + 1), item, schedule);
      from = Math.min(one, other);
      to = Math.max(one, other);
    }
    int step = slash < 0 ? 1 : step(item.substring(slash + 1), item, schedule);
    for (int value = from; value <= to; value += step) {
      values.add(value);
    }
  }

  private int value(String text, String item, String schedule) {
    if (text.isEmpty()) {
      throw invalid(item, "lacks a value", schedule);
    }
    if (!isNumber(text)) {
      return named(text, item, schedule);
    }
    int value = number(text, item, schedule);
    if (value < min || value > max) {
      String hint = this == WEEKDAY && value == 7 ? " (Sunday is 0)" : "";
      throw invalid(item, "is out of range" + hint, schedule);
    }
    return value;
  }

  private List<String> names() {
    return switch (this) {
      case MONTH -> MONTHS;
      case WEEKDAY -> WEEKDAYS;
      case SECOND, MINUTE, HOUR, DAY -> List.of();
    };
  }

  private int named(String text, String item, String schedule) {
    List<String> names = names();
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).regionMatches(true, 0, text, 0, text.length())) {
        return min + i;
      }
    }
    throw invalid(item, "is not understood", schedule);
  }

  private int step(String text, String item, String schedule) {
    int step = isNumber(text) ? number(text, item, schedule) : 0;
    if (step == 0) {
      throw invalid(item, "needs a step of 1 or more after the slash", schedule);
    }
    return step;
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private int number(String text, String item, String schedule) {
    if (text.length() > 9) {
      throw invalid(item, "is out of range", schedule);
    }
    return Integer.parseInt(text);
  }

  private InvalidTriggerException invalid(String item, String what, String schedule) {
    return new InvalidTriggerException(
        "The schedule '%s' is wrong: the %s '%s' %s. Allowed are %d to %d%s, %s."
            .formatted(schedule, title, item, what, min, max, namesForPeople(), FORMS));
  }

  private String namesForPeople() {
    List<String> names = names();
    return names.isEmpty()
        ? ""
        : " or names (%s to %s, also shortened)"
            .formatted(forPeople(names.getFirst()), forPeople(names.getLast()));
  }

  private static String forPeople(String name) {
    return name.charAt(0) + name.substring(1).toLowerCase(Locale.ROOT);
  }
}
