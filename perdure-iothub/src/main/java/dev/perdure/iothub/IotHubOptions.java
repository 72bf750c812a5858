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
 * @param address where to listen
 * @param mqttPort for devices; 0 for a free one
 * @param mqttTlsPort for devices with TLS; 0 for a free one; only if there is a certificate
 * @param amqpPort for consumers and producers; 0 for a free one
 * @param certificate null for no TLS
 * @param isAuthRequired whether tokens of consumers and producers are checked also on this machine;
 *     beyond it they always are. Those of devices always are
 * @param areKeyPasswordsAllowed whether a device's key itself is taken for its password, which is
 *     handy and not like Azure
 * @param policyName the name of the key for the whole hub
 * @param policyKey the key; null for {@link #EMULATOR_KEY}, or one made up and kept in the
 *     directory where tokens are checked; a secret
 */
public record IotHubOptions(
    Path directory,
    HubSettings hub,
    List<HubSettings> eventHubs,
    Retention retention,
    String address,
    int mqttPort,
    int mqttTlsPort,
    int amqpPort,
    @Nullable TlsCertificate certificate,
    boolean isAuthRequired,
    boolean areKeyPasswordsAllowed,
    String policyName,
    @Nullable String policyKey) {
  public static final int MQTT_PORT = 1883;
  public static final int MQTT_TLS_PORT = 8883;
  public static final int AMQP_PORT = 5672;
  public static final String HUB_NAME = "iothub";
  public static final String POLICY_NAME = "RootManageSharedAccessKey";

  /** What emulators have in their connection strings; known to everybody. */
  public static final String EMULATOR_KEY = "SAS_KEY_VALUE";

  public IotHubOptions {
    eventHubs = List.copyOf(eventHubs);
    requirePort("MQTT", mqttPort);
    requirePort("MQTT with TLS", mqttTlsPort);
    requirePort("AMQP", amqpPort);
    if (policyName.isBlank() || policyName.contains(";") || policyName.contains("=")) {
      throw new IllegalArgumentException(
          "The policy's name is '%s'; use some text without ';' and '='.".formatted(policyName));
    }
    if (policyKey != null && (policyKey.isBlank() || policyKey.contains(";"))) {
      throw new IllegalArgumentException("The policy's key is empty or has a ';' in it.");
    }
    if (EMULATOR_KEY.equals(policyKey) && (isAuthRequired || !isLoopback(address))) {
      throw new IllegalArgumentException(
          "The policy's key is the one that everybody knows. Leave it out to have one made up.");
    }
  }

  private static void requirePort(String name, int port) {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException(
          "The port for %s is %d; use 0 to 65535.".formatted(name, port));
    }
  }

  /** A hub on this machine with the usual names and ports. */
  public static IotHubOptions of(Path directory) {
    return new IotHubOptions(
        directory,
        new HubSettings(HUB_NAME, 0, List.of()),
        List.of(),
        Retention.DEFAULT,
        "127.0.0.1",
        MQTT_PORT,
        MQTT_TLS_PORT,
        AMQP_PORT,
        null,
        false,
        true,
        POLICY_NAME,
        null);
  }

  /** Whether tokens of consumers and producers are checked. */
  boolean areTokensChecked() {
    return isAuthRequired || !isLoopback(address);
  }

  private static boolean isLoopback(String address) {
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false; // listening will fail and say why
    }
  }

  public IotHubOptions withHub(HubSettings settings) {
    return new IotHubOptions(
        directory,
        settings,
        eventHubs,
        retention,
        address,
        mqttPort,
        mqttTlsPort,
        amqpPort,
        certificate,
        isAuthRequired,
        areKeyPasswordsAllowed,
        policyName,
        policyKey);
  }

  public IotHubOptions withEventHubs(List<HubSettings> hubs) {
    return new IotHubOptions(
        directory,
        hub,
        hubs,
        retention,
        address,
        mqttPort,
        mqttTlsPort,
        amqpPort,
        certificate,
        isAuthRequired,
        areKeyPasswordsAllowed,
        policyName,
        policyKey);
  }

  public IotHubOptions withRetention(Duration time, long bytes) {
    return new IotHubOptions(
        directory,
        hub,
        eventHubs,
        new Retention(time, bytes),
        address,
        mqttPort,
        mqttTlsPort,
        amqpPort,
        certificate,
        isAuthRequired,
        areKeyPasswordsAllowed,
        policyName,
        policyKey);
  }

  public IotHubOptions withAddress(String listening) {
    return new IotHubOptions(
        directory,
        hub,
        eventHubs,
        retention,
        listening,
        mqttPort,
        mqttTlsPort,
        amqpPort,
        certificate,
        isAuthRequired,
        areKeyPasswordsAllowed,
        policyName,
        policyKey);
  }

  /** Other ports; 0 for free ones. */
  public IotHubOptions withPorts(int mqtt, int mqttTls, int amqp) {
    return new IotHubOptions(
        directory,
        hub,
        eventHubs,
        retention,
        address,
        mqtt,
        mqttTls,
        amqp,
        certificate,
        isAuthRequired,
        areKeyPasswordsAllowed,
        policyName,
        policyKey);
  }

  /** Free ports for everything. */
  public IotHubOptions withFreePorts() {
    return withPorts(0, 0, 0);
  }

  public IotHubOptions withTls(TlsCertificate shown) {
    return new IotHubOptions(
        directory,
        hub,
        eventHubs,
        retention,
        address,
        mqttPort,
        mqttTlsPort,
        amqpPort,
        shown,
        isAuthRequired,
        areKeyPasswordsAllowed,
        policyName,
        policyKey);
  }

  public IotHubOptions withAuthRequired() {
    return new IotHubOptions(
        directory,
        hub,
        eventHubs,
        retention,
        address,
        mqttPort,
        mqttTlsPort,
        amqpPort,
        certificate,
        true,
        areKeyPasswordsAllowed,
        policyName,
        policyKey);
  }

  public IotHubOptions withoutKeyPasswords() {
    return new IotHubOptions(
        directory,
        hub,
        eventHubs,
        retention,
        address,
        mqttPort,
        mqttTlsPort,
        amqpPort,
        certificate,
        isAuthRequired,
        false,
        policyName,
        policyKey);
  }

  /** A name and key of one's own for the whole hub. */
  public IotHubOptions withPolicy(String name, String key) {
    return new IotHubOptions(
        directory,
        hub,
        eventHubs,
        retention,
        address,
        mqttPort,
        mqttTlsPort,
        amqpPort,
        certificate,
        isAuthRequired,
        areKeyPasswordsAllowed,
        name,
        key);
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "IotHubOptions[%s in %s]".formatted(hub.name(), directory);
  }
}
