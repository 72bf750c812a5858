package dev.perdure.functions.timer;

import dev.perdure.functions.trigger.InvalidTriggerException;
import java.time.Duration;
import java.time.Instant;
import java.time.Month;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * Fires when all fields of a cron expression match the local time: seconds, minutes, hours, days of
 * the month, months and days of the week.
 *
 * <p>Where clocks are changed: what would fire in the hour that is left out fires as much later as
 * clocks are put forward. In the hour that comes twice, a schedule that is like an interval,
 * because its second, minute or hour has a star, a range or a step, fires both times; others fire
 * the first time only.
 */
final class CronSchedule implements Schedule {
  /**
   * 29 February falls on a given day of the week after 40 years at the latest, so whoever waits
   * longer waits in vain.
   */
  private static final Duration FARTHEST = Duration.ofDays(366 * 50L);

  private static final List<CronField> WITHOUT_SECOND =
      List.of(CronField.values()).subList(1, CronField.values().length);
  private static final List<CronField> TIME_OF_DAY =
      List.of(CronField.SECOND, CronField.MINUTE, CronField.HOUR);

  private final Map<CronField, SortedSet<Integer>> values;
  private final boolean isLikeInterval;
  private final MatchingTimes matching;

  private CronSchedule(Map<CronField, SortedSet<Integer>> values, boolean isLikeInterval) {
    this.values = values;
    this.isLikeInterval = isLikeInterval;
    this.matching = new MatchingTimes(values);
  }

  /**
   * Reads a cron expression.
   *
   * @param words its fields
   */
  static CronSchedule parse(String text, String[] words) {
    List<CronField> fields =
        switch (words.length) {
          case 5 -> WITHOUT_SECOND;
          case 6 -> List.of(CronField.values());
          default -> throw wrongNumberOfFields(text, words.length);
        };
    Map<CronField, SortedSet<Integer>> values = new EnumMap<>(CronField.class);
    values.put(CronField.SECOND, CronField.SECOND.parse("0", text));
    boolean isLikeInterval = false;
    for (int i = 0; i < words.length; i++) {
      CronField field = fields.get(i);
      values.put(field, field.parse(words[i], text));
      isLikeInterval |= TIME_OF_DAY.contains(field) && repeats(words[i]);
    }
    requireAnyDay(values, text);
    return new CronSchedule(values, isLikeInterval);
  }

  private static InvalidTriggerException wrongNumberOfFields(String text, int count) {
    return new InvalidTriggerException(
        ("The schedule '%s' has %d field%s. Write six (second minute hour day month day-of-week),"
                + " five (without the second), or a time span such as '00:05:00'.")
            .formatted(text, count, count == 1 ? "" : "s"));
  }

  private static boolean repeats(String word) {
    return word.indexOf('*') >= 0 || word.indexOf('-') >= 0 || word.indexOf('/') >= 0;
  }

  private static void requireAnyDay(Map<CronField, SortedSet<Integer>> values, String text) {
    int day = Objects.requireNonNull(values.get(CronField.DAY)).first();
    if (Objects.requireNonNull(values.get(CronField.MONTH)).stream()
        .noneMatch(month -> day <= Month.of(month).maxLength())) {
      throw new InvalidTriggerException(
          "The schedule '%s' never fires: no month of those it names has a day %d."
              .formatted(text, day));
    }
  }

  @Override
  public Instant next(Instant after, ZoneId zone) {
    Instant from = Instant.ofEpochSecond(after.getEpochSecond() + 1);
    Instant farthest = from.plus(FARTHEST);
    while (from.isBefore(farthest)) {
      Stretch stretch = Stretch.at(from, zone.getRules(), isLikeInterval);
      Instant found = firstIn(stretch, from);
      if (found != null) {
        return found;
      }
      from = stretch.end();
    }
    throw new IllegalStateException("Nothing matches %s after %s".formatted(values, after));
  }

  private @Nullable Instant firstIn(Stretch stretch, Instant from) {
    Instant first = null;
    for (ZoneOffset offset : stretch.offsets()) {
      Instant found = matching.firstFrom(from, offset);
      if (found != null
          && found.isBefore(stretch.end())
          && (first == null || found.isBefore(first))) {
        first = found;
      }
    }
    return first;
  }

  /** Fires twice or more in every minute there is. */
  @Override
  public boolean isFrequent() {
    return values.entrySet().stream()
        .allMatch(
            field ->
                field.getKey() == CronField.SECOND
                    ? field.getValue().size() > 1
                    : field.getValue().size() == field.getKey().size());
  }

  @Override
  public boolean followsLocalTime() {
    return true;
  }
}
