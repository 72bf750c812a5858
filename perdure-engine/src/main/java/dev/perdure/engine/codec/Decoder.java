package dev.perdure.engine.codec;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.Payload;
import dev.perdure.api.TraceContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what an {@link Encoder} wrote. Not thread-safe. */
public final class Decoder {
  private final byte[] buffer;
  private final int end;
  private int at;

  /** Reads a whole array. */
  public Decoder(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  /** Reads a part of an array. */
  public Decoder(byte[] bytes, int offset, int length) {
    buffer = bytes;
    at = offset;
    end = offset + length;
  }

  /** Reads what remains of a buffer, which is left as it is. */
  public static Decoder of(ByteBuffer data) {
    if (data.hasArray()) {
      return new Decoder(data.array(), data.arrayOffset() + data.position(), data.remaining());
    }
    byte[] copy = new byte[data.remaining()];
    data.duplicate().get(copy);
    return new Decoder(copy);
  }

  /** Whether anything is left. */
  public boolean hasMore() {
    return at < end;
  }

  /** Where in the array the next byte is. */
  public int offset() {
    return at;
  }

  /** One byte. */
  public int tag() {
    need(1);
    return buffer[at++];
  }

  /** Yes or no. */
  public boolean bool() {
    return tag() != 0;
  }

  /** A number. */
  public long number() {
    long value = 0;
    int shift = 0;
    while (true) {
      need(1);
      byte b = buffer[at++];
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return (value >>> 1) ^ -(value & 1);
      }
      shift += 7;
      if (shift > 63) {
        throw new IllegalStateException(
            "Damaged content: a number at offset %d does not end".formatted(at));
      }
    }
  }

  /** A number that fits an int. */
  public int integer() {
    long value = number();
    if (value != (int) value) {
      throw new IllegalStateException(
          "Damaged content: the number %d before offset %d is too large".formatted(value, at));
    }
    return (int) value;
  }

  /** A text. */
  public String text() {
    long length = number();
    if (length >= 0) {
      int count = count(length);
      String value = new String(buffer, at, count, StandardCharsets.ISO_8859_1);
      at += count;
      return value;
    }
    int count = count(-length - 1);
    String value = new String(buffer, at, count, StandardCharsets.UTF_8);
    if (value.indexOf('\uFFFD') >= 0) {
      value = LoneSurrogates.decode(buffer, at, count);
    }
    at += count;
    return value;
  }

  /** A text that may be missing. */
  public @Nullable String optionalText() {
    return bool() ? text() : null;
  }

  /** A payload that may be missing. */
  public @Nullable Payload payload() {
    long length = number();
    return length < 0 ? null : Payload.of(raw(count(length)));
  }

  /** Bytes with their length. */
  public byte[] bytes() {
    return raw(count(number()));
  }

  /** Bytes whose length is known. */
  public byte[] raw(int length) {
    need(length);
    byte[] value = Arrays.copyOfRange(buffer, at, at + length);
    at += length;
    return value;
  }

  /** A decoder for some of the bytes that follow, which this one passes over. */
  public Decoder slice(int length) {
    need(length);
    Decoder part = new Decoder(buffer, at, length);
    at += length;
    return part;
  }

  /** A time. */
  public Instant instant() {
    return Instant.ofEpochMilli(number());
  }

  /** A time that may be missing. */
  public @Nullable Instant optionalInstant() {
    return bool() ? instant() : null;
  }

  /** A trace that may be missing. */
  public @Nullable TraceContext trace() {
    return bool() ? new TraceContext(text(), optionalText()) : null;
  }

  /** Names and values. */
  public Map<String, String> map() {
    int count = count(number());
    if (count == 0) {
      return Map.of();
    }
    Map<String, String> value = LinkedHashMap.newLinkedHashMap(count);
    for (int i = 0; i < count; i++) {
      value.put(text(), text());
    }
    return Map.copyOf(value);
  }

  /** Texts. */
  public List<String> texts() {
    int count = count(number());
    if (count == 0) {
      return List.of();
    }
    List<String> value = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      value.add(text());
    }
    return List.copyOf(value);
  }

  /** A failure with its causes. */
  public @Nullable FailureDetails failure() {
    if (!bool()) {
      return null;
    }
    String type = text();
    String message = text();
    String trace = optionalText();
    int flags = tag();
    Payload properties = (flags & 2) != 0 ? payload() : null;
    return new FailureDetails(type, message, trace, failure(), (flags & 1) != 0, properties);
  }

  private int count(long value) {
    if (value < 0 || value > end - at) {
      throw new IllegalStateException(
          "Damaged content: a length of %d at offset %d, where %d bytes are left"
              .formatted(value, at, end - at));
    }
    return (int) value;
  }

  private void need(int more) {
    if (end - at < more) {
      throw new IllegalStateException(
          "Damaged content: %d bytes wanted at offset %d, where %d are left"
              .formatted(more, at, end - at));
    }
  }
}
