package dev.perdure.iothub;

import dev.perdure.iothub.amqp.AmqpFront;
import dev.perdure.iothub.amqp.AmqpSettings;
import dev.perdure.iothub.device.Device;
import dev.perdure.iothub.device.DeviceAccess;
import dev.perdure.iothub.device.Devices;
import dev.perdure.iothub.device.Policy;
import dev.perdure.iothub.event.DeviceMessages;
import dev.perdure.iothub.event.EventHub;
import dev.perdure.iothub.event.EventStore;
import dev.perdure.iothub.event.EventStoreException;
import dev.perdure.iothub.event.HubSettings;
import dev.perdure.iothub.mqtt.MqttFront;
import dev.perdure.iothub.mqtt.MqttSettings;
import io.vertx.core.Deployable;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A local IoT hub: devices send by MQTT, programs read what they sent as from an event hub.
 * Thread-safe.
 *
 * <p>A message of a device is acknowledged when it is durable: it survives the end of the process
 * and of the machine, until retention deletes it.
 */
public final class IotHub implements AutoCloseable {
  private static final Logger LOG = System.getLogger(IotHub.class.getName());

  /** How long a client may take to open its connection. */
  private static final Duration OPEN_WITHIN = Duration.ofSeconds(30);

  private static final Duration START_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration RETENTION_CHECK = Duration.ofSeconds(1);

  private final IotHubOptions options;
  private final Policy policy;
  private final Devices devices;
  private final EventStore store;
  private final Vertx vertx;
  private final MqttFront mqtt;
  private final AmqpFront amqp;
  private boolean isClosed;

  private IotHub(IotHubOptions options, InstantSource clock) {
    this.options = options;
    List<HubSettings> hubs = new ArrayList<>();
    hubs.add(options.hub());
    hubs.addAll(options.eventHubs());
    // Both take most of the time that a start takes, so they do it side by side.
    CompletableFuture<Vertx> network =
        CompletableFuture.supplyAsync(() -> Vertx.vertx(vertxOptions()));
    boolean isStarted = false;
    EventStore opened = null;
    try {
      opened = EventStore.open(options.directory(), hubs, clock);
      this.store = opened;
      this.policy = PolicyKeys.policy(options);
      this.devices = new Devices(options.directory());
      this.vertx = network.join();
      this.mqtt = mqttFront(clock);
      this.amqp =
          new AmqpFront(
              new AmqpSettings(
                  options.listening().address(),
                  options.listening().amqpPort(),
                  policy,
                  options.areTokensChecked(),
                  OPEN_WITHIN),
              store,
              devices,
              options.hub().name(),
              clock);
      deploy(mqtt, "MQTT", mqttPorts());
      deploy(amqp, "AMQP", Integer.toString(options.listening().amqpPort()));
      new RunningHub(host(), mqtt.port(), amqp.port()).write(options.directory());
      isStarted = true;
    } finally {
      if (!isStarted) {
        close(network.join(), opened);
      }
    }
    vertx.setPeriodic(0, RETENTION_CHECK.toMillis(), timer -> enforceRetention());
  }

  /** Two loops, one for each front; nothing else of what the library could do. */
  private static VertxOptions vertxOptions() {
    return new VertxOptions()
        .setEventLoopPoolSize(2)
        .setWorkerPoolSize(1)
        .setInternalBlockingPoolSize(2)
        .setDisableTCCL(true)
        .setFileSystemOptions(
            new FileSystemOptions()
                .setFileCachingEnabled(false)
                .setClassPathResolvingEnabled(false));
  }

  private MqttFront mqttFront(InstantSource clock) {
    TlsCertificate certificate = options.certificate();
    MqttSettings settings =
        new MqttSettings(
            options.listening().address(),
            options.listening().mqttPort(),
            options.listening().mqttTlsPort(),
            certificate == null ? null : TlsFiles.options(certificate));
    EventHub hub = Objects.requireNonNull(store.hub(options.hub().name()));
    return new MqttFront(
        settings,
        hub,
        store.deviceMessages(),
        new DeviceAccess(devices, policy, options.access().areKeyPasswordsAllowed()),
        clock);
  }

  private String mqttPorts() {
    IotHubOptions.Listening where = options.listening();
    return options.certificate() == null
        ? Integer.toString(where.mqttPort())
        : "%d or %d".formatted(where.mqttPort(), where.mqttTlsPort());
  }

  private void deploy(Deployable front, String name, String port) {
    try {
      vertx.deployVerticle(front).await(START_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IotHubException("%s could not be started in time.".formatted(name), e);
    } catch (Exception e) {
      throw new IotHubException(
          isTaken(e)
              ? "The port %s for %s on %s is taken. Stop what uses it, or choose another port."
                  .formatted(port, name, options.listening().address())
              : "%s could not be started on %s, port %s: %s."
                  .formatted(name, options.listening().address(), port, e.getMessage()),
          e);
    }
  }

  private static boolean isTaken(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BindException) {
        return true;
      }
    }
    return false;
  }

  /**
   * Starts a hub and returns when devices and consumers can connect.
   *
   * @throws EventStoreException if the directory is in use by another hub or damaged
   * @throws IotHubException if a port is taken
   */
  public static IotHub start(IotHubOptions options) {
    return start(options, InstantSource.system());
  }

  /** With a clock of one's own. */
  static IotHub start(IotHubOptions options, InstantSource clock) {
    return new IotHub(options, clock);
  }

  /** The port that devices connect to. */
  public int mqttPort() {
    return mqtt.port();
  }

  /** The port that devices connect to with TLS; 0 if there is no certificate. */
  public int mqttTlsPort() {
    return mqtt.tlsPort();
  }

  /** The port that consumers and producers connect to. */
  public int amqpPort() {
    return amqp.port();
  }

  /** The IoT hub's Event Hub-compatible name. */
  public String name() {
    return options.hub().name();
  }

  /** What programs need to read from the IoT hub; a secret if tokens are checked. */
  public String connectionString() {
    return connectionString(name());
  }

  /**
   * What programs need to use an event hub; a secret if tokens are checked.
   *
   * @param eventHub one that is served
   */
  public String connectionString(String eventHub) {
    return "Endpoint=sb://%s%s;SharedAccessKeyName=%s;SharedAccessKey=%s;UseDevelopmentEmulator=true;EntityPath=%s"
        .formatted(
            host().indexOf(':') < 0 ? host() : "[" + host() + "]",
            amqpPort() == IotHubOptions.AMQP_PORT ? "" : ":" + amqpPort(),
            policy.name(),
            policy.key(),
            eventHub);
  }

  /** The name by which this machine is reached. */
  public String host() {
    String address = options.listening().address();
    return address.equals("127.0.0.1") || address.equals("0.0.0.0") || address.equals("::")
        ? "localhost"
        : address;
  }

  /** The devices, which may be changed while the hub runs. */
  public Devices devices() {
    return devices;
  }

  /** Messages from programs to devices that wait. */
  public DeviceMessages deviceMessages() {
    return store.deviceMessages();
  }

  /** A token with which a device may connect; a secret. */
  public String sasToken(Device device, Duration validity) {
    return device.sasToken(host(), Instant.now().plus(validity));
  }

  /** The event hubs that are served, the IoT hub first. */
  public List<EventHub> eventHubs() {
    return List.copyOf(store.hubs());
  }

  private void enforceRetention() {
    CompletableFuture<Void> unused =
        store
            .enforce(options.retention())
            .whenComplete(
                (nothing, failure) -> {
                  if (failure != null) {
                    LOG.log(Level.ERROR, "Old events stay for now.", failure);
                  }
                });
  }

  /** Closes connections and gives the ports and the directory back. */
  @Override
  public synchronized void close() {
    if (!isClosed) {
      isClosed = true;
      try {
        RunningHub.remove(options.directory());
      } finally {
        close(vertx, store);
      }
    }
  }

  private static void close(Vertx vertx, @Nullable EventStore store) {
    try {
      vertx.close().await(START_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LOG.log(Level.WARNING, "Connections could not be closed in time.");
    } finally {
      if (store != null) {
        store.close();
      }
    }
  }
}
