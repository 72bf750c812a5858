package dev.perdure.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProcessorLoadTest {
  private long now;
  private double value;
  private int looks;
  private @Nullable RuntimeException failure;

  private final ProcessorLoad load =
      new ProcessorLoad(
          () -> {
            looks++;
            if (failure != null) {
              throw failure;
            }
            return value;
          },
          () -> now);

  private boolean isHighLater() {
    now += Duration.ofMillis(250).toNanos();
    return load.isHigh();
  }

  @Test
  void itIsHighWhenHardlyAnyTimeIsLeft() {
    value = 0.5;
    assertThat(isHighLater()).isFalse();
    value = 0.9;
    assertThat(isHighLater()).isTrue();
    value = 0.5;
    assertThat(isHighLater()).isFalse();
  }

  @Test
  void itIsNotLookedAtMoreThanSomeTimesASecond() {
    value = 0.9;
    assertThat(load.isHigh()).isFalse();
    for (int i = 0; i < 1_000; i++) {
      now += Duration.ofMillis(1).toNanos();
      var unused = load.isHigh();
    }
    assertThat(looks).isEqualTo(4);
    assertThat(load.isHigh()).isTrue();
  }

  @Test
  void whatIsNotKnownIsNotHigh() {
    value = -1;
    assertThat(isHighLater()).isFalse();
    value = Double.NaN;
    assertThat(isHighLater()).isFalse();
    failure = new IllegalStateException("no such file");
    assertThat(isHighLater()).isFalse();
  }
}
