package dev.perdure.trigger.storage;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import dev.perdure.api.Payload;
import dev.perdure.functions.invoke.Results;
import dev.perdure.functions.trigger.Value;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is in a blob or a message.
 *
 * @param bytes the content itself, not a copy; must not be changed
 * @param kind what the bytes are
 */
@SuppressWarnings("ArrayRecordComponent") // moved from place to place, never compared
record Content(byte[] bytes, Kind kind) {
  /** What some editors put in front of UTF-8; it is not part of the text. */
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  /** What bytes are. */
  enum Kind {
    TEXT,
    JSON,
    BINARY
  }

  /** Text, in UTF-8. */
  static Content text(String text) {
    return new Content(text.getBytes(StandardCharsets.UTF_8), Kind.TEXT);
  }

  /** What a function gave, as one content: texts and bytes as they are, all else as JSON. */
  static Content of(Object given) {
    return switch (given) {
      case String text -> text(text);
      case byte[] bytes -> new Content(bytes, Kind.BINARY);
      case Byte[] boxed -> new Content(unboxed(boxed), Kind.BINARY);
      case ByteBuffer buffer -> new Content(rest(buffer), Kind.BINARY);
      default ->
          new Content(
              String.valueOf(Results.json(given)).getBytes(StandardCharsets.UTF_8), Kind.JSON);
    };
  }

  /**
   * What a function gave, as several contents: one for each element of a collection, of an array
   * other than of bytes, and of a JSON array in a text. Elements that are null are left out.
   */
  static List<Content> several(Object given) {
    List<Content> contents = new ArrayList<>();
    if (given instanceof Collection<?> collection) {
      collection.forEach(element -> add(element, contents));
    } else if (given.getClass().isArray()
        && !(given instanceof byte[])
        && !(given instanceof Byte[])) {
      for (int i = 0; i < Array.getLength(given); i++) {
        add(Array.get(given, i), contents);
      }
    } else if (given instanceof String text && array(text) != null) {
      for (JsonElement element : Objects.requireNonNull(array(text))) {
        if (!element.isJsonNull()) {
          contents.add(
              element.isJsonPrimitive()
                  ? text(element.getAsString())
                  : new Content(element.toString().getBytes(StandardCharsets.UTF_8), Kind.JSON));
        }
      }
    } else {
      add(given, contents);
    }
    return contents;
  }

  private static void add(@Nullable Object element, List<Content> contents) {
    if (element != null) {
      contents.add(of(element));
    }
  }

  private static @Nullable JsonArray array(String text) {
    if (!text.stripLeading().startsWith("[")) {
      return null;
    }
    JsonElement parsed = Json.parse(text);
    return parsed != null && parsed.isJsonArray() ? parsed.getAsJsonArray() : null;
  }

  /**
   * What a function gets of bytes: text, unless it wants bytes or they are no text, in which case
   * decoding would lose some.
   */
  static Value value(byte[] bytes, boolean binary) {
    if (!binary) {
      try {
        String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        return new Value.Text(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text);
      } catch (CharacterCodingException e) {
        return new Value.Bytes(Payload.of(bytes));
      }
    }
    return new Value.Bytes(Payload.of(bytes));
  }

  private static byte[] unboxed(Byte[] boxed) {
    byte[] bytes = new byte[boxed.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = boxed[i];
    }
    return bytes;
  }

  private static byte[] rest(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
