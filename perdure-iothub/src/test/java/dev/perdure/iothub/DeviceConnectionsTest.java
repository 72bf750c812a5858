package dev.perdure.iothub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.iothub.device.Device;
import dev.perdure.iothub.device.SasToken;
import dev.perdure.iothub.event.Partition;
import dev.perdure.iothub.event.StoredEvent;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.vertx.core.buffer.Buffer;
import io.vertx.mqtt.MqttClientOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.message.Message;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may connect by MQTT, and what ends a connection. */
class DeviceConnectionsTest {
  private static final String EVENTS = "devices/d1/messages/events/";

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

  private Partition partition() {
    return hub.eventHubs().getFirst().partitionForKey("d1");
  }

  private List<Message> messages() {
    return partition().read(0, 100, 1 << 20).stream().map(DeviceConnectionsTest::decode).toList();
  }

  private static Message decode(StoredEvent event) {
    Message message = Proton.message();
    message.decode(event.message(), 0, event.message().length);
    return message;
  }

  private static String text(Message message) {
    return new String(((Data) message.getBody()).getValue().getArray(), StandardCharsets.UTF_8);
  }

  private void assertRefused(Consumer<MqttClientOptions> change) {
    assertNotAuthorized(
        () -> {
          try (TestDevice connected = TestDevice.connect(hub, device, change)) {
            throw new AssertionError(connected + " was let in");
          }
        });
  }

  private static void assertNotAuthorized(ThrowingCallable connecting) {
    assertThatThrownBy(connecting).hasMessageContaining("CONNECTION_REFUSED_NOT_AUTHORIZED");
  }

  private void assertAccepted(Consumer<MqttClientOptions> change) throws Exception {
    try (TestDevice connected = TestDevice.connect(hub, device, change)) {
      connected.publish(EVENTS, "x");
    }
  }

  @Test
  void anUnknownDeviceIsRefused() {
    assertRefused(options -> options.setClientId("d2").setUsername("localhost/d2/"));
  }

  @Test
  void aDeviceThatWasRemovedIsRefused() {
    hub.devices().remove("d1");
    assertRefused(options -> {});
  }

  @Test
  void aTokenOfAnotherDeviceIsRefused() {
    Device other = hub.devices().add("d2");
    assertRefused(
        options -> options.setPassword(other.sasToken("localhost", Instant.now().plusSeconds(60))));
  }

  @Test
  void aTokenSignedWithTheWrongKeyIsRefused() {
    assertRefused(
        options ->
            options.setPassword(
                SasToken.sign(
                        "localhost/devices/d1", new byte[32], Instant.now().plusSeconds(60), null)
                    .text()));
  }

  @Test
  void anExpiredTokenIsRefused() {
    assertRefused(
        options ->
            options.setPassword(device.sasToken("localhost", Instant.now().minusSeconds(1))));
  }

  @Test
  void aMissingPasswordIsRefused() {
    assertRefused(options -> options.setPassword(""));
  }

  @Test
  void aUserNameOfAnotherDeviceIsRefused() {
    assertRefused(options -> options.setUsername("localhost/d2/?api-version=2021-04-12"));
  }

  @Test
  void bothKeysOfADeviceAreGood() throws Exception {
    assertAccepted(
        options ->
            options.setPassword(
                SasToken.sign(
                        "localhost/devices/d1",
                        Base64.getDecoder().decode(device.secondaryKey()),
                        Instant.now().plusSeconds(60),
                        null)
                    .text()));
  }

  @Test
  void theHubsKeySignsForEveryDevice() throws Exception {
    hub.close();
    byte[] key = new byte[32];
    key[0] = 1;
    start(
        IotHubOptions.of(directory)
            .withFreePorts()
            .withPolicy("iothubowner", Base64.getEncoder().encodeToString(key)));
    assertAccepted(
        options ->
            options.setPassword(
                SasToken.sign("localhost", key, Instant.now().plusSeconds(60), "iothubowner")
                    .text()));
    assertThat(decode(partition().read(0, 1, 1).getFirst()).getMessageAnnotations().toString())
        .contains("\"scope\":\"hub\"");
    assertRefused(
        options ->
            options.setPassword(
                SasToken.sign("localhost", key, Instant.now().plusSeconds(60), "another").text()));
  }

  @Test
  void theKeyItselfIsAPasswordUnlessThatIsForbidden() throws Exception {
    assertAccepted(options -> options.setPassword(device.primaryKey()));
    assertRefused(options -> options.setPassword("no key at all"));
    hub.close();
    start(IotHubOptions.of(directory).withFreePorts().withoutKeyPasswords());
    assertRefused(options -> options.setPassword(device.primaryKey()));
  }

  @Test
  void aConnectionEndsWithItsToken() throws Exception {
    try (TestDevice connected =
        TestDevice.connect(
            hub,
            device,
            options ->
                options.setPassword(device.sasToken("localhost", Instant.now().plusSeconds(4))))) {
      connected.publish(EVENTS, "x");
      connected.awaitClosed();
    }
  }

  @Test
  void aNewConnectionOfADeviceEndsTheOlder() throws Exception {
    try (TestDevice older = TestDevice.connect(hub, device);
        TestDevice newer = TestDevice.connect(hub, device)) {
      older.awaitClosed();
      newer.publish(EVENTS, "x");
    }
  }

  @Test
  void publishingWithQos2EndsTheConnection() throws Exception {
    try (TestDevice connected = TestDevice.connect(hub, device)) {
      connected.publish(EVENTS, "x", MqttQoS.EXACTLY_ONCE, false);
      connected.awaitClosed();
    }
    assertThat(partition().bounds().isEmpty()).isTrue();
  }

  @Test
  void publishingElsewhereEndsTheConnection() throws Exception {
    for (String topic :
        List.of("devices/d2/messages/events/", "some/topic", "devices/d1/messages/eventsandmore")) {
      try (TestDevice connected = TestDevice.connect(hub, device)) {
        connected.publish(topic, "x", MqttQoS.AT_MOST_ONCE, false);
        connected.awaitClosed();
      }
    }
    assertThat(partition().bounds().isEmpty()).isTrue();
  }

  @Test
  void aTimeThatIsNoneEndsTheConnection() throws Exception {
    try (TestDevice connected = TestDevice.connect(hub, device)) {
      connected.publish(EVENTS + "$.exp=tomorrow", "x", MqttQoS.AT_MOST_ONCE, false);
      connected.awaitClosed();
    }
  }

  @Test
  void aTimeIsInUtcIfItDoesNotSayOtherwise() throws Exception {
    try (TestDevice connected = TestDevice.connect(hub, device)) {
      connected.publish(EVENTS + "$.exp=2030-01-31T09:05:00.123456&$.ctime=2026-01-31T09:05", "x");
      connected.publish(
          EVENTS + "$.exp=2030-01-31T09:05:00Z&$.ctime=2026-01-31T10%3A05%3A00%2B01%3A00", "x");
      connected.publish(EVENTS + "$.exp=2030-01-31T24:00:00Z&$.ctime=2026-01-31T09:05:00Z", "x");
    }
    assertThat(messages())
        .extracting(message -> Instant.ofEpochMilli(message.getExpiryTime()))
        .containsExactly(
            Instant.parse("2030-01-31T09:05:00.123Z"),
            Instant.parse("2030-01-31T09:05:00Z"),
            Instant.parse("2030-02-01T00:00:00Z"));
    assertThat(messages())
        .extracting(message -> Instant.ofEpochMilli(message.getCreationTime()))
        .containsOnly(Instant.parse("2026-01-31T09:05:00Z"));
  }

  /** As client libraries do, some in topics and some in tokens. */
  @Test
  void idsMayBeEncodedInTopicsAndTokens() throws Exception {
    device = hub.devices().add("AA:BB");
    String token =
        SasToken.sign(
                "localhost/devices/AA%3ABB",
                Base64.getDecoder().decode(device.primaryKey()),
                Instant.now().plusSeconds(60),
                null)
            .text();
    try (TestDevice connected =
        TestDevice.connect(hub, device, options -> options.setPassword(token))) {
      connected.publish("devices/AA%3ABB/messages/events/a=1", "x");
      connected.publish("devices/AA:BB/messages/events/a=2", "x");
    }
    try (TestDevice connected =
        TestDevice.connect(
            hub,
            device,
            options ->
                options
                    .setClientId("AA:BB/m=1")
                    .setUsername("localhost/AA:BB/m=1/?api-version=1")
                    .setPassword(token))) {
      connected.publish("devices/AA%3aBB/modules/m%3D1/messages/events/a=3", "x");
    }
    assertThat(hub.eventHubs().getFirst().partitionForKey("AA:BB").read(0, 100, 1 << 20))
        .hasSize(3);
  }

  /** Its signature does not say whose it is, and there may be devices with either id. */
  @Test
  void theIdInATokenOfTheHubIsTakenAsItIsWritten() throws Exception {
    device = hub.devices().add("AA:BB");
    String token = tokenOfHub("localhost/devices/AA:BB");
    TestDevice.connect(hub, device, options -> options.setPassword(token)).close();
    assertRefused(options -> options.setPassword(tokenOfHub("localhost/devices/AA%3ABB")));
  }

  private String tokenOfHub(String resource) {
    Matcher policy =
        Pattern.compile("SharedAccessKeyName=([^;]+);SharedAccessKey=([^;]+)")
            .matcher(hub.connectionString());
    assertThat(policy.find()).isTrue();
    return SasToken.sign(
            resource,
            policy.group(2).getBytes(StandardCharsets.UTF_8),
            Instant.now().plusSeconds(60),
            policy.group(1))
        .text();
  }

  @Test
  void messagesMayHaveUpTo256Kilobytes() throws Exception {
    try (TestDevice connected = TestDevice.connect(hub, device)) {
      connected.publish(EVENTS, "x".repeat(256 << 10));
      assertThat(partition().bounds().next()).isEqualTo(1);

      connected.publish(EVENTS, "x".repeat((256 << 10) + 1), MqttQoS.AT_MOST_ONCE, false);
      connected.awaitClosed();
    }
    try (TestDevice connected = TestDevice.connect(hub, device)) {
      connected.publish(EVENTS, "x".repeat(512 << 10), MqttQoS.AT_MOST_ONCE, false);
      connected.awaitClosed();
    }
    assertThat(partition().bounds().next()).isEqualTo(1);
  }

  @Test
  void qos0ArrivesToo() throws Exception {
    try (TestDevice connected = TestDevice.connect(hub, device)) {
      connected.publish(EVENTS, "x", MqttQoS.AT_MOST_ONCE, false);
      Await.until("the message is there", () -> !partition().bounds().isEmpty());
    }
  }

  @Test
  void theWillOfADeviceThatVanishesBecomesAnEvent() throws Exception {
    Consumer<MqttClientOptions> will =
        options ->
            options
                .setWillFlag(true)
                .setWillTopic(EVENTS + "a=b")
                .setWillMessageBytes(Buffer.buffer("gone"))
                .setWillQoS(1);
    try (TestDevice connected = TestDevice.connect(hub, device, will)) {
      connected.publish(EVENTS, "here");
    }
    Await.until("the will is there", () -> partition().bounds().next() == 2);
    Message message = messages().getLast();
    assertThat(text(message)).isEqualTo("gone");
    assertThat(message.getApplicationProperties().getValue())
        .containsEntry("iothub-MessageType", "Will")
        .containsEntry("a", "b");

    try (TestDevice connected = TestDevice.connect(hub, device, will)) {
      connected.disconnect();
    }
    try (TestDevice connected = TestDevice.connect(hub, device)) {
      connected.publish(EVENTS, "after");
    }
    assertThat(messages().stream().map(DeviceConnectionsTest::text))
        .containsExactly("here", "gone", "after");
  }

  @Test
  void subscriptionsToWhatIsNotServedFailAndTheConnectionStays() throws Exception {
    try (TestDevice connected = TestDevice.connect(hub, device)) {
      assertThat(connected.subscribe("devices/d2/messages/devicebound/#")).containsExactly(0x80);
      assertThat(connected.subscribe("$iothub/methods/POST/#")).containsExactly(0x80);
      connected.publish(EVENTS, "x");
    }
  }

  @Test
  void oldMessagesAreDeletedWhileTheHubRuns() throws Exception {
    hub.close();
    start(IotHubOptions.of(directory).withFreePorts().withRetention(Duration.ofSeconds(1), 0));
    try (TestDevice connected = TestDevice.connect(hub, device)) {
      connected.publish(EVENTS, "x");
      Await.until(
          "the message is deleted",
          () -> partition().bounds().next() == 1 && partition().bounds().isEmpty());
      connected.publish(EVENTS, "y");
      assertThat(partition().bounds().next()).isEqualTo(2);
    }
  }

  @Test
  void aModuleIsPartOfItsDevice() throws Exception {
    try (TestDevice connected =
        TestDevice.connect(
            hub,
            device,
            options ->
                options.setClientId("d1/m1").setUsername("localhost/d1/m1/?api-version=1"))) {
      connected.publish("devices/d1/modules/m1/messages/events/", "x");
    }
    assertThat(messages().getFirst().getMessageAnnotations().toString())
        .contains("iothub-connection-device-id=d1")
        .contains("iothub-connection-module-id=m1");
  }
}
