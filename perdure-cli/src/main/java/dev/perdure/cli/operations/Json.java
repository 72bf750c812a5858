package dev.perdure.cli.operations;

import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON that is read. Numbers keep all their digits. */
final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(1_000)
                          .maxNumberLength(Integer.MAX_VALUE)
                          .maxStringLength(Integer.MAX_VALUE)
                          .maxNameLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /**
   * Reads one value.
   *
   * @throws IllegalArgumentException if the text is not exactly one; the message says where
   */
  static JsonNode read(String text) {
    try {
      JsonNode value = MAPPER.readTree(text);
      if (value.isMissingNode()) {
        throw new IllegalArgumentException("there is no value");
      }
      return value;
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      throw new IllegalArgumentException(
          at == null || at.getLineNr() < 1
              ? e.getOriginalMessage()
              : "line %d, column %d: %s"
                  .formatted(at.getLineNr(), at.getColumnNr(), e.getOriginalMessage()),
          e);
    }
  }

  /** A value on one line. */
  static String compact(JsonNode value) {
    return MAPPER.writeValueAsString(value);
  }

  /** A text as a value. */
  static String quoted(String text) {
    return MAPPER.writeValueAsString(text);
  }

  /** The bytes that a value takes, written on one line. */
  static int bytes(JsonNode value) {
    return compact(value).getBytes(StandardCharsets.UTF_8).length;
  }

  /** A property as text; empty for one that is missing or null. */
  static String text(JsonNode object, String property) {
    JsonNode value = object.path(property);
    return value.isNull() || value.isMissingNode()
        ? ""
        : value.isString() ? value.stringValue() : compact(value);
  }
}
