package dev.perdure.iothub.codec;

import org.jspecify.annotations.Nullable;

/**
 * What an event is before it has a place in a partition, encoded but for the annotations that tell
 * the place. The arrays are not copied and must not be changed.
 *
 * @param annotations keys and values of further message annotations, one after the other
 * @param annotationElements how many keys and values these are
 * @param bare the sections after the annotations: properties, application properties, body, footer
 * @param partitionKey what was to decide on the partition, if anything; among the annotations too
 */
@SuppressWarnings("ArrayRecordComponent") // copies would cost more than all else that is done
public record EventContent(
    byte[] annotations, int annotationElements, byte[] bare, @Nullable String partitionKey) {
  private static final byte[] SEQUENCE_NUMBER = symbol(Annotations.SEQUENCE_NUMBER);
  private static final byte[] OFFSET = symbol(Annotations.OFFSET);
  private static final byte[] ENQUEUED_TIME = symbol(Annotations.ENQUEUED_TIME);

  /** More than the annotations of the place take. */
  private static final int PLACE_BYTES_MAX = 128;

  /** Roughly how many bytes it takes. */
  public int size() {
    return annotations.length + bare.length + PLACE_BYTES_MAX;
  }

  /**
   * The whole message as consumers get it.
   *
   * @param enqueuedMillis when it was enqueued, in milliseconds since 1970
   */
  public byte[] encode(long sequenceNumber, long offset, long enqueuedMillis) {
    AmqpWriter out = new AmqpWriter(size());
    out.section(AmqpTypes.MESSAGE_ANNOTATIONS);
    int map = out.beginMap();
    out.raw(SEQUENCE_NUMBER).number(sequenceNumber);
    out.raw(OFFSET).string(Long.toString(offset));
    out.raw(ENQUEUED_TIME).timestamp(enqueuedMillis);
    out.raw(annotations);
    out.endMap(map, 6 + annotationElements);
    return out.raw(bare).toBytes();
  }

  private static byte[] symbol(String name) {
    return new AmqpWriter(32).symbol(name).toBytes();
  }
}
