package dev.perdure.iothub.mqtt;

import dev.perdure.iothub.event.AppendOutcome;
import dev.perdure.iothub.event.EventStoreException;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.vertx.mqtt.MqttEndpoint;
import io.vertx.mqtt.MqttTopicSubscription;
import io.vertx.mqtt.MqttWill;
import io.vertx.mqtt.messages.MqttPublishMessage;
import io.vertx.mqtt.messages.MqttSubscribeMessage;
import io.vertx.mqtt.messages.MqttUnsubscribeMessage;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A device that is connected. All of it runs on the front's event loop. */
final class DeviceConnection {
  private static final String EVENTS = "/messages/events";
  private static final Logger LOG = System.getLogger(DeviceConnection.class.getName());

  private final MqttEndpoint endpoint;
  private final DeviceIdentity who;
  private final TelemetrySink sink;
  private final DeviceboundDelivery delivery;
  private final Executor loop;
  private final AppendOutcome withoutAcknowledgement = new Acknowledgement(0);
  private boolean hasDisconnected;
  private Runnable closed = () -> {};

  DeviceConnection(
      MqttEndpoint endpoint,
      DeviceIdentity who,
      TelemetrySink sink,
      DeviceboundDelivery delivery,
      Executor loop) {
    this.endpoint = endpoint;
    this.who = who;
    this.sink = sink;
    this.delivery = delivery;
    this.loop = loop;
  }

  void onClosed(Runnable told) {
    closed = told;
  }

  void start() {
    endpoint.publishAutoAck(false);
    endpoint.publishHandler(this::onPublish);
    endpoint.subscribeHandler(this::onSubscribe);
    endpoint.unsubscribeHandler(this::onUnsubscribe);
    endpoint.publishAcknowledgeHandler(delivery::onAcknowledged);
    endpoint.disconnectHandler(nothing -> hasDisconnected = true);
    endpoint.closeHandler(nothing -> onClose());
    endpoint.exceptionHandler(e -> close("It broke the protocol: %s.".formatted(e.getMessage())));
    endpoint.accept(false);
    LOG.log(Level.DEBUG, "Device ''{0}'' is connected.", who);
  }

  /** Closes it, which the device notices as a broken connection. */
  void close(String reason) {
    if (endpoint.isConnected()) {
      LOG.log(Level.WARNING, "The connection of device ''{0}'' is closed. {1}", who, reason);
      endpoint.close();
    }
  }

  private void onSubscribe(MqttSubscribeMessage message) {
    List<MqttQoS> granted = new ArrayList<>();
    for (MqttTopicSubscription topic : message.topicSubscriptions()) {
      granted.add(delivery.subscribe(topic.topicName(), topic.qualityOfService()));
    }
    endpoint.subscribeAcknowledge(message.messageId(), granted);
    deliver();
  }

  private void onUnsubscribe(MqttUnsubscribeMessage message) {
    message.topics().forEach(delivery::unsubscribe);
    endpoint.unsubscribeAcknowledge(message.messageId());
  }

  /** Gives the device what waits for it. */
  void deliver() {
    try {
      delivery.deliver();
    } catch (EventStoreException e) {
      close(String.valueOf(e.getMessage())); // what waits comes when the device has connected anew
    }
  }

  private void onPublish(MqttPublishMessage message) {
    if (message.qosLevel() == MqttQoS.EXACTLY_ONCE) {
      close("It published with QoS 2; only 0 and 1 are supported.");
      return;
    }
    String bag = bagOf(message.topicName());
    if (bag == null) {
      close("It may publish to %s%s/ only.".formatted(who.topicPrefix(), EVENTS));
      return;
    }
    Map<String, String> more = message.isRetain() ? Map.of("mqtt-retain", "true") : Map.of();
    AppendOutcome outcome =
        message.qosLevel() == MqttQoS.AT_LEAST_ONCE
            ? new Acknowledgement(message.messageId())
            : withoutAcknowledgement;
    append(bag, message.payload().getBytes(), more, outcome);
  }

  private void append(String bag, byte[] payload, Map<String, String> more, AppendOutcome outcome) {
    if (payload.length + bag.length() > MqttFront.MESSAGE_BYTES_MAX) {
      close("A message has more than %d bytes.".formatted(MqttFront.MESSAGE_BYTES_MAX));
      return;
    }
    try {
      sink.append(bag, payload, more, outcome);
    } catch (IllegalArgumentException e) {
      close("The properties in a topic are not readable. " + e.getMessage());
    } catch (IllegalStateException e) {
      close("The hub is stopping.");
    }
  }

  /** The property bag of a topic, or null if nothing may be published there. */
  private @Nullable String bagOf(String topic) {
    String rest = who.restOf(topic);
    if (rest == null || !rest.startsWith(EVENTS)) {
      return null;
    }
    if (rest.length() == EVENTS.length()) {
      return "";
    }
    return rest.charAt(EVENTS.length()) == '/' ? rest.substring(EVENTS.length() + 1) : null;
  }

  private void onClose() {
    LOG.log(Level.DEBUG, "Device ''{0}'' is gone.", who);
    try {
      appendWill();
    } finally {
      closed.run();
    }
  }

  private void appendWill() {
    MqttWill will = endpoint.will();
    if (!hasDisconnected && will != null && will.isWillFlag()) {
      String bag = bagOf(will.getWillTopic());
      if (bag != null) {
        append(
            bag,
            will.getWillMessageBytes(),
            Map.of("iothub-MessageType", "Will"),
            withoutAcknowledgement);
      }
    }
  }

  /** Acknowledges a message when it is durable; none if its id is 0. */
  private final class Acknowledgement implements AppendOutcome {
    private final int messageId;

    Acknowledgement(int messageId) {
      this.messageId = messageId;
    }

    @Override
    public Executor executor() {
      return loop;
    }

    @Override
    public void onAppended(@Nullable EventStoreException failure) {
      if (failure != null) {
        // The device sends again what was not acknowledged when it has connected anew.
        close(String.valueOf(failure.getMessage()));
      } else if (messageId != 0 && endpoint.isConnected()) {
        endpoint.publishAcknowledge(messageId);
      }
    }
  }
}
