package dev.perdure.functions.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/**
 * Reads JSON files as people write them: with comments, with a comma after the last element, with a
 * byte order mark at the beginning.
 */
public final class JsonFile {
  /** The largest file that is read, in bytes. */
  public static final long BYTES_MAX = 4L << 20;

  // The parser alone: a mapper takes half a second to come into being.
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS, JsonReadFeature.ALLOW_TRAILING_COMMA)
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
      return object(Files.readAllBytes(file), name);
    } catch (JacksonException e) {
      throw new InvalidFileException(
          "%s is not valid JSON%s%s".formatted(name, position(e), secret ? "." : ": " + reason(e)),
          secret ? null : e);
    } catch (IOException e) {
      throw new InvalidFileException("%s cannot be read: %s".formatted(name, e), e);
    }
  }

  /** What the parser says, without where it thinks that an object began, which names no file. */
  private static String reason(JacksonException e) {
    String message = e.getOriginalMessage();
    int at = message.indexOf(" (start marker at ");
    return at < 0 ? message : message.substring(0, at);
  }

  private static String position(JacksonException e) {
    return e.getLocation() == null || e.getLocation().getLineNr() < 1
        ? ""
        : " at line %d, column %d"
            .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
  }

  private static Map<String, Object> object(byte[] json, String name) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new InvalidFileException(
            "%s must hold a JSON object, { ... }, and holds %s."
                .formatted(name, kind(parser.currentToken())));
      }
      Map<String, Object> object = map(parser);
      if (parser.nextToken() != null) {
        throw new InvalidFileException(
            "%s is not valid JSON at line %d: there is more behind its object."
                .formatted(name, parser.currentTokenLocation().getLineNr()));
      }
      return object;
    }
  }

  private static String kind(@Nullable JsonToken token) {
    if (token == null) {
      return "nothing";
    }
    return token == JsonToken.START_ARRAY ? "an array" : "a single value";
  }

  private static Map<String, Object> map(JsonParser parser) {
    Map<String, Object> map = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      Object value = value(parser);
      if (value != null) {
        map.put(key, value);
      } else {
        map.remove(key);
      }
    }
    return map;
  }

  private static List<Object> list(JsonParser parser) {
    List<Object> list = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      Object value = value(parser);
      if (value != null) {
        list.add(value);
      }
    }
    return list;
  }

  private static @Nullable Object value(JsonParser parser) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> map(parser);
      case START_ARRAY -> list(parser);
      case VALUE_NULL -> null;
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
      default -> parser.getString();
    };
  }
}
