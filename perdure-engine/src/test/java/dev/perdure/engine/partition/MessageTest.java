package dev.perdure.engine.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.ParentInstance;
import dev.perdure.api.Payload;
import dev.perdure.api.TraceContext;
import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.engine.codec.Samples;
import dev.perdure.engine.entity.TaskAddress;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MessageTest {
  static List<Class<?>> kinds() {
    return Samples.kinds(Message.class);
  }

  private static byte[] encoded(Message message) {
    Encoder out = new Encoder(1);
    Message.write(out, message);
    return out.toBytes();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatIsSentIsWhatArrives(Class<? extends Message> kind) {
    Samples samples = new Samples(new Random(3));
    for (int i = 0; i < 100; i++) {
      Message message = samples.of(kind);
      assertThat(Message.read(new Decoder(encoded(message)))).isEqualTo(message);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aMessageThatIsCutShortIsReportedAsDamaged(Class<? extends Message> kind) {
    byte[] bytes = encoded(new Samples(new Random(4)).of(kind));
    int step = Math.max(1, bytes.length / 200);
    for (int length = 0; length < bytes.length; length += step) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> Message.read(new Decoder(cut)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Damaged content");
    }
  }

  /** Who it is for follows from what it says: from the lock set, and from who waits. */
  @Test
  void aWishToLockIsForTheEntityWhoseTurnItIsAndAnAnswerForWhoAsked() {
    List<String> lockSet = List.of("@c@a", "@c@b");
    assertThat(new Message.LockEntity(TASK, lockSet, 0).target()).isEqualTo("@c@a");
    assertThat(new Message.WithdrawLock(TASK, lockSet, 1).target()).isEqualTo("@c@b");
    assertThat(new Message.EntityAnswered(TASK, null, null).target()).isEqualTo("p");
    assertThat(new Message.LocksGranted(TASK).target()).isEqualTo("p");
  }

  private static final TaskAddress TASK = new TaskAddress("p", "e", 2);
  private static final Instant AT = Instant.ofEpochMilli(64);

  private static final Map<Message, String> GOLDEN =
      Map.ofEntries(
          Map.entry(
              new Message.StartChild(
                  "t",
                  "n",
                  "",
                  Payload.of("1"),
                  Map.of("k", "v"),
                  new ParentInstance("p", "e", "pn", "", 2),
                  null),
              "010274026e00023102026b0276010270026504706e04"),
          Map.entry(
              new Message.StartChild(
                  "t",
                  "n",
                  "",
                  Payload.of("1"),
                  Map.of("k", "v"),
                  new ParentInstance("p", "e", "pn", "", 2),
                  new TraceContext("a", null)),
              "0d0274026e00023102026b0276010270026504706e0401026100"),
          Map.entry(
              new Message.TerminateChild("t", "e", "why", Payload.of("1")),
              "0e0274026501067768790231"),
          Map.entry(
              new Message.RewindChild(
                  "t",
                  new ParentInstance("p", "e", "pn", "", 2),
                  null,
                  new Message.StartChild(
                      "t",
                      "n",
                      "",
                      Payload.of("1"),
                      Map.of("k", "v"),
                      new ParentInstance("p", "e", "pn", "", 2),
                      null)),
              "100274010270026504706e040001010274026e00023102026b0276010270026504706e04"),
          Map.entry(new Message.TerminateOther("t", Payload.of("1"), true), "0f0274023101"),
          Map.entry(
              new Message.ChildEnded(
                  "t", "e", 2, null, null, new FailureDetails("T", "m", null, null, false)),
              "02027402650401010254026d000000"),
          Map.entry(
              new Message.ChildEnded(
                  "t", "e", 2, "c", null, new FailureDetails("T", "m", null, null, false)),
              "1202740265040263" + "01010254026d000000"),
          Map.entry(new Message.Event("t", "go", null), "03027404676f01"),
          Map.entry(new Message.TerminateChild("t", "e", "why", null), "04027402650106776879"),
          Map.entry(
              new Message.RewindChild("t", new ParentInstance("p", "e", "pn", "", 2), null, null),
              "050274010270026504706e040001"),
          Map.entry(
              new Message.CallEntity("@c@a", "add", Payload.of("1"), TASK, AT),
              "060840634061066164640231010270026504018001"),
          Map.entry(
              new Message.LockEntity(TASK, List.of("@c@a", "@c@b"), 1),
              "070270026504040840634061084063406202"),
          Map.entry(new Message.UnlockEntity("@c@a", TASK), "0808406340610270026504"),
          Map.entry(
              new Message.WithdrawLock(TASK, List.of("@c@a"), 0), "09027002650402084063406100"),
          Map.entry(
              new Message.EntityAnswered(
                  TASK, Payload.of("1"), new FailureDetails("T", "m", null, null, false)),
              "0a02700265040231010254026d000000"),
          Map.entry(new Message.LocksGranted(TASK), "0b0270026504"),
          Map.entry(
              new Message.StartByEntity("t", "n", "", null, Map.of("k", "v"), AT, null),
              "0c0274026e000102026b0276018001"),
          Map.entry(
              new Message.StartByEntity(
                  "t", "n", "", null, Map.of("k", "v"), AT, new TraceContext("a", null)),
              "110274026e000102026b027601800101026100"));

  /** If this fails, messages under way in hubs that exist can no longer be read. */
  @Test
  void theStoredFormNeverChanges() {
    assertThat(GOLDEN.keySet().stream().map(Object::getClass).collect(Collectors.toSet()))
        .containsExactlyInAnyOrderElementsOf(kinds());
    GOLDEN.forEach(
        (message, hex) -> {
          assertThat(HexFormat.of().formatHex(encoded(message)))
              .as(message.getClass().getSimpleName())
              .isEqualTo(hex);
          assertThat(Message.read(new Decoder(HexFormat.of().parseHex(hex)))).isEqualTo(message);
        });
  }
}
