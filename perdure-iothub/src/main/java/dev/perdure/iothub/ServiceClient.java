package dev.perdure.iothub;

import io.vertx.core.Vertx;
import io.vertx.proton.ProtonClient;
import io.vertx.proton.ProtonClientOptions;
import io.vertx.proton.ProtonConnection;
import io.vertx.proton.ProtonSender;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.message.Message;

/** Sends messages to devices by way of a hub whose directory is on this machine. */
public final class ServiceClient {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private ServiceClient() {}

  /**
   * Sends one message and waits until the hub has stored it, not until the device has it.
   *
   * @param directory the hub's; tells where it listens and, if tokens are checked, its key
   * @param host the name or address of the machine that it runs on, which others may reach it by
   * @param amqpPort where it listens
   * @throws IotHubException if it is not taken
   */
  public static void send(
      Path directory,
      String host,
      int amqpPort,
      String deviceId,
      byte[] payload,
      Map<String, String> properties)
      throws InterruptedException {
    Message message = Proton.message();
    message.setAddress("/devices/" + deviceId + "/messages/devicebound");
    message.setBody(new Data(new Binary(payload)));
    message.setApplicationProperties(new ApplicationProperties(Map.copyOf(properties)));
    CompletableFuture<Void> sent = new CompletableFuture<>();
    String key = PolicyKeys.known(directory);
    Vertx vertx = Vertx.vertx();
    try {
      ProtonClientOptions options = new ProtonClientOptions();
      options.addEnabledSaslMechanism(key == null ? "ANONYMOUS" : "PLAIN");
      ProtonClient.create(vertx)
          .connect(
              options,
              host,
              amqpPort,
              key == null ? null : IotHubOptions.POLICY_NAME,
              key,
              connected -> {
                if (connected.failed()) {
                  sent.completeExceptionally(connected.cause());
                } else {
                  send(connected.result(), message, sent);
                }
              });
      sent.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IotHubException(
          "The message could not be sent by way of %s:%d: %s"
              .formatted(
                  host,
                  amqpPort,
                  e instanceof TimeoutException
                      ? "the hub does not answer."
                      : String.valueOf(
                          e.getCause() == null ? e.getMessage() : e.getCause().getMessage())),
          e);
    } finally {
      vertx.close();
    }
  }

  private static void send(
      ProtonConnection connection, Message message, CompletableFuture<Void> sent) {
    connection.open();
    ProtonSender sender = connection.createSender("messages/devicebound");
    sender.closeHandler(
        closed ->
            sent.completeExceptionally(
                new IllegalStateException(
                    String.valueOf(sender.getRemoteCondition().getDescription()))));
    sender.sendQueueDrainHandler(
        ready -> {
          sender.sendQueueDrainHandler(null);
          sender.send(
              message,
              delivery -> {
                if (delivery.getRemoteState() instanceof Accepted) {
                  sent.complete(null);
                } else if (delivery.getRemoteState() instanceof Rejected rejected) {
                  sent.completeExceptionally(
                      new IllegalStateException(rejected.getError().getDescription()));
                }
              });
        });
    sender.open();
  }
}
