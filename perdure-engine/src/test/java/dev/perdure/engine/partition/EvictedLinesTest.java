package dev.perdure.engine.partition;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class EvictedLinesTest {
  private static final int PARTITIONS = 100;

  /** 10,000 over all partitions. */
  private static final int KEPT = 100;

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // it may overflow
  private final EvictedLines lines = new EvictedLines(PARTITIONS, nanos::get);
  private final AtomicInteger found = new AtomicInteger();

  private void add(String id, int delivered) {
    lines.add(
        id,
        "e",
        delivered,
        () -> {
          found.incrementAndGet();
          return id + " at " + delivered;
        });
  }

  @Test
  void aLineIsThatOfOneWaitOfOneExecution() {
    add("a", 3);

    assertThat(lines.get("a", "e", 3)).isEqualTo("a at 3");
    assertThat(lines.get("a", "e", 4)).isNull();
    assertThat(lines.get("a", "f", 3)).isNull();
    assertThat(lines.get("b", "e", 3)).isNull();
    add("a", 4);
    assertThat(lines.get("a", "e", 4)).isEqualTo("a at 4");
    assertThat(lines.get("a", "e", 3)).isNull();
  }

  @Test
  void codeThatWaitsAtNoLineOfItsOwnHasNone() {
    lines.add("a", "e", 1, () -> null);
    assertThat(lines.get("a", "e", 1)).isNull();
  }

  @Test
  void theLastOnesAreKept() {
    for (int i = 0; i < KEPT; i++) {
      add("i" + i, 1);
    }
    nanos.addAndGet(1_000_000_000);
    add("i0", 2);
    add("one more", 1);

    assertThat(lines.get("i0", "e", 2)).isNotNull();
    assertThat(lines.get("i1", "e", 1)).isNull();
    assertThat(lines.get("i2", "e", 1)).isNotNull();
    assertThat(lines.get("one more", "e", 1)).isNotNull();
  }

  @Test
  void noMoreAreFoundThanAreKeptAndThenSoManyInASecond() {
    for (int i = 0; i < 10 * KEPT; i++) {
      add("i" + i, 1);
    }
    assertThat(found).hasValue(KEPT);

    nanos.addAndGet(1_000_000_000); // a thousand over all partitions
    for (int i = 0; i < 10 * KEPT; i++) {
      add("i" + i, 1);
    }
    assertThat(found).hasValue(KEPT + 10);

    nanos.addAndGet(3_600_000_000_000L);
    for (int i = 0; i < 10 * KEPT; i++) {
      add("i" + i, 1);
    }
    assertThat(found).hasValue(KEPT + 10 + KEPT);
  }
}
