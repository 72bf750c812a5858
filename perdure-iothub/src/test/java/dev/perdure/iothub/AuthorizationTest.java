package dev.perdure.iothub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.amqp.AmqpRetryOptions;
import com.azure.core.amqp.exception.AmqpErrorCondition;
import com.azure.core.amqp.exception.AmqpException;
import com.azure.messaging.eventhubs.EventHubClientBuilder;
import com.azure.messaging.eventhubs.EventHubConsumerClient;
import dev.perdure.iothub.device.SasToken;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may read events. */
class AuthorizationTest {
  @TempDir Path directory;

  private IotHubOptions options() {
    return IotHubOptions.of(directory).withFreePorts();
  }

  private static EventHubClientBuilder client(String connectionString) {
    return new EventHubClientBuilder()
        .connectionString(connectionString)
        .consumerGroup("$Default")
        .retryOptions(
            new AmqpRetryOptions().setMaxRetries(0).setTryTimeout(Duration.ofSeconds(10)));
  }

  private static void assertServed(String connectionString) {
    try (EventHubConsumerClient consumer = client(connectionString).buildConsumerClient()) {
      assertThat(consumer.getPartitionIds()).hasSize(4);
    }
  }

  private static void assertRefused(String connectionString) {
    try (EventHubConsumerClient consumer = client(connectionString).buildConsumerClient()) {
      assertThatThrownBy(consumer::getEventHubProperties)
          .isInstanceOfSatisfying(
              AmqpException.class,
              e ->
                  assertThat(e.getErrorCondition())
                      .isEqualTo(AmqpErrorCondition.UNAUTHORIZED_ACCESS));
    }
  }

  @Test
  void onThisMachineAnyKeyIsGood() {
    try (IotHub hub = IotHub.start(options())) {
      assertServed(hub.connectionString());
      assertServed(hub.connectionString().replace("SAS_KEY_VALUE", "anything"));
    }
  }

  @Test
  void whereKeysAreCheckedOneIsMadeUpAndKept() {
    String connectionString;
    try (IotHub hub = IotHub.start(options().withAuthRequired())) {
      connectionString = hub.connectionString();
      assertThat(connectionString).doesNotContain(IotHubOptions.EMULATOR_KEY);
      assertServed(connectionString);
      assertRefused(connectionString.replaceAll("SharedAccessKey=[^;]*", "SharedAccessKey=no"));
      assertRefused(connectionString.replace("RootManage", "Another"));
    }
    try (IotHub hub = IotHub.start(options().withAuthRequired())) {
      assertThat(key(hub.connectionString())).isEqualTo(key(connectionString));
    }
  }

  private static String key(String connectionString) {
    return connectionString.replaceAll(".*SharedAccessKey=([^;]*);.*", "$1");
  }

  private static String withToken(IotHub hub, String resource, Instant expiresAt) {
    String token =
        SasToken.sign(resource, "a key of ours".getBytes(StandardCharsets.UTF_8), expiresAt, "ours")
            .text();
    return "Endpoint=sb://localhost:%d;SharedAccessSignature=%s;UseDevelopmentEmulator=true;EntityPath=iothub"
        .formatted(hub.amqpPort(), token);
  }

  @Test
  void tokensHaveToBeForTheEntityAndStillValid() {
    Instant later = Instant.now().plusSeconds(600);
    try (IotHub hub =
        IotHub.start(options().withAuthRequired().withPolicy("ours", "a key of ours"))) {
      assertServed(withToken(hub, "amqp://localhost/iothub", later));
      assertServed(withToken(hub, "sb://localhost", later));
      assertRefused(withToken(hub, "amqp://localhost/iothub", Instant.now().minusSeconds(5)));
      assertRefused(withToken(hub, "amqp://localhost/another", later));
      assertRefused(withToken(hub, "amqp://localhost/iot", later));
    }
  }

  @Test
  void theKeyThatEverybodyKnowsIsRefusedWhereKeysAreChecked() {
    assertThatThrownBy(
            () ->
                options()
                    .withAuthRequired()
                    .withPolicy("RootManageSharedAccessKey", IotHubOptions.EMULATOR_KEY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("everybody knows");
  }
}
