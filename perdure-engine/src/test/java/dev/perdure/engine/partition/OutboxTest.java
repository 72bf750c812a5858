package dev.perdure.engine.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.store.OutboxRow;
import dev.perdure.store.RowBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutboxTest {
  private static Outbox.Sent message(long number, String text) {
    Message message = new Message.Event("t", text, null);
    Encoder out = new Encoder(16);
    Message.write(out, message);
    return new Outbox.Sent(number, message, out.toBytes());
  }

  private static List<Long> unacknowledged(Outbox outbox, int receiver) {
    List<Long> numbers = new ArrayList<>();
    outbox.forEachUnacknowledged(
        receiver,
        (number, message) -> {
          assertThat(((Message.Event) message).name()).isEqualTo(receiver + "/" + number);
          numbers.add(number);
        });
    return numbers;
  }

  @Test
  void messagesAreNumberedForEachReceiver() {
    Outbox outbox = new Outbox();
    for (int receiver : new int[] {1, 2, 1, 1}) {
      long number = outbox.nextNumber(receiver);
      outbox.sent(receiver, message(number, receiver + "/" + number));
    }
    assertThat(unacknowledged(outbox, 1)).containsExactly(1L, 2L, 3L);
    assertThat(unacknowledged(outbox, 2)).containsExactly(1L);
    assertThat(outbox.unacknowledged()).isEqualTo(4);
  }

  @Test
  void anAcknowledgementCoversAllBeforeItAndCountsOnce() {
    Outbox outbox = new Outbox();
    for (long number = 1; number <= 3; number++) {
      outbox.sent(1, message(number, "1/" + number));
    }
    assertThat(outbox.acknowledged(1, 2)).isTrue();
    assertThat(outbox.acknowledged(1, 2)).isFalse();
    assertThat(outbox.acknowledged(1, 1)).isFalse();
    assertThat(unacknowledged(outbox, 1)).containsExactly(3L);
  }

  /** A store of rows; what it holds has to be what an outbox read from it has. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whatIsReadBackFromRowsIsWhatWasWritten(long seed) {
    Random random = new Random(seed);
    Map<Integer, TreeMap<Long, OutboxRow>> rows = new TreeMap<>();
    Outbox outbox = new Outbox();
    long[] sent = new long[3];
    long[] acknowledged = new long[3];
    long[] received = new long[3];
    for (int i = 0; i < 5_000; i++) {
      int other = random.nextInt(3);
      switch (random.nextInt(6)) {
        case 0, 1, 2 -> {
          long number = outbox.nextNumber(other);
          assertThat(number).isEqualTo(++sent[other]);
          outbox.sent(other, message(number, other + "/" + number));
        }
        case 3 -> {
          acknowledged[other] += random.nextInt((int) (sent[other] - acknowledged[other]) + 1);
          outbox.acknowledged(other, acknowledged[other]);
        }
        case 4 -> outbox.received(other, ++received[other]);
        default -> {
          RowBatch batch = new RowBatch();
          Encoder row = new Encoder(16);
          outbox.write(row);
          outbox.checkpoint(batch);
          for (RowBatch.DeleteOutbox delete : batch.deletedOutbox()) {
            rows.get(delete.receiver())
                .subMap(delete.firstNumber(), true, delete.lastNumber(), true)
                .clear();
          }
          batch
              .outbox()
              .forEach(
                  put ->
                      assertThat(
                              rows.computeIfAbsent(put.receiver(), r -> new TreeMap<>())
                                  .put(put.number(), put))
                          .as("each message is written once")
                          .isNull());
          Outbox back = new Outbox();
          back.read(new Decoder(row.toBytes()));
          rows.values().forEach(all -> all.values().forEach(back::addStored));
          for (int receiver = 0; receiver < 3; receiver++) {
            assertThat(unacknowledged(back, receiver)).isEqualTo(unacknowledged(outbox, receiver));
            assertThat(back.nextNumber(receiver)).isEqualTo(sent[receiver] + 1);
            assertThat(back.received(receiver)).isEqualTo(received[receiver]);
          }
          if (random.nextInt(3) == 0) {
            outbox = back; // as after a recovery
          }
        }
      }
    }
  }
}
