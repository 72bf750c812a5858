package dev.perdure.grpc.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.Payload;
import dev.perdure.api.TraceContext;
import dev.perdure.grpc.protocol.HistoryEvent;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventEncoderTest {
  private final EventTranslator translator = new EventTranslator("i");

  static Stream<Arguments> tasks() {
    return Stream.of(
            Instant.EPOCH, Instant.parse("2026-11-27T01:02:03.004Z"), Instant.ofEpochMilli(-1))
        .flatMap(
            at ->
                Stream.of(0, 1, 127, 128, 70_000, Integer.MAX_VALUE)
                    .flatMap(
                        id ->
                            Stream.of(null, "", "\"Tōkyō 🗼\"", "x".repeat(200), "x".repeat(70_000))
                                .map(text -> Arguments.of(at, id, text))));
  }

  private static @Nullable Payload payload(@Nullable String text) {
    return text == null ? null : Payload.of(text);
  }

  @ParameterizedTest
  @MethodSource("tasks")
  void resultsAreWhatTheGeneratedCodeWouldWrite(Instant at, int id, @Nullable String text)
      throws IOException {
    TaskCompleted event = new TaskCompleted(at, id, payload(text));
    assertThat(HistoryEvent.parseFrom(EventEncoder.taskCompleted(event)))
        .isEqualTo(translator.inbox(event));
  }

  @ParameterizedTest
  @MethodSource("tasks")
  void callsAreWhatTheGeneratedCodeWouldWrite(Instant at, int id, @Nullable String text)
      throws IOException {
    TaskScheduled event =
        new TaskScheduled(at, id, "say_" + text, payload(text), id, 1, 0, null, Map.of(), null);
    assertThat(HistoryEvent.parseFrom(Objects.requireNonNull(EventEncoder.taskScheduled(event))))
        .isEqualTo(translator.actions(List.of(event), null).getFirst());
  }

  static Stream<TaskScheduled> unusual() {
    TraceContext trace =
        new TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", null);
    Instant at = Instant.EPOCH;
    return Stream.of(
        new TaskScheduled(at, 1, "a", null, 1, 1, 0, "2", Map.of(), null),
        new TaskScheduled(at, 1, "a", null, 1, 1, 0, "", Map.of(), null),
        new TaskScheduled(at, 1, "a", null, 1, 1, 0, null, Map.of("k", "v"), null),
        new TaskScheduled(at, 1, "a", null, 1, 1, 0, null, Map.of(), trace));
  }

  @ParameterizedTest
  @MethodSource("unusual")
  void callsThatHaveMoreAreLeftToTheGeneratedCode(TaskScheduled event) {
    assertThat(EventEncoder.taskScheduled(event)).isNull();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 999, 1_000, 1_795_000_000_123L, -1, -1_001})
  void theMarkOfAStepTellsItsTime(long millis) throws IOException {
    Timestamp clock = WireValues.time(millis);
    assertThat(HistoryEvent.parseFrom(EventEncoder.orchestratorStarted(clock)))
        .isEqualTo(EventTranslator.orchestratorStarted(clock));
  }
}
