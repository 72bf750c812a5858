package dev.perdure.iothub.mqtt;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** The properties of a message in the last part of its topic. */
final class PropertyBag {
  private PropertyBag() {}

  /**
   * Reads {@code name=value&name2=value2}, URL-encoded; in the order in which they are written.
   *
   * @throws IllegalArgumentException if an escape is wrong
   */
  static Map<String, String> parse(String text) {
    String bag = text;
    if (bag.startsWith("?")) {
      bag = bag.substring(1);
    }
    if (bag.endsWith("/")) {
      bag = bag.substring(0, bag.length() - 1);
    }
    Map<String, String> properties = new LinkedHashMap<>();
    for (String property : bag.split("&", -1)) {
      if (property.isEmpty()) {
        continue;
      }
      int equals = property.indexOf('=');
      if (equals < 0) {
        properties.put(decode(property), "");
      } else {
        properties.put(
            decode(property.substring(0, equals)), decode(property.substring(equals + 1)));
      }
    }
    return properties;
  }

  /** Unlike in forms, a plus sign is a plus sign. */
  private static String decode(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < utf8.length; i++) {
      if (utf8[i] != '%') {
        bytes.write(utf8[i]);
        continue;
      }
      if (i + 2 >= utf8.length
          || !HexFormat.isHexDigit(utf8[i + 1])
          || !HexFormat.isHexDigit(utf8[i + 2])) {
        throw new IllegalArgumentException("A percent sign is not followed by two hex digits.");
      }
      bytes.write(HexFormat.fromHexDigit(utf8[i + 1]) << 4 | HexFormat.fromHexDigit(utf8[i + 2]));
      i += 2;
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
