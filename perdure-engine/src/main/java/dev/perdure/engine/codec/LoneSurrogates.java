package dev.perdure.engine.codec;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Texts with half of a surrogate pair, such as the message of an exception that was cut within an
 * emoji. UTF-8 has no form for them and Java puts question marks there, so that code would see
 * another text in a replay. Here each half is written like any other character of three bytes.
 */
final class LoneSurrogates {
  private LoneSurrogates() {}

  static boolean areIn(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (!isPair(text, i)) {
          return true;
        }
        i++;
      }
    }
    return false;
  }

  private static boolean isPair(String text, int at) {
    return at + 1 < text.length()
        && Character.isSurrogatePair(text.charAt(at), text.charAt(at + 1));
  }

  static byte[] encode(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length() + 16);
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      if (isPair(text, i)) {
        i++;
        continue;
      }
      out.writeBytes(text.substring(start, i).getBytes(StandardCharsets.UTF_8));
      out.write(0xE0 | c >> 12);
      out.write(0x80 | (c >> 6 & 0x3F));
      out.write(0x80 | (c & 0x3F));
      start = i + 1;
    }
    out.writeBytes(text.substring(start).getBytes(StandardCharsets.UTF_8));
    return out.toByteArray();
  }

  static String decode(byte[] bytes, int offset, int length) {
    StringBuilder text = new StringBuilder(length);
    int end = offset + length;
    int start = offset;
    for (int i = offset; i + 2 < end; i++) {
      // In proper UTF-8 no character begins so.
      if (bytes[i] == (byte) 0xED && (bytes[i + 1] & 0xE0) == 0xA0) {
        text.append(new String(bytes, start, i - start, StandardCharsets.UTF_8));
        text.append((char) (0xD000 | (bytes[i + 1] & 0x3F) << 6 | (bytes[i + 2] & 0x3F)));
        i += 2;
        start = i + 1;
      }
    }
    return text.append(new String(bytes, start, end - start, StandardCharsets.UTF_8)).toString();
  }
}
