package dev.perdure.iothub.mqtt;

import dev.perdure.iothub.codec.AmqpTypes;
import dev.perdure.iothub.codec.AmqpWriter;
import dev.perdure.iothub.codec.EventContent;
import dev.perdure.iothub.device.Device;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.time.temporal.TemporalAccessor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes events of what one device publishes. What is the same for all of them is encoded once. Not
 * thread-safe.
 */
final class TelemetryEncoder {
  /** Takes 24:00 for the beginning of the next day. */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ISO_DATE_TIME.withResolverStyle(ResolverStyle.SMART);

  /** The sections of a message whose payload is text without properties, more or less. */
  private static final int SECTIONS_BYTES = 64;

  private static final byte[] ENQUEUED_TIME =
      new AmqpWriter(32).symbol("iothub-enqueuedtime").toBytes();
  private static final int PROPERTIES_FIELDS = 10;

  private final byte[] identity;
  private final int identityElements;

  TelemetryEncoder(DeviceIdentity who, Device device, String authMethod) {
    AmqpWriter out = new AmqpWriter(256);
    int elements = 8;
    out.symbol("iothub-connection-device-id").string(who.deviceId());
    String moduleId = who.moduleId();
    if (moduleId != null) {
      out.symbol("iothub-connection-module-id").string(moduleId);
      elements += 2;
    }
    out.symbol("iothub-connection-auth-method").string(authMethod);
    out.symbol("iothub-connection-auth-generation-id").string(device.generationId());
    out.symbol("iothub-message-source").string("Telemetry");
    this.identity = out.toBytes();
    this.identityElements = elements;
  }

  /**
   * Makes an event.
   *
   * @param bag the topic's property bag
   * @param receivedMillis when it was received, in milliseconds since 1970
   * @throws IllegalArgumentException if a time in the bag is none
   */
  EventContent encode(String bag, byte[] payload, Map<String, String> more, long receivedMillis) {
    Map<String, String> system = Map.of();
    Map<String, String> application = more;
    if (!bag.isEmpty()) {
      system = new LinkedHashMap<>();
      application = new LinkedHashMap<>();
      for (Map.Entry<String, String> property : PropertyBag.parse(bag).entrySet()) {
        (property.getKey().startsWith("$.") ? system : application)
            .put(property.getKey(), property.getValue());
      }
      application.putAll(more);
    }
    AmqpWriter annotations = new AmqpWriter(identity.length + ENQUEUED_TIME.length + 64);
    annotations.raw(identity).raw(ENQUEUED_TIME).timestamp(receivedMillis);
    int elements = identityElements + 2;
    elements += annotate(annotations, "dt-subject", system.get("$.sub"));
    elements += annotate(annotations, "dt-dataschema", system.get("$.dataschema"));

    AmqpWriter bare = new AmqpWriter(payload.length + SECTIONS_BYTES + 2 * bag.length());
    writeProperties(bare, system);
    writeApplicationProperties(bare, application);
    bare.section(AmqpTypes.DATA).binary(payload);
    return new EventContent(annotations.toBytes(), elements, bare.toBytes(), null);
  }

  private static int annotate(AmqpWriter out, String name, @Nullable String value) {
    if (value == null) {
      return 0;
    }
    out.symbol(name).string(value);
    return 2;
  }

  private static void writeProperties(AmqpWriter out, Map<String, String> system) {
    if (system.isEmpty()) {
      return;
    }
    out.section(AmqpTypes.PROPERTIES);
    int list = out.beginList();
    string(out, system.get("$.mid"));
    String userId = system.get("$.uid");
    if (userId == null) {
      out.nothing();
    } else {
      out.binary(userId.getBytes(StandardCharsets.UTF_8));
    }
    string(out, system.get("$.to"));
    out.nothing(); // subject
    out.nothing(); // reply-to
    string(out, system.get("$.cid"));
    symbol(out, system.get("$.ct"));
    symbol(out, system.get("$.ce"));
    time(out, system.get("$.exp"));
    time(out, system.get("$.ctime"));
    out.endList(list, PROPERTIES_FIELDS);
  }

  private static void string(AmqpWriter out, @Nullable String value) {
    if (value == null) {
      out.nothing();
    } else {
      out.string(value);
    }
  }

  private static void symbol(AmqpWriter out, @Nullable String value) {
    if (value == null) {
      out.nothing();
    } else {
      out.symbol(value);
    }
  }

  private static void time(AmqpWriter out, @Nullable String value) {
    Long time = null;
    if (value != null) {
      try {
        time = instant(value).toEpochMilli();
      } catch (DateTimeParseException | ArithmeticException e) {
        throw new IllegalArgumentException("A time is not in the form of ISO 8601.", e);
      }
    }
    if (time == null) {
      out.nothing();
    } else {
      out.timestamp(time);
    }
  }

  /** A time in the form of ISO 8601, in UTC if it does not say otherwise. */
  private static Instant instant(String text) {
    TemporalAccessor time = TIME.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
    return time instanceof OffsetDateTime offset
        ? offset.toInstant()
        : LocalDateTime.from(time).toInstant(ZoneOffset.UTC);
  }

  private static void writeApplicationProperties(AmqpWriter out, Map<String, String> properties) {
    if (properties.isEmpty()) {
      return;
    }
    out.section(AmqpTypes.APPLICATION_PROPERTIES);
    int map = out.beginMap();
    properties.forEach((name, value) -> out.string(name).string(value));
    out.endMap(map, 2 * properties.size());
  }
}
