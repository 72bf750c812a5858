package dev.perdure.functions.timer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.functions.trigger.InvalidTriggerException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The language in which schedules are written. Times are in UTC. */
class ScheduleTest {
  private static final ZoneId UTC = ZoneId.of("UTC");

  /** Thursday, 1 January 2026. */
  private static final String NEW_YEAR = "2026-01-01T00:00:00Z";

  private static List<String> fires(String schedule, String after, int times) {
    Schedule parsed = Schedule.parse(schedule);
    return Stream.iterate(parsed.next(Instant.parse(after), UTC), last -> parsed.next(last, UTC))
        .limit(times)
        .map(Instant::toString)
        .toList();
  }

  private static void assertSame(String one, String other) {
    assertThat(fires(one, NEW_YEAR, 30)).isEqualTo(fires(other, NEW_YEAR, 30));
  }

  // ---- cron expressions -------------------------------------------------------------------------

  @Test
  void sixFieldsBeginWithTheSecond() {
    assertThat(fires("30 15 9 * * *", NEW_YEAR, 2))
        .containsExactly("2026-01-01T09:15:30Z", "2026-01-02T09:15:30Z");
  }

  @Test
  void fiveFieldsMeanTheFullMinute() {
    assertThat(fires("15 9 * * *", NEW_YEAR, 2))
        .containsExactly("2026-01-01T09:15:00Z", "2026-01-02T09:15:00Z");
  }

  @Test
  void theNextTimeIsAfterTheOneGiven() {
    assertThat(fires("0 0 * * * *", NEW_YEAR, 1)).containsExactly("2026-01-01T01:00:00Z");
    assertThat(fires("0 0 * * * *", "2025-12-31T23:59:59.999Z", 1)).containsExactly(NEW_YEAR);
    assertThat(fires("* * * * * *", "2026-01-01T00:00:00.001Z", 1))
        .containsExactly("2026-01-01T00:00:01Z");
  }

  @Test
  void aStepCountsFromTheLeastValue() {
    assertThat(fires("0 */20 * * * *", NEW_YEAR, 3))
        .containsExactly("2026-01-01T00:20:00Z", "2026-01-01T00:40:00Z", "2026-01-01T01:00:00Z");
    assertThat(fires("0 0 0 */15 * *", NEW_YEAR, 4))
        .containsExactly(
            "2026-01-16T00:00:00Z",
            "2026-01-31T00:00:00Z",
            "2026-02-01T00:00:00Z",
            "2026-02-16T00:00:00Z");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 5-15/5 * * * *  | 0 5,10,15 * * * *",
        "0 15-5/5 * * * *  | 0 5,10,15 * * * *",
        "0 40/7 * * * *    | 0 40,47,54 * * * *",
        "0 40/500 * * * *  | 0 40 * * * *",
        "0 */500 * * * *   | 0 0 * * * *",
        "0 1,1,*/30 * * * *| 0 0,1,30 * * * *",
        "0 00 09 * * *     | 0 0 9 * * *",
        "0 0 17-9 * * *    | 0 0 9-17 * * *"
      })
  void rangesAndStepsAndListsAre(String schedule, String meaning) {
    assertSame(schedule, meaning);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 0 9 * * Mon-Fri        | 0 0 9 * * 1-5",
        "0 0 9 * * fri-MONDAY     | 0 0 9 * * 1-5",
        "0 0 9 * * m,we,FRID      | 0 0 9 * * 1,3,5",
        "0 0 9 * * s              | 0 0 9 * * 0",
        "0 0 9 * * sa             | 0 0 9 * * 6",
        "0 0 9 * * t              | 0 0 9 * * 2",
        "0 0 9 1 Sept *           | 0 0 9 1 9 *",
        "0 0 9 1 j *              | 0 0 9 1 1 *",
        "0 0 9 1 ju *             | 0 0 9 1 6 *",
        "0 0 9 1 JUL,ma,december *| 0 0 9 1 3,7,12 *",
        "0 0 9 1 a/4 *            | 0 0 9 1 4,8,12 *"
      })
  void namesMayBeShortenedToAnyBeginningAndTheFirstInTheCalendarCounts(
      String schedule, String meaning) {
    assertSame(schedule, meaning);
  }

  @Test
  void zeroIsSunday() {
    assertThat(fires("0 0 0 * * 0", NEW_YEAR, 1)).containsExactly("2026-01-04T00:00:00Z");
  }

  @Test
  void dayOfMonthAndDayOfWeekMustBothMatch() {
    assertThat(fires("0 0 0 13 * Fri", NEW_YEAR, 3))
        .containsExactly("2026-02-13T00:00:00Z", "2026-03-13T00:00:00Z", "2026-11-13T00:00:00Z");
  }

  @Test
  void monthsWithoutTheDayAreLeftOut() {
    assertThat(fires("0 0 0 31 * *", NEW_YEAR, 3))
        .containsExactly("2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z");
  }

  @Test
  void leapDaysAreFound() {
    assertThat(fires("0 0 0 29 2 *", NEW_YEAR, 2))
        .containsExactly("2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z");
    assertThat(fires("0 0 0 29 2 *", "2096-03-01T00:00:00Z", 1))
        .containsExactly("2104-02-29T00:00:00Z");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
  void aLeapDayOnAGivenDayOfTheWeekIsFoundHoweverFarItIs(int weekday) {
    for (int year = 2000; year < 2400; year++) {
      Instant after = Instant.parse(year + "-03-01T00:00:00Z");
      Instant found = Schedule.parse("0 0 0 29 2 " + weekday).next(after, UTC);
      assertThat(found.atZone(UTC).getYear()).isBetween(year + 1, year + 40);
    }
  }

  @Test
  void spaceAroundAndBetweenFieldsDoesNotMatter() {
    assertSame("  0\t*/5   * * *  * ", "0 */5 * * * *");
  }

  // ---- what is refused --------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "60 * * * * *     | the second '60' is out of range. Allowed are 0 to 59, alone",
        "0 61 * * * *     | the minute '61' is out of range. Allowed are 0 to 59, alone",
        "0 0 24 * * *     | the hour '24' is out of range. Allowed are 0 to 23, alone",
        "0 0 0 0 * *      | the day of month '0' is out of range. Allowed are 1 to 31, alone",
        "0 0 0 1 13 *     | the month '13' is out of range. Allowed are 1 to 12 or names (January to December, also shortened)",
        "0 0 0 * * 7      | the day of week '7' is out of range (Sunday is 0). Allowed are 0 to 6 or names (Sunday to Saturday, also shortened)",
        "0 0 0 * * Xyz    | the day of week 'Xyz' is not understood",
        "0 0 0 * * Mondays| the day of week 'Mondays' is not understood",
        "0 0 0 1 Mon *    | the month 'Mon' is not understood",
        "0 0 0 L * *      | the day of month 'L' is not understood",
        "0 0 0 15W * *    | the day of month '15W' is not understood",
        "0 0 0 ? * *      | the day of month '?' is not understood",
        "0 0 0 * * Fri#2  | the day of week 'Fri#2' is not understood",
        "0 -5 * * * *     | the minute '-5' lacks a value",
        "0 5, * * * *     | the minute '' lacks a value",
        "0 1-2-3 * * * *  | the minute '1-2-3' is not understood",
        "0 */0 * * * *    | the minute '*/0' needs a step of 1 or more",
        "0 */ * * * *     | the minute '*/' needs a step of 1 or more",
        "0 */x * * * *    | the minute '*/x' needs a step of 1 or more",
        "0 */5/5 * * * *  | the minute '*/5/5' needs a step of 1 or more",
        "0 99999999999 * * * * | the minute '99999999999' is out of range",
        "0 */99999999999 * * * * | the minute '*/99999999999' is out of range",
        "0 ٥ * * * *      | the minute '٥' is not understood",
        "0 0 0 * *  5 2026 *  | has 8 fields. Write six (second minute hour day month day-of-week), five (without the second), or a time span",
        "hourly           | has 1 field. Write six",
        "* *              | has 2 fields. Write six",
        "0 0 0 31 2 *     | never fires: no month of those it names has a day 31",
        "0 0 0 30,31 Feb *| never fires: no month of those it names has a day 30",
        "0 0 0 31 4,6,9,11 * | never fires: no month of those it names has a day 31",
        "24:00:00         | has 24 hours, and the most is 23: write 1.00:00:00. A time span is",
        "2.30:15          | has 30 hours, and the most is 23: write 3.06:15. A time span is",
        "00:60:00         | has 60 minutes, and the most is 59",
        "00:00:75         | has 75 seconds, and the most is 59",
        "00:00:00         | is no time at all",
        "-00:05:00        | is no time span. A time span is hh:mm:ss, such as '00:05:00' for every five minutes, or d.hh:mm:ss",
        "00:05:           | is no time span"
      })
  void whatIsWrongIsSaidPrecisely(String schedule, String message) {
    assertThatThrownBy(() -> Schedule.parse(schedule))
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageStartingWith("The schedule '" + schedule + "' ")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   "})
  void anEmptyScheduleIsRefused(String schedule) {
    assertThatThrownBy(() -> Schedule.parse(schedule))
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageStartingWith("The schedule is empty.");
  }

  // ---- time spans -------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "00:05:00, PT5M",
    "1:02:03, PT1H2M3S",
    "00:00:01.5, PT1.5S",
    "12:30, PT12H30M",
    "1.00:00:00, PT24H",
    "7.12:00, PT180H"
  })
  void aTimeSpanIsAConstantInterval(String schedule, Duration interval) {
    Instant now = Instant.parse("2026-01-01T00:00:00.123Z");
    assertThat(Schedule.parse(schedule).next(now, UTC)).isEqualTo(now.plus(interval));
  }

  // ---- how often --------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(
      strings = {"* * * * * *", "*/5 * * * * *", "10,20,45 * * * * *", "00:00:59", "00:00:00.1"})
  void someSchedulesFireMoreThanOnceInEveryMinute(String schedule) {
    assertThat(Schedule.parse(schedule).isFrequent()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0 */5 * * * *",
        "30 * * * * *",
        "* * * * *",
        "* 30 * * * *",
        "* */20 * * * *",
        "* * 12 * * Mon",
        "00:01:00"
      })
  void othersDoNot(String schedule) {
    assertThat(Schedule.parse(schedule).isFrequent()).isFalse();
  }
}
