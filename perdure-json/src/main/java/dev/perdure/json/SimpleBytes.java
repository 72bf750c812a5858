package dev.perdure.json;

import java.nio.ByteBuffer;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The JSON of byte arrays, which is Base64 in quotation marks; the JDK's codec is vectorized. */
final class SimpleBytes {
  private SimpleBytes() {}

  static byte[] write(byte[] bytes) {
    byte[] base64 = Base64.getEncoder().encode(bytes);
    byte[] json = new byte[base64.length + 2];
    json[0] = '"';
    System.arraycopy(base64, 0, json, 1, base64.length);
    json[json.length - 1] = '"';
    return json;
  }

  /** The decoded bytes; null if the JSON is anything but plain Base64 in quotation marks. */
  static byte @Nullable [] read(byte[] json) {
    int end = json.length - 1;
    // Whole groups only: what lacks its padding is for Jackson to judge.
    if (end < 1 || (end - 1) % 4 != 0 || json[0] != '"' || json[end] != '"') {
      return null;
    }
    try {
      ByteBuffer decoded = Base64.getDecoder().decode(ByteBuffer.wrap(json, 1, end - 1));
      byte[] bytes = new byte[decoded.remaining()];
      decoded.get(bytes);
      return bytes;
    } catch (IllegalArgumentException e) {
      return null; // the slow way will say what is wrong with it
    }
  }
}
