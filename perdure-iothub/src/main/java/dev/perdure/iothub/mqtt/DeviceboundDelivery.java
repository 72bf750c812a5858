package dev.perdure.iothub.mqtt;

import dev.perdure.iothub.event.DeviceMessages;
import dev.perdure.iothub.event.EventStoreException;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.vertx.core.buffer.Buffer;
import io.vertx.mqtt.MqttEndpoint;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives a device that has subscribed what waits for it. All of it runs on the front's event loop.
 */
final class DeviceboundDelivery {
  private static final int PACKET_ID_MAX = 0xffff;

  private final MqttEndpoint endpoint;
  private final DeviceIdentity who;
  private final String generation;
  private final DeviceMessages messages;

  /** Messages given to the device and not acknowledged, by packet id. */
  private final Map<Integer, Long> delivered = new HashMap<>();

  /** Messages that are on their way to a device that acknowledges nothing. */
  private final Set<Long> writing = new HashSet<>();

  private @Nullable Subscription subscription;
  private int lastPacketId;

  /**
   * What the device has asked for.
   *
   * @param prefix what topics begin with, written as the device has it
   * @param granted how they are sent
   */
  private record Subscription(String prefix, MqttQoS granted) {}

  /**
   * @param generation of the device that has connected
   */
  DeviceboundDelivery(
      MqttEndpoint endpoint, DeviceIdentity who, String generation, DeviceMessages messages) {
    this.endpoint = endpoint;
    this.who = who;
    this.generation = generation;
    this.messages = messages;
  }

  /**
   * Notes a subscription.
   *
   * @return what is granted: at most QoS 1, or failure for a topic that is not served
   */
  MqttQoS subscribe(String topic, MqttQoS wanted) {
    if (!isServed(topic)) {
      return MqttQoS.FAILURE;
    }
    MqttQoS qos = wanted == MqttQoS.AT_MOST_ONCE ? MqttQoS.AT_MOST_ONCE : MqttQoS.AT_LEAST_ONCE;
    subscription = new Subscription(topic.substring(0, topic.length() - 1), qos);
    return qos;
  }

  void unsubscribe(String topic) {
    if (isServed(topic)) {
      subscription = null;
    }
  }

  /** Modules have no such messages. */
  private boolean isServed(String topic) {
    return who.moduleId() == null && "/messages/devicebound/#".equals(who.restOf(topic));
  }

  /**
   * Sends what waits and was not sent yet, if the device wants it.
   *
   * @throws EventStoreException if it cannot be counted that a message was sent
   */
  void deliver() {
    Subscription wanted = subscription;
    if (wanted == null || !endpoint.isConnected()) {
      return;
    }
    for (DeviceMessages.Waiting message : messages.waitingFor(who.deviceId(), generation)) {
      boolean isUnderWay = delivered.containsValue(message.id()) || writing.contains(message.id());
      if (!isUnderWay && messages.startDelivery(who.deviceId(), message.id())) {
        send(message, wanted);
      }
    }
  }

  private void send(DeviceMessages.Waiting message, Subscription wanted) {
    lastPacketId = lastPacketId % PACKET_ID_MAX + 1;
    if (wanted.granted() == MqttQoS.AT_LEAST_ONCE) {
      delivered.put(lastPacketId, message.id());
    } else {
      writing.add(message.id());
    }
    endpoint
        .publish(
            wanted.prefix() + message.bag(),
            Buffer.buffer(message.payload()),
            wanted.granted(),
            false,
            false,
            lastPacketId)
        .onComplete(
            written -> {
              if (writing.remove(message.id()) && written.succeeded()) {
                messages.remove(who.deviceId(), message.id());
              }
            });
  }

  void onAcknowledged(int packetId) {
    Long id = delivered.remove(packetId);
    if (id != null) {
      messages.remove(who.deviceId(), id);
    }
  }
}
