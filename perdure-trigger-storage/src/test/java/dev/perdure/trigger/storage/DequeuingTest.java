package dev.perdure.trigger.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.functions.settings.HostJson;
import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.ExtensionOptions;
import dev.perdure.functions.trigger.InvalidTriggerException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How messages are taken: options, waits, and what becomes of a message. */
class DequeuingTest {
  private static final Dequeuing DEFAULTS = queues(HostSettings.DEFAULTS, Settings.NONE);

  @TempDir Path home;

  private static Dequeuing queues(HostSettings host, Settings settings) {
    return Dequeuing.ofQueues(ExtensionOptions.of(host, "queues"), settings, 4);
  }

  private HostSettings hostJson(String extensions) {
    TestHost.hostJson(home, extensions);
    return HostJson.read(home, Settings.NONE);
  }

  // ---- options --------------------------------------------------------------------------------

  @Test
  void theDefaultsAreThoseOfAzure() {
    assertThat(DEFAULTS)
        .isEqualTo(
            new Dequeuing(16, 32, 5, Duration.ZERO, Duration.ofMinutes(1), Duration.ofMinutes(10)));
  }

  @Test
  void inDevelopmentAnEmptyQueueIsAskedEveryTwoSeconds() {
    Settings development = Settings.of(Map.of("AZURE_FUNCTIONS_ENVIRONMENT", "Development"));

    assertThat(queues(HostSettings.DEFAULTS, development).pollingMax())
        .isEqualTo(Duration.ofSeconds(2));
    assertThat(
            queues(hostJson("{\"queues\": {\"maxPollingInterval\": \"00:00:30\"}}"), development)
                .pollingMax())
        .isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void hostJsonChangesThem() {
    HostSettings host =
        hostJson(
            """
            {"queues": {"batchSize": 4, "newBatchThreshold": 0, "maxDequeueCount": 2,
                "visibilityTimeout": "00:00:05", "maxPollingInterval": "00:00:00.1"}}
            """);

    assertThat(queues(host, Settings.NONE))
        .isEqualTo(
            new Dequeuing(
                4, 0, 2, Duration.ofSeconds(5), Duration.ofMillis(100), Duration.ofMinutes(10)));
  }

  @ParameterizedTest
  @CsvSource({
    "batchSize, 0, from 1 to 32",
    "batchSize, 33, from 1 to 32",
    "newBatchThreshold, -1, from 0",
    "maxDequeueCount, 0, from 1",
    "visibilityTimeout, 'soon', not a span of time",
    "visibilityTimeout, '8.00:00:00', to 7.00:00:00",
    "maxPollingInterval, '00:00:00.05', 100 milliseconds",
  })
  void whatIsOutOfBoundsIsRefusedByName(String key, String value, String message) {
    HostSettings host = hostJson("{\"queues\": {\"%s\": \"%s\"}}".formatted(key, value));

    assertThatThrownBy(() -> queues(host, Settings.NONE))
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageContaining("extensions.queues." + key)
        .hasMessageContaining(message);
  }

  @Test
  void anEncodingThatIsNotKnownIsRefused() {
    HostSettings host = hostJson("{\"queues\": {\"messageEncoding\": \"hex\"}}");

    assertThatThrownBy(() -> MessageEncoding.of(ExtensionOptions.of(host, "queues")))
        .isInstanceOf(InvalidTriggerException.class)
        .hasMessageContaining("'hex'")
        .hasMessageContaining("base64 or none");
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 0", "2, 1, 1", "7, 4, 3", "32, 16, 16", "200, 32, 168"})
  void noMoreBlobsAreWorkedOnAtOnceThanIsSaid(int most, int batch, int threshold) {
    HostSettings host = hostJson("{\"blobs\": {\"maxDegreeOfParallelism\": %d}}".formatted(most));

    Dequeuing options =
        Dequeuing.ofBlobs(
            ExtensionOptions.of(host, "blobs"),
            ExtensionOptions.of(host, "queues"),
            Settings.NONE,
            4);

    assertThat(options.batchSize()).isEqualTo(batch);
    assertThat(options.newBatchThreshold()).isEqualTo(threshold);
    assertThat(batch + threshold).isEqualTo(most);
  }

  // ---- waits ----------------------------------------------------------------------------------

  private static List<Long> waits(double random, Duration longest, int count) {
    Backoff backoff = new Backoff(longest, () -> random);
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      waits.add(backoff.next().toMillis());
    }
    return waits;
  }

  @Test
  void waitsGrowInStepsThatDoubleUpToTheLongest() {
    assertThat(waits(0.5, Duration.ofSeconds(2), 8))
        .containsExactly(100L, 200L, 300L, 500L, 900L, 1700L, 2000L, 2000L);
  }

  @Test
  void theStepsAreAFifthShorterOrLongerByChance() {
    assertThat(waits(0, Duration.ofMinutes(1), 3)).containsExactly(100L, 180L, 260L);
    assertThat(waits(0.999, Duration.ofMinutes(1), 3)).containsExactly(100L, 219L, 339L);
  }

  @Test
  void noWaitIsLongerThanTheLongestHoweverOften() {
    assertThat(waits(0.5, Duration.ofMillis(100), 3)).containsExactly(100L, 100L, 100L);
    assertThat(waits(0.9, Duration.ofDays(1), 10_000)).allMatch(wait -> wait <= 86_400_000);
  }

  @Test
  void waitsAreShortAgainWhenSomethingWasThere() {
    Backoff backoff = new Backoff(Duration.ofSeconds(2), () -> 0.5);
    for (int i = 0; i < 10; i++) {
      backoff.next();
    }

    backoff.reset();

    assertThat(backoff.next()).isEqualTo(Duration.ofMillis(100));
    assertThat(backoff.next()).isEqualTo(Duration.ofMillis(200));
  }

  // ---- fates ----------------------------------------------------------------------------------

  private static Fate after(Fate.Result result, long count, boolean hasPoison) {
    return Fate.after(result, count, DEFAULTS, hasPoison);
  }

  @Test
  void successDeletes() {
    assertThat(after(Fate.Result.SUCCEEDED, 5, true)).isEqualTo(new Fate.Delete());
    assertThat(after(Fate.Result.SUCCEEDED, 9, false)).isEqualTo(new Fate.Delete());
  }

  @Test
  void failureReturnsTheMessageUntilItWasTakenTooOften() {
    assertThat(after(Fate.Result.FAILED, 1, true)).isEqualTo(new Fate.Return(Duration.ZERO));
    assertThat(after(Fate.Result.FAILED, 4, true)).isEqualTo(new Fate.Return(Duration.ZERO));
    assertThat(after(Fate.Result.FAILED, 5, true)).isEqualTo(new Fate.Poison());
  }

  @Test
  void withoutAPoisonQueueAMessageThatFailedWaitsUntilItsTimeIsOver() {
    assertThat(after(Fate.Result.FAILED, 1, false)).isEqualTo(new Fate.Leave());
    assertThat(after(Fate.Result.FAILED, 9, false)).isEqualTo(new Fate.Leave());
  }

  @Test
  void whatIsCutOffComesAgainAtOnceHoweverOftenItWasTaken() {
    assertThat(after(Fate.Result.CUT_OFF, 5, true)).isEqualTo(new Fate.Return(Duration.ZERO));
  }

  @Test
  void aMessageForNobodyHereWaitsAndIsPoisonInTheEnd() {
    assertThat(after(Fate.Result.NOT_NOW, 1, true)).isEqualTo(new Fate.Return(Fate.NOT_NOW_DELAY));
    assertThat(after(Fate.Result.NOT_NOW, 5, true)).isEqualTo(new Fate.Poison());
  }

  @Test
  void aMessageAboutWhatIsOutOfReachIsNeverPoison() {
    for (int times : new int[] {1, 5}) {
      assertThat(after(Fate.Result.OUT_OF_REACH, times, true))
          .isEqualTo(new Fate.Renew(Fate.NOT_NOW_DELAY));
    }
  }

  @Test
  void aMessageThatWasTakenTooOftenDoesNotRun() {
    assertThat(Fate.taken(5, DEFAULTS, true)).isEqualTo(new Fate.Run());
    assertThat(Fate.taken(6, DEFAULTS, true)).isEqualTo(new Fate.Poison());
    assertThat(Fate.taken(6, DEFAULTS, false)).isEqualTo(new Fate.Run());
  }
}
