package dev.perdure.engine.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.store.TimerRow;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimerQueueTest {
  private final TreeSet<TimerRow> store = new TreeSet<>();
  private final TimerQueue queue = new TimerQueue();

  private List<TimerRow> scan(TimerRow after, int limit) {
    return (after == null ? store : store.tailSet(after, false)).stream().limit(limit).toList();
  }

  private void fetchAll(long now) {
    while (queue.fetch(now, this::scan)) {}
  }

  @Test
  void timersComeOutWhenTheyAreDueInTheirOrder() {
    fetchAll(0);
    TimerRow late = new TimerRow(30, "a", 1);
    TimerRow early = new TimerRow(10, "z", 1);
    TimerRow alsoEarly = new TimerRow(10, "b", 2);
    List.of(late, early, alsoEarly).forEach(queue::add);
    assertThat(queue.takeDue(9)).isNull();
    assertThat(queue.takeDue(10)).isEqualTo(alsoEarly);
    assertThat(queue.takeDue(10)).isEqualTo(early);
    assertThat(queue.takeDue(10)).isNull();
    assertThat(queue.takeDue(31)).isEqualTo(late);
  }

  @Test
  void whatIsStoredAndFarAwayCostsNoMemory() {
    fetchAll(0);
    for (int i = 0; i < 1_000; i++) {
      TimerRow timer = new TimerRow(3_600_000 + i, "i" + i, 0);
      queue.add(timer);
      store.add(timer);
      queue.stored(timer);
    }
    assertThat(queue.size()).isZero();
    fetchAll(3_590_000);
    assertThat(queue.size()).isEqualTo(1_000);
  }

  @Test
  void timersOfTheStoreAreThereAfterALeapOfTheClock() {
    for (int i = 0; i < 10_000; i++) {
      store.add(new TimerRow(1_000L * i, "i" + i, 0));
    }
    fetchAll(0);
    long leap = 9_000_000;
    for (int i = 0; i <= 9_000; i++) {
      TimerRow due = queue.takeDue(leap);
      while (due == null) {
        queue.fetch(leap, this::scan);
        due = queue.takeDue(leap);
      }
      assertThat(due.dueAt()).isEqualTo(1_000L * i);
    }
    assertThat(queue.takeDue(leap)).isNull();
  }

  /** Against the simplest thing that could be right: a set of all timers. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void noTimerIsLostLateOrTwice(long seed) {
    Random random = new Random(seed);
    TreeSet<TimerRow> model = new TreeSet<>();
    TreeSet<TimerRow> unstored = new TreeSet<>();
    long now = 0;
    int made = 0;
    for (int i = 0; i < 20_000; i++) {
      switch (random.nextInt(12)) {
        case 0, 1, 2, 3 -> {
          long due =
              now + (random.nextInt(4) == 0 ? random.nextInt(500_000) : random.nextInt(5000));
          TimerRow timer = new TimerRow(due - 100, "i" + random.nextInt(50), made++);
          model.add(timer);
          unstored.add(timer);
          queue.add(timer);
        }
        case 4, 5 -> { // a checkpoint
          store.addAll(unstored);
          unstored.forEach(queue::stored);
          unstored.clear();
        }
        case 6 -> { // one is cancelled
          if (!model.isEmpty()) {
            TimerRow any = random.nextBoolean() ? model.first() : model.last();
            model.remove(any);
            unstored.remove(any);
            queue.remove(any);
            store.remove(any);
          }
        }
        case 7 -> now += random.nextInt(300_000);
        case 8 -> { // a crash: memory is gone, timers without rows come back from the log
          queue.clear();
          unstored.forEach(queue::add);
        }
        default -> now += random.nextInt(2_000);
      }
      fetchAll(now);
      TimerRow due;
      while ((due = queue.takeDue(now)) != null) {
        assertThat(due).isEqualTo(model.first());
        model.remove(due);
        unstored.remove(due);
        store.remove(due);
      }
      if (!model.isEmpty()) {
        assertThat(model.first().dueAt()).as("nothing due is left").isGreaterThan(now);
        assertThat(queue.nextAt())
            .as("it is looked at in time")
            .isLessThanOrEqualTo(Math.max(now, model.first().dueAt()));
      }
    }
  }
}
