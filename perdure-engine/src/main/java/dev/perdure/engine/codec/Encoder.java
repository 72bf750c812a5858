package dev.perdure.engine.codec;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.Payload;
import dev.perdure.api.TraceContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes values into a byte array that grows. Not thread-safe. */
public final class Encoder {
  /** An array that once grew past this is given up when the encoder is cleared. */
  private static final int KEEP_BYTES_MAX = 4 << 20;

  private byte[] buffer;
  private int size;

  /** An encoder with room for some bytes. */
  public Encoder(int capacity) {
    buffer = new byte[capacity];
  }

  /** Bytes written so far. */
  public int size() {
    return size;
  }

  /** The array that holds what was written, from its start; valid until the next write. */
  public byte[] array() {
    return buffer;
  }

  /** A copy of what was written. */
  public byte[] toBytes() {
    return Arrays.copyOf(buffer, size);
  }

  /** Forgets what was written. */
  public void clear() {
    if (buffer.length > KEEP_BYTES_MAX) {
      buffer = new byte[KEEP_BYTES_MAX / 4];
    }
    size = 0;
  }

  private void ensure(int more) {
    if (buffer.length - size < more) {
      long wanted = Math.max((long) size + more, buffer.length * 2L);
      if (wanted > Integer.MAX_VALUE - 16) {
        wanted = Math.max((long) size + more, Integer.MAX_VALUE - 16);
      }
      buffer = Arrays.copyOf(buffer, Math.toIntExact(wanted));
    }
  }

  /** One byte. */
  public void tag(int value) {
    ensure(1);
    buffer[size++] = (byte) value;
  }

  /** Yes or no. */
  public void bool(boolean value) {
    tag(value ? 1 : 0);
  }

  /** A number; small ones, also small negative ones, take few bytes. */
  public void number(long value) {
    ensure(10);
    long rest = (value << 1) ^ (value >> 63);
    while ((rest & ~0x7FL) != 0) {
      buffer[size++] = (byte) ((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    buffer[size++] = (byte) rest;
  }

  /** A text. */
  public void text(String value) {
    int length = value.length();
    ensure(length + 10);
    int start = size;
    number(length);
    // Most texts are ASCII: one byte a character, whose count is then known beforehand.
    ensure(length);
    byte[] to = buffer;
    int at = size;
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if (c >= 0x80) {
        size = start;
        textBeyondAscii(value);
        return;
      }
      to[at++] = (byte) c;
    }
    size = at;
  }

  private void textBeyondAscii(String value) {
    byte[] bytes =
        LoneSurrogates.areIn(value)
            ? LoneSurrogates.encode(value)
            : value.getBytes(StandardCharsets.UTF_8);
    number(-(long) bytes.length - 1); // a negative length says that there is more than ASCII
    raw(bytes, 0, bytes.length);
  }

  /** A text that may be missing. */
  public void optionalText(@Nullable String value) {
    bool(value != null);
    if (value != null) {
      text(value);
    }
  }

  /** A payload that may be missing. */
  public void payload(@Nullable Payload value) {
    if (value == null) {
      number(-1);
    } else {
      bytes(value.bytes());
    }
  }

  /** Bytes with their length. */
  public void bytes(byte[] value) {
    number(value.length);
    raw(value, 0, value.length);
  }

  /** Bytes without their length. */
  public void raw(byte[] from, int offset, int length) {
    ensure(length);
    System.arraycopy(from, offset, buffer, size, length);
    size += length;
  }

  /** A time to the millisecond. */
  public void instant(Instant value) {
    number(value.toEpochMilli());
  }

  /** A time that may be missing. */
  public void optionalInstant(@Nullable Instant value) {
    bool(value != null);
    if (value != null) {
      instant(value);
    }
  }

  /** A trace that may be missing. */
  public void trace(@Nullable TraceContext value) {
    bool(value != null);
    if (value != null) {
      text(value.traceParent());
      optionalText(value.traceState());
    }
  }

  /** Names and values. */
  public void map(Map<String, String> value) {
    number(value.size());
    value.forEach(
        (name, content) -> {
          text(name);
          text(content);
        });
  }

  /** Texts. */
  public void texts(List<String> value) {
    number(value.size());
    value.forEach(this::text);
  }

  /** A failure with its causes. */
  public void failure(@Nullable FailureDetails value) {
    bool(value != null);
    if (value != null) {
      text(value.errorType());
      text(value.message());
      optionalText(value.stackTrace());
      tag((value.nonRetriable() ? 1 : 0) | (value.properties() != null ? 2 : 0));
      if (value.properties() != null) {
        payload(value.properties());
      }
      failure(value.cause());
    }
  }
}
