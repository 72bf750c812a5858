package dev.perdure.engine.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncoderDecoderTest {
  private static Decoder written(java.util.function.Consumer<Encoder> content) {
    Encoder out = new Encoder(0);
    content.accept(out);
    return new Decoder(out.toBytes());
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        0,
        1,
        -1,
        63,
        64,
        -64,
        -65,
        127,
        128,
        8191,
        8192,
        1L << 31,
        -(1L << 31),
        1L << 62,
        Long.MAX_VALUE,
        Long.MIN_VALUE
      })
  void numbersOfAnySizeAreReadBack(long number) {
    assertThat(written(out -> out.number(number)).number()).isEqualTo(number);
  }

  @Test
  void smallNumbersTakeOneByte() {
    for (int n = -64; n <= 63; n++) {
      Encoder out = new Encoder(1);
      out.number(n);
      assertThat(out.size()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "\u0000",
        "\u007f",
        "\u0080",
        "é",
        "\u00ff",
        "漢字",
        "\uD83D\uDE80",
        "a\uD83D\uDE80b",
        "ASCII and then é",
        "a\uD83D",
        "\uDE80b",
        "\uDE80\uD83D",
        "é\uD83D\uD83D\uDE80\uD83D漢",
        "\uD83Da\uFFFD\uDFFF\uD800"
      })
  void textsAreReadBack(String text) {
    Decoder in =
        written(
            out -> {
              out.text(text);
              out.optionalText(text);
              out.optionalText(null);
              out.texts(List.of(text, text));
              out.map(Map.of(text, text));
              out.text("end");
            });
    assertThat(in.text()).isEqualTo(text);
    assertThat(in.optionalText()).isEqualTo(text);
    assertThat(in.optionalText()).isNull();
    assertThat(in.texts()).containsExactly(text, text);
    assertThat(in.map()).containsExactly(Map.entry(text, text));
    assertThat(in.text()).isEqualTo("end");
    assertThat(in.hasMore()).isFalse();
  }

  @Test
  void longTextsAreReadBack() {
    for (String text : List.of("x".repeat(5_000_000), "x".repeat(100_000) + "é")) {
      assertThat(written(out -> out.text(text)).text()).isEqualTo(text);
    }
  }

  @Test
  void anEncoderCanBeUsedAgainAndForgetsLargeBuffers() {
    Encoder out = new Encoder(16);
    out.raw(new byte[10 << 20], 0, 10 << 20);
    out.clear();
    assertThat(out.size()).isZero();
    assertThat(out.array().length).isLessThan(5 << 20);
    out.text("after");
    assertThat(new Decoder(out.toBytes()).text()).isEqualTo("after");
  }

  @Test
  void aBufferIsReadFromItsPositionToItsLimitWhateverItIsMadeOf() {
    Encoder out = new Encoder(1);
    out.text("before");
    int from = out.size();
    out.text("this");
    int to = out.size();
    out.text("after");
    ByteBuffer heap = ByteBuffer.wrap(out.toBytes());
    ByteBuffer direct = ByteBuffer.allocateDirect(out.size()).put(out.toBytes());
    for (ByteBuffer buffer : List.of(heap, heap.asReadOnlyBuffer(), direct)) {
      buffer.limit(to).position(from);
      Decoder in = Decoder.of(buffer);
      assertThat(in.text()).isEqualTo("this");
      assertThat(in.hasMore()).isFalse();
      assertThat(buffer.position()).isEqualTo(from);
    }
  }

  @Test
  void lengthsThatCannotBeAreReportedAsDamaged() {
    for (long length : new long[] {100, Integer.MAX_VALUE, Long.MAX_VALUE}) {
      assertThatThrownBy(() -> written(out -> out.number(length)).bytes())
          .hasMessageContaining("Damaged content");
      assertThatThrownBy(() -> written(out -> out.number(length)).text())
          .hasMessageContaining("Damaged content");
      assertThatThrownBy(() -> written(out -> out.number(-length)).text())
          .hasMessageContaining("Damaged content");
      assertThatThrownBy(() -> written(out -> out.number(length)).map())
          .hasMessageContaining("Damaged content");
      assertThatThrownBy(() -> written(out -> out.number(length)).payload())
          .hasMessageContaining("Damaged content");
    }
    assertThatThrownBy(() -> written(out -> out.number(1L << 40)).integer())
        .hasMessageContaining("Damaged content");
  }

  @Test
  void noiseIsReportedAsDamagedOrReadAsSomething() {
    Random random = new Random(5);
    for (int i = 0; i < 20_000; i++) {
      byte[] noise = new byte[random.nextInt(40)];
      random.nextBytes(noise);
      try {
        HistoryCodec.read(new Decoder(noise));
      } catch (IllegalStateException e) {
        assertThat(e).hasMessageContaining("Damaged content");
      }
    }
  }
}
