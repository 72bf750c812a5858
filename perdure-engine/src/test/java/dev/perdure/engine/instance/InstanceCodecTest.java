package dev.perdure.engine.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.ContinuedAsNew;
import dev.perdure.api.HistoryEvent.EntityLockGranted;
import dev.perdure.api.HistoryEvent.EntityLockRequested;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityUnlockSent;
import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.HistoryEvent.ExecutionResumed;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.ExecutionSuspended;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCanceled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.HistoryEvent.TimerFired;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.Payload;
import dev.perdure.api.TraceContext;
import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.engine.codec.Samples;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InstanceCodecTest {
  private static final Instant AT = Instant.ofEpochMilli(1_000);

  private static byte[] encoded(Instance state) {
    Encoder out = new Encoder(16);
    InstanceCodec.write(out, state);
    return out.toBytes();
  }

  /** Reads a state that leaves nothing to the history. */
  private static Instance read(long position, byte[] bytes) {
    CallsInHistory calls = new CallsInHistory();
    Instance instance = InstanceCodec.read("i", position, new Decoder(bytes), calls);
    assertThat(calls.isEmpty()).isTrue();
    return instance;
  }

  private static Instance waiting() {
    Instance instance = new Instance("i");
    instance.apply(new ExecutionStarted(AT, "o", "1", "e", null, null, null, Map.of("k", "v")), 7);
    instance.apply(new TaskScheduled(AT, 0, "a", null, 0, 1), 8);
    instance.apply(new OrchestratorCompleted(AT, 1, List.of("go")), 8);
    return instance;
  }

  /** Whatever has happened: the state read back is the same, and goes on in the same way. */
  @Test
  void whatIsWrittenIsReadBack() {
    Random random = new Random(3);
    Samples samples = new Samples(random);
    List<Class<?>> kinds = Samples.kinds(HistoryEvent.class);
    kinds.remove(ContinuedAsNew.class); // never written alone: the next start is in its transition
    Instance live = waiting();
    for (int at = 9; at < 2_000; at++) {
      HistoryEvent event = (HistoryEvent) samples.of(kinds.get(random.nextInt(kinds.size())));
      Instance back = read(live.position(), encoded(live));
      assertThat(back.needsStep()).isEqualTo(live.needsStep());
      assertThat(back.isActive()).isEqualTo(live.isActive());
      assertThat(back.position()).isEqualTo(live.position());
      assertThat(encoded(back).length).isEqualTo(encoded(live).length);
      live.apply(event, at);
      back.apply(event, at);
      assertThat(back.status()).isEqualTo(live.status());
      assertThat(back.needsStep()).as(event::toString).isEqualTo(live.needsStep());
      assertThat(back.events()).isEqualTo(live.events());
      assertThat(back.openTasks()).hasSameSizeAs(live.openTasks());
      assertThat(back.locks()).as(event::toString).isEqualTo(live.locks());
    }
  }

  /** A timer may fire while the step that cancels it is under way, also where nothing is open. */
  @Test
  void aTimerThatHasFiredCanStillBeCancelled() {
    Instance instance = waiting();
    instance.apply(new TaskCompleted(AT, 0, null), 9);
    Instance back = read(9, encoded(instance));
    back.apply(new TimerCanceled(AT, 1), 10);
    assertThat(back.openTasks()).isEmpty();
    assertThat(back.takeStaleTimers()).isEmpty();
  }

  @Test
  void aStateThatIsCutShortIsReportedAsDamaged() {
    Instance instance = waiting();
    instance.apply(new TimerCreated(AT, 1, AT), 9);
    instance.apply(new SubOrchestrationCreated(AT, 2, "c", "n", "", null, Map.of()), 9);
    instance.apply(new EntityOperationCalled(AT, 3, "@c@a", "add", null), 9);
    instance.apply(new EntityLockRequested(AT, 4, LOCK_SET), 9);
    byte[] bytes = encoded(instance);
    for (int length = 1; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> read(1, cut))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Damaged content");
    }
  }

  private static ExecutionRewound rewound() {
    return new ExecutionRewound(AT, null, List.of(), List.of(), 1, 1);
  }

  /** To the engine it is the same execution; who looks at it is to see that it goes on anew. */
  @Test
  void everyRewindGivesItAnotherPublicId() {
    Instance instance = waiting();
    assertThat(instance.publicExecutionId()).isEqualTo("e");
    instance.apply(rewound(), 9);
    String first = instance.publicExecutionId();
    assertThat(first).matches("[0-9a-f]{32}");
    Instance back = readBack(instance);
    assertThat(back.publicExecutionId()).isEqualTo(first);
    assertThat(back.executionId()).isEqualTo("e");
    back.apply(rewound(), 10);
    assertThat(back.publicExecutionId()).matches("[0-9a-f]{32}").isNotEqualTo(first);
    back.apply(new ExecutionStarted(AT, "o", "1", "e2", null, null, null, Map.of()), 11);
    assertThat(back.publicExecutionId()).isEqualTo("e2");
  }

  @Test
  void aStateOfANewerFormatIsRefused() {
    byte[] bytes = encoded(waiting());
    bytes[0] = 6;
    assertThatThrownBy(() -> read(1, bytes)).hasMessageContaining("stored in format 6");
  }

  // ---- entities ---------------------------------------------------------------------------------

  private static final List<String> LOCK_SET = List.of("@c@a", "@c@b");

  /** It waits for an operation, and for the locks that it has asked for. */
  private static Instance waitingForEntities() {
    Instance instance = waiting();
    instance.apply(new EntityOperationCalled(AT, 1, "@c@a", "add", Payload.of("5")), 9);
    instance.apply(new EntityLockRequested(AT.plusMillis(1), 2, LOCK_SET), 9);
    return instance;
  }

  private static Instance readBack(Instance instance) {
    return read(instance.position(), encoded(instance));
  }

  @Test
  void callsOfEntitiesAndLocksAreReadBack() {
    Instance live = waitingForEntities();
    assertThat(readBack(live).openTask(1))
        .isEqualTo(new OpenTask.EntityCall(1, 1_000, "@c@a", "add"));
    assertThat(readBack(live).openTask(2)).isEqualTo(new OpenTask.Lock(2, 1_001, LOCK_SET));
    assertThat(readBack(live).locks()).isEqualTo(new EntityLocks(2, 1_001, LOCK_SET, false));

    live.apply(new EntityLockGranted(AT, 2), 10);
    assertThat(readBack(live).openTask(2)).isNull();
    assertThat(readBack(live).locks()).isEqualTo(new EntityLocks(2, 1_001, LOCK_SET, true));

    live.apply(new EntityUnlockSent(AT, 2), 11);
    assertThat(readBack(live).locks()).isNull();
  }

  /** Locks that were given up before they were granted are not waited for any more. */
  @Test
  void whatIsGivenUpIsNoOpenTask() {
    Instance back = readBack(waitingForEntities());
    back.apply(new EntityUnlockSent(AT, 2), 10);
    assertThat(back.openTask(2)).isNull();
    assertThat(back.locks()).isNull();
  }

  @Test
  void whoeverHasEndedHoldsNoLocks() {
    Instance back = readBack(waitingForEntities());
    back.apply(new ExecutionCompleted(AT, OrchestrationStatus.COMPLETED, null, null), 10);
    assertThat(back.locks()).isNull();
    assertThat(readBack(back).locks()).isNull();
  }

  // ---- the format is for ever -------------------------------------------------------------------

  /** The first format, from before there were entities. */
  private static final String FORMAT_1 =
      "01026f023102650e01d00fd00f000002026b02760101010000000602020204676f00020100d00f026101000200";

  private static Instance read(String hex) {
    return read(8, HexFormat.of().parseHex(hex));
  }

  /** If this fails, hubs that exist can no longer be read. */
  @Test
  void theFirstFormatIsReadForEver() {
    Instance old = read(FORMAT_1);
    assertThat(encoded(old)).isEqualTo(encoded(waiting()));
    assertThat(old.position()).isEqualTo(8);
    assertThat(old.locks()).isNull();
    String start = FORMAT_1.substring(0, 28).replaceFirst("01", "05");
    assertThat(HexFormat.of().formatHex(encoded(old)))
        .as("what is read in the first format is written in the present one")
        .isEqualTo(start + "000100" + FORMAT_1.substring(28) + "01" + "00" + "00");
  }

  /** The second format, from before starts were remembered: running, and held back until 64 ms. */
  private static final String FORMAT_2 =
      "02026f023102650e01d00fd20f000002026b0276010101000000"
          + "0a02020204676f00"
          + "06"
          + "0100d00f026101000200"
          + "0402d00f084063406106616464"
          + "0504d20f0408406340610840634062"
          + "0104d20f040840634061084063406200";

  private static final String FORMAT_2_SCHEDULED =
      "02026f00026500"
          + "00d00fd00f0000"
          + "000101010000"
          + "00"
          + "02020000"
          + "00"
          + "02"
          + "0201d00f8001"
          + "00";

  /** If this fails, hubs that exist can no longer be read. */
  @Test
  void theSecondFormatIsReadForEver() {
    Instance old = read(FORMAT_2);
    assertThat(encoded(old)).isEqualTo(encoded(waitingForEntities()));
    Instance scheduled = read(FORMAT_2_SCHEDULED);
    assertThat(scheduled.scheduledStart()).isEqualTo(64);
    assertThat(scheduled.traceContext()).isNull();
    scheduled.apply(new ExecutionSuspended(AT, null), 9);
    scheduled.apply(new ExecutionResumed(AT, null), 10);
    assertThat(scheduled.status()).isEqualTo(OrchestrationStatus.PENDING);
  }

  /** The third format, from before rewinds were counted: that of the second, with a start. */
  private static final String FORMAT_3 =
      "03026f023102650e01d00fd20f000001000002026b0276010101000000"
          + "0a02020204676f00"
          + "06"
          + "0100d00f026101000200"
          + "0402d00f084063406106616464"
          + "0504d20f0408406340610840634062"
          + "0104d20f040840634061084063406200";

  /** If this fails, hubs that exist can no longer be read. */
  @Test
  void theThirdFormatIsReadForEver() {
    Instance old = read(FORMAT_3);
    assertThat(encoded(old)).isEqualTo(encoded(waitingForEntities()));
    assertThat(old.publicExecutionId()).isEqualTo("e");
  }

  /** The fourth format, from before calls could be left to the history. */
  private static final String FORMAT_4 =
      "04026f023102650e01d00fd20f000001000002026b0276010101000000"
          + "0a02020204676f00"
          + "06"
          + "0100d00f026101000200"
          + "0402d00f084063406106616464"
          + "0504d20f0408406340610840634062"
          + "0104d20f040840634061084063406200"
          + "00";

  /** If this fails, hubs that exist can no longer be read. */
  @Test
  void theFourthFormatIsReadForEver() {
    Instance old = read(FORMAT_4);
    assertThat(encoded(old)).isEqualTo(encoded(waitingForEntities()));
  }

  // ---- the start --------------------------------------------------------------------------------

  private static final Instant LATER = AT.plusMillis(500);
  private static final TraceContext TRACE = new TraceContext("00-a-b-01", "x=y");

  /** Started for later, and continued as new after its first step. */
  private static Instance continued() {
    Instance instance = new Instance("i");
    instance.apply(new ExecutionStarted(AT, "o", "1", "e", null, null, LATER, Map.of(), TRACE), 7);
    instance.apply(new TimerFired(LATER, Instance.SCHEDULED_START), 8);
    instance.apply(new OrchestratorCompleted(LATER, 1, List.of()), 9);
    instance.apply(new ContinuedAsNew(LATER, null), 10);
    instance.apply(
        new ExecutionStarted(LATER, "o", "1", "e2", null, null, null, Map.of(), TRACE), 10);
    return instance;
  }

  @Test
  void timeAndTraceOfTheStartOutliveTheStartAndAContinueAsNew() {
    Instance back = readBack(continued());
    assertThat(back.scheduledStart()).isEqualTo(LATER.toEpochMilli());
    assertThat(back.traceContext()).isEqualTo(TRACE);
  }

  @Test
  void resumedAfterAContinueAsNewItIsRunningAndNotPending() {
    Instance instance = continued();
    instance.apply(new ExecutionSuspended(AT, null), 11);
    Instance back = readBack(instance);
    back.apply(new ExecutionResumed(AT, null), 12);
    assertThat(back.status()).isEqualTo(OrchestrationStatus.RUNNING);
  }

  @Test
  void aNewInstanceOfTheIdHasAStartOfItsOwn() {
    Instance instance = continued();
    instance.apply(new ExecutionCompleted(AT, OrchestrationStatus.COMPLETED, null, null), 11);
    instance.apply(new ExecutionStarted(AT, "o", "1", "e3", null, null, null, Map.of()), 12);
    assertThat(instance.scheduledStart()).isZero();
    assertThat(instance.traceContext()).isNull();
    instance.apply(new ExecutionSuspended(AT, null), 13);
    instance.apply(new ExecutionResumed(AT, null), 14);
    assertThat(instance.status()).isEqualTo(OrchestrationStatus.PENDING);
  }

  /** If this fails, hubs that exist can no longer be read. */
  @Test
  void theStoredFormNeverChanges() {
    Instance instance = waitingForEntities();
    String golden =
        "05026f023102650e01d00fd20f000001000002026b0276010101000000"
            + "0a02020204676f00"
            + "06"
            + "0100d00f02610100020001"
            + "0402d00f084063406106616464"
            + "0504d20f0408406340610840634062"
            + "0104d20f040840634061084063406200"
            + "00";
    assertThat(HexFormat.of().formatHex(encoded(instance))).isEqualTo(golden);
    Instance back = read(9, HexFormat.of().parseHex(golden));
    assertThat(encoded(back)).isEqualTo(encoded(instance));
  }

  /** What was written before the two were told apart is read as a call that states no version. */
  @Test
  void aCallOfAnUnversionedActivityIsNotOneThatStatesNoVersion() {
    Instance live = waiting();
    live.apply(new TaskScheduled(AT, 1, "a", null, 1, 1, 0, "", Map.of(), null), 9);
    live.apply(new TaskScheduled(AT, 2, "a", null, 2, 1, 0, null, Map.of("k", "v"), null), 9);
    assertThat(HexFormat.of().formatHex(encoded(live)))
        .contains("0802d00f026101020200000001", "0604d00f0261010402" + "00" + "02026b0276000001");
    Instance back = readBack(live);
    assertThat(((OpenTask.Activity) back.openTask(1)).version()).isEmpty();
    assertThat(((OpenTask.Activity) back.openTask(2)).version()).isNull();
  }
}
