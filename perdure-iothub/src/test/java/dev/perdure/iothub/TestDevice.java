package dev.perdure.iothub;

import dev.perdure.iothub.device.Device;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.mqtt.MqttClient;
import io.vertx.mqtt.MqttClientOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A device as tests need it: connects, publishes, and notices when it is cut off. */
final class TestDevice implements AutoCloseable {
  private static final long SECONDS_MAX = 10;

  private final Vertx vertx = Vertx.vertx();
  private final MqttClient client;

  /** Topics and payloads, with a space between. */
  final List<String> received = new CopyOnWriteArrayList<>();

  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private final ConcurrentHashMap<Integer, CompletableFuture<Void>> acknowledged =
      new ConcurrentHashMap<>();

  TestDevice(MqttClientOptions options) {
    client = MqttClient.create(vertx, options.setAutoKeepAlive(false));
    client.publishHandler(message -> received.add(message.topicName() + " " + message.payload()));
    client.closeHandler(nothing -> closed.complete(null));
    client.publishCompletionHandler(id -> acknowledgement(id).complete(null));
  }

  static MqttClientOptions options(IotHub hub, Device device) {
    return new MqttClientOptions()
        .setClientId(device.id())
        .setUsername(device.userName(hub.host()))
        .setPassword(device.sasToken(hub.host(), Instant.now().plus(Duration.ofHours(1))))
        .setMaxMessageSize(1 << 20);
  }

  static TestDevice connect(IotHub hub, Device device) throws Exception {
    return connect(hub, device, options -> {});
  }

  static TestDevice connect(IotHub hub, Device device, Consumer<MqttClientOptions> change)
      throws Exception {
    MqttClientOptions options = options(hub, device);
    change.accept(options);
    TestDevice connecting = new TestDevice(options);
    try {
      connecting.client.connect(hub.mqttPort(), "localhost").await(SECONDS_MAX, TimeUnit.SECONDS);
    } catch (Throwable e) {
      connecting.close();
      throw e;
    }
    return connecting;
  }

  private CompletableFuture<Void> acknowledgement(int id) {
    return acknowledged.computeIfAbsent(id, key -> new CompletableFuture<>());
  }

  /** Publishes with QoS 1 and waits for the acknowledgement. */
  void publish(String topic, String payload) throws Exception {
    publish(topic, payload, MqttQoS.AT_LEAST_ONCE, false);
  }

  void publish(String topic, String payload, MqttQoS qos, boolean isRetain) throws Exception {
    int id =
        client
            .publish(topic, Buffer.buffer(payload), qos, false, isRetain)
            .await(SECONDS_MAX, TimeUnit.SECONDS);
    if (qos == MqttQoS.AT_LEAST_ONCE) {
      acknowledgement(id).get(SECONDS_MAX, TimeUnit.SECONDS);
    }
  }

  /** Subscribes and tells what the hub granted. */
  List<Integer> subscribe(String topic) throws Exception {
    CompletableFuture<List<Integer>> granted = new CompletableFuture<>();
    client.subscribeCompletionHandler(answer -> granted.complete(answer.grantedQoSLevels()));
    client.subscribe(topic, 1);
    return granted.get(SECONDS_MAX, TimeUnit.SECONDS);
  }

  /** Waits until the hub has closed the connection. */
  void awaitClosed() throws Exception {
    closed.get(SECONDS_MAX, TimeUnit.SECONDS);
  }

  boolean isConnected() {
    return client.isConnected();
  }

  void disconnect() throws Exception {
    client.disconnect().await(SECONDS_MAX, TimeUnit.SECONDS);
  }

  /** Drops the connection without a word. */
  @Override
  public void close() throws Exception {
    vertx.close().await(SECONDS_MAX, TimeUnit.SECONDS);
  }
}
