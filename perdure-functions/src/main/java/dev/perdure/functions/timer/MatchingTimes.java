package dev.perdure.functions.timer;

import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.SortedSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the times that match all fields of a cron expression. The only class that knows the library
 * that calculates them. It is given plain lists of numbers, and never a zone with daylight saving
 * time, about which it has ideas of its own.
 */
final class MatchingTimes {
  private static final CronDefinition DEFINITION =
      CronDefinitionBuilder.defineCron()
          .withSeconds()
          .and()
          .withMinutes()
          .and()
          .withHours()
          .and()
          .withDayOfMonth()
          .and()
          .withMonth()
          .and()
          .withDayOfWeek()
          .withValidRange(0, 6)
          .withMondayDoWValue(1)
          .and()
          .matchDayOfWeekAndDayOfMonth()
          .instance();

  private final ExecutionTime times;

  MatchingTimes(Map<CronField, SortedSet<Integer>> values) {
    String expression =
        values.entrySet().stream()
            .map(field -> text(field.getKey(), field.getValue()))
            .collect(Collectors.joining(" "));
    this.times = ExecutionTime.forCron(new CronParser(DEFINITION).parse(expression));
  }

  private static String text(CronField field, SortedSet<Integer> values) {
    return values.size() == field.size()
        ? "*"
        : values.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  /**
   * The first time that matches.
   *
   * @param from where to begin, itself included; a whole second
   * @param offset by which local time is reckoned
   * @return null if there is none in a hundred years
   */
  @Nullable Instant firstFrom(Instant from, ZoneOffset offset) {
    ZonedDateTime justBefore = from.minusSeconds(1).atZone(offset);
    return times.nextExecution(justBefore).map(ZonedDateTime::toInstant).orElse(null);
  }
}
