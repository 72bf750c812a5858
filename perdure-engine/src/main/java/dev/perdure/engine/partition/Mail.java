package dev.perdure.engine.partition;

import dev.perdure.engine.InstanceIds;
import dev.perdure.engine.codec.Encoder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Messages between instances. Those to instances of the same partition become part of the batch in
 * which they are sent; those to others go by the outbox, which sends them until they are
 * acknowledged, and are taken once there. Used by the partition's thread only.
 */
final class Mail {
  private final int index;
  private final int partitions;
  private final PartitionLog log;
  private final Checkpoint checkpoint;
  private final PartitionHost host;
  private final Outbox outbox = new Outbox();
  private final Deque<Message> toSelf = new ArrayDeque<>();

  Mail(int index, int partitions, PartitionLog log, Checkpoint checkpoint, PartitionHost host) {
    this.index = index;
    this.partitions = partitions;
    this.log = log;
    this.checkpoint = checkpoint;
    this.host = host;
  }

  /** What was sent and is not acknowledged, and what was received. */
  Outbox outbox() {
    return outbox;
  }

  /** Whether nothing is on its way from here. */
  boolean isAtRest() {
    return toSelf.isEmpty() && outbox.unacknowledged() == 0;
  }

  /** Forgets what was not handled; it was not durable either. */
  void clear() {
    toSelf.clear();
  }

  /** Sends a message; nobody outside of this partition sees it before it is durable. */
  void send(Message message) {
    int receiver = InstanceIds.partition(message.target(), partitions);
    if (receiver == index) {
      toSelf.add(message); // handled before this batch is closed, so durable together with it
      return;
    }
    long number = outbox.nextNumber(receiver);
    Encoder out = new Encoder(128);
    Message.write(out, message);
    byte[] bytes = out.toBytes();
    Encoder entry = log.entry(LogEntry.SENT);
    entry.number(receiver);
    entry.number(number);
    entry.bytes(bytes);
    outbox.sent(receiver, new Outbox.Sent(number, message, bytes));
    checkpoint.partitionChanged();
    log.whenDurable(() -> host.post(receiver, new Command.Receive(index, number, message)));
  }

  /**
   * Hands over messages to instances of this partition, also those that are sent meanwhile. They
   * are part of the batch in which they were sent, so it must not be closed before.
   */
  void deliverOwn(Consumer<Message> handler) {
    while (!toSelf.isEmpty()) {
      handler.accept(toSelf.poll());
    }
  }

  /**
   * Takes a message of another partition, unless it was taken before or one before it is missing.
   */
  void receive(Command.Receive c, Consumer<Message> handler) {
    long expected = outbox.received(c.sender()) + 1;
    if (c.number() > expected) {
      return; // one before it was lost with this partition's memory; it will be sent again
    }
    if (c.number() == expected) {
      Encoder entry = log.entry(LogEntry.RECEIVED);
      entry.number(c.sender());
      entry.number(c.number());
      outbox.received(c.sender(), c.number());
      checkpoint.partitionChanged();
      handler.accept(c.message());
    }
    log.acknowledge(c.sender(), outbox.received(c.sender()));
  }

  /** Another partition has messages; they need not be sent again. */
  void acknowledge(Command.Acknowledge c) {
    if (outbox.acknowledged(c.receiver(), c.upTo())) {
      Encoder entry = log.entry(LogEntry.ACKNOWLEDGED);
      entry.number(c.receiver());
      entry.number(c.upTo());
      checkpoint.partitionChanged();
    }
  }

  /** Sends everything again that another partition has not acknowledged. */
  void resend(int receiver) {
    outbox.forEachUnacknowledged(
        receiver,
        (number, message) ->
            log.whenDurable(
                () -> host.post(receiver, new Command.Receive(index, number, message))));
  }
}
