package dev.perdure.engine.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.ParentInstance;
import dev.perdure.api.Payload;
import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.engine.codec.Samples;
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

  private static final Map<Message, String> GOLDEN =
      Map.of(
          new Message.StartChild(
              "t",
              "n",
              "",
              Payload.of("1"),
              Map.of("k", "v"),
              new ParentInstance("p", "e", "pn", 2)),
          "010274026e00023102026b0276010270026504706e04",
          new Message.ChildEnded(
              "t", "e", 2, null, new FailureDetails("T", "m", null, null, false)),
          "02027402650401010254026d000000",
          new Message.Event("t", "go", null),
          "03027404676f01",
          new Message.TerminateChild("t", "e", "why"),
          "04027402650106776879",
          new Message.RewindChild("t", new ParentInstance("p", "e", "pn", 2), null, true),
          "050274010270026504706e040001");

  /** If this fails, messages under way in hubs that exist can no longer be read. */
  @Test
  void theStoredFormNeverChanges() {
    assertThat(GOLDEN.keySet().stream().map(Object::getClass).collect(Collectors.toSet()))
        .containsExactlyInAnyOrderElementsOf(kinds());
    GOLDEN.forEach(
        (message, hex) ->
            assertThat(HexFormat.of().formatHex(encoded(message)))
                .as(message.getClass().getSimpleName())
                .isEqualTo(hex));
  }
}
