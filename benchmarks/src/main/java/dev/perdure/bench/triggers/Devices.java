package dev.perdure.bench.triggers;

import dev.perdure.bench.harness.WorkloadFailedException;
import dev.perdure.iothub.IotHub;
import dev.perdure.iothub.IotHubOptions;
import dev.perdure.iothub.event.HubSettings;
import dev.perdure.iothub.simulator.MqttTarget;
import dev.perdure.iothub.simulator.Progress;
import dev.perdure.iothub.simulator.Simulation;
import dev.perdure.iothub.simulator.SimulationOptions;
import dev.perdure.iothub.simulator.Telemetry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A local IoT hub with devices that send to it. */
final class Devices implements AutoCloseable {
  static final int COUNT = 100;

  private static final int PARTITIONS = 8;
  private static final int IN_FLIGHT = 10;

  final IotHub hub;

  private Devices(IotHub hub) {
    this.hub = hub;
  }

  static Devices start(Path directory) {
    IotHub hub =
        IotHub.start(
            IotHubOptions.of(directory)
                .withHub(new HubSettings("bench", PARTITIONS, List.of()))
                .withFreePorts());
    hub.devices().addMissing(SimulationOptions.deviceIds(COUNT));
    return new Devices(hub);
  }

  /**
   * Sends.
   *
   * @param rate messages a second of all devices; 0 for as fast as they are acknowledged
   * @param count messages; 0 for no limit
   */
  Simulation send(double rate, Duration time, long count, Telemetry telemetry) {
    return Simulation.start(
        SimulationOptions.of(new MqttTarget("localhost", hub.mqttPort()))
            .withRate(rate / COUNT)
            .withDuration(time)
            .withMessagesMax(count)
            .withInFlightMax(IN_FLIGHT)
            .withTelemetry(telemetry),
        hub.devices().list());
  }

  /** Waits until all that was sent has been acknowledged. */
  static Progress end(Simulation simulation, Duration patience) throws InterruptedException {
    Progress progress = simulation.awaitEnd(patience);
    if (progress == null || progress.acknowledged() != progress.sent()) {
      throw new WorkloadFailedException(
          "The hub has not acknowledged all messages: " + simulation.progress());
    }
    return progress;
  }

  @Override
  public void close() {
    hub.close();
  }
}
