package dev.perdure.iothub.amqp;

import dev.perdure.iothub.amqp.ConsumerLink.ConsumerKey;
import dev.perdure.iothub.amqp.ConsumerLink.Wishes;
import dev.perdure.iothub.event.EventHub;
import dev.perdure.iothub.event.EventStoreException;
import dev.perdure.iothub.event.Partition;
import dev.perdure.iothub.event.StartPosition;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.EndpointState;
import org.apache.qpid.proton.engine.Link;
import org.apache.qpid.proton.engine.Receiver;
import org.apache.qpid.proton.engine.Sender;
import org.apache.qpid.proton.engine.Session;
import org.apache.qpid.proton.message.Message;
import org.jspecify.annotations.Nullable;

/** The links of one connection: what each is attached to. */
final class Attachments {
  private static final Symbol EPOCH = Symbol.valueOf("com.microsoft:epoch");
  private static final Symbol RUNTIME_METRIC =
      Symbol.valueOf("com.microsoft:enable-receiver-runtime-metric");
  private static final System.Logger LOG = System.getLogger(Attachments.class.getName());

  private static final int REQUESTS_CREDIT = 100;

  private final AmqpFront front;
  private final AmqpConnection connection;
  private final Authorization authorization;
  private final Map<String, RequestNode> nodes;

  /** Links for answers, by the node and the address to which answers go. */
  private final Map<ReplyKey, Sender> replies = new HashMap<>();

  /** Links of events, with the entity that a token has to allow. */
  private final Map<Link, String> entities = new HashMap<>();

  private long answers;

  private record ReplyKey(String node, @Nullable String replyTo) {}

  Attachments(AmqpFront front, AmqpConnection connection, Authorization authorization) {
    this.front = front;
    this.connection = connection;
    this.authorization = authorization;
    this.nodes =
        Map.of(
            CbsNode.ADDRESS,
            new CbsNode(authorization, front.clock()),
            ManagementNode.ADDRESS,
            new ManagementNode(front.namespace(), authorization, front.clock()));
  }

  /** Answers the wish for a link. */
  void open(Link link) {
    if (link.getLocalState() != EndpointState.UNINITIALIZED) {
      return;
    }
    try {
      if (link instanceof Sender sender) {
        openSender(sender);
      } else {
        openReceiver((Receiver) link);
      }
    } catch (Refusal refusal) {
      refuse(link, refusal);
    } catch (EventStoreException e) {
      refuse(link, new Refusal(Refusal.INTERNAL, String.valueOf(e.getMessage())));
    }
  }

  /** A link that is refused is attached to nothing, and detached at once. */
  private static void refuse(Link link, Refusal refusal) {
    link.setSource(null);
    link.setTarget(null);
    link.setCondition(refusal.toError());
    link.open();
    link.close();
  }

  private void openSender(Sender sender) throws Refusal {
    if (!(sender.getRemoteSource() instanceof Source source) || source.getAddress() == null) {
      throw new Refusal(Refusal.INVALID, "The link lacks the address of a source.");
    }
    String node = node(source.getAddress());
    sender.setTarget(sender.getRemoteTarget());
    sender.setSource(source);
    if (node == null) {
      openConsumer(sender, source);
      return;
    }
    String replyTo = sender.getRemoteTarget() instanceof Target target ? target.getAddress() : null;
    replies.put(new ReplyKey(node, replyTo), sender);
    replies.putIfAbsent(new ReplyKey(node, null), sender);
    accept(sender);
  }

  private void openConsumer(Sender sender, Source source) throws Refusal {
    EntityAddress address = EntityAddress.parse(source.getAddress());
    authorization.require(source.getAddress(), front.clock().instant());
    EventHub hub = front.namespace().hub(address.hub());
    String group = address.consumerGroup();
    if (group == null || address.partition() == null) {
      throw new Refusal(
          Refusal.NOT_FOUND,
          "'%s' cannot be read; use hub/ConsumerGroups/group/Partitions/id."
              .formatted(source.getAddress()));
    }
    if (!hub.hasConsumerGroup(group)) {
      throw new Refusal(
          Refusal.NOT_FOUND,
          "%s Consumer groups are named when the server is started."
              .formatted(Refusal.notFound(hub.name() + "/ConsumerGroups/" + group)));
    }
    Partition partition = front.namespace().partition(hub, address.partition());
    long from = partition.resolve(position(source));
    Wishes wishes =
        new Wishes(epoch(sender), isWished(sender.getRemoteDesiredCapabilities(), RUNTIME_METRIC));
    ConsumerKey key =
        new ConsumerKey(hub.name(), group.toLowerCase(Locale.ROOT), partition.index());
    for (ConsumerLink other : front.consumers().evicted(key, wishes.epoch())) {
      other
          .connection()
          .close(
              other,
              new Refusal(
                  Refusal.STOLEN,
                  "A receiver with epoch %s has taken partition %d of '%s' over."
                      .formatted(wishes.epoch(), key.partition(), key.hub())));
    }
    ConsumerLink consumer = new ConsumerLink(connection, sender, key, partition, from, wishes);
    sender.setContext(consumer);
    entities.put(sender, source.getAddress());
    if (wishes.tellsNewest()) {
      sender.setOfferedCapabilities(new Symbol[] {RUNTIME_METRIC});
    }
    accept(sender);
    connection.add(consumer);
  }

  private static void accept(Link link) {
    link.setSenderSettleMode(link.getRemoteSenderSettleMode());
    link.setReceiverSettleMode(ReceiverSettleMode.FIRST);
    link.open();
  }

  private static StartPosition position(Source source) throws Refusal {
    try {
      return SelectorFilter.position(source.getFilter());
    } catch (IllegalArgumentException e) {
      throw new Refusal(Refusal.INVALID, String.valueOf(e.getMessage()));
    }
  }

  private static @Nullable Long epoch(Link link) {
    Map<Symbol, Object> properties = link.getRemoteProperties();
    Object epoch = properties == null ? null : properties.get(EPOCH);
    return epoch instanceof Number number ? (Long) number.longValue() : null;
  }

  private static boolean isWished(Symbol @Nullable [] capabilities, Symbol capability) {
    return capabilities != null && Arrays.asList(capabilities).contains(capability);
  }

  private void openReceiver(Receiver receiver) throws Refusal {
    if (!(receiver.getRemoteTarget() instanceof Target target) || target.getAddress() == null) {
      throw new Refusal(Refusal.INVALID, "The link lacks the address of a target.");
    }
    receiver.setSource(receiver.getRemoteSource());
    receiver.setTarget(target);
    String node = node(target.getAddress());
    if (node != null) {
      receiver.setContext(node);
      accept(receiver);
      receiver.flow(REQUESTS_CREDIT);
      return;
    }
    EntityAddress address = EntityAddress.parse(target.getAddress());
    authorization.require(target.getAddress(), front.clock().instant());
    TransferTarget taking = transferTarget(receiver, address);
    receiver.setContext(taking);
    entities.put(receiver, target.getAddress());
    receiver.setMaxMessageSize(UnsignedLong.valueOf(ProducerLink.TRANSFER_BYTES_MAX));
    accept(receiver);
    taking.start();
  }

  private TransferTarget transferTarget(Receiver receiver, EntityAddress address) throws Refusal {
    if (address.hub().equalsIgnoreCase(DeviceboundLink.ADDRESS)) {
      return new DeviceboundLink(connection, receiver, front);
    }
    EventHub hub = front.namespace().hub(address.hub());
    String id = address.partition();
    return new ProducerLink(
        connection,
        receiver,
        hub,
        id == null ? null : front.namespace().partition(hub, id),
        front.loop());
  }

  /** The node for requests that an address means, or null if it means a hub. */
  private static @Nullable String node(String address) {
    String path = EntityAddress.path(address).toLowerCase(Locale.ROOT);
    if (path.equals(CbsNode.ADDRESS)) {
      return CbsNode.ADDRESS;
    }
    return path.equals(ManagementNode.ADDRESS) || path.endsWith("/" + ManagementNode.ADDRESS)
        ? ManagementNode.ADDRESS
        : null;
  }

  /** Forgets the links of a session that has ended. */
  void forget(Session session) {
    entities.keySet().removeIf(link -> link.getSession().equals(session));
    replies.values().removeIf(reply -> reply.getSession().equals(session));
  }

  void forget(Link link) {
    entities.remove(link);
    replies.values().removeIf(reply -> reply.equals(link));
  }

  /** Takes a transfer that has come completely. */
  void receive(Receiver receiver, Delivery delivery, byte[] bytes) {
    if (receiver.getContext() instanceof TransferTarget target) {
      target.onTransfer(delivery, bytes);
    } else if (receiver.getContext() instanceof String node) {
      delivery.disposition(Accepted.getInstance());
      delivery.settle();
      receiver.flow(1);
      try {
        answer(node, bytes);
      } catch (RuntimeException e) {
        LOG.log(Level.WARNING, "A request to {0} could not be read and is not answered.", node);
      }
    }
  }

  private void answer(String name, byte[] bytes) {
    RequestNode node = nodes.get(name);
    Message request = Proton.message();
    request.decode(bytes, 0, bytes.length);
    Sender reply = replies.get(new ReplyKey(name, request.getReplyTo()));
    if (reply == null) {
      reply = replies.get(new ReplyKey(name, null));
    }
    if (node == null || reply == null || reply.getQueued() > REQUESTS_CREDIT) {
      return; // nobody to be told, or somebody who does not listen
    }
    RequestNode.Answer answer;
    try {
      answer = node.answer(properties(request), body(request));
    } catch (Refusal refusal) {
      answer = RequestNode.Answer.of(refusal);
    }
    send(reply, answer.toMessage(request));
  }

  private static Map<String, Object> properties(Message request) {
    return request.getApplicationProperties() == null
        ? Map.of()
        : request.getApplicationProperties().getValue();
  }

  private static @Nullable Object body(Message request) {
    return switch (request.getBody()) {
      case AmqpValue value -> value.getValue();
      case Data data -> text(data.getValue());
      case null, default -> null;
    };
  }

  private static String text(Binary binary) {
    return new String(
        binary.getArray(), binary.getArrayOffset(), binary.getLength(), StandardCharsets.UTF_8);
  }

  private void send(Sender sender, Message message) {
    byte[] bytes = new byte[16 << 10];
    int length = message.encode(bytes, 0, bytes.length);
    Delivery delivery = sender.delivery(ByteBuffer.allocate(Long.BYTES).putLong(answers++).array());
    sender.send(bytes, 0, length);
    delivery.settle();
    sender.advance();
  }

  /** Closes links whose token has expired since they were attached. */
  void closeUnauthorized() {
    Instant now = front.clock().instant();
    for (Map.Entry<Link, String> link : List.copyOf(entities.entrySet())) {
      if (!authorization.allows(link.getValue(), now)) {
        close(link.getKey(), link.getValue());
      }
    }
  }

  private void close(Link link, String entity) {
    Refusal refusal =
        new Refusal(Refusal.UNAUTHORIZED, "The token for '%s' has expired.".formatted(entity));
    entities.remove(link);
    if (link.getContext() instanceof ConsumerLink consumer) {
      connection.close(consumer, refusal);
    } else {
      link.setCondition(refusal.toError());
      link.close();
      connection.touch();
    }
  }
}
