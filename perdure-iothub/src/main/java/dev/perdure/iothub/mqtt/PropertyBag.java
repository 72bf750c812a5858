package dev.perdure.iothub.mqtt;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** The properties of a message in the last part of its topic. */
final class PropertyBag {
  private PropertyBag() {}

  /** Reads {@code name=value&name2=value2}, URL-encoded; in the order in which they are written. */
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

  /**
   * A text without its escapes. Unlike in forms, a plus sign is a plus sign. A percent sign that
   * two hex digits do not follow is one as well: not every client library encodes what it is given.
   */
  static String decode(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int at = 0;
    while (at < utf8.length) {
      boolean escape = isEscape(utf8, at);
      bytes.write(
          escape
              ? HexFormat.fromHexDigit(utf8[at + 1]) << 4 | HexFormat.fromHexDigit(utf8[at + 2])
              : utf8[at]);
      at += escape ? 3 : 1;
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static boolean isEscape(byte[] utf8, int at) {
    return utf8[at] == '%'
        && at + 2 < utf8.length
        && HexFormat.isHexDigit(utf8[at + 1])
        && HexFormat.isHexDigit(utf8[at + 2]);
  }
}
