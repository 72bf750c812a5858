package dev.perdure.iothub.codec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes apart what producers send, touching nothing but annotations. */
public final class ReceivedMessage {
  /** The format of a transfer that holds a batch of messages. */
  public static final int BATCH_FORMAT = 0x8001_3700;

  /** As in Event Hubs, in characters. The key of a batch is kept with each of its events. */
  private static final int PARTITION_KEY_MAX = 128;

  private static final byte[] PARTITION_KEY =
      new AmqpWriter(32).symbol(Annotations.PARTITION_KEY).toBytes();

  private ReceivedMessage() {}

  /**
   * The events of one transfer.
   *
   * @param format the transfer's message format: {@link #BATCH_FORMAT} or anything else for one
   *     message
   * @throws MalformedMessageException if it is not a message, a batch has something else in it, or
   *     a partition key is too long
   */
  public static List<EventContent> events(byte[] bytes, int format)
      throws MalformedMessageException {
    if (format != BATCH_FORMAT) {
      return List.of(event(bytes, 0, bytes.length, null));
    }
    List<EventContent> events = new ArrayList<>();
    AmqpReader in = new AmqpReader(bytes, 0, bytes.length);
    String partitionKey = null;
    while (!in.isAtEnd()) {
      int section = in.readSection();
      if (section == AmqpTypes.DATA) {
        int length = in.readBinaryLength();
        events.add(event(bytes, in.position(), in.position() + length, partitionKey));
        in.advance(length);
      } else if (section == AmqpTypes.MESSAGE_ANNOTATIONS) {
        partitionKey = batchKey(in);
      } else {
        in.skip();
      }
    }
    if (events.isEmpty()) {
      throw new MalformedMessageException("The batch is empty.");
    }
    return events;
  }

  private static @Nullable String batchKey(AmqpReader in) throws MalformedMessageException {
    String found = null;
    for (int left = in.readMap(); left > 1; left -= 2) {
      String name = in.readText();
      if (Annotations.PARTITION_KEY.equals(name)) {
        found = partitionKey(in);
      } else {
        in.skip();
      }
    }
    return found;
  }

  private static @Nullable String partitionKey(AmqpReader in) throws MalformedMessageException {
    String key = in.readText();
    if (key != null && key.length() > PARTITION_KEY_MAX) {
      throw new MalformedMessageException(
          "Its partition key has %d characters; %d are allowed."
              .formatted(key.length(), PARTITION_KEY_MAX));
    }
    return key;
  }

  private static EventContent event(byte[] bytes, int from, int end, @Nullable String batchKey)
      throws MalformedMessageException {
    AmqpReader in = new AmqpReader(bytes, from, end);
    AmqpWriter annotations = new AmqpWriter(64);
    int elements = 0;
    String key = null;
    int bare = end;
    boolean hasBody = false;
    while (!in.isAtEnd()) {
      int start = in.position();
      int section = in.readSection();
      if (section < AmqpTypes.HEADER || section > AmqpTypes.FOOTER) {
        throw new MalformedMessageException("The section is unknown.");
      }
      if (section == AmqpTypes.MESSAGE_ANNOTATIONS) {
        for (int left = in.readMap(); left > 1; left -= 2) {
          int entry = in.position();
          String name = in.readText();
          if (Annotations.PARTITION_KEY.equals(name)) {
            key = partitionKey(in);
            continue;
          }
          in.skip();
          if (name != null && !Annotations.isOfPlace(name)) {
            annotations.raw(bytes, entry, in.position() - entry);
            elements += 2;
          }
        }
      } else {
        in.skip();
        if (section >= AmqpTypes.PROPERTIES) {
          bare = Math.min(bare, start);
          hasBody |= section >= AmqpTypes.DATA && section < AmqpTypes.FOOTER;
        }
      }
    }
    if (!hasBody) {
      throw new MalformedMessageException("It has no body.");
    }
    String partitionKey = batchKey == null ? key : batchKey;
    if (partitionKey != null) {
      annotations.raw(PARTITION_KEY).string(partitionKey);
      elements += 2;
    }
    return new EventContent(
        annotations.toBytes(), elements, Arrays.copyOfRange(bytes, bare, end), partitionKey);
  }
}
