package dev.perdure.iothub.simulator;

import dev.perdure.iothub.device.Device;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.mqtt.MqttClient;
import io.vertx.mqtt.MqttClientOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.function.IntConsumer;

/** One connection of one device. All of it runs on one event loop. */
final class DeviceClient {
  private static final Duration TOKEN_VALIDITY = Duration.ofDays(1);
  private static final int KEEP_ALIVE_SECONDS = 60;
  private static final int QUEUE_MAX = 10 * SimulationOptions.IN_FLIGHT_MAX;

  private final MqttClient client;
  private final MqttTarget target;
  private final String topic;

  /**
   * @param properties the property bag; may be empty
   */
  DeviceClient(Vertx vertx, MqttTarget target, Device device, String properties) {
    MqttClientOptions options =
        new MqttClientOptions()
            .setClientId(device.id())
            .setUsername(device.userName(target.host()))
            .setPassword(device.sasToken(target.host(), Instant.now().plus(TOKEN_VALIDITY)))
            .setKeepAliveInterval(KEEP_ALIVE_SECONDS)
            .setMaxInflightQueue(QUEUE_MAX);
    options.setTcpNoDelay(true);
    this.client = MqttClient.create(vertx, options);
    this.target = target;
    this.topic = "devices/" + device.id() + "/messages/events/" + properties;
  }

  /** Is told the ids of packets that were acknowledged. */
  void onAcknowledged(IntConsumer told) {
    client.publishCompletionHandler(told::accept);
  }

  void onClosed(Runnable told) {
    client.closeHandler(nothing -> told.run());
  }

  Future<?> connect() {
    return client.connect(target.port(), target.host());
  }

  /** Sends with QoS 1 and tells the packet's id, before anything else comes in. */
  Future<Integer> publish(byte[] payload) {
    return client.publish(topic, Buffer.buffer(payload), MqttQoS.AT_LEAST_ONCE, false, false);
  }

  Future<Void> disconnect() {
    return client.disconnect();
  }
}
