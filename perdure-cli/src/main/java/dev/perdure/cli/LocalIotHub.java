package dev.perdure.cli;

import dev.perdure.iothub.IotHub;
import dev.perdure.iothub.IotHubException;
import dev.perdure.iothub.IotHubOptions;
import dev.perdure.iothub.device.DeviceRegistryException;
import dev.perdure.iothub.event.EventStoreException;
import dev.perdure.iothub.event.HubSettings;
import dev.perdure.trigger.eventhubs.LocalHubs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The event hubs that an app expects on this machine, if nobody else serves them. */
final class LocalIotHub implements AutoCloseable {
  /** How long whoever may serve them already has to answer. */
  private static final int ANSWER_MILLIS = 500;

  private static final String FIRST_DEVICE = "my-device";

  private final LocalHubs wanted;
  private final IotHub hub;

  private LocalIotHub(LocalHubs wanted, IotHub hub) {
    this.wanted = wanted;
    this.hub = hub;
  }

  /**
   * Starts a hub where the app expects one.
   *
   * @param directory where it keeps what it has
   * @param note is told what the user should know, a line each
   * @return null if none is needed, or it cannot be started
   */
  static @Nullable LocalIotHub start(LocalHubs wanted, Path directory, Consumer<String> note) {
    if (!isThisMachine(wanted.host()) || answers(wanted)) {
      return null;
    }
    IotHub hub = null;
    try {
      hub = IotHub.start(options(wanted, directory));
      if (hub.devices().list().isEmpty()) {
        hub.devices().add(FIRST_DEVICE);
      }
      String device = hub.devices().list().get(0).id();
      note.accept(
          "Local IoT hub: MQTT on port %d, AMQP on port %d, in %s"
              .formatted(hub.mqttPort(), hub.amqpPort(), directory));
      note.accept(
          "  A message of a device: ./perdure iothub send --dir %s --device %s hello"
              .formatted(directory, device));
      LocalIotHub started = new LocalIotHub(wanted, hub);
      hub = null;
      return started;
    } catch (IotHubException
        | EventStoreException
        | DeviceRegistryException
        | IllegalArgumentException e) {
      note.accept("! The local IoT hub does not run: " + e.getMessage());
      return null;
    } finally {
      if (hub != null) {
        hub.close();
      }
    }
  }

  static IotHubOptions options(LocalHubs wanted, Path directory) {
    String deviceHub = wanted.deviceHub();
    String name =
        deviceHub == null || deviceHub.equalsIgnoreCase(LocalHubs.DEVICE_MESSAGES)
            ? IotHubOptions.HUB_NAME
            : deviceHub;
    Set<String> groups = new TreeSet<>();
    List<HubSettings> others = new ArrayList<>();
    wanted
        .hubs()
        .forEach(
            (hub, its) -> {
              if (hub.equalsIgnoreCase(name) || hub.equalsIgnoreCase(LocalHubs.DEVICE_MESSAGES)) {
                groups.addAll(its);
              } else {
                others.add(new HubSettings(hub, 0, List.copyOf(its)));
              }
            });
    return IotHubOptions.of(directory)
        .withHub(new HubSettings(name, 0, List.copyOf(groups)))
        .withEventHubs(others)
        .withPorts(isFree(IotHubOptions.MQTT_PORT) ? IotHubOptions.MQTT_PORT : 0, 0, wanted.port());
  }

  private static boolean isThisMachine(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static boolean answers(LocalHubs wanted) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(wanted.host(), wanted.port()), ANSWER_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether it is the one that such an app expects. */
  boolean serves(@Nullable LocalHubs other) {
    return wanted.equals(other);
  }

  @Override
  public void close() {
    hub.close();
  }
}
