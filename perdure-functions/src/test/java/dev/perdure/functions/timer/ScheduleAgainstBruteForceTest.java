package dev.perdure.functions.timer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Month;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random expressions. The next time has to be the first second that matches all fields: found here
 * by looking at every day and then at every second of it. A failure shows its seed.
 */
class ScheduleAgainstBruteForceTest {
  private static final int[] MIN = {0, 0, 0, 1, 1, 0};
  private static final int[] MAX = {59, 59, 23, 31, 12, 6};
  private static final CronField[] FIELDS = CronField.values();

  private record Expression(String text, Map<CronField, SortedSet<Integer>> values) {
    boolean matchesDay(LocalDate day) {
      return values.get(CronField.DAY).contains(day.getDayOfMonth())
          && values.get(CronField.MONTH).contains(day.getMonthValue())
          && values.get(CronField.WEEKDAY).contains(day.getDayOfWeek().getValue() % 7);
    }

    boolean matchesTime(int secondOfDay) {
      return values.get(CronField.HOUR).contains(secondOfDay / 3600)
          && values.get(CronField.MINUTE).contains(secondOfDay / 60 % 60)
          && values.get(CronField.SECOND).contains(secondOfDay % 60);
    }

    boolean canFire() {
      return values.get(CronField.MONTH).stream()
          .anyMatch(month -> Month.of(month).maxLength() >= values.get(CronField.DAY).first());
    }
  }

  private static Expression random(Random random) {
    List<String> words = new ArrayList<>();
    Map<CronField, SortedSet<Integer>> all = new EnumMap<>(CronField.class);
    for (int i = 0; i < FIELDS.length; i++) {
      SortedSet<Integer> values = new TreeSet<>();
      List<String> items = new ArrayList<>();
      int count = random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 1;
      for (int item = 0; item < count; item++) {
        items.add(randomItem(random, MIN[i], MAX[i], values));
      }
      all.put(FIELDS[i], values);
      words.add(String.join(",", items));
    }
    return new Expression(String.join(" ", words), all);
  }

  private static String randomItem(Random random, int min, int max, SortedSet<Integer> values) {
    int a = random.nextInt(min, max + 1);
    int b = random.nextInt(min, max + 1);
    int step = 1 + random.nextInt(max);
    return switch (random.nextInt(7)) {
      case 0 -> add(values, min, max, step, "*/" + step);
      case 1 -> add(values, Math.min(a, b), Math.max(a, b), 1, a + "-" + b);
      case 2 -> add(values, Math.min(a, b), Math.max(a, b), step, a + "-" + b + "/" + step);
      case 3 -> add(values, a, max, step, a + "/" + step);
      case 4 -> add(values, a, a, 1, "" + a);
      default -> add(values, min, max, 1, "*");
    };
  }

  private static String add(SortedSet<Integer> values, int from, int to, int step, String text) {
    for (int value = from; value <= to; value += step) {
      values.add(value);
    }
    return text;
  }

  private static Instant byBruteForce(Expression expression, Instant after) {
    ZonedDateTime from = after.atZone(ZoneOffset.UTC);
    int second = from.toLocalTime().toSecondOfDay() + 1;
    for (LocalDate day = from.toLocalDate(); ; day = day.plusDays(1)) {
      if (expression.matchesDay(day)) {
        for (; second < 86_400; second++) {
          if (expression.matchesTime(second)) {
            return day.atStartOfDay(ZoneOffset.UTC).plusSeconds(second).toInstant();
          }
        }
      }
      second = 0;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void theNextTimeIsTheFirstSecondThatMatchesAllFields(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 250; round++) {
      Expression expression = random(random);
      if (!expression.canFire()) {
        continue;
      }
      Schedule schedule = Schedule.parse(expression.text());
      Instant time = Instant.parse("2000-01-01T00:00:00Z").plusMillis(random.nextLong(1L << 41));
      for (int i = 0; i < 4; i++) {
        Instant next = schedule.next(time, ZoneId.of("UTC"));
        assertThat(next)
            .as("seed %d, '%s' after %s", seed, expression.text(), time)
            .isEqualTo(byBruteForce(expression, time));
        time = next;
      }
    }
  }

  /**
   * The same in zones whose clocks change, by the definition: a local time fires at its instant;
   * one that was left out fires as much later; one that comes twice does so once or twice.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "America/Santiago",
        "Africa/Casablanca"
      })
  void whereClocksChangeNothingIsLostAndNothingComesTwiceThatShouldNot(String zoneName) {
    ZoneId zone = ZoneId.of(zoneName);
    Random random = new Random(zoneName.hashCode());
    for (int round = 0; round < 40; round++) {
      Instant change =
          zone.getRules()
              .nextTransition(
                  Instant.parse("2015-01-01T00:00:00Z").plus(Duration.ofDays(random.nextInt(4000))))
              .getInstant();
      Instant begin = change.minus(Duration.ofHours(3)).minusSeconds(random.nextInt(600));
      Instant end = change.plus(Duration.ofHours(5));
      boolean interval = random.nextBoolean();
      int minute = random.nextInt(60);
      int hour = random.nextInt(5);
      String text =
          interval ? "0 */" + (1 + minute) + " * * * *" : "0 " + minute + " " + hour + " * * *";
      assertThat(fires(Schedule.parse(text), begin, end, zone))
          .as("'%s' in %s around %s", text, zone, change)
          .isEqualTo(byDefinition(text, interval, begin, end, zone));
    }
  }

  private static List<Instant> fires(Schedule schedule, Instant begin, Instant end, ZoneId zone) {
    List<Instant> found = new ArrayList<>();
    for (Instant at = schedule.next(begin, zone); at.isBefore(end); at = schedule.next(at, zone)) {
      found.add(at);
    }
    return found;
  }

  private static List<Instant> byDefinition(
      String text, boolean interval, Instant begin, Instant end, ZoneId zone) {
    Map<CronField, SortedSet<Integer>> values = new EnumMap<>(CronField.class);
    String[] words = text.split(" ");
    for (int i = 0; i < FIELDS.length; i++) {
      values.put(FIELDS[i], FIELDS[i].parse(words[i], text));
    }
    Expression expression = new Expression(text, values);
    SortedSet<Instant> found = new TreeSet<>();
    LocalDate first = begin.atZone(zone).toLocalDate().minusDays(1);
    for (int day = 0; day < 4; day++) {
      for (int second = 0; second < 86_400; second += 60) {
        if (expression.matchesTime(second)) {
          ZonedDateTime once =
              ZonedDateTime.ofLocal(
                  first.plusDays(day).atStartOfDay().plusSeconds(second), zone, null);
          found.add(once.withEarlierOffsetAtOverlap().toInstant());
          if (interval) {
            found.add(once.withLaterOffsetAtOverlap().toInstant());
          }
        }
      }
    }
    return found.stream().filter(at -> at.isAfter(begin) && at.isBefore(end)).toList();
  }
}
