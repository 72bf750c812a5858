package dev.perdure.functions.timer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Schedules on the days on which clocks change. */
class DaylightSavingTest {
  /** Clocks go from 2:00 to 3:00 on 29 March 2026 and from 3:00 back to 2:00 on 25 October. */
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  /** Clocks go from 2:00 to 3:00 on 8 March 2026 and from 2:00 back to 1:00 on 1 November. */
  private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");

  private static List<String> fires(String schedule, ZoneId zone, String after, int times) {
    Schedule parsed = Schedule.parse(schedule);
    List<String> found = new ArrayList<>();
    Instant at = OffsetDateTime.parse(after).toInstant();
    for (int i = 0; i < times; i++) {
      at = parsed.next(at, zone);
      found.add(at.atZone(zone).toOffsetDateTime().toString());
    }
    return found;
  }

  @Test
  void schedulesAreInLocalTime() {
    assertThat(fires("0 0 9 * * *", BERLIN, "2026-03-28T00:00:00Z", 2))
        .containsExactly("2026-03-28T09:00+01:00", "2026-03-29T09:00+02:00");
    assertThat(fires("0 0 9 * * *", NEW_YORK, "2026-03-07T12:00:00Z", 2))
        .containsExactly("2026-03-07T09:00-05:00", "2026-03-08T09:00-04:00");
  }

  // ---- spring: an hour is left out
  // ----------------------------------------------------------------

  @Test
  void aTimeThatIsLeftOutComesAnHourLater() {
    assertThat(fires("0 30 2 * * *", BERLIN, "2026-03-28T00:00:00Z", 3))
        .containsExactly(
            "2026-03-28T02:30+01:00", "2026-03-29T03:30+02:00", "2026-03-30T02:30+02:00");
    assertThat(fires("0 30 2 * * *", NEW_YORK, "2026-03-07T00:00:00-05:00", 3))
        .containsExactly(
            "2026-03-07T02:30-05:00", "2026-03-08T03:30-04:00", "2026-03-09T02:30-04:00");
  }

  @Test
  void aTimeThatIsLeftOutDoesNotHideOneThatComesEarlierThanItsSubstitute() {
    assertThat(fires("0 30,45 2,3 * * *", BERLIN, "2026-03-29T00:00:00+01:00", 3))
        .containsExactly(
            "2026-03-29T03:30+02:00", "2026-03-29T03:45+02:00", "2026-03-30T02:30+02:00");
    assertThat(fires("0 0,50 2-3 * * *", BERLIN, "2026-03-29T00:00:00+01:00", 2))
        .containsExactly("2026-03-29T03:00+02:00", "2026-03-29T03:50+02:00");
  }

  @Test
  void anIntervalKeepsItsPaceInSpring() {
    assertThat(fires("0 */30 * * * *", BERLIN, "2026-03-29T01:10:00+01:00", 4))
        .containsExactly(
            "2026-03-29T01:30+01:00",
            "2026-03-29T03:00+02:00",
            "2026-03-29T03:30+02:00",
            "2026-03-29T04:00+02:00");
  }

  @Test
  void aDayThatDoesNotExistIsMadeUpForOnTheNext() {
    // Samoa left out 30 December 2011.
    assertThat(fires("0 0 12 30 12 *", ZoneId.of("Pacific/Apia"), "2011-12-29T00:00:00-10:00", 1))
        .containsExactly("2011-12-31T12:00+14:00");
  }

  // ---- autumn: an hour comes twice
  // ----------------------------------------------------------------

  @Test
  void aFixedTimeThatComesTwiceFiresTheFirstTimeOnly() {
    assertThat(fires("0 30 2 * * *", BERLIN, "2026-10-24T12:00:00Z", 2))
        .containsExactly("2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00");
    assertThat(fires("0 30 1 * * *", NEW_YORK, "2026-10-31T12:00:00Z", 2))
        .containsExactly("2026-11-01T01:30-04:00", "2026-11-02T01:30-05:00");
  }

  @Test
  void whoeverStartsInTheRepeatedHourWaitsForTheNextDay() {
    assertThat(fires("0 30 2 * * *", BERLIN, "2026-10-25T02:10:00+01:00", 1))
        .containsExactly("2026-10-26T02:30+01:00");
  }

  @Test
  void anIntervalKeepsItsPaceInAutumn() {
    assertThat(fires("0 */30 * * * *", BERLIN, "2026-10-25T01:40:00+02:00", 5))
        .containsExactly(
            "2026-10-25T02:00+02:00",
            "2026-10-25T02:30+02:00",
            "2026-10-25T02:00+01:00",
            "2026-10-25T02:30+01:00",
            "2026-10-25T03:00+01:00");
    assertThat(fires("0 0/30 1 * * *", NEW_YORK, "2026-11-01T00:00:00-04:00", 5))
        .containsExactly(
            "2026-11-01T01:00-04:00",
            "2026-11-01T01:30-04:00",
            "2026-11-01T01:00-05:00",
            "2026-11-01T01:30-05:00",
            "2026-11-02T01:00-05:00");
  }

  @Test
  void aTimeSpanKnowsNoClockOnTheWall() {
    assertThat(fires("1.00:00:00", BERLIN, "2026-10-24T12:00:00+02:00", 2))
        .containsExactly("2026-10-25T11:00+01:00", "2026-10-26T11:00+01:00");
  }
}
