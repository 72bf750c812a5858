package dev.perdure.trigger.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.functions.trigger.Value;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in messages, how it is written, and what queues are called. */
class MessagesTest {
  private static List<String> several(Object given) {
    return Content.several(given).stream()
        .map(content -> new String(content.bytes(), StandardCharsets.UTF_8))
        .toList();
  }

  @Test
  void eachElementOfWhatHasSeveralIsAMessage() {
    assertThat(several(List.of("a", "b"))).containsExactly("a", "b");
    assertThat(several(new String[] {"a", "b"})).containsExactly("a", "b");
    assertThat(several(new int[] {1, 2})).containsExactly("1", "2");
    assertThat(several(List.of(Map.of("k", 1), List.of(1, 2))))
        .containsExactly("{\"k\":1}", "[1,2]");
    assertThat(several(List.of(new byte[] {'x'}, "y"))).containsExactly("x", "y");
    assertThat(several(Arrays.asList("a", null, "b"))).containsExactly("a", "b");
    assertThat(several(List.of())).isEmpty();
  }

  @Test
  void aTextThatIsAJsonArrayIsSeveral() {
    assertThat(several(" [\"a\", {\"k\": 1}, 2, null, [3]]"))
        .containsExactly("a", "{\"k\":1}", "2", "[3]");
    assertThat(several("[]")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"text", "{\"k\": [1]}", "[INFO] text", "[not json]", "[1] [2]", "['a']", "[1", ""})
  void anyOtherTextIsOne(String text) {
    assertThat(several(text)).containsExactly(text);
  }

  @Test
  void bytesAreOneAndObjectsAreJson() {
    assertThat(several(new byte[] {'a', 'b'})).containsExactly("ab");
    assertThat(several(new Byte[] {'a'})).containsExactly("a");
    assertThat(several(Map.of("k", "v"))).containsExactly("{\"k\":\"v\"}");
    assertThat(several(5)).containsExactly("5");
  }

  @Test
  void bytesThatAreNoTextAreNotBrokenByDecoding() {
    byte[] noText = {(byte) 0xC3, 0x28};

    assertThat(Content.value("é".getBytes(StandardCharsets.UTF_8), false))
        .isEqualTo(new Value.Text("é"));
    assertThat(Content.value(noText, false)).isInstanceOf(Value.Bytes.class);
    assertThat(Content.value("é".getBytes(StandardCharsets.UTF_8), true))
        .isInstanceOf(Value.Bytes.class);
  }

  @Test
  void aByteOrderMarkIsNotPartOfTheText() {
    assertThat(Content.value("\uFEFFtext".getBytes(StandardCharsets.UTF_8), false))
        .isEqualTo(new Value.Text("text"));
  }

  @Test
  void base64IsReadBackAlsoOverSeveralLines() {
    byte[] bytes = {0, 1, -1};

    assertThat(MessageEncoding.BASE64.decode(MessageEncoding.BASE64.encode(bytes)))
        .isEqualTo(bytes);
    assertThat(MessageEncoding.BASE64.decode("aGVs\r\nbG8=")).asString().isEqualTo("hello");
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain text", "aGVsbG8", "aGVsbG8*", "é"})
  void whatIsNotBase64CannotBeRead(String text) {
    assertThat(MessageEncoding.BASE64.decode(text)).isNull();
  }

  @Test
  void aMessageHasToFitIntoAQueueAsItIsWritten() {
    byte[] most = new byte[48 * 1024];
    assertThat(MessageEncoding.BASE64.encode(most)).hasSize(65_536);
    assertThatThrownBy(() -> MessageEncoding.BASE64.encode(new byte[48 * 1024 + 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("49153 bytes, 65540 as Base64")
        .hasMessageContaining("blob");

    byte[] text = "x".repeat(65_536).getBytes(StandardCharsets.UTF_8);
    assertThat(MessageEncoding.NONE.encode(text)).hasSize(65_536);
    assertThatThrownBy(
            () -> MessageEncoding.NONE.encode("é".repeat(32_769).getBytes(StandardCharsets.UTF_8)))
        .hasMessageContaining("65538 bytes");
  }

  @Test
  void controlCharactersNeedBase64() {
    assertThat(MessageEncoding.NONE.encode("a\tb\n".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("a\tb\n");
    assertThatThrownBy(() -> MessageEncoding.NONE.encode(new byte[] {0}))
        .hasMessageContaining("base64");
  }

  @Test
  void namesOfQueuesAreInLowerCase() {
    assertThat(QueueNames.checked("My-Queue1")).isEqualTo("my-queue1");
    assertThat(QueueNames.checked("a".repeat(63))).hasSize(63);
    assertThat(QueueNames.checked("q-1")).isEqualTo("q-1");
    assertThat(QueueNames.checked("a-".repeat(31) + "a")).hasSize(63);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "ab", "a-", "-abc", "abc-", "a--b", "a_b", "a.b", "grün", "a b", "a/b"})
  void whatCannotBeTheNameOfAQueueIsRefused(String name) {
    assertThatThrownBy(() -> QueueNames.checked(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'%s'".formatted(name));
    assertThatThrownBy(() -> QueueNames.checked("a".repeat(64)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aPoisonQueueHasNoneOfItsOwnNorHasANameThatWouldBeTooLong() {
    assertThat(QueueNames.poison("orders")).isEqualTo("orders-poison");
    assertThat(QueueNames.poison("orders-poison")).isNull();
    assertThat(QueueNames.poison("a".repeat(56))).hasSize(63);
    assertThat(QueueNames.poison("a".repeat(57))).isNull();
  }

  @Test
  void aMessageAboutABlobIsReadBack() {
    BlobMessage message =
        new BlobMessage(
            "Host.Functions.F", "BlockBlob", new BlobPath("files", "a/\"b\" ☃.txt"), "0x1");

    assertThat(BlobMessage.parse(message.text())).isEqualTo(message);
    assertThat(BlobMessage.parse("no Base64")).isNull();
    assertThat(BlobMessage.parse("e30=")).as("an empty object").isNull();
  }
}
