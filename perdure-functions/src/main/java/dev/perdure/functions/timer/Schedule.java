package dev.perdure.functions.timer;

import dev.perdure.functions.trigger.InvalidTriggerException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.regex.Pattern;

/** When a timer fires. Immutable. */
sealed interface Schedule permits CronSchedule, IntervalSchedule {
  /** What is between the fields of a cron expression. */
  Pattern SPACE = Pattern.compile("\\s+");

  /**
   * Reads a schedule: a cron expression of six fields, or of five without the second, or a time
   * span, which is a constant interval.
   *
   * @throws InvalidTriggerException if it is neither, or never fires; says what is allowed
   */
  static Schedule parse(String text) {
    String trimmed = text.strip();
    if (trimmed.isEmpty()) {
      throw new InvalidTriggerException(
          "The schedule is empty. Write a cron expression such as '0 */5 * * * *', or a time span"
              + " such as '00:05:00'.");
    }
    String[] words = SPACE.split(trimmed);
    return words.length == 1 && trimmed.indexOf(':') >= 0
        ? IntervalSchedule.parse(trimmed)
        : CronSchedule.parse(trimmed, words);
  }

  /**
   * The first time to fire after another time.
   *
   * @param zone whose local time counts
   */
  Instant next(Instant after, ZoneId zone);

  /** Whether it fires so often, more than once in every minute, that runs need not be recorded. */
  boolean isFrequent();

  /** Whether it follows the clock on the wall, and with it the changes of daylight saving time. */
  boolean followsLocalTime();
}
