package dev.perdure.cli.iothub;

import dev.perdure.iothub.IotHubOptions;
import dev.perdure.iothub.RunningHub;
import dev.perdure.iothub.device.Device;
import dev.perdure.iothub.device.Devices;
import dev.perdure.iothub.simulator.MqttTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The hub that a command is about. */
final class HubDirectory {
  static final String DEFAULT = ".perdure/iothub";

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = DEFAULT,
      description =
          "Where the hub keeps its events and devices. Made if need be. Default: ${DEFAULT-VALUE}")
  private Path directory;

  Path path() {
    return directory;
  }

  /**
   * This directory, which has to be there.
   *
   * @throws NoSuchFileException if it is not
   */
  HubDirectory existing() throws NoSuchFileException {
    if (!Files.isDirectory(directory)) {
      throw new NoSuchFileException(
          directory.toString(),
          null,
          "there is no IoT hub here; name the directory of one with --dir, or start one");
    }
    return this;
  }

  Devices devices() {
    return new Devices(directory);
  }

  /** A device that has to be there. */
  Device device(String id) throws IOException {
    Device device = devices().find(id);
    if (device == null) {
      throw new IOException(
          "There is no device '%s' in %s. Add it with 'perdure iothub device add %s', or name the hub's directory with --dir."
              .formatted(id, directory, id));
    }
    return device;
  }

  /** The host name by which devices reach it. */
  String host() {
    RunningHub hub = RunningHub.find(directory);
    return hub == null ? "localhost" : hub.host();
  }

  /** Where programs send to; null for the port of the hub that runs, or else the usual one. */
  int amqpPort(@Nullable Integer port) {
    RunningHub hub = RunningHub.find(directory);
    int usual = hub == null ? IotHubOptions.AMQP_PORT : hub.amqpPort();
    return port == null ? usual : port;
  }

  /**
   * Where devices send to.
   *
   * @param port null for that of the hub that runs, or else the usual one
   */
  MqttTarget target(@Nullable Integer port) {
    RunningHub hub = RunningHub.find(directory);
    int usual = hub == null ? IotHubOptions.MQTT_PORT : hub.mqttPort();
    return new MqttTarget(host(), port == null ? usual : port);
  }
}
