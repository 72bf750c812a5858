package dev.perdure.iothub;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.util.IterableStream;
import com.azure.messaging.eventhubs.EventData;
import com.azure.messaging.eventhubs.EventHubClientBuilder;
import com.azure.messaging.eventhubs.EventHubConsumerClient;
import com.azure.messaging.eventhubs.EventHubProperties;
import com.azure.messaging.eventhubs.models.EventPosition;
import com.azure.messaging.eventhubs.models.PartitionEvent;
import dev.perdure.iothub.device.Device;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a device sends by MQTT, as the library for Event Hubs reads it. */
class DeviceToConsumerTest {
  @TempDir Path directory;
  private IotHub hub;

  @BeforeEach
  void start() {
    hub = IotHub.start(IotHubOptions.of(directory).withFreePorts());
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private List<EventData> readAll(int count) {
    try (EventHubConsumerClient consumer =
        new EventHubClientBuilder()
            .connectionString(hub.connectionString())
            .consumerGroup("$Default")
            .buildConsumerClient()) {
      List<EventData> events = new ArrayList<>();
      for (String partition : consumer.getPartitionIds()) {
        if (consumer.getPartitionProperties(partition).isEmpty()) {
          continue;
        }
        IterableStream<PartitionEvent> read =
            consumer.receiveFromPartition(
                partition, count, EventPosition.earliest(), Duration.ofSeconds(10));
        read.forEach(event -> events.add(event.getData()));
      }
      return events;
    }
  }

  @Test
  void telemetryArrivesWithItsPropertiesAndTheHubs() throws Exception {
    Device device = hub.devices().add("d1");

    try (TestDevice connected = TestDevice.connect(hub, device)) {
      connected.publish(
          "devices/d1/messages/events/level=high&note=a%20b&$.mid=m-1&$.cid=c-1&$.ct=application%2Fjson&$.ce=utf-8",
          "{\"temperature\":21}");
    }

    EventData event = readAll(1).getFirst();
    assertThat(event.getBodyAsString()).isEqualTo("{\"temperature\":21}");
    assertThat(event.getProperties())
        .containsOnly(java.util.Map.entry("level", "high"), java.util.Map.entry("note", "a b"));
    assertThat(event.getMessageId()).isEqualTo("m-1");
    assertThat(event.getCorrelationId()).isEqualTo("c-1");
    assertThat(event.getContentType()).isEqualTo("application/json");
    assertThat(event.getSequenceNumber()).isZero();
    assertThat(event.getSystemProperties())
        .containsEntry("iothub-connection-device-id", "d1")
        .containsEntry("iothub-message-source", "Telemetry")
        .containsEntry("iothub-connection-auth-generation-id", device.generationId())
        .containsEntry(
            "iothub-connection-auth-method",
            "{\"scope\":\"device\",\"type\":\"sas\",\"issuer\":\"iothub\"}")
        .containsKey("iothub-enqueuedtime");
  }

  @Test
  void messagesOfOneDeviceStayInOrderInOnePartition() throws Exception {
    try (TestDevice device = TestDevice.connect(hub, hub.devices().add("d1"))) {
      for (int i = 0; i < 20; i++) {
        device.publish("devices/d1/messages/events/", "message " + i);
      }
    }

    List<EventData> events = readAll(20);
    assertThat(events).hasSize(20);
    for (int i = 0; i < 20; i++) {
      assertThat(events.get(i).getBodyAsString()).isEqualTo("message " + i);
      assertThat(events.get(i).getSequenceNumber()).isEqualTo(i);
    }
  }

  @Test
  void theHubIsReachedAsMessagesEventsToo() throws Exception {
    try (EventHubConsumerClient consumer =
        new EventHubClientBuilder()
            .connectionString(
                hub.connectionString().replaceAll(";EntityPath=.*", ""), "messages/events")
            .consumerGroup("$Default")
            .buildConsumerClient()) {
      EventHubProperties properties = consumer.getEventHubProperties();
      assertThat(properties.getName()).isEqualTo("messages/events");
      assertThat(properties.getPartitionIds()).containsExactly("0", "1", "2", "3");
    }
  }

  @Test
  void aRetainedMessageIsMarked() throws Exception {
    try (TestDevice device = TestDevice.connect(hub, hub.devices().add("d1"))) {
      device.publish("devices/d1/messages/events/a=b", "x", MqttQoS.AT_LEAST_ONCE, true);
    }

    assertThat(readAll(1).getFirst().getProperties())
        .containsEntry("mqtt-retain", "true")
        .containsEntry("a", "b");
  }
}
