package dev.perdure.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.InstanceNotFoundException;
import io.grpc.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusesTest {
  @Test
  void aTextThatFitsStaysAsItIs() {
    Status status =
        Statuses.of("Call", new InstanceNotFoundException("There is no é.")).getStatus();
    assertThat(status.getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(status.getDescription()).endsWith("There is no é.");
    assertThat(Statuses.of("Call", Status.ABORTED.asException()).getStatus())
        .returns(null, Status::getDescription);
  }

  @ParameterizedTest
  @ValueSource(strings = {"z", "%", "\n", "é", "漢", "\uD83D\uDE00"})
  void aTextThatIsTooLongIsCutByTheBytesItTakes(String character) {
    Status status =
        Statuses.of(
                "Call",
                Status.INVALID_ARGUMENT
                    .withDescription(character.repeat(100_000))
                    .asRuntimeException())
            .getStatus();
    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    String text = status.getDescription();
    assertThat(text).matches("(?s)(" + java.util.regex.Pattern.quote(character) + ")+\\.\\.\\.");
    int bytes = 0;
    for (byte b : text.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
      bytes += b >= ' ' && b < 0x7f && b != '%' ? 1 : 3;
    }
    assertThat(bytes).isBetween(3_985, 4_003);
  }
}
