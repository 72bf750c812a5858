package dev.perdure.engine.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.CodeState;
import dev.perdure.api.HistoryEvent.ContinuedAsNew;
import dev.perdure.api.HistoryEvent.CustomStatusSet;
import dev.perdure.api.HistoryEvent.EntityLockGranted;
import dev.perdure.api.HistoryEvent.EntityLockRequested;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationCompleted;
import dev.perdure.api.HistoryEvent.EntityOperationFailed;
import dev.perdure.api.HistoryEvent.EntityOperationSignaled;
import dev.perdure.api.HistoryEvent.EntityUnlockSent;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.EventSent;
import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.HistoryEvent.ExecutionRequeued;
import dev.perdure.api.HistoryEvent.ExecutionResumed;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.HistoryEvent.ExecutionSetAside;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.ExecutionSuspended;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.SubOrchestrationFailed;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskFailed;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCanceled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.HistoryEvent.TimerFired;
import dev.perdure.api.HistoryEvent.WorkRedelivered;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.ParentInstance;
import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import dev.perdure.api.TraceContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HistoryCodecTest {
  static List<Class<?>> kinds() {
    return Samples.kinds(HistoryEvent.class);
  }

  private static byte[] encoded(HistoryEvent event) {
    Encoder out = new Encoder(1);
    HistoryCodec.write(out, event);
    return out.toBytes();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatIsWrittenIsReadBack(Class<? extends HistoryEvent> kind) {
    Samples samples = new Samples(new Random(kind.getName().hashCode()));
    for (int i = 0; i < 200; i++) {
      HistoryEvent event = samples.of(kind);
      Decoder in = new Decoder(encoded(event));
      assertThat(HistoryCodec.read(in)).isEqualTo(event);
      assertThat(in.hasMore()).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void anEventThatIsCutShortIsReportedAsDamaged(Class<? extends HistoryEvent> kind) {
    Samples samples = new Samples(new Random(7));
    for (int i = 0; i < 20; i++) {
      byte[] bytes = encoded(samples.of(kind));
      int step = Math.max(1, bytes.length / 100);
      for (int length = 0; length < bytes.length; length += step) {
        byte[] cut = Arrays.copyOf(bytes, length);
        assertThatThrownBy(() -> HistoryCodec.read(new Decoder(cut)))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("Damaged content");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void anEventWithAByteChangedIsAnotherEventOrReportedAsDamaged(
      Class<? extends HistoryEvent> kind) {
    Random random = new Random(11);
    Samples samples = new Samples(random);
    for (int i = 0; i < 300; i++) {
      byte[] bytes = encoded(samples.of(kind));
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        HistoryCodec.read(new Decoder(bytes));
      } catch (IllegalStateException e) {
        assertThat(e).hasMessageContaining("Damaged content");
      }
    }
  }

  @Test
  void anEventOfAnUnknownKindIsReportedAsDamaged() {
    byte[] bytes = encoded(new TimerFired(Instant.EPOCH, 1));
    bytes[0] = 99;
    assertThatThrownBy(() -> HistoryCodec.read(new Decoder(bytes)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Damaged content: no history event has tag 99");
  }

  @Test
  void timesAreKeptToTheMillisecond() {
    Instant fine = Instant.parse("2030-01-01T00:00:00.123456789Z");
    assertThat(HistoryCodec.read(new Decoder(encoded(new TimerFired(fine, 1)))).timestamp())
        .isEqualTo(Instant.parse("2030-01-01T00:00:00.123Z"));
  }

  // ---- the format is for ever -------------------------------------------------------------------

  private static final Instant AT = Instant.ofEpochMilli(1_893_456_000_123L);
  private static final Payload DATA = Payload.of("{\"a\":1}");
  private static final FailureDetails FAILURE =
      new FailureDetails(
          "T", "größer", "\tat x", new FailureDetails("C", "", null, null, false), true);
  private static final TaskScheduled TASK = new TaskScheduled(AT, 3, "work", DATA, 2, 4);

  private static final Map<HistoryEvent, String> GOLDEN =
      Map.ofEntries(
          Map.entry(
              new ExecutionStarted(
                  AT,
                  "n",
                  "v2",
                  "e",
                  DATA,
                  new ParentInstance("p", "pe", "pn", "", 9),
                  AT,
                  Map.of("k", "v")),
              "01f6d1adac9b6e026e04763202650e7b2261223a317d01027004706504706e1201f6d1adac9b6e02026b0276"),
          Map.entry(
              new ExecutionStarted(
                  AT,
                  "n",
                  "v2",
                  "e",
                  DATA,
                  new ParentInstance("p", "pe", "pn", "v1", 9),
                  null,
                  Map.of()),
              "01f6d1adac9b6e026e04763202650e7b2261223a317d02027004706504706e047631120000"),
          Map.entry(
              new ExecutionStarted(
                  AT,
                  "n",
                  "v2",
                  "e",
                  DATA,
                  new ParentInstance("p", "pe", "pn", "", 9, 2),
                  null,
                  Map.of()),
              "01f6d1adac9b6e026e04763202650e7b2261223a317d03027004706504706e0012040000"),
          Map.entry(
              new OrchestratorCompleted(AT, 300, List.of("go", "stop")),
              "02f6d1adac9b6ed8040404676f0873746f70"),
          Map.entry(
              new ExecutionStarted(
                  AT,
                  "n",
                  "v2",
                  "e",
                  DATA,
                  new ParentInstance("p", "pe", "pn", "", 9),
                  AT,
                  Map.of("k", "v"),
                  new TraceContext("tp", "ts")),
              "1ef6d1adac9b6e026e04763202650e7b2261223a317d01027004706504706e1201f6d1adac9b6e02026b02760104747001047473"),
          Map.entry(
              new OrchestratorCompleted(AT, 300, List.of("go", "stop"), DATA),
              "1ff6d1adac9b6ed8040404676f0873746f700e7b2261223a317d"),
          Map.entry(
              new TaskScheduled(
                  AT,
                  3,
                  "work",
                  DATA,
                  2,
                  4,
                  0,
                  "v2",
                  Map.of("k", "v"),
                  new TraceContext("tp", null)),
              "20f6d1adac9b6e0608776f726b0e7b2261223a317d040804763202026b02760104747000"),
          Map.entry(
              new SubOrchestrationCreated(
                  AT,
                  -1,
                  "i",
                  "n",
                  "",
                  Payload.EMPTY,
                  1,
                  0,
                  Map.of(),
                  new TraceContext("tp", null)),
              "21f6d1adac9b6e010269026e0000000104747000"),
          Map.entry(
              new TaskScheduled(AT, 3, "work", DATA, 2, 2, 5, null, Map.of(), null),
              "23f6d1adac9b6e0608776f726b0e7b2261223a317d04040a000000"),
          Map.entry(
              new TaskScheduled(
                  AT, 3, "work", DATA, 2, 4, 0, null, Map.of(), new TraceContext("tp", null)),
              "20f6d1adac9b6e0608776f726b0e7b2261223a317d040800000104747000"),
          Map.entry(
              new TaskScheduled(AT, 3, "work", DATA, 2, 2, 5, "", Map.of("k", "v"), null),
              "28f6d1adac9b6e0608776f726b0e7b2261223a317d04040a02026b027600"),
          Map.entry(
              new TaskScheduled(
                  AT,
                  3,
                  "work",
                  DATA,
                  2,
                  2,
                  Integer.MAX_VALUE,
                  "v2",
                  Map.of("k", "v"),
                  new TraceContext("tp", null)),
              "23f6d1adac9b6e0608776f726b0e7b2261223a317d0404feffffff0f04763202026b02760104747000"),
          Map.entry(
              new SubOrchestrationCreated(
                  AT, -1, "i", "n", "", Payload.EMPTY, 2, 5, Map.of(), null),
              "24f6d1adac9b6e010269026e0000040a0000"),
          Map.entry(
              new TaskFailed(AT, 3, new FailureDetails("T", "m", null, null, true, DATA)),
              "05f6d1adac9b6e06010254026d00030e7b2261223a317d00"),
          Map.entry(TASK, "03f6d1adac9b6e0608776f726b0e7b2261223a317d0408"),
          Map.entry(new TaskCompleted(AT, 3, null), "04f6d1adac9b6e0601"),
          Map.entry(
              new TaskFailed(AT, 3, FAILURE),
              "05f6d1adac9b6e06010254116772c3b6c39f6572010a09617420780101024300000000"),
          Map.entry(
              new SubOrchestrationCreated(AT, -1, "i", "n", "", Payload.EMPTY, Map.of()),
              "06f6d1adac9b6e010269026e000000"),
          Map.entry(
              new SubOrchestrationCompleted(AT, 64, DATA), "07f6d1adac9b6e80010e7b2261223a317d"),
          Map.entry(
              new SubOrchestrationFailed(AT, 64, FAILURE),
              "08f6d1adac9b6e8001010254116772c3b6c39f6572010a09617420780101024300000000"),
          Map.entry(new TimerCreated(AT, 1, AT), "09f6d1adac9b6e02f6d1adac9b6e"),
          Map.entry(new TimerFired(AT, 1), "0af6d1adac9b6e02"),
          Map.entry(new TimerCanceled(AT, 1), "0bf6d1adac9b6e02"),
          Map.entry(
              new EventRaised(AT, "Grüße", DATA), "0cf6d1adac9b6e0f4772c3bcc39f650e7b2261223a317d"),
          Map.entry(
              new EventSent(AT, 5, "i", "\uD83D\uDE80", null), "0df6d1adac9b6e0a026909f09f9a8001"),
          Map.entry(new CustomStatusSet(AT, DATA), "0ef6d1adac9b6e0e7b2261223a317d"),
          Map.entry(new ExecutionSuspended(AT, "why"), "0ff6d1adac9b6e0106776879"),
          Map.entry(new ExecutionResumed(AT, null), "10f6d1adac9b6e00"),
          Map.entry(
              new ExecutionRewound(AT, "r", List.of(1, 200), List.of(TASK), 7, 9),
              "11f6d1adac9b6e010272040290030203f6d1adac9b6e0608776f726b0e7b2261223a317d04080e12"),
          Map.entry(
              new ExecutionRewound(AT, "r", List.of(1, 200), List.of(TASK), 7, 9, 2, 0, null),
              "25f6d1adac9b6e010272040290030203f6d1adac9b6e0608776f726b0e7b2261223a317d04080e1204"),
          Map.entry(
              new ExecutionRewound(AT, "r", List.of(1, 200), List.of(TASK), 7, 9, 0, 12, null),
              "26f6d1adac9b6e010272040290030203f6d1adac9b6e0608776f726b0e7b2261223a317d04080e120018"),
          Map.entry(
              new ExecutionRewound(
                  AT,
                  "r",
                  List.of(),
                  List.of(),
                  7,
                  9,
                  0,
                  12,
                  new CodeState(true, DATA, List.of("go"))),
              "27f6d1adac9b6e01027200000e120018010e7b2261223a317d0204676f"),
          Map.entry(
              new ExecutionSetAside(AT, new Problem(Problem.Kind.POISON, "bad")),
              "12f6d1adac9b6e0c504f49534f4e06626164"),
          Map.entry(new ExecutionRequeued(AT, "again"), "13f6d1adac9b6e010a616761696e"),
          Map.entry(new WorkRedelivered(AT, 3, 2), "14f6d1adac9b6e0604"),
          Map.entry(new ContinuedAsNew(AT, DATA), "15f6d1adac9b6e0e7b2261223a317d"),
          Map.entry(
              new ExecutionCompleted(AT, OrchestrationStatus.FAILED, null, FAILURE),
              "16f6d1adac9b6e0401010254116772c3b6c39f6572010a09617420780101024300000000"),
          Map.entry(
              new EntityOperationCalled(AT, 3, "@c@a", "add", DATA),
              "17f6d1adac9b6e060840634061066164640e7b2261223a317d"),
          Map.entry(
              new EntityOperationCalled(AT, 3, "@c@a", "add", DATA, AT),
              "22f6d1adac9b6e060840634061066164640e7b2261223a317df6d1adac9b6e"),
          Map.entry(
              new EntityOperationSignaled(AT, 3, "@c@", "add", null, AT),
              "18f6d1adac9b6e0606406340066164640101f6d1adac9b6e"),
          Map.entry(
              new EntityOperationCompleted(AT, 200, DATA), "19f6d1adac9b6e90030e7b2261223a317d"),
          Map.entry(
              new EntityOperationFailed(AT, 3, FAILURE),
              "1af6d1adac9b6e06010254116772c3b6c39f6572010a09617420780101024300000000"),
          Map.entry(
              new EntityLockRequested(AT, 3, List.of("@c@a", "@c@ö")),
              "1bf6d1adac9b6e060408406340610b406340c3b6"),
          Map.entry(new EntityLockGranted(AT, 3), "1cf6d1adac9b6e06"),
          Map.entry(new EntityUnlockSent(AT, 3), "1df6d1adac9b6e06"));

  /**
   * If this fails, hubs that exist can no longer be read. Read the old form for ever and write a
   * new one under a new tag; never change these bytes.
   */
  @Test
  void theStoredFormNeverChanges() {
    assertThat(GOLDEN.keySet().stream().map(Object::getClass).collect(Collectors.toSet()))
        .containsExactlyInAnyOrderElementsOf(kinds());
    GOLDEN.forEach(
        (event, hex) -> {
          assertThat(HexFormat.of().formatHex(encoded(event)))
              .as(event.getClass().getSimpleName())
              .isEqualTo(hex);
          List<HistoryEvent> read = new ArrayList<>();
          HistoryCodec.readAll(HexFormat.of().parseHex(hex), read);
          assertThat(read).containsExactly(event);
        });
  }

  @Test
  void theStoredFormOfAStatusNeverChanges() {
    assertThat(Arrays.stream(OrchestrationStatus.values()).map(HistoryCodec::statusCode))
        .containsExactly(0, 1, 2, 3, 4, 5);
    for (OrchestrationStatus status : OrchestrationStatus.values()) {
      assertThat(HistoryCodec.status(HistoryCodec.statusCode(status))).isEqualTo(status);
    }
    assertThatThrownBy(() -> HistoryCodec.status(6)).hasMessageContaining("Damaged content");
  }
}
