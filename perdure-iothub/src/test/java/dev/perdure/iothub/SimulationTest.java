package dev.perdure.iothub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.iothub.device.Device;
import dev.perdure.iothub.event.Partition;
import dev.perdure.iothub.simulator.MqttTarget;
import dev.perdure.iothub.simulator.Progress;
import dev.perdure.iothub.simulator.Simulation;
import dev.perdure.iothub.simulator.SimulationException;
import dev.perdure.iothub.simulator.SimulationOptions;
import dev.perdure.iothub.simulator.Telemetry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Simulated devices and a real hub. */
class SimulationTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir Path directory;

  private IotHub hub() {
    return IotHub.start(IotHubOptions.of(directory).withFreePorts());
  }

  private static SimulationOptions options(IotHub hub) {
    return SimulationOptions.of(new MqttTarget("localhost", hub.mqttPort()));
  }

  private static List<Device> devices(IotHub hub, int count) {
    return hub.devices().addMissing(SimulationOptions.deviceIds(count));
  }

  private static long stored(IotHub hub) {
    return hub.eventHubs().getFirst().partitions().stream()
        .map(Partition::bounds)
        .mapToLong(bounds -> bounds.next())
        .sum();
  }

  @Test
  void allMessagesAreAcknowledgedAndStored() throws Exception {
    try (IotHub hub = hub();
        Simulation simulation =
            Simulation.start(options(hub).withRate(0).withMessagesMax(2000), devices(hub, 20))) {
      Progress end = simulation.awaitEnd(LONG);

      assertThat(end.sent()).isEqualTo(2000);
      assertThat(end.acknowledged()).isEqualTo(2000);
      assertThat(end.failures()).isZero();
      assertThat(stored(hub)).isEqualTo(2000);
    }
  }

  @Test
  void theRateIsKept() throws Exception {
    try (IotHub hub = hub();
        Simulation simulation =
            Simulation.start(
                options(hub).withRate(50).withInFlightMax(100).withDuration(Duration.ofSeconds(1)),
                devices(hub, 4))) {
      Progress end = simulation.awaitEnd(LONG);

      assertThat(end.acknowledged()).isEqualTo(end.sent()).isBetween(100L, 200L);
    }
  }

  @Test
  void devicesThatWereCutOffConnectAgainAndLoseNothing() throws Exception {
    IotHub hub = hub();
    int port = hub.mqttPort();
    List<Device> devices = devices(hub, 3);
    try (Simulation simulation =
        Simulation.start(options(hub).withRate(200).withMessagesMax(1500), devices)) {
      Await.until("some are acknowledged", () -> simulation.progress().acknowledged() > 100);
      hub.close();
      hub = IotHub.start(IotHubOptions.of(directory).withPorts(port, 0, 0));

      Progress end = simulation.awaitEnd(LONG);

      assertThat(end.acknowledged()).isEqualTo(1500);
      assertThat(end.failures()).isPositive();
      assertThat(stored(hub)).isGreaterThanOrEqualTo(1500);
    } finally {
      hub.close();
    }
  }

  @Test
  void devicesThatTheHubDoesNotKnowAreAnError() throws Exception {
    List<Device> devices;
    try (IotHub other =
        IotHub.start(IotHubOptions.of(directory.resolve("other")).withFreePorts())) {
      devices = devices(other, 1);
    }
    try (IotHub hub = hub();
        Simulation simulation = Simulation.start(options(hub), devices)) {
      assertThatThrownBy(() -> simulation.awaitEnd(LONG))
          .isInstanceOf(SimulationException.class)
          .hasMessageContaining("could not connect to localhost:" + hub.mqttPort());
    }
  }

  @Test
  void telemetryIsJsonWithDeviceAndNumber() {
    String json = new String(Telemetry.weather().payload("sim-0001", 7), UTF_8);
    assertThat(json)
        .startsWith("{\"deviceId\":\"sim-0001\",\"messageId\":7,\"temperature\":")
        .endsWith("Z\"}")
        .hasSizeBetween(90, 140);
  }
}
