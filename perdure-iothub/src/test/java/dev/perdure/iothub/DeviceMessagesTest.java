package dev.perdure.iothub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.iothub.device.Device;
import dev.perdure.iothub.event.DeviceMessages;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages from programs to devices. */
class DeviceMessagesTest {
  private static final String TOPIC = "devices/d1/messages/devicebound/#";

  @TempDir Path directory;
  private IotHub hub;
  private Device device;

  @BeforeEach
  void start() {
    start(IotHubOptions.of(directory).withFreePorts());
    device = hub.devices().add("d1");
  }

  private void start(IotHubOptions options) {
    hub = IotHub.start(options);
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private void send(String deviceId, String text) throws Exception {
    ServiceClient.send(
        directory,
        "localhost",
        hub.amqpPort(),
        deviceId,
        text.getBytes(UTF_8),
        Map.of("kind", "a b"));
  }

  private void assertReceives(TestDevice connected, String... texts) throws Exception {
    Await.until("messages arrive", () -> connected.received.size() >= texts.length);
    assertThat(connected.received)
        .extracting(message -> message.substring(message.indexOf(' ') + 1))
        .containsExactly(texts);
  }

  private List<DeviceMessages.Waiting> waiting() {
    return hub.deviceMessages().waitingFor("d1", device.generationId());
  }

  private void awaitNothingWaits() throws Exception {
    Await.until("the device has taken them", () -> waiting().isEmpty());
  }

  @Test
  void aMessageWaitsUntilItsDeviceTakesItAndComesOnce() throws Exception {
    send("d1", "one");
    send("d1", "two");
    try (TestDevice connected = TestDevice.connect(hub, device)) {
      assertThat(connected.subscribe(TOPIC)).containsExactly(1);
      assertReceives(connected, "one", "two");
      assertThat(connected.received.getFirst())
          .startsWith("devices/d1/messages/devicebound/")
          .contains("kind=a%20b");

      send("d1", "three");
      assertReceives(connected, "one", "two", "three");
      awaitNothingWaits();
    }
    send("d1", "four");
    try (TestDevice connected = TestDevice.connect(hub, device)) {
      connected.subscribe(TOPIC);
      assertReceives(connected, "four");
    }
  }

  /** As some client libraries write it, which look for messages there. */
  @Test
  void messagesComeWithTheTopicAsTheDeviceHasWrittenIt() throws Exception {
    Device other = hub.devices().add("AA:BB");
    send("AA:BB", "one");
    try (TestDevice connected = TestDevice.connect(hub, other)) {
      assertThat(connected.subscribe("devices/AA%3ABB/messages/devicebound/#")).containsExactly(1);
      assertReceives(connected, "one");
      assertThat(connected.received.getFirst())
          .startsWith("devices/AA%3ABB/messages/devicebound/%24.");
    }
  }

  @Test
  void aMessageOutlivesTheHub() throws Exception {
    send("d1", "one");
    hub.close();
    start(IotHubOptions.of(directory).withFreePorts());

    try (TestDevice connected = TestDevice.connect(hub, device)) {
      connected.subscribe(TOPIC);
      assertReceives(connected, "one");
      awaitNothingWaits();
    }
    hub.close();
    start(IotHubOptions.of(directory).withFreePorts());
    assertThat(waiting()).isEmpty();
  }

  @Test
  void aMessageThatIsNeverAcknowledgedComesTenTimes() throws Exception {
    send("d1", "one");
    for (int delivery = 1; delivery <= DeviceMessages.DELIVERIES_MAX; delivery++) {
      try (TestDevice connected =
          TestDevice.connect(hub, device, options -> options.setAutoAck(false))) {
        connected.subscribe(TOPIC);
        assertReceives(connected, "one");
      }
    }
    send("d1", "two");

    try (TestDevice connected = TestDevice.connect(hub, device)) {
      connected.subscribe(TOPIC);
      assertReceives(connected, "two");
      awaitNothingWaits();
    }
  }

  @Test
  void aDeviceThatWasRemovedAndAddedAgainIsAnotherOne() throws Exception {
    for (int i = 0; i < DeviceMessages.WAITING_MAX; i++) {
      send("d1", "for the one before");
    }
    hub.devices().remove("d1");
    device = hub.devices().add("d1");

    try (TestDevice connected = TestDevice.connect(hub, device)) {
      connected.subscribe(TOPIC);
      send("d1", "one");
      assertReceives(connected, "one");
      awaitNothingWaits();
    }
    send("d1", "two");
    hub.close();
    start(IotHubOptions.of(directory).withFreePorts());
    assertThat(waiting()).hasSize(1);
  }

  @Test
  void aDeviceThatDoesNotExistGetsNothing() {
    assertThatThrownBy(() -> send("d2", "x"))
        .isInstanceOf(IotHubException.class)
        .hasMessageContaining("There is no device 'd2'");
  }

  @Test
  void noMoreThanFiftyWait() throws Exception {
    for (int i = 0; i < DeviceMessages.WAITING_MAX; i++) {
      send("d1", "message " + i);
    }
    assertThatThrownBy(() -> send("d1", "one too many"))
        .hasMessageContaining("50 messages wait for device 'd1' already");
  }

  @Test
  void whereKeysAreCheckedTheOneInTheDirectoryIsUsed() throws Exception {
    hub.close();
    start(IotHubOptions.of(directory).withFreePorts().withAuthRequired());
    send("d1", "one");
    assertThat(waiting()).hasSize(1);

    assertThatThrownBy(
            () ->
                ServiceClient.send(
                    directory.resolve("elsewhere"),
                    "localhost",
                    hub.amqpPort(),
                    "d1",
                    new byte[1],
                    Map.of()))
        .hasMessageContaining("No token that is good allows 'messages/devicebound'");
  }

  @Test
  void aHubThatListensElsewhereIsNotLookedForHere() {
    assertThatThrownBy(
            () ->
                ServiceClient.send(
                    directory, "192.0.2.1.invalid", 5671, "d1", new byte[1], Map.of()))
        .isInstanceOf(IotHubException.class)
        .hasMessageContaining("by way of 192.0.2.1.invalid:5671");
  }
}
