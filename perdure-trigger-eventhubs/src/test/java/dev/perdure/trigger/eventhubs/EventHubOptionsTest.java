package dev.perdure.trigger.eventhubs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.trigger.InvalidTriggerException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventHubOptionsTest {
  @Test
  void whatAppliesIfNothingIsSaid() {
    EventHubOptions options = EventHubOptions.of(HostSettings.DEFAULTS);
    assertThat(options.batchMax()).isEqualTo(100);
    assertThat(options.batchMin()).isEqualTo(1);
    assertThat(options.prefetch()).isEqualTo(300);
    assertThat(options.checkpoints()).isEqualTo(new EventHubOptions.Checkpoints(true, 1, false));
    assertThat(options.from()).isEqualTo(new EventHubOptions.From.Start());
    assertThat(options.retry().retriesMax()).isEqualTo(3);
  }

  @Test
  void namesAreFoundInAnyCaseAndOlderOnesToo() {
    assertThat(of(Map.of("MaxEventBatchSize", 7)).batchMax()).isEqualTo(7);
    assertThat(of(Map.of("maxBatchSize", 8)).batchMax()).isEqualTo(8);
    assertThat(of(Map.of("eventProcessorOptions", Map.of("maxBatchSize", 9))).batchMax())
        .isEqualTo(9);
    assertThat(
            of(Map.of("partitionManagerOptions", Map.of("leaseDuration", "00:00:20")))
                .balancing()
                .expiration())
        .isEqualTo(Duration.ofSeconds(20));
  }

  @Test
  void whereToBegin() {
    assertThat(of(Map.of("initialOffsetOptions", Map.of("type", "FromEnd"))).from())
        .isEqualTo(new EventHubOptions.From.End());
    assertThat(
            of(Map.of(
                    "initialOffsetOptions",
                    Map.of("type", "fromEnqueuedTime", "enqueuedTimeUtc", "2026-10-31T09:00:00Z")))
                .from())
        .isEqualTo(new EventHubOptions.From.EnqueuedTime(Instant.parse("2026-10-31T09:00:00Z")));
  }

  @ParameterizedTest
  @CsvSource({
    "2026-10-31T09:00Z, 2026-10-31T09:00:00Z",
    "2026-10-31 09:00:00Z, 2026-10-31T09:00:00Z",
    "2026-10-31T09:00:07.5, 2026-10-31T09:00:07.500Z",
    "2026-10-31T09:00+02:00, 2026-10-31T07:00:00Z",
    "2026-10-31T24:00:00Z, 2026-11-01T00:00:00Z"
  })
  void aTimeToBeginAtMayBeWrittenInSeveralWays(String written, Instant meant) {
    assertThat(
            of(Map.of(
                    "initialOffsetOptions",
                    Map.of("type", "fromEnqueuedTime", "enqueuedTimeUtc", written)))
                .from())
        .isEqualTo(new EventHubOptions.From.EnqueuedTime(meant));
  }

  @Test
  void sharingBetweenHostsIsSlowerToLookThanAHostAlone() {
    assertThat(of(Map.of("checkpointStore", "blob")).balancing().interval())
        .isEqualTo(Duration.ofSeconds(30));
    assertThat(of(Map.of()).balancing().interval()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void whatIsWrongIsSaidWithItsPlace() {
    refused(Map.of("maxEventBatchSize", 0), "extensions.eventHubs.maxEventBatchSize");
    refused(Map.of("batchCheckpointFrequency", 0), "batchCheckpointFrequency");
    refused(Map.of("minEventBatchSize", 200), "more than the maxEventBatchSize of 100");
    refused(Map.of("maxWaitTime", "00:11:00"), "maxWaitTime");
    refused(Map.of("maxWaitTime", "soon"), "'soon' is not a span of time");
    refused(Map.of("transportType", "mqtt"), "amqpTcp, amqpWebSockets");
    refused(Map.of("initialOffsetOptions", Map.of("type", "middle")), "fromStart, fromEnd");
    refused(Map.of("initialOffsetOptions", Map.of("type", "fromEnqueuedTime")), "enqueuedTimeUtc");
    refused(Map.of("clientRetryOptions", 3), "clientRetryOptions");
    refused(Map.of("checkpointStore", "disk"), "taskHub, blob");
  }

  private static void refused(Map<String, Object> section, String part) {
    assertThatThrownBy(() -> of(section))
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageContaining(part);
  }

  private static EventHubOptions of(Map<String, Object> section) {
    HostSettings none = HostSettings.DEFAULTS;
    return EventHubOptions.of(
        new HostSettings(
            none.functionTimeout(),
            none.functions(),
            none.retry(),
            none.http(),
            none.durableTask(),
            none.logLevels(),
            Map.of("eventHubs", section),
            none.warnings()));
  }
}
