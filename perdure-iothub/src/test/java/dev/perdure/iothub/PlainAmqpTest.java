package dev.perdure.iothub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.iothub.device.Device;
import dev.perdure.iothub.device.SasToken;
import dev.perdure.iothub.event.DeviceMessages;
import dev.perdure.iothub.event.HubSettings;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.proton.ProtonClient;
import io.vertx.proton.ProtonClientOptions;
import io.vertx.proton.ProtonConnection;
import io.vertx.proton.ProtonReceiver;
import io.vertx.proton.ProtonSender;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.AmqpSequence;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Section;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only a client shows that does exactly what it is told. */
class PlainAmqpTest {
  private static final String KEY = "a key of ours";

  @TempDir Path directory;
  private final Vertx vertx = Vertx.vertx();
  private final Vertx slow = Vertx.vertx();
  private IotHub hub;

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
    slow.close().await(10, TimeUnit.SECONDS);
    hub.close();
  }

  private IotHubOptions options() {
    return IotHubOptions.of(directory)
        .withFreePorts()
        .withEventHubs(List.of(new HubSettings("orders", 1, List.of())));
  }

  private IotHubOptions checkedOptions() {
    return options().withAuthRequired().withPolicy("ours", KEY);
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(15, TimeUnit.SECONDS);
  }

  /** Runs something on the connection's thread. */
  private void onLoop(ProtonConnection connection, Runnable task) throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    contexts
        .get(connection)
        .runOnContext(
            nothing -> {
              try {
                task.run();
                done.complete(null);
              } catch (RuntimeException e) {
                done.completeExceptionally(e);
              }
            });
    get(done);
  }

  private final Map<ProtonConnection, Context> contexts = new ConcurrentHashMap<>();

  private ProtonConnection connect(String mechanism, String name, String key) throws Exception {
    return connect(vertx, mechanism, name, key);
  }

  private ProtonConnection connect(Vertx vertx, String mechanism, String name, String key)
      throws Exception {
    ProtonClientOptions options = new ProtonClientOptions();
    options.addEnabledSaslMechanism(mechanism);
    Context context = vertx.getOrCreateContext();
    CompletableFuture<ProtonConnection> connected = new CompletableFuture<>();
    context.runOnContext(
        nothing ->
            ProtonClient.create(vertx)
                .connect(
                    options,
                    "localhost",
                    hub.amqpPort(),
                    name,
                    key,
                    result -> {
                      if (result.failed()) {
                        connected.completeExceptionally(result.cause());
                        return;
                      }
                      ProtonConnection connection = result.result();
                      contexts.put(connection, context);
                      connection.openHandler(opened -> connected.complete(connection)).open();
                    }));
    return get(connected);
  }

  private CompletableFuture<String> receive(
      ProtonConnection connection, String address, Consumer<Message> consumer) throws Exception {
    CompletableFuture<String> closed = new CompletableFuture<>();
    onLoop(
        connection,
        () -> {
          ProtonReceiver receiver = connection.createReceiver(address);
          receiver.handler((delivery, message) -> consumer.accept(message));
          receiver.closeHandler(
              result ->
                  closed.complete(String.valueOf(receiver.getRemoteCondition().getCondition())));
          receiver.open();
        });
    return closed;
  }

  private Message request(ProtonConnection connection, String node, Message request)
      throws Exception {
    CompletableFuture<Message> answer = new CompletableFuture<>();
    onLoop(
        connection,
        () -> {
          ProtonReceiver receiver = connection.createReceiver(node);
          receiver.handler((delivery, message) -> answer.complete(message));
          receiver.open();
          ProtonSender sender = connection.createSender(node);
          sender.openHandler(
              opened -> {
                request.setMessageId("1");
                sender.send(request);
              });
          sender.open();
        });
    return get(answer);
  }

  private Message putToken(ProtonConnection connection, String resource, Instant expiresAt)
      throws Exception {
    String token =
        SasToken.sign(resource, KEY.getBytes(StandardCharsets.UTF_8), expiresAt, "ours").text();
    Message request = Proton.message();
    request.setApplicationProperties(
        new ApplicationProperties(
            Map.of(
                "operation",
                "put-token",
                "type",
                "servicebus.windows.net:sastoken",
                "name",
                resource)));
    request.setBody(new AmqpValue(token));
    return request(connection, "$cbs", request);
  }

  private static final String PARTITION = "orders/ConsumerGroups/$Default/Partitions/0";

  @Test
  void aLinkIsClosedWhenItsTokenExpires() throws Exception {
    hub = IotHub.start(checkedOptions());
    ProtonConnection connection = connect("ANONYMOUS", null, null);
    Message answer = putToken(connection, "amqp://localhost/orders", Instant.now().plusSeconds(5));
    assertThat(answer.getCorrelationId()).isEqualTo("1");
    assertThat(answer.getApplicationProperties().getValue()).containsEntry("status-code", 202);

    CompletableFuture<String> closed = receive(connection, PARTITION, message -> {});

    assertThat(get(closed)).isEqualTo("amqp:unauthorized-access");
  }

  @Test
  void withoutTokenNothingIsReadWhereTokensAreChecked() throws Exception {
    hub = IotHub.start(checkedOptions());
    ProtonConnection connection = connect("ANONYMOUS", null, null);

    assertThat(get(receive(connection, PARTITION, message -> {})))
        .isEqualTo("amqp:unauthorized-access");
  }

  @Test
  void nameAndKeyAreAsGoodAsAToken() throws Exception {
    hub = IotHub.start(checkedOptions());
    ProtonConnection connection = connect("PLAIN", "ours", KEY);
    CompletableFuture<String> text = new CompletableFuture<>();
    receive(
        connection,
        "/" + PARTITION,
        message -> text.complete(((AmqpValue) message.getBody()).getValue().toString()));

    DeliveryState outcome = send(connection, "orders", new AmqpValue("hello"));
    assertThat(outcome).isInstanceOf(Accepted.class);

    assertThat(get(text)).isEqualTo("hello");
    assertThatThrownBy(() -> connect("PLAIN", "ours", "wrong"))
        .hasMessageContaining("Failed to authenticate");
  }

  private DeliveryState send(ProtonConnection connection, String address, Section body)
      throws Exception {
    Message message = Proton.message();
    message.setBody(body);
    return send(connection, address, message);
  }

  private DeliveryState send(ProtonConnection connection, String address, Message message)
      throws Exception {
    CompletableFuture<DeliveryState> outcome = new CompletableFuture<>();
    onLoop(
        connection,
        () -> {
          ProtonSender sender = connection.createSender(address);
          sender.sendQueueDrainHandler(
              ready -> {
                sender.sendQueueDrainHandler(null);
                sender.send(message, delivery -> outcome.complete(delivery.getRemoteState()));
              });
          sender.open();
        });
    return get(outcome);
  }

  @Test
  void bodiesOfEveryKindPass() throws Exception {
    hub = IotHub.start(options());
    ProtonConnection connection = connect("ANONYMOUS", null, null);
    CompletableFuture<List<?>> list = new CompletableFuture<>();
    receive(
        connection,
        "amqps://some.host/" + PARTITION,
        message -> {
          if (message.getBody() instanceof AmqpSequence sequence) {
            list.complete(sequence.getValue());
          }
        });

    send(connection, "orders/Partitions/0", new AmqpSequence(List.of(1, "two")));

    assertThat(get(list).equals(List.of(1, "two"))).isTrue();
  }

  @Test
  void whatIsTooLargeIsRejectedAndTheNextOneTaken() throws Exception {
    hub = IotHub.start(options());
    ProtonConnection connection = connect("ANONYMOUS", null, null);

    DeliveryState tooLarge =
        send(connection, "orders", new Data(new Binary(new byte[(1 << 20) + 1])));
    assertThat(tooLarge)
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected ->
                assertThat((Object) rejected.getError().getCondition())
                    .isEqualTo(Symbol.valueOf("amqp:link:message-size-exceeded")));

    DeliveryState next = send(connection, "orders", new Data(new Binary(new byte[10])));
    assertThat(next).isInstanceOf(Accepted.class);
  }

  @Test
  void aReaderThatDoesNotKeepUpGetsEverythingInTheEnd() throws Exception {
    hub = IotHub.start(options());
    ProtonConnection connection = connect("ANONYMOUS", null, null);
    int count = 100;
    for (int i = 0; i < count; i++) {
      send(connection, "orders", new Data(new Binary(new byte[200_000])));
    }
    ProtonConnection reading = connect(slow, "ANONYMOUS", null, null); // a thread of its own
    List<Long> sequenceNumbers = new CopyOnWriteArrayList<>();
    CountDownLatch mayRead = new CountDownLatch(1);
    onLoop(
        reading,
        () -> {
          ProtonReceiver receiver = reading.createReceiver(PARTITION);
          receiver.setPrefetch(0);
          receiver.handler(
              (delivery, message) -> {
                // The first one holds up the thread that reads from the socket: 20 MB have to wait.
                try {
                  assertThat(mayRead.await(10, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
                sequenceNumbers.add(
                    (Long)
                        message
                            .getMessageAnnotations()
                            .getValue()
                            .get(Symbol.valueOf("x-opt-sequence-number")));
              });
          receiver.open();
          receiver.flow(count);
        });
    // Others are served meanwhile.
    assertThat(send(connection, "orders", new AmqpValue("more")).toString()).contains("Accepted");
    mayRead.countDown();

    Await.until("everything is read", () -> sequenceNumbers.size() == count);
    assertThat(sequenceNumbers)
        .containsExactlyElementsOf(LongStream.range(0, count).boxed().toList());
  }

  @Test
  void aTransferWithoutEndIsCutOff() throws Exception {
    hub = IotHub.start(options());
    ProtonConnection connection = connect("ANONYMOUS", null, null);
    CompletableFuture<String> closed = new CompletableFuture<>();
    onLoop(
        connection,
        () -> {
          ProtonSender sender = connection.createSender("orders");
          sender.closeHandler(
              result -> closed.complete(sender.getRemoteCondition().getCondition().toString()));
          sender.sendQueueDrainHandler(
              ready -> {
                sender.sendQueueDrainHandler(null);
                Message message = Proton.message();
                message.setBody(new Data(new Binary(new byte[4 << 20])));
                sender.send(message);
              });
          sender.open();
        });

    assertThat(get(closed)).isEqualTo("amqp:link:message-size-exceeded");
  }

  private static Message toDevice(String id) {
    Message message = Proton.message();
    message.setAddress("/devices/" + id + "/messages/devicebound");
    message.setBody(new Data(new Binary(new byte[] {'x'})));
    return message;
  }

  /** The SDK for .NET takes an expiry with seven digits after the point, and no other. */
  @Test
  void systemPropertiesOfAMessageToADeviceAreInItsTopic() throws Exception {
    hub = IotHub.start(options());
    Device device = hub.devices().add("d1");
    Message message = toDevice("d1");
    message.setMessageId("m 1");
    message.setCorrelationId("c1");
    message.setUserId("Zoë".getBytes(StandardCharsets.UTF_8));
    message.setExpiryTime(Instant.parse("2999-01-31T09:05:00.25Z").toEpochMilli());
    message.setContentType("application/json");
    message.setContentEncoding("utf-8");
    message.setApplicationProperties(new ApplicationProperties(Map.of("iothub-ack", "full")));

    assertThat(send(connect("ANONYMOUS", null, null), "messages/devicebound", message))
        .isInstanceOf(Accepted.class);

    try (TestDevice connected = TestDevice.connect(hub, device)) {
      connected.subscribe("devices/d1/messages/devicebound/#");
      Await.until("the message arrives", () -> !connected.received.isEmpty());
      assertThat(connected.received)
          .containsExactly(
              "devices/d1/messages/devicebound/%24.mid=m%201&%24.cid=c1&%24.uid=Zo%C3%AB"
                  + "&%24.exp=2999-01-31T09%3A05%3A00.2500000Z&%24.ct=application%2Fjson&%24.ce=utf-8"
                  + "&%24.to=%2Fdevices%2Fd1%2Fmessages%2Fdevicebound&iothub-ack=full x");
    }
  }

  @Test
  void whatAMessageToADeviceDoesNotHaveIsNotInItsTopic() throws Exception {
    hub = IotHub.start(options());
    Device device = hub.devices().add("d1");

    send(connect("ANONYMOUS", null, null), "messages/devicebound", toDevice("d1"));

    assertThat(hub.deviceMessages().waitingFor("d1", device.generationId()))
        .extracting(DeviceMessages.Waiting::bag)
        .containsExactly("%24.to=%2Fdevices%2Fd1%2Fmessages%2Fdevicebound");
  }

  @Test
  void anUnknownOperationIsAnswered() throws Exception {
    hub = IotHub.start(options());
    ProtonConnection connection = connect("ANONYMOUS", null, null);
    Message request = Proton.message();
    request.setApplicationProperties(
        new ApplicationProperties(Map.of("operation", "DELETE", "name", "orders")));

    Message answer = request(connection, "$management", request);

    assertThat(answer.getApplicationProperties().getValue())
        .containsEntry("status-code", 400)
        .containsEntry("error-condition", "amqp:invalid-field");
  }
}
