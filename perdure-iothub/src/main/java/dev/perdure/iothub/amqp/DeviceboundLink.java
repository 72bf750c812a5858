package dev.perdure.iothub.amqp;

import dev.perdure.iothub.device.Device;
import dev.perdure.iothub.device.DeviceRegistryException;
import dev.perdure.iothub.event.AppendOutcome;
import dev.perdure.iothub.event.EventStoreException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.Receiver;
import org.apache.qpid.proton.message.Message;
import org.jspecify.annotations.Nullable;

/**
 * Takes messages to devices from a program, and accepts each when it is durable. All of it runs on
 * the front's event loop.
 */
final class DeviceboundLink implements TransferTarget {
  /** As it is in IoT Hub. */
  static final String ADDRESS = "messages/devicebound";

  private static final int CREDIT = 100;
  private static final int MESSAGE_BYTES_MAX = 64 << 10;

  /** Of the properties as they stand in a topic, which has at most 65,535 bytes in all. */
  private static final int BAG_MAX = 32 << 10;

  private static final Duration WAITING_TIME = Duration.ofHours(1);

  /** As IoT Hub writes it; there are device SDKs that take no other number of digits. */
  private static final DateTimeFormatter EXPIRY =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSX", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final Pattern TO =
      Pattern.compile("/?devices/([^/]+)/messages/devicebound/?", Pattern.CASE_INSENSITIVE);

  private final AmqpConnection connection;
  private final Receiver receiver;
  private final AmqpFront front;

  DeviceboundLink(AmqpConnection connection, Receiver receiver, AmqpFront front) {
    this.connection = connection;
    this.receiver = receiver;
    this.front = front;
  }

  @Override
  public void start() {
    receiver.flow(CREDIT);
  }

  @Override
  public void onTransfer(Delivery delivery, byte[] bytes) {
    try {
      Message message = Proton.message();
      message.decode(bytes, 0, bytes.length);
      add(message, delivery);
    } catch (Refusal refusal) {
      settle(delivery, rejected(refusal));
    } catch (DeviceRegistryException e) {
      settle(delivery, rejected(new Refusal(Refusal.INTERNAL, String.valueOf(e.getMessage()))));
    } catch (RuntimeException e) {
      settle(
          delivery, rejected(new Refusal(Refusal.MALFORMED, "This is not a message of AMQP 1.0.")));
    }
  }

  private void add(Message message, Delivery delivery) throws Refusal {
    Matcher to = TO.matcher(message.getAddress() == null ? "" : message.getAddress());
    if (!to.matches()) {
      throw new Refusal(
          Refusal.INVALID, "The property 'to' has to be /devices/DEVICE/messages/devicebound.");
    }
    String deviceId = to.group(1);
    Device device = front.devices().find(deviceId);
    if (device == null) {
      throw new Refusal(
          Refusal.NOT_FOUND, "There is no device '%s'. Add it first.".formatted(deviceId));
    }
    byte[] payload = payload(message);
    String bag = bag(message);
    if (bag.length() > BAG_MAX) {
      throw new Refusal(
          Refusal.TOO_LARGE,
          "The properties of a message to a device are part of its topic, and may have %d characters. Send fewer."
              .formatted(BAG_MAX));
    }
    if (payload.length + bag.length() > MESSAGE_BYTES_MAX) {
      throw new Refusal(
          Refusal.TOO_LARGE,
          "A message to a device may have %d bytes. Send a smaller one."
              .formatted(MESSAGE_BYTES_MAX));
    }
    long expires =
        message.getExpiryTime() == 0
            ? front.clock().millis() + WAITING_TIME.toMillis()
            : message.getExpiryTime();
    front
        .namespace()
        .store()
        .deviceMessages()
        .add(deviceId, device.generationId(), bag, payload, expires, new Stored(delivery));
  }

  private static byte[] payload(Message message) throws Refusal {
    return switch (message.getBody()) {
      case Data data -> {
        byte[] bytes = new byte[data.getValue().getLength()];
        System.arraycopy(
            data.getValue().getArray(), data.getValue().getArrayOffset(), bytes, 0, bytes.length);
        yield bytes;
      }
      case AmqpValue value when value.getValue() instanceof String text ->
          text.getBytes(StandardCharsets.UTF_8);
      case null, default ->
          throw new Refusal(
              Refusal.INVALID, "The body has to be bytes or a text; devices get bytes.");
    };
  }

  /** The properties as devices read them at the end of a topic. */
  private static String bag(Message message) {
    Map<String, Object> properties = new LinkedHashMap<>();
    put(properties, "$.mid", message.getMessageId());
    put(properties, "$.cid", message.getCorrelationId());
    byte[] userId = message.getUserId();
    put(properties, "$.uid", userId == null ? null : new String(userId, StandardCharsets.UTF_8));
    put(properties, "$.exp", message.getExpiryTime() == 0 ? null : expiry(message));
    put(properties, "$.ct", message.getContentType());
    put(properties, "$.ce", message.getContentEncoding());
    put(properties, "$.to", message.getAddress());
    if (message.getApplicationProperties() != null) {
      message
          .getApplicationProperties()
          .getValue()
          .forEach((name, value) -> put(properties, name, value));
    }
    return properties.entrySet().stream()
        .map(property -> encode(property.getKey()) + "=" + encode(property.getValue().toString()))
        .collect(Collectors.joining("&"));
  }

  private static String expiry(Message message) {
    return EXPIRY.format(Instant.ofEpochMilli(message.getExpiryTime()));
  }

  private static void put(Map<String, Object> properties, String name, @Nullable Object value) {
    if (value != null) {
      properties.put(name, value);
    }
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private void settle(Delivery delivery, DeliveryState state) {
    delivery.disposition(state);
    delivery.settle();
    receiver.flow(1);
  }

  private static Rejected rejected(Refusal refusal) {
    Rejected rejected = new Rejected();
    rejected.setError(refusal.toError());
    return rejected;
  }

  private final class Stored implements AppendOutcome {
    private final Delivery delivery;

    Stored(Delivery delivery) {
      this.delivery = delivery;
    }

    @Override
    public Executor executor() {
      return front.loop();
    }

    @Override
    public void onAppended(@Nullable EventStoreException failure) {
      if (connection.isClosed()) {
        return;
      }
      settle(
          delivery,
          failure == null
              ? Accepted.getInstance()
              : rejected(
                  new Refusal(
                      "amqp:resource-limit-exceeded", String.valueOf(failure.getMessage()))));
      connection.touch();
    }
  }
}
