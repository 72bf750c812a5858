package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.engine.EngineOptions.Limits;
import dev.perdure.engine.EngineOptions.OnNonDeterminism;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.json.JacksonDataConverter;
import dev.perdure.store.memory.MemoryDisk;
import dev.perdure.store.memory.MemoryStore;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
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
    assertThat(OTHER.limits().instanceIdCharsMax()).isEqualTo(300);
  }

  @Test
  void aChangeLeavesTheOriginalAlone() {
    EngineOptions changed = EngineOptions.DEFAULTS.withActivitiesMax(7).withHostName("h");

    assertThat(changed.activitiesMax()).isEqualTo(7);
    assertThat(changed.withActivitiesMax(1000).withHostName("local"))
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
    assertThatThrownBy(() -> OTHER.withShutdownGrace(ChronoUnit.FOREVER.getDuration()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("shutdownGrace is PT")
        .hasMessageContaining("use 100 years (36,500 days) or less");
    assertThatThrownBy(() -> OTHER.withCheckpoint(Duration.ofMillis(Long.MAX_VALUE), 1 << 20))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("checkpointInterval");
    assertThatThrownBy(() -> Limits.DEFAULTS.withInstanceIdCharsMax(10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("instanceIdCharsMax is 10");
  }

  @Test
  void everyDurationMayBeAsGoodAsForEver() {
    EngineOptions patient =
        EngineOptions.DEFAULTS
            .withLimits(Limits.DEFAULTS.withUnfinishedInstancesMax(1_000, EngineOptions.LONGEST))
            .withWarm(1_000, EngineOptions.LONGEST)
            .withStepWarning(EngineOptions.LONGEST)
            .withShutdownGrace(EngineOptions.LONGEST)
            .withCheckpoint(EngineOptions.LONGEST, 1 << 20)
            .withCommitLinger(EngineOptions.LONGEST)
            .withAuditInterval(EngineOptions.LONGEST);
    try (MemoryStore store = MemoryStore.open(new MemoryDisk(), 2);
        Engine engine =
            Engine.start(
                store,
                FunctionRegistry.builder()
                    .activity("one", () -> 1)
                    .orchestrator("o", ctx -> ctx.callActivity("one", null, Integer.class).await())
                    .build(),
                new JacksonDataConverter(),
                patient)) {
      String id = engine.client().startNew("o");
      assertThat(
              engine.client().waitForCompletion(id, Duration.ofSeconds(30)).output(Integer.class))
          .isEqualTo(1);
    }
  }
}
