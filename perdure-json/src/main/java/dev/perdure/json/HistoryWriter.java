package dev.perdure.json;

import dev.perdure.api.Payload;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes the properties of a history, indented; those that are null are left out. */
final class HistoryWriter implements AutoCloseable {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

  private final JsonGenerator json;

  HistoryWriter(OutputStream out) {
    json = MAPPER.writerWithDefaultPrettyPrinter().createGenerator(out);
  }

  void object(Runnable properties) {
    json.writeStartObject();
    properties.run();
    json.writeEndObject();
  }

  void object(String name, Runnable properties) {
    json.writeName(name);
    object(properties);
  }

  <T> void objects(String name, List<T> values, Consumer<T> write) {
    json.writeArrayPropertyStart(name);
    for (T value : values) {
      object(() -> write.accept(value));
    }
    json.writeEndArray();
  }

  void text(String name, @Nullable String value) {
    if (value != null) {
      json.writeStringProperty(name, value);
    }
  }

  void texts(String name, List<String> values) {
    json.writeArrayPropertyStart(name);
    values.forEach(json::writeString);
    json.writeEndArray();
  }

  /** Sorted, so that equal histories give equal files. */
  void texts(String name, Map<String, String> values) {
    object(name, () -> new TreeMap<>(values).forEach(this::text));
  }

  void number(String name, int value) {
    json.writeNumberProperty(name, value);
  }

  void numbers(String name, List<Integer> values) {
    json.writeArrayPropertyStart(name);
    values.forEach(json::writeNumber);
    json.writeEndArray();
  }

  void flag(String name, boolean value) {
    json.writeBooleanProperty(name, value);
  }

  void time(String name, @Nullable Instant value) {
    text(name, value == null ? null : value.toString());
  }

  void payload(String name, @Nullable Payload value) {
    if (value == null) {
      return;
    }
    String text = asJson(value);
    if (text == null) {
      text(name + "Base64", Base64.getEncoder().encodeToString(value.bytes()));
    } else {
      json.writeName(name);
      json.writeRawValue(text);
    }
  }

  /** The payload if it is one JSON value and nothing else; else null. */
  private static @Nullable String asJson(Payload payload) {
    String text;
    try {
      text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload.bytes())).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
    if (text.isEmpty() || !text.equals(text.strip()) || text.charAt(0) == '\uFEFF') {
      return null; // what surrounds a value would not be read back
    }
    try (JsonParser parser = HistoryReader.PAYLOADS.createParser(ObjectReadContext.empty(), text)) {
      parser.nextToken();
      parser.skipChildren();
      parser.finishToken();
      return parser.nextToken() == null ? text : null;
    } catch (JacksonException e) {
      return null;
    }
  }

  @Override
  public void close() {
    json.close();
  }
}
