package dev.perdure.iothub.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.Test;

/** Messages taken apart and put together, compared with what Proton makes of them. */
class ReceivedMessageTest {
  private static byte[] encode(Message message) {
    byte[] bytes = new byte[100_000];
    return Arrays.copyOf(bytes, message.encode(bytes, 0, bytes.length));
  }

  private static Message decode(byte[] bytes) {
    Message message = Proton.message();
    message.decode(bytes, 0, bytes.length);
    return message;
  }

  private static byte[] batch(String partitionKey) {
    AmqpWriter batch = new AmqpWriter(16);
    batch.section(AmqpTypes.MESSAGE_ANNOTATIONS);
    int map = batch.beginMap();
    batch.symbol("x-opt-partition-key").string(partitionKey);
    batch.endMap(map, 2);
    for (int i = 0; i < 3; i++) {
      batch.section(AmqpTypes.DATA).binary(encode(message()));
    }
    return batch.toBytes();
  }

  private static Message message() {
    return message("key");
  }

  private static Message message(String partitionKey) {
    Message message = Proton.message();
    message.setDurable(true);
    message.setMessageId("m");
    message.setSubject("s");
    message.setApplicationProperties(
        new ApplicationProperties(new HashMap<>(Map.of("n", 1L, "t", "x".repeat(300)))));
    Map<Symbol, Object> annotations = new HashMap<>();
    annotations.put(Symbol.valueOf("x-opt-partition-key"), partitionKey);
    annotations.put(Symbol.valueOf("x-opt-sequence-number"), 99L);
    annotations.put(Symbol.valueOf("mine"), new Date(5));
    message.setMessageAnnotations(new MessageAnnotations(annotations));
    message.setBody(new Data(new Binary(new byte[] {1, 2, 3})));
    return message;
  }

  @Test
  void aMessageKeepsEverythingButWhatTheHubSets() throws Exception {
    EventContent content = ReceivedMessage.events(encode(message()), 0).getFirst();
    assertThat(content.partitionKey()).isEqualTo("key");

    Message stored = decode(content.encode(7, 1000, 123_456));

    assertThat(stored.getMessageId()).isEqualTo("m");
    assertThat(stored.getSubject()).isEqualTo("s");
    assertThat(stored.getApplicationProperties().getValue())
        .isEqualTo(message().getApplicationProperties().getValue());
    assertThat(((Data) stored.getBody()).getValue().getArray()).containsExactly(1, 2, 3);
    assertThat(stored.getMessageAnnotations().getValue())
        .isEqualTo(
            Map.of(
                Symbol.valueOf("x-opt-sequence-number"),
                7L,
                Symbol.valueOf("x-opt-offset"),
                "1000",
                Symbol.valueOf("x-opt-enqueued-time"),
                new Date(123_456),
                Symbol.valueOf("x-opt-partition-key"),
                "key",
                Symbol.valueOf("mine"),
                new Date(5)));
  }

  @Test
  void aMessageWithABodyAloneIsTaken() throws Exception {
    Message message = Proton.message();
    message.setBody(new AmqpValue(Map.of("a", List.of(1, 2))));

    EventContent content = ReceivedMessage.events(encode(message), 0).getFirst();

    assertThat(content.partitionKey()).isNull();
    assertThat(((AmqpValue) decode(content.encode(0, 0, 0)).getBody()).getValue())
        .isEqualTo(Map.of("a", List.of(1, 2)));
  }

  @Test
  void aBatchIsTakenApart() throws Exception {
    List<EventContent> events =
        ReceivedMessage.events(batch("of the batch"), ReceivedMessage.BATCH_FORMAT);

    assertThat(events)
        .hasSize(3)
        .allSatisfy(event -> assertThat(event.partitionKey()).isEqualTo("of the batch"));
  }

  /** Otherwise a small batch of many events, each with the key of all, would fill the memory. */
  @Test
  void aPartitionKeyHasItsLimit() throws Exception {
    String most = "k".repeat(128);
    assertThat(ReceivedMessage.events(batch(most), ReceivedMessage.BATCH_FORMAT))
        .allSatisfy(event -> assertThat(event.partitionKey()).isEqualTo(most));
    assertThat(ReceivedMessage.events(encode(message(most)), 0).getFirst().partitionKey())
        .isEqualTo(most);

    String tooLong = most + "k";
    assertTooLong(batch(tooLong), ReceivedMessage.BATCH_FORMAT);
    assertTooLong(encode(message(tooLong)), 0);
  }

  private static void assertTooLong(byte[] bytes, int format) {
    assertThatThrownBy(() -> ReceivedMessage.events(bytes, format))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("partition key has 129 characters; 128 are allowed");
  }

  @Test
  void whatIsNoMessageIsRefused() {
    assertRefused(new byte[0], 0);
    assertRefused(new byte[] {1, 2, 3}, 0);
    assertRefused(new byte[100_000], 0);
    assertRefused(new byte[0], ReceivedMessage.BATCH_FORMAT);
    assertRefused(encode(message()), ReceivedMessage.BATCH_FORMAT);
  }

  private static void assertRefused(byte[] bytes, int format) {
    assertThatThrownBy(() -> ReceivedMessage.events(bytes, format))
        .isInstanceOf(MalformedMessageException.class);
  }

  @Test
  void damageNeverDoesMoreThanBeRefused() {
    byte[] good = encode(message());
    Random random = new Random(42);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = Arrays.copyOf(good, random.nextInt(good.length + 1));
      for (int j = random.nextInt(4); j > 0 && bytes.length > 0; j--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        assertThat(ReceivedMessage.events(bytes, 0)).hasSize(1);
      } catch (MalformedMessageException refused) {
        assertThat(refused).hasMessageContaining("not a message");
      }
    }
  }
}
