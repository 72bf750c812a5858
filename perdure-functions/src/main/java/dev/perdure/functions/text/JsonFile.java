package dev.perdure.functions.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads JSON files as people write them: with comments, with a comma after the last element, with a
 * byte order mark at the beginning.
 */
public final class JsonFile {
  /** The largest file that is read, in bytes. */
  public static final long BYTES_MAX = 4L << 20;

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS, JsonReadFeature.ALLOW_TRAILING_COMMA)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .build();

  private JsonFile() {}

  /**
   * The object in a file. Values are {@code String}, {@code Boolean}, {@code Number}, {@code List}
   * or {@code Map}; what is null is left out.
   *
   * @param name what the file is called in messages
   * @throws InvalidFileException if it cannot be read, is larger than {@link #BYTES_MAX}, is not
   *     JSON (the message has the line and the column), or holds something else than an object
   */
  public static Map<String, Object> object(Path file, String name) {
    return object(file, name, false);
  }

  /** Like {@link #object}, for a file with secrets: no part of it gets into messages. */
  public static Map<String, Object> secretObject(Path file, String name) {
    return object(file, name, true);
  }

  private static Map<String, Object> object(Path file, String name, boolean secret) {
    try {
      if (Files.size(file) > BYTES_MAX) {
        throw new InvalidFileException(
            "%s has %d bytes; the most that is read is %d."
                .formatted(name, Files.size(file), BYTES_MAX));
      }
      JsonNode node = MAPPER.readTree(Files.readAllBytes(file));
      if (!node.isObject()) {
        throw new InvalidFileException(
            "%s must hold a JSON object, { ... }, and holds %s.".formatted(name, kind(node)));
      }
      return map(node);
    } catch (JacksonException e) {
      throw new InvalidFileException(
          "%s is not valid JSON%s%s"
              .formatted(name, position(e), secret ? "." : ": " + e.getOriginalMessage()),
          secret ? null : e);
    } catch (IOException e) {
      throw new InvalidFileException("%s cannot be read: %s".formatted(name, e), e);
    }
  }

  private static String position(JacksonException e) {
    return e.getLocation() == null || e.getLocation().getLineNr() < 1
        ? ""
        : " at line %d, column %d"
            .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
  }

  private static String kind(JsonNode node) {
    if (node.isMissingNode()) {
      return "nothing";
    }
    return node.isArray() ? "an array" : "a single value";
  }

  private static Map<String, Object> map(JsonNode node) {
    Map<String, Object> map = new LinkedHashMap<>();
    node.properties()
        .forEach(
            entry -> {
              if (!entry.getValue().isNull()) {
                map.put(entry.getKey(), plain(entry.getValue()));
              }
            });
    return map;
  }

  private static Object plain(JsonNode node) {
    if (node.isObject()) {
      return map(node);
    }
    if (node.isArray()) {
      List<Object> list = new ArrayList<>();
      for (JsonNode element : node) {
        if (!element.isNull()) {
          list.add(plain(element));
        }
      }
      return list;
    }
    if (node.isNumber()) {
      return node.numberValue();
    }
    return node.isBoolean() ? (Object) node.booleanValue() : node.asString();
  }
}
