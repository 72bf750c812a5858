package dev.perdure.iothub.mqtt;

import dev.perdure.iothub.device.DeviceAccess;
import dev.perdure.iothub.event.DeviceMessages;
import dev.perdure.iothub.event.EventHub;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.mqtt.MqttAuth;
import io.vertx.mqtt.MqttEndpoint;
import io.vertx.mqtt.MqttServer;
import io.vertx.mqtt.MqttServerOptions;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Takes what devices send by MQTT 3.1.1. All connections share one event loop, so that one task
 * acknowledges whatever a commit made durable.
 */
public final class MqttFront extends VerticleBase {
  /** As in IoT Hub: properties and payload together. */
  static final int MESSAGE_BYTES_MAX = 256 << 10;

  /** A topic and the header of a packet at their longest. */
  private static final int HEADER_BYTES_MAX = (64 << 10) + 16;

  private static final int CLIENT_ID_MAX = 128 + 1 + 128;
  private static final int MQTT_3_1_1 = 4;
  private static final int CONNECT_SECONDS_MAX = 30;

  /** Beyond it, nobody waits for the end of a token. */
  private static final Duration LONGEST_TIMER = Duration.ofDays(3650);

  private static final Logger LOG = System.getLogger(MqttFront.class.getName());

  private final MqttSettings settings;
  private final EventHub hub;
  private final DeviceMessages messages;
  private final DeviceAccess access;
  private final InstantSource clock;
  private final Map<DeviceIdentity, DeviceConnection> connections = new HashMap<>();

  /** One for all connections: tasks for the same executor come as one. */
  private final Executor loop = task -> context.runOnContext(ignored -> task.run());

  private @Nullable MqttServer server;
  private @Nullable MqttServer tlsServer;

  /**
   * @param hub where events go
   * @param messages what devices are to get
   */
  public MqttFront(
      MqttSettings settings,
      EventHub hub,
      DeviceMessages messages,
      DeviceAccess access,
      InstantSource clock) {
    this.settings = settings;
    this.hub = hub;
    this.messages = messages;
    this.access = access;
    this.clock = clock;
  }

  @Override
  public Future<?> start() {
    MqttServer plain = server(settings.port(), false);
    server = plain;
    messages.onAdded(deviceId -> loop.execute(() -> deliver(deviceId)));
    Future<MqttServer> listening = plain.listen();
    if (settings.certificate() == null) {
      return listening;
    }
    MqttServer secure = server(settings.tlsPort(), true);
    tlsServer = secure;
    return listening.compose(first -> secure.listen());
  }

  private MqttServer server(int port, boolean isSecure) {
    MqttServerOptions options =
        new MqttServerOptions()
            .setHost(settings.address())
            .setPort(port)
            .setMaxMessageSize(MESSAGE_BYTES_MAX + HEADER_BYTES_MAX)
            .setMaxClientIdLength(CLIENT_ID_MAX)
            .setAutoClientId(false)
            .setTimeoutOnConnect(CONNECT_SECONDS_MAX);
    options.setTcpNoDelay(true).setReuseAddress(true);
    if (isSecure) {
      options.setSsl(true).setKeyCertOptions(settings.certificate());
    }
    return MqttServer.create(vertx, options)
        .endpointHandler(this::onConnect)
        .exceptionHandler(e -> LOG.log(Level.DEBUG, () -> "A connection failed before MQTT: " + e));
  }

  /** The port that devices connect to without TLS. */
  public int port() {
    return server == null ? 0 : server.actualPort();
  }

  /** The port that devices connect to with TLS; 0 for none. */
  public int tlsPort() {
    return tlsServer == null ? 0 : tlsServer.actualPort();
  }

  private void onConnect(MqttEndpoint endpoint) {
    String client = endpoint.clientIdentifier(); // null if it is empty
    DeviceIdentity who = client == null ? null : DeviceIdentity.parse(client);
    if (endpoint.protocolVersion() != MQTT_3_1_1) {
      endpoint.reject(MqttConnectReturnCode.CONNECTION_REFUSED_UNACCEPTABLE_PROTOCOL_VERSION);
      return;
    }
    if (who == null) {
      endpoint.reject(MqttConnectReturnCode.CONNECTION_REFUSED_IDENTIFIER_REJECTED);
      return;
    }
    switch (check(endpoint, who)) {
      case DeviceAccess.Answer.Refused(String reason) -> {
        LOG.log(Level.WARNING, "Device ''{0}'' was refused. {1}", who, reason);
        endpoint.reject(MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED);
      }
      case DeviceAccess.Answer.Granted granted -> accept(endpoint, who, granted);
    }
  }

  private DeviceAccess.Answer check(MqttEndpoint endpoint, DeviceIdentity who) {
    MqttAuth auth = endpoint.auth();
    if (auth == null || !who.isUserName(auth.getUsername())) {
      return new DeviceAccess.Answer.Refused(
          "The user name has to be host/%s/?api-version=2021-04-12.".formatted(who));
    }
    try {
      return access.check(who.deviceId(), who.moduleId(), auth.getPassword(), clock.instant());
    } catch (RuntimeException e) {
      return new DeviceAccess.Answer.Refused(String.valueOf(e.getMessage()));
    }
  }

  private void accept(
      MqttEndpoint endpoint, DeviceIdentity who, DeviceAccess.Answer.Granted granted) {
    TelemetrySink sink =
        new TelemetrySink(
            new TelemetryEncoder(who, granted.device(), granted.authMethod()),
            hub.partitionForKey(who.deviceId()),
            clock);
    DeviceConnection connection =
        new DeviceConnection(
            endpoint,
            who,
            sink,
            new DeviceboundDelivery(endpoint, who, granted.device().generationId(), messages),
            loop);
    DeviceConnection older = connections.put(who, connection);
    if (older != null) {
      older.close("The device has connected anew.");
    }
    long expiry = expireAt(granted, connection);
    connection.onClosed(
        () -> {
          connections.remove(who, connection);
          vertx.cancelTimer(expiry);
        });
    connection.start();
  }

  private void deliver(String deviceId) {
    DeviceConnection connection = connections.get(new DeviceIdentity(deviceId, null));
    if (connection != null) {
      connection.deliver();
    }
  }

  private long expireAt(DeviceAccess.Answer.Granted granted, DeviceConnection connection) {
    if (granted.expiresAt() == null) {
      return -1;
    }
    Duration left = Duration.between(clock.instant(), granted.expiresAt());
    long millis = left.compareTo(LONGEST_TIMER) > 0 ? LONGEST_TIMER.toMillis() : left.toMillis();
    return vertx.setTimer(Math.max(millis, 1), timer -> connection.close("Its token has expired."));
  }
}
