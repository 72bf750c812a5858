package dev.perdure.iothub.amqp;

import dev.perdure.iothub.codec.AmqpTypes;
import dev.perdure.iothub.codec.AmqpWriter;
import dev.perdure.iothub.event.Bounds;
import dev.perdure.iothub.event.Partition;
import dev.perdure.iothub.event.StoredEvent;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.Sender;
import org.jspecify.annotations.Nullable;

/** Sends the events of a partition to one consumer. All of it runs on the front's event loop. */
final class ConsumerLink {
  /** A read from disk holds up the loop; this much takes well below a millisecond from memory. */
  private static final int READ_EVENTS_MAX = 256;

  private static final int READ_BYTES_MAX = 256 << 10;

  /** What may lie in a session's buffers until the socket takes it. */
  private static final int SESSION_BYTES_MAX = 1 << 20;

  private final AmqpConnection connection;
  private final Sender sender;
  private final ConsumerKey key;
  private final Partition partition;
  private final @Nullable Long epoch;
  private final boolean tellsNewest;
  private final boolean isPresettled;
  private long next;
  private long deliveries;

  /** Who reads what: of those with the same key, an epoch may let only one stay. */
  record ConsumerKey(String hub, String group, int partition) {}

  /**
   * How a consumer wants to be served.
   *
   * @param epoch null for a reader beside others
   * @param tellsNewest whether each event is to come with what is known of the newest
   */
  record Wishes(@Nullable Long epoch, boolean tellsNewest) {}

  ConsumerLink(
      AmqpConnection connection,
      Sender sender,
      ConsumerKey key,
      Partition partition,
      long from,
      Wishes wishes) {
    this.connection = connection;
    this.sender = sender;
    this.key = key;
    this.partition = partition;
    this.next = from;
    this.epoch = wishes.epoch();
    this.tellsNewest = wishes.tellsNewest();
    this.isPresettled = sender.getRemoteSenderSettleMode() == SenderSettleMode.SETTLED;
  }

  ConsumerKey key() {
    return key;
  }

  @Nullable Long epoch() {
    return epoch;
  }

  Sender sender() {
    return sender;
  }

  AmqpConnection connection() {
    return connection;
  }

  /**
   * Sends what there is, as far as credit and buffers allow.
   *
   * @return whether anything was sent
   */
  boolean pump() {
    boolean hasSent = false;
    next = Math.max(next, partition.bounds().first()); // the rest has been deleted
    while (sender.getCredit() > 0 && sender.getSession().getOutgoingBytes() < SESSION_BYTES_MAX) {
      List<StoredEvent> events =
          partition.read(next, Math.min(sender.getCredit(), READ_EVENTS_MAX), READ_BYTES_MAX);
      if (events.isEmpty()) {
        break;
      }
      byte[] newest = tellsNewest ? newest(partition.bounds()) : null;
      for (StoredEvent event : events) {
        send(event, newest);
      }
      hasSent = true;
    }
    if (sender.getDrain() && partition.bounds().next() <= next) {
      sender.drained();
    }
    return hasSent;
  }

  private void send(StoredEvent event, byte @Nullable [] newest) {
    Delivery delivery = sender.delivery(tag());
    if (newest != null) {
      sender.send(newest, 0, newest.length);
    }
    sender.send(event.message(), 0, event.message().length);
    if (isPresettled) {
      delivery.settle();
    }
    sender.advance();
    next = event.sequenceNumber() + 1;
  }

  private byte[] tag() {
    return ByteBuffer.allocate(Long.BYTES).putLong(deliveries++).array();
  }

  /** The section with what is known of the newest event. */
  private static byte[] newest(Bounds bounds) {
    AmqpWriter out = new AmqpWriter(192);
    out.section(AmqpTypes.DELIVERY_ANNOTATIONS);
    int map = out.beginMap();
    out.symbol("last_enqueued_sequence_number").number(bounds.next() - 1);
    out.symbol("last_enqueued_offset").string(Long.toString(bounds.lastOffset()));
    out.symbol("last_enqueued_time_utc").timestamp(bounds.lastEnqueuedMillis());
    out.symbol("runtime_info_retrieval_time_utc").timestamp(System.currentTimeMillis());
    out.endMap(map, 8);
    return out.toBytes();
  }
}
