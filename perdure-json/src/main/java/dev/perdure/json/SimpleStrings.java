package dev.perdure.json;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of strings that need no escapes, which most short ones are: printable ASCII without
 * quotation marks and backslashes. Everything else is left to Jackson, which writes the same for
 * these.
 */
final class SimpleStrings {
  /** About where Jackson is as fast: measured at 1,000 characters, reading first. */
  static final int CHARS_MAX = 1024;

  private SimpleStrings() {}

  /** The string in quotation marks; null if it is not simple. */
  static byte @Nullable [] write(String text) {
    int length = text.length();
    if (length > CHARS_MAX) {
      return null;
    }
    byte[] json = new byte[length + 2];
    json[0] = '"';
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (!isSimple(c)) {
        return null;
      }
      json[i + 1] = (byte) c;
    }
    json[length + 1] = '"';
    return json;
  }

  /** The string between quotation marks; null if the JSON is anything but a simple string. */
  static @Nullable String read(byte[] json) {
    int end = json.length - 1;
    if (end < 1 || end > CHARS_MAX || json[0] != '"' || json[end] != '"') {
      return null;
    }
    for (int i = 1; i < end; i++) {
      if (!isSimple(json[i])) {
        return null;
      }
    }
    return new String(json, 1, end - 1, StandardCharsets.ISO_8859_1);
  }

  private static boolean isSimple(int c) {
    return c >= ' ' && c < 0x7F && c != '"' && c != '\\';
  }
}
