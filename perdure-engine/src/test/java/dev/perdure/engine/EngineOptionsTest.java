package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.engine.EngineOptions.Limits;
import dev.perdure.engine.EngineOptions.OnNonDeterminism;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class EngineOptionsTest {
  private static final EngineOptions OTHER =
      new EngineOptions(
          "host",
          ActivityStart.PIPELINED,
          "3",
          Limits.DEFAULTS.withInstanceIdCharsMax(300),
          1,
          9,
          2,
          Duration.ofSeconds(3),
          Duration.ofSeconds(4),
          OnNonDeterminism.FAIL,
          5,
          Duration.ofSeconds(6),
          Duration.ofSeconds(7),
          1 << 20,
          Duration.ofMillis(8),
          Duration.ofSeconds(9));

  @Test
  void eachChangeChangesWhatItSays() {
    EngineOptions changed =
        EngineOptions.DEFAULTS
            .withHostName("host")
            .withActivityStart(ActivityStart.PIPELINED)
            .withDefaultVersion("3")
            .withLimits(Limits.DEFAULTS.withInstanceIdCharsMax(300))
            .withActivitiesMax(1)
            .withEntityBatchesMax(9)
            .withWarm(2, Duration.ofSeconds(3))
            .withStepWarning(Duration.ofSeconds(4))
            .withOnNonDeterminism(OnNonDeterminism.FAIL)
            .withRedeliveriesMax(5)
            .withShutdownGrace(Duration.ofSeconds(6))
            .withCheckpoint(Duration.ofSeconds(7), 1 << 20)
            .withCommitLinger(Duration.ofMillis(8))
            .withAuditInterval(Duration.ofSeconds(9));

    assertThat(changed).isEqualTo(OTHER);
    assertThat(OTHER.toBuilder().build()).isEqualTo(OTHER);
    assertThat(OTHER.limits().instanceIdCharsMax()).isEqualTo(300);
  }

  @Test
  void severalChangesMayBeMadeAtOnceAndLeaveTheOriginalAlone() {
    EngineOptions changed =
        EngineOptions.DEFAULTS.with(o -> o.activitiesMax(7).redeliveriesMax(2).hostName("h"));

    assertThat(changed.activitiesMax()).isEqualTo(7);
    assertThat(changed.redeliveriesMax()).isEqualTo(2);
    assertThat(changed.withActivitiesMax(1000).withRedeliveriesMax(5).withHostName("local"))
        .isEqualTo(EngineOptions.DEFAULTS);
  }

  @Test
  void whatCannotWorkIsRefused() {
    assertThatThrownBy(() -> OTHER.withRedeliveriesMax(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("redeliveriesMax is 0; use 1 or more");
    assertThatThrownBy(() -> OTHER.withCommitLinger(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("commitLinger");
    assertThatThrownBy(() -> Limits.DEFAULTS.withInstanceIdCharsMax(10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("instanceIdCharsMax is 10");
  }
}
