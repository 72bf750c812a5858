package dev.perdure.iothub.amqp;

import dev.perdure.iothub.codec.EventContent;
import dev.perdure.iothub.codec.MalformedMessageException;
import dev.perdure.iothub.codec.ReceivedMessage;
import dev.perdure.iothub.event.AppendOutcome;
import dev.perdure.iothub.event.EventHub;
import dev.perdure.iothub.event.EventStoreException;
import dev.perdure.iothub.event.Partition;
import java.util.List;
import java.util.concurrent.Executor;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.Receiver;
import org.jspecify.annotations.Nullable;

/**
 * Takes events from one producer and accepts them when they are durable. All of it runs on the
 * front's event loop.
 */
final class ProducerLink implements TransferTarget {
  /** How many transfers a producer may have under way. */
  private static final int CREDIT = 300;

  /** Of one transfer, batches included. */
  static final int TRANSFER_BYTES_MAX = 1 << 20;

  private final AmqpConnection connection;
  private final Receiver receiver;
  private final EventHub hub;
  private final @Nullable Partition partition;
  private final Executor loop;

  /**
   * @param partition where all events go; null if their keys decide
   */
  ProducerLink(
      AmqpConnection connection,
      Receiver receiver,
      EventHub hub,
      @Nullable Partition partition,
      Executor loop) {
    this.connection = connection;
    this.receiver = receiver;
    this.hub = hub;
    this.partition = partition;
    this.loop = loop;
  }

  @Override
  public void start() {
    receiver.flow(CREDIT);
  }

  @Override
  public void onTransfer(Delivery delivery, byte[] bytes) {
    if (bytes.length > TRANSFER_BYTES_MAX) {
      settle(
          delivery,
          rejected(
              Refusal.TOO_LARGE,
              "The transfer has %d bytes; %d are allowed. Send smaller batches."
                  .formatted(bytes.length, TRANSFER_BYTES_MAX)));
      return;
    }
    List<EventContent> events;
    try {
      events = ReceivedMessage.events(bytes, delivery.getMessageFormat());
    } catch (MalformedMessageException e) {
      settle(delivery, rejected(Refusal.MALFORMED, String.valueOf(e.getMessage())));
      return;
    }
    try {
      Partition target = target(events.getFirst());
      Transfer transfer = new Transfer(delivery, events.size());
      for (EventContent event : events) {
        target.append(event, transfer);
      }
    } catch (IllegalStateException e) {
      settle(delivery, rejected(Refusal.INTERNAL, "The server is stopping."));
    }
  }

  /** All events of a transfer go to one partition. */
  private Partition target(EventContent first) {
    if (partition != null) {
      return partition;
    }
    String key = first.partitionKey();
    return key == null ? hub.anyPartition() : hub.partitionForKey(key);
  }

  private void settle(Delivery delivery, DeliveryState state) {
    delivery.disposition(state);
    delivery.settle();
    receiver.flow(1);
  }

  private static Rejected rejected(String condition, String message) {
    Rejected rejected = new Rejected();
    ErrorCondition error = Refusal.error(condition, message);
    rejected.setError(error);
    return rejected;
  }

  /** A transfer whose events become durable one after the other. */
  private final class Transfer implements AppendOutcome {
    private final Delivery delivery;
    private int missing;
    private @Nullable EventStoreException failure;

    Transfer(Delivery delivery, int events) {
      this.delivery = delivery;
      this.missing = events;
    }

    @Override
    public Executor executor() {
      return loop;
    }

    @Override
    public void onAppended(@Nullable EventStoreException cause) {
      if (cause != null) {
        failure = cause;
      }
      if (--missing > 0 || connection.isClosed()) {
        return;
      }
      settle(
          delivery,
          failure == null
              ? Accepted.getInstance()
              : rejected(Refusal.INTERNAL, String.valueOf(failure.getMessage())));
      connection.touch();
    }
  }
}
