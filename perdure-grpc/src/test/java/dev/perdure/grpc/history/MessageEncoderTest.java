package dev.perdure.grpc.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageEncoderTest {
  @ParameterizedTest
  @ValueSource(
      longs = {
        0,
        1,
        127,
        128,
        16_383,
        16_384,
        2_097_151,
        2_097_152,
        Integer.MAX_VALUE,
        1L << 34,
        1L << 35,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1,
        Integer.MIN_VALUE
      })
  void numbersAreThoseOfTheLibrary(long value) throws IOException {
    for (int field : new int[] {1, 15, 16, 2_047, 2_048, 536_870_911}) {
      byte[] expected = new byte[CodedOutputStream.computeInt64Size(field, value)];
      CodedOutputStream.newInstance(expected).writeInt64(field, value);
      MessageEncoder out = new MessageEncoder(0);
      out.number(field, value);
      assertThat(out.toBytes()).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 10, 100, 1_000, 100_000})
  void thereIsRoomForAllWhateverWasExpected(int capacity) {
    MessageEncoder out = new MessageEncoder(capacity);
    ByteString expected = ByteString.EMPTY;
    for (int i = 0; i < 200; i++) {
      byte[] raw = ByteString.copyFromUtf8("part " + i + "x".repeat(i)).toByteArray();
      out.raw(raw);
      expected = ByteString.copyFrom(raw).concat(expected);
    }
    assertThat(out.size()).isEqualTo(expected.size());
    assertThat(out.toBytes()).isEqualTo(expected.toByteArray());
    assertThat(out.toByteString()).isEqualTo(expected);
  }
}
