package dev.perdure.engine.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.ContinuedAsNew;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCanceled;
import dev.perdure.api.HistoryEvent.TimerCreated;
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
      Instance back = InstanceCodec.read("i", live.position(), new Decoder(encoded(live)));
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
    }
  }

  /** A timer may fire while the step that cancels it is under way, also where nothing is open. */
  @Test
  void aTimerThatHasFiredCanStillBeCancelled() {
    Instance instance = waiting();
    instance.apply(new TaskCompleted(AT, 0, null), 9);
    Instance back = InstanceCodec.read("i", 9, new Decoder(encoded(instance)));
    back.apply(new TimerCanceled(AT, 1), 10);
    assertThat(back.openTasks()).isEmpty();
    assertThat(back.takeStaleTimers()).isEmpty();
  }

  @Test
  void aStateThatIsCutShortIsReportedAsDamaged() {
    Instance instance = waiting();
    instance.apply(new TimerCreated(AT, 1, AT), 9);
    instance.apply(new SubOrchestrationCreated(AT, 2, "c", "n", "", null, Map.of()), 9);
    byte[] bytes = encoded(instance);
    for (int length = 1; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> InstanceCodec.read("i", 1, new Decoder(cut)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Damaged content");
    }
  }

  @Test
  void aStateOfANewerFormatIsRefused() {
    byte[] bytes = encoded(waiting());
    bytes[0] = 2;
    assertThatThrownBy(() -> InstanceCodec.read("i", 1, new Decoder(bytes)))
        .hasMessageContaining("stored in format 2");
  }

  /** If this fails, hubs that exist can no longer be read. */
  @Test
  void theStoredFormNeverChanges() {
    assertThat(HexFormat.of().formatHex(encoded(waiting())))
        .isEqualTo(
            "01026f023102650e01d00fd00f000002026b02760101010000000602020204676f00020100d00f026101000200");
  }
}
