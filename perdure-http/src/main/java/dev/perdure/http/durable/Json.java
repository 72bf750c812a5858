package dev.perdure.http.durable;

import dev.perdure.api.Payload;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** JSON that is written and checked. */
final class Json {
  private static final int DEPTH_MAX = 1_000;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH_MAX)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private Json() {}

  /** A document. */
  static Payload write(Consumer<JsonGenerator> content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
      content.accept(json);
    }
    return Payload.of(out.toByteArray());
  }

  /** A document that is one object. */
  static Payload object(Consumer<JsonGenerator> properties) {
    return write(
        json -> {
          json.writeStartObject();
          properties.accept(json);
          json.writeEndObject();
        });
  }

  /** A document that is one text. */
  static Payload text(String text) {
    return write(json -> json.writeString(text));
  }

  /** A text, or null. */
  static void text(JsonGenerator json, String name, @Nullable String text) {
    if (text == null) {
      json.writeNullProperty(name);
    } else {
      json.writeStringProperty(name, text);
    }
  }

  /** A stored value as a property, see {@link #stored(JsonGenerator, Payload)}. */
  static void stored(JsonGenerator json, String name, @Nullable Payload value) {
    json.writeName(name);
    stored(json, value);
  }

  /**
   * A stored value: as it is if it is JSON, else as a text. None is null, and one of white space is
   * an empty text.
   */
  static void stored(JsonGenerator json, @Nullable Payload value) {
    if (value == null) {
      json.writeNull();
      return;
    }
    String parsed = parse(value);
    if (parsed != null) {
      json.writeRawValue(parsed);
    } else {
      String text = value.text();
      json.writeString(text.isBlank() ? "" : text);
    }
  }

  /** The text of a payload if that is one JSON value and nothing else; else null. */
  static @Nullable String parse(Payload payload) {
    String text;
    try {
      text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload.bytes())).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() == null) {
        return null;
      }
      parser.skipChildren();
      parser.finishToken();
      return parser.nextToken() == null ? text : null;
    } catch (JacksonException e) {
      return null;
    }
  }
}
