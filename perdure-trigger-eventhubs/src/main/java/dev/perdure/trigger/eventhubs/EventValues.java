package dev.perdure.trigger.eventhubs;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.perdure.api.Payload;
import dev.perdure.api.TraceContext;
import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.Value;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes invocations of events, in the shapes that functions in Java get from Azure Functions.
 *
 * @param many whether a run gets several events
 * @param data what of an event's body a function gets
 * @param withMetadata whether the function looks at metadata
 */
record EventValues(boolean many, Data data, boolean withMetadata) {
  /** What a function gets of a body. */
  enum Data {
    /** The text of one event, the JSON array of several. */
    DEFAULT,
    /** Texts. */
    TEXT,
    /** Bytes. */
    BINARY
  }

  /**
   * Where events are from.
   *
   * @param namespace the host of the namespace
   * @param hub the hub
   * @param group the consumer group
   * @param partition the partition
   */
  record Origin(String namespace, String hub, String group, String partition) {}

  private static final String BYTE_ORDER_MARK = "\uFEFF";
  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS", Locale.ROOT);

  /** As a binding says. */
  static EventValues of(Binding binding, boolean withMetadata) {
    Data data =
        switch (binding.text("dataType", "").toLowerCase(Locale.ROOT)) {
          case "binary" -> Data.BINARY;
          case "string" -> Data.TEXT;
          default -> Data.DEFAULT;
        };
    return new EventValues(
        binding.text("cardinality", "ONE").equalsIgnoreCase("MANY"), data, withMetadata);
  }

  /**
   * The invocation with one event.
   *
   * @param origin where it is from; null if nobody sent it
   */
  Invocation one(Event event, @Nullable Origin origin) {
    Value value =
        data == Data.BINARY
            ? new Value.Bytes(Payload.of(event.body()))
            : new Value.Text(text(event));
    return new Invocation(value, metadata(event, origin), reason(origin), trace(event));
  }

  /**
   * The invocation with several events.
   *
   * @param origin where they are from; null if nobody sent them
   * @throws UnreadableEventException if the function wants JSON and a body is none
   */
  Invocation several(List<Event> events, @Nullable Origin origin) throws UnreadableEventException {
    Value value =
        switch (data) {
          case BINARY ->
              new Value.ManyBytes(events.stream().map(event -> Payload.of(event.body())).toList());
          case TEXT -> new Value.Texts(events.stream().map(event -> text(event)).toList());
          case DEFAULT -> new Value.Json(array(events), false);
        };
    return new Invocation(value, metadata(events, origin), reason(origin), null);
  }

  private static String text(Event event) {
    return new String(event.body(), StandardCharsets.UTF_8);
  }

  private static String reason(@Nullable Origin origin) {
    return origin == null
        ? "This function was programmatically called via the host APIs."
        : "New events in partition %s of '%s'".formatted(origin.partition(), origin.hub());
  }

  /** The trace that the sender was in, as far as it says. */
  private static @Nullable TraceContext trace(Event event) {
    return event.properties().get("traceparent") instanceof String parent
        ? new TraceContext(
            parent, event.properties().get("tracestate") instanceof String state ? state : null)
        : null;
  }

  // ---- bodies ---------------------------------------------------------------------------------

  private static String array(List<Event> events) throws UnreadableEventException {
    StringJoiner array = new StringJoiner(",", "[", "]");
    for (Event event : events) {
      String body = text(event);
      if (body.startsWith(BYTE_ORDER_MARK)) {
        body = body.substring(1); // the parser skips it, and it must not be in the middle
      }
      if (!isJson(body)) {
        throw new UnreadableEventException(
            "The body of an event%s is not JSON, and a function that gets several events at once gets them as a JSON array. Give its trigger dataType = \"string\" for texts or \"binary\" for bytes, or cardinality = ONE."
                .formatted(
                    event.sequenceNumber() == null
                        ? ""
                        : " (sequence number %d)".formatted(event.sequenceNumber())));
      }
      array.add(body);
    }
    return array.toString();
  }

  /** Whether a text is JSON, by the letter. */
  static boolean isJson(String text) {
    try (JsonReader reader = new JsonReader(new StringReader(text))) {
      reader.setStrictness(Strictness.STRICT);
      reader.skipValue();
      return reader.peek() == JsonToken.END_DOCUMENT;
    } catch (IOException | IllegalStateException e) {
      return false;
    }
  }

  /** The array that a text is in JSON; null if it is something else. */
  static @Nullable JsonArray arrayIn(String text) {
    // A text may just happen to begin like an array.
    return text.stripLeading().startsWith("[") && isJson(text)
        ? JsonParser.parseString(text).getAsJsonArray()
        : null;
  }

  /** What a string says, or the JSON of anything else. */
  static String text(JsonElement element) {
    return element.isJsonPrimitive() && element.getAsJsonPrimitive().isString()
        ? element.getAsString()
        : element.toString();
  }

  // ---- metadata -------------------------------------------------------------------------------

  private Map<String, Value> metadata(Event event, @Nullable Origin origin) {
    if (!withMetadata || origin == null) {
      return Map.of();
    }
    Map<String, Value> metadata = new LinkedHashMap<>();
    putText(metadata, "EnqueuedTimeUtc", time(event.enqueuedTime()));
    putText(
        metadata,
        "SequenceNumber",
        event.sequenceNumber() == null ? null : event.sequenceNumber().toString());
    putText(metadata, "Offset", event.offset());
    putText(metadata, "PartitionKey", event.partitionKey());
    metadata.put("Properties", json(object(event.properties())));
    metadata.put("SystemProperties", json(systemProperties(event)));
    putContext(metadata, origin);
    return metadata;
  }

  private Map<String, Value> metadata(List<Event> events, @Nullable Origin origin) {
    if (!withMetadata || origin == null) {
      return Map.of();
    }
    Map<String, Value> metadata = new LinkedHashMap<>();
    metadata.put("EnqueuedTimeUtcArray", each(events, e -> element(time(e.enqueuedTime()))));
    metadata.put("SequenceNumberArray", each(events, e -> element(e.sequenceNumber())));
    metadata.put("OffsetArray", each(events, e -> element(e.offset())));
    metadata.put("PartitionKeyArray", each(events, e -> element(e.partitionKey())));
    metadata.put("PropertiesArray", each(events, e -> object(e.properties())));
    metadata.put("SystemPropertiesArray", each(events, EventValues::systemProperties));
    putContext(metadata, origin);
    return metadata;
  }

  private static void putText(Map<String, Value> metadata, String name, @Nullable String text) {
    metadata.put(name, text == null ? Value.NOTHING : new Value.Text(text));
  }

  private static Value each(List<Event> events, Function<Event, JsonElement> part) {
    JsonArray array = new JsonArray();
    events.forEach(event -> array.add(part.apply(event)));
    return json(array);
  }

  private static Value json(JsonElement element) {
    return new Value.Json(GSON.toJson(element), false);
  }

  /** Where events are from, by both names that it has. */
  private static void putContext(Map<String, Value> metadata, Origin origin) {
    JsonObject context = new JsonObject();
    context.addProperty("FullyQualifiedNamespace", origin.namespace());
    context.addProperty("EventHubName", origin.hub());
    context.addProperty("ConsumerGroup", origin.group());
    context.addProperty("PartitionId", origin.partition());
    metadata.put("PartitionContext", json(context));
    metadata.put("TriggerPartitionContext", json(context));
  }

  private static JsonObject systemProperties(Event event) {
    JsonObject properties = object(event.systemProperties());
    properties.add("SequenceNumber", element(event.sequenceNumber()));
    properties.add("Offset", element(event.offset()));
    properties.add("PartitionKey", element(event.partitionKey()));
    properties.add("EnqueuedTimeUtc", element(time(event.enqueuedTime())));
    return properties;
  }

  private static JsonObject object(Map<String, Object> map) {
    JsonObject object = new JsonObject();
    map.forEach((name, value) -> object.add(name, element(value)));
    return object;
  }

  /** What AMQP can hold, as JSON. */
  private static JsonElement element(@Nullable Object value) {
    return switch (value) {
      case null -> JsonNull.INSTANCE;
      case JsonElement element -> element;
      case Boolean flag -> new JsonPrimitive(flag);
      // There is no other way to write them.
      case Double number when !Double.isFinite(number) -> new JsonPrimitive(number.toString());
      case Float number when !Float.isFinite(number) -> new JsonPrimitive(number.toString());
      case Number number -> new JsonPrimitive(number);
      case Instant instant -> new JsonPrimitive(String.valueOf(time(instant)));
      case Date date -> new JsonPrimitive(String.valueOf(time(date.toInstant())));
      case byte[] bytes -> new JsonPrimitive(Base64.getEncoder().encodeToString(bytes));
      case Map<?, ?> map -> {
        JsonObject object = new JsonObject();
        map.forEach((name, part) -> object.add(String.valueOf(name), element(part)));
        yield object;
      }
      case Iterable<?> list -> {
        JsonArray array = new JsonArray();
        list.forEach(part -> array.add(element(part)));
        yield array;
      }
      default -> new JsonPrimitive(value.toString());
    };
  }

  private static @Nullable String time(@Nullable Instant time) {
    return time == null ? null : TIME.format(time.atOffset(ZoneOffset.UTC));
  }

  /** What the admin API was given: the body of an event, or a JSON array of those of several. */
  Invocation byHand(String input) {
    if (!many) {
      return one(byHandOf(input), null);
    }
    try {
      return several(bodies(input).stream().map(EventValues::byHandOf).toList(), null);
    } catch (UnreadableEventException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static Event byHandOf(String body) {
    return Event.byHand(body.getBytes(StandardCharsets.UTF_8));
  }

  private List<String> bodies(String input) {
    JsonArray array = arrayIn(input);
    return array == null ? List.of(input) : array.asList().stream().map(this::body).toList();
  }

  /** Where texts or bytes are wanted, a string is what it says rather than JSON. */
  private String body(JsonElement element) {
    return data == Data.DEFAULT ? element.toString() : text(element);
  }
}
