package dev.perdure.iothub.amqp;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.engine.Collector;
import org.apache.qpid.proton.engine.Connection;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.EndpointState;
import org.apache.qpid.proton.engine.Event;
import org.apache.qpid.proton.engine.Link;
import org.apache.qpid.proton.engine.Receiver;
import org.apache.qpid.proton.engine.Sender;
import org.apache.qpid.proton.engine.Session;
import org.apache.qpid.proton.engine.Transport;

/**
 * Drives Proton's protocol engine for one socket: bytes in, events to links, bytes out. All of it
 * runs on the front's event loop.
 */
final class AmqpConnection {
  private static final Logger LOG = System.getLogger(AmqpConnection.class.getName());

  private static final int FRAME_BYTES_MAX = 64 << 10;
  private static final int IDLE_MILLIS = 60_000;

  private final AmqpFront front;
  private final NetSocket socket;
  private final Transport transport = Proton.transport();
  private final Connection connection = Proton.connection();
  private final Collector collector = Proton.collector();
  private final Authorization authorization;
  private final Attachments attachments;
  private final Set<ConsumerLink> consumers = new LinkedHashSet<>();
  private long timer = -1;
  private long opening = -1;
  private boolean isTouched;
  private boolean isClosed;

  AmqpConnection(AmqpFront front, NetSocket socket) {
    this.front = front;
    this.socket = socket;
    this.authorization =
        new Authorization(front.settings().policy(), front.settings().isAuthRequired());
    this.attachments = new Attachments(front, this, authorization);
  }

  void start() {
    transport.setMaxFrameSize(FRAME_BYTES_MAX);
    transport.setIdleTimeout(IDLE_MILLIS);
    transport.setEmitFlowEventOnSend(false);
    new SaslHandshake(authorization).install(transport);
    connection.collect(collector);
    transport.bind(connection);
    socket.handler(this::onBytes);
    socket.drainHandler(nothing -> process());
    socket.closeHandler(nothing -> onSocketClosed());
    socket.exceptionHandler(e -> LOG.log(Level.DEBUG, () -> "A connection broke: " + e));
    opening = front.setTimer(front.settings().openWithin().toMillis(), this::closeUnopened);
    process();
  }

  /** Until it is open, nothing is known of when to expect something. */
  private void closeUnopened() {
    if (connection.getRemoteState() == EndpointState.UNINITIALIZED && !isClosed) {
      LOG.log(Level.DEBUG, "A connection is closed that was not opened in time.");
      socket.close();
    }
  }

  private void onBytes(Buffer buffer) {
    byte[] bytes = buffer.getBytes();
    int at = 0;
    while (at < bytes.length && !isClosed) {
      int room = transport.capacity();
      if (room <= 0) {
        break; // the other side has said that it is done
      }
      int length = Math.min(room, bytes.length - at);
      transport.tail().put(bytes, at, length);
      at += length;
      try {
        transport.process();
      } catch (RuntimeException e) {
        LOG.log(Level.DEBUG, () -> "A client broke the protocol: " + e);
        break; // the transport has noted it and says so to the client
      }
      dispatch();
    }
    process();
  }

  /** Has what was done outside of an event of this connection sent, once for all of a task. */
  void touch() {
    if (!isTouched) {
      isTouched = true;
      front.soon(
          () -> {
            isTouched = false;
            process();
          });
    }
  }

  /** Sends what consumers wait for. */
  void pump() {
    if (!consumers.isEmpty() && !isClosed) {
      process();
    }
  }

  private void process() {
    boolean isBusy = true;
    while (isBusy && !isClosed) {
      dispatch();
      isBusy = false;
      if (!socket.writeQueueFull()) {
        for (ConsumerLink consumer : List.copyOf(consumers)) {
          isBusy |= serve(consumer);
        }
      }
      flush();
      isBusy &= !socket.writeQueueFull();
    }
    tick();
  }

  private boolean serve(ConsumerLink consumer) {
    try {
      return consumer.pump();
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "Events could not be read.", e);
      close(consumer, new Refusal(Refusal.INTERNAL, String.valueOf(e.getMessage())));
      return false;
    }
  }

  private void flush() {
    if (isClosed) {
      return;
    }
    Buffer out = null;
    int pending;
    while ((pending = transport.pending()) > 0) {
      ByteBuffer head = transport.head();
      byte[] bytes = new byte[pending];
      head.get(bytes);
      transport.pop(pending);
      out = out == null ? Buffer.buffer(bytes) : out.appendBytes(bytes);
    }
    if (out != null) {
      socket.write(out);
    }
    if (pending < 0) {
      socket.close();
    }
  }

  /** Heartbeats, and the end of a connection whose other side has none. */
  private void tick() {
    if (isClosed || timer >= 0) {
      return;
    }
    long now = TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    long next = transport.tick(now);
    flush();
    if (next != 0 && !isClosed) {
      timer =
          front.setTimer(
              Math.max(next - now, 1),
              () -> {
                timer = -1;
                process();
              });
    }
  }

  private void cancelTimer() {
    if (timer >= 0) {
      front.cancelTimer(timer);
      timer = -1;
    }
  }

  private void onSocketClosed() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    cancelTimer();
    front.cancelTimer(opening);
    consumers.forEach(front.consumers()::remove);
    consumers.clear();
    front.onClosed(this);
  }

  boolean isClosed() {
    return isClosed;
  }

  private void dispatch() {
    Event event;
    while ((event = collector.peek()) != null) {
      try {
        dispatch(event);
      } catch (RuntimeException e) {
        LOG.log(Level.ERROR, "A connection is closed because of an error in the server.", e);
        socket.close();
      }
      collector.pop();
    }
  }

  private void dispatch(Event event) {
    switch (event.getType()) {
      case CONNECTION_REMOTE_OPEN -> {
        connection.setContainer("perdure-iothub");
        connection.open();
        cancelTimer(); // only now it is known how often the client wants to hear something
      }
      case CONNECTION_REMOTE_CLOSE -> connection.close();
      case SESSION_REMOTE_OPEN -> event.getSession().open();
      case SESSION_REMOTE_CLOSE -> onSessionClosed(event.getSession());
      case LINK_REMOTE_OPEN -> attachments.open(event.getLink());
      case LINK_REMOTE_CLOSE -> onLinkClosed(event.getLink(), false);
      case LINK_REMOTE_DETACH -> onLinkClosed(event.getLink(), true);
      case DELIVERY -> onDelivery(event.getDelivery());
      case TRANSPORT_ERROR ->
          LOG.log(Level.DEBUG, () -> "A connection failed: " + transport.getCondition());
      default -> {
        // nothing that links have to know: credit is looked at after each batch of events
      }
    }
  }

  private void onSessionClosed(Session session) {
    for (ConsumerLink consumer : List.copyOf(consumers)) {
      if (consumer.sender().getSession().equals(session)) {
        remove(consumer);
      }
    }
    attachments.forget(session);
    session.close();
    session.free();
  }

  private void onLinkClosed(Link link, boolean isDetached) {
    if (link.getContext() instanceof ConsumerLink consumer) {
      remove(consumer);
    }
    attachments.forget(link);
    if (isDetached) {
      link.detach();
    } else {
      link.close();
    }
    link.free();
  }

  private void onDelivery(Delivery delivery) {
    if (delivery.getLink() instanceof Receiver receiver) {
      if (receiver.getLocalState() != EndpointState.ACTIVE) {
        drop(receiver, delivery);
      } else if (delivery.isAborted()) {
        delivery.settle();
        receiver.flow(1); // it has taken some, and is nothing that anybody has
      } else if (delivery.isReadable() && !delivery.isPartial()) {
        byte[] bytes = new byte[delivery.pending()];
        receiver.recv(bytes, 0, bytes.length);
        receiver.advance();
        attachments.receive(receiver, delivery, bytes);
      } else if (delivery.pending() > 2 * ProducerLink.TRANSFER_BYTES_MAX) {
        closeTooLarge(receiver);
      }
    } else if (delivery.remotelySettled() || delivery.getRemoteState() != null) {
      delivery.settle();
    }
  }

  /** What comes on a link that is closed here counts for nothing, and is not gathered either. */
  private static void drop(Receiver receiver, Delivery delivery) {
    byte[] bytes = new byte[delivery.pending()];
    receiver.recv(bytes, 0, bytes.length);
    if (!delivery.isPartial()) {
      delivery.settle();
    }
  }

  /** What is a little too large is rejected when it is complete; this one may have no end. */
  private static void closeTooLarge(Receiver receiver) {
    if (receiver.getLocalState() == EndpointState.ACTIVE) {
      receiver.setCondition(
          Refusal.error(
              Refusal.TOO_LARGE,
              "A transfer may have %d bytes. Send smaller batches."
                  .formatted(ProducerLink.TRANSFER_BYTES_MAX)));
      receiver.close();
    }
  }

  void add(ConsumerLink consumer) {
    consumers.add(consumer);
    front.consumers().add(consumer);
  }

  private void remove(ConsumerLink consumer) {
    consumers.remove(consumer);
    front.consumers().remove(consumer);
  }

  /** Takes a link away from a consumer. */
  void close(ConsumerLink consumer, Refusal reason) {
    remove(consumer);
    Sender sender = consumer.sender();
    sender.setCondition(reason.toError());
    sender.close();
    touch();
  }

  /** Closes links whose token has expired since they were attached. */
  void closeUnauthorized() {
    attachments.closeUnauthorized();
  }
}
