package dev.perdure.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Percent-encoding of parts of addresses. */
public final class PercentCoding {
  private static final String UNRESERVED =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  private PercentCoding() {}

  /** Encodes a text so that it is one segment of a path, or one value of a query. */
  public static String encode(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (b > 0 && UNRESERVED.indexOf((char) b) >= 0) {
        out.append((char) b);
      } else {
        out.append('%').append(HEX[(b >> 4) & 15]).append(HEX[b & 15]);
      }
    }
    return out.toString();
  }

  /**
   * Encodes what must not be in the path and query of a request as it is, but comes there: braces,
   * pipes, signs of percentage that begin no code, and the like. All else stays as it is.
   */
  public static String repaired(String pathAndQuery) {
    StringBuilder out = new StringBuilder(pathAndQuery.length() + 16);
    boolean query = false;
    for (int i = 0; i < pathAndQuery.length(); i++) {
      char c = pathAndQuery.charAt(i);
      query |= c == '?';
      boolean stray = c == '%' && !isCode(pathAndQuery, i);
      if (stray
          || c <= ' '
          || c == 0x7f
          || "\"<>\\^`{|}#".indexOf(c) >= 0
          || (!query && (c == '[' || c == ']'))) {
        out.append('%').append(HEX[(c >> 4) & 15]).append(HEX[c & 15]);
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static boolean isCode(String text, int at) {
    return at + 2 < text.length()
        && Character.digit(text.charAt(at + 1), 16) >= 0
        && Character.digit(text.charAt(at + 2), 16) >= 0;
  }

  /** Decodes a segment of a path. What is no valid code stays as it is. */
  public static String decodeSegment(String text) {
    return text.indexOf('%') < 0 ? text : decode(text, false);
  }

  /** Decodes a name or a value of a query, in which {@code +} is a space. */
  public static String decodeQuery(String text) {
    return text.indexOf('%') < 0 && text.indexOf('+') < 0 ? text : decode(text, true);
  }

  private static String decode(String text, boolean plusIsSpace) {
    byte[] in = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream(in.length);
    for (int i = 0; i < in.length; i++) {
      if (in[i] == '%' && i + 2 < in.length && hex(in[i + 1]) >= 0 && hex(in[i + 2]) >= 0) {
        out.write(hex(in[i + 1]) << 4 | hex(in[i + 2]));
        i += 2;
      } else {
        out.write(plusIsSpace && in[i] == '+' ? ' ' : in[i]);
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static int hex(byte b) {
    return Character.digit((char) b, 16);
  }
}
