package dev.perdure.engine.partition;

import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.store.OutboxRow;
import dev.perdure.store.RowBatch;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Messages of a partition to others that have not been acknowledged, and how far it has come with
 * the messages of others. Used by the partition's thread only.
 */
final class Outbox {
  /** A message with its number, counted from 1 for each receiver. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Sent(long number, Message message, byte[] bytes) {}

  private static final class Channel {
    private final Deque<Sent> unacknowledged = new ArrayDeque<>();
    private long lastNumber;
    private long acknowledged;

    // What the rows hold: numbers from deletedTo + 1 up to storedTo.
    private long storedTo;
    private long deletedTo;
  }

  private final Map<Integer, Channel> channels = new HashMap<>();
  private final Map<Integer, Long> received = new HashMap<>();

  void clear() {
    channels.clear();
    received.clear();
  }

  private Channel channel(int receiver) {
    return channels.computeIfAbsent(receiver, key -> new Channel());
  }

  long nextNumber(int receiver) {
    return channel(receiver).lastNumber + 1;
  }

  void sent(int receiver, Sent sent) {
    Channel channel = channel(receiver);
    channel.lastNumber = sent.number();
    channel.unacknowledged.add(sent);
  }

  /** Forgets what a receiver has; returns whether that was anything. */
  boolean acknowledged(int receiver, long upTo) {
    Channel channel = channel(receiver);
    if (upTo <= channel.acknowledged) {
      return false;
    }
    channel.acknowledged = upTo;
    while (!channel.unacknowledged.isEmpty()
        && channel.unacknowledged.getFirst().number() <= upTo) {
      channel.unacknowledged.removeFirst();
    }
    return true;
  }

  void forEachUnacknowledged(int receiver, BiConsumer<Long, Message> action) {
    for (Sent sent : channel(receiver).unacknowledged) {
      action.accept(sent.number(), sent.message());
    }
  }

  /** Calls back for every message that has not been acknowledged. */
  void forEachUnacknowledged(Consumer<Message> action) {
    for (Channel channel : channels.values()) {
      for (Sent sent : channel.unacknowledged) {
        action.accept(sent.message());
      }
    }
  }

  int unacknowledged() {
    int count = 0;
    for (Channel channel : channels.values()) {
      count += channel.unacknowledged.size();
    }
    return count;
  }

  long received(int sender) {
    return received.getOrDefault(sender, 0L);
  }

  void received(int sender, long number) {
    received.put(sender, number);
  }

  // ---- stored form --------------------------------------------------------------------------

  void write(Encoder out) {
    out.number(channels.size());
    channels.forEach(
        (receiver, channel) -> {
          out.number(receiver);
          out.number(channel.lastNumber);
          out.number(channel.acknowledged);
        });
    out.number(received.size());
    received.forEach(
        (sender, number) -> {
          out.number(sender);
          out.number(number);
        });
  }

  void read(Decoder in) {
    int count = in.integer();
    for (int i = 0; i < count; i++) {
      Channel channel = channel(in.integer());
      channel.lastNumber = in.number();
      channel.acknowledged = in.number();
      channel.storedTo = channel.lastNumber;
      channel.deletedTo = channel.acknowledged;
    }
    count = in.integer();
    for (int i = 0; i < count; i++) {
      received.put(in.integer(), in.number());
    }
  }

  void addStored(OutboxRow row) {
    channel(row.receiver())
        .unacknowledged
        .add(new Sent(row.number(), Message.read(new Decoder(row.message())), row.message()));
  }

  /** Adds rows for what is not stored yet, and deletes what was acknowledged since. */
  void checkpoint(RowBatch rows) {
    channels.forEach(
        (receiver, channel) -> {
          for (Sent sent : channel.unacknowledged) {
            if (sent.number() > channel.storedTo) {
              rows.put(new OutboxRow(receiver, sent.number(), sent.bytes()));
            }
          }
          long deleteTo = Math.min(channel.acknowledged, channel.storedTo);
          if (deleteTo > channel.deletedTo) {
            rows.deleteOutbox(receiver, channel.deletedTo + 1, deleteTo);
            channel.deletedTo = deleteTo;
          }
          channel.storedTo = channel.lastNumber;
          channel.deletedTo = Math.max(channel.deletedTo, channel.acknowledged);
        });
  }
}
