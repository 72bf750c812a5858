package dev.perdure.iothub;

import dev.perdure.iothub.event.HubSettings;
import dev.perdure.iothub.event.Retention;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a hub is to be. Immutable; each {@code with} method returns a copy.
 *
 * @param directory where events, devices and keys are; made if need be, used by one hub at a time
 * @param hub the IoT hub's Event Hub-compatible name, partitions and consumer groups
 * @param eventHubs plain event hubs to serve besides
 * @param retention how long events stay, in all hubs
 * @param listening where devices, consumers and producers connect
 * @param certificate for devices that connect with TLS; null for no TLS
 * @param access what is demanded of them
 */
public record IotHubOptions(
    Path directory,
    HubSettings hub,
    List<HubSettings> eventHubs,
    Retention retention,
    Listening listening,
    @Nullable TlsCertificate certificate,
    Access access) {
  public static final int MQTT_PORT = 1883;
  public static final int MQTT_TLS_PORT = 8883;
  public static final int AMQP_PORT = 5672;
  public static final String HUB_NAME = "iothub";
  public static final String POLICY_NAME = "RootManageSharedAccessKey";

  /** What emulators have in their connection strings; known to everybody. */
  public static final String EMULATOR_KEY = "SAS_KEY_VALUE";

  /**
   * Where a hub listens. A port of 0 is a free one.
   *
   * @param address a name or address of this machine
   * @param mqttPort for devices
   * @param mqttTlsPort for devices with TLS; only if there is a certificate
   * @param amqpPort for consumers and producers
   */
  public record Listening(String address, int mqttPort, int mqttTlsPort, int amqpPort) {
    public Listening {
      requirePort("MQTT", mqttPort);
      requirePort("MQTT with TLS", mqttTlsPort);
      requirePort("AMQP", amqpPort);
      requireOther("MQTT", mqttPort, "AMQP", amqpPort);
      requireOther("MQTT", mqttPort, "MQTT with TLS", mqttTlsPort);
      requireOther("MQTT with TLS", mqttTlsPort, "AMQP", amqpPort);
    }

    private static void requireOther(String name, int port, String other, int otherPort) {
      if (port != 0 && port == otherPort) {
        throw new IllegalArgumentException(
            "The port %d is both for %s and for %s; each needs one of its own."
                .formatted(port, name, other));
      }
    }

    private static void requirePort(String name, int port) {
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException(
            "The port for %s is %d; use 0 to 65535.".formatted(name, port));
      }
    }

    private boolean isThisMachineOnly() {
      try {
        return InetAddress.getByName(address).isLoopbackAddress();
      } catch (UnknownHostException e) {
        return false; // listening will fail and say why
      }
    }
  }

  /**
   * What is demanded of who connects.
   *
   * @param isAuthRequired whether tokens of consumers and producers are checked also on this
   *     machine; beyond it they always are. Those of devices always are
   * @param areKeyPasswordsAllowed whether a device's key itself is taken for its password, which is
   *     handy and not like Azure
   * @param policyName the name of the key for the whole hub
   * @param policyKey the key; null for {@link #EMULATOR_KEY}, or for one made up and kept in the
   *     directory where tokens are checked; a secret
   */
  public record Access(
      boolean isAuthRequired,
      boolean areKeyPasswordsAllowed,
      String policyName,
      @Nullable String policyKey) {
    public Access {
      if (policyName.isBlank() || policyName.contains(";") || policyName.contains("=")) {
        throw new IllegalArgumentException(
            "The policy's name is '%s'; use some text without ';' and '='.".formatted(policyName));
      }
      if (policyKey != null && (policyKey.isBlank() || policyKey.contains(";"))) {
        throw new IllegalArgumentException(
            "The policy's key is empty or has a ';' in it. Use some other text.");
      }
    }

    /** Without the key. */
    @Override
    public String toString() {
      return "Access[%s, %s]".formatted(isAuthRequired ? "checked" : "open", policyName);
    }
  }

  public IotHubOptions {
    eventHubs = List.copyOf(eventHubs);
    if (EMULATOR_KEY.equals(access.policyKey()) && areTokensChecked(listening, access)) {
      throw new IllegalArgumentException(
          "The policy's key is the one that everybody knows. Leave it out to have one made up.");
    }
  }

  /** A hub on this machine with the usual names and ports. */
  public static IotHubOptions of(Path directory) {
    return new IotHubOptions(
        directory,
        new HubSettings(HUB_NAME, 0, List.of()),
        List.of(),
        Retention.DEFAULT,
        new Listening("127.0.0.1", MQTT_PORT, MQTT_TLS_PORT, AMQP_PORT),
        null,
        new Access(false, true, POLICY_NAME, null));
  }

  /** Whether tokens of consumers and producers are checked. */
  boolean areTokensChecked() {
    return areTokensChecked(listening, access);
  }

  private static boolean areTokensChecked(Listening listening, Access access) {
    return access.isAuthRequired() || !listening.isThisMachineOnly();
  }

  /** Another name, number of partitions or consumer groups of the IoT hub. */
  public IotHubOptions withHub(HubSettings settings) {
    return new IotHubOptions(
        directory, settings, eventHubs, retention, listening, certificate, access);
  }

  /** Plain event hubs besides. */
  public IotHubOptions withEventHubs(List<HubSettings> hubs) {
    return new IotHubOptions(directory, hub, hubs, retention, listening, certificate, access);
  }

  /**
   * Another retention.
   *
   * @param time from a second to seven days
   * @param bytes the most that a partition keeps; 0 for no limit
   */
  public IotHubOptions withRetention(Duration time, long bytes) {
    return new IotHubOptions(
        directory, hub, eventHubs, new Retention(time, bytes), listening, certificate, access);
  }

  /** Another address to listen on; beyond this machine, tokens are checked. */
  public IotHubOptions withAddress(String address) {
    return withListening(
        new Listening(
            address, listening.mqttPort(), listening.mqttTlsPort(), listening.amqpPort()));
  }

  /** Other ports; 0 for free ones. */
  public IotHubOptions withPorts(int mqtt, int mqttTls, int amqp) {
    return withListening(new Listening(listening.address(), mqtt, mqttTls, amqp));
  }

  /** Free ports for everything. */
  public IotHubOptions withFreePorts() {
    return withPorts(0, 0, 0);
  }

  private IotHubOptions withListening(Listening where) {
    return new IotHubOptions(directory, hub, eventHubs, retention, where, certificate, access);
  }

  /** Serves devices with TLS too. */
  public IotHubOptions withTls(TlsCertificate shown) {
    return new IotHubOptions(directory, hub, eventHubs, retention, listening, shown, access);
  }

  /** Checks tokens of consumers and producers also on this machine. */
  public IotHubOptions withAuthRequired() {
    return withAccess(
        new Access(true, access.areKeyPasswordsAllowed(), access.policyName(), access.policyKey()));
  }

  /** Demands tokens of devices: their keys are no passwords. */
  public IotHubOptions withoutKeyPasswords() {
    return withAccess(
        new Access(access.isAuthRequired(), false, access.policyName(), access.policyKey()));
  }

  /** A name and key of one's own for the whole hub. */
  public IotHubOptions withPolicy(String name, String key) {
    return withAccess(
        new Access(access.isAuthRequired(), access.areKeyPasswordsAllowed(), name, key));
  }

  private IotHubOptions withAccess(Access demanded) {
    return new IotHubOptions(
        directory, hub, eventHubs, retention, listening, certificate, demanded);
  }
}
