package dev.perdure.api;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A serialized value: what a {@link DataConverter} wrote, byte for byte. Immutable.
 *
 * <p>Inputs, outputs, events and custom statuses travel and are stored in this form; they are
 * parsed only where somebody asks for the value. {@link #toString()} does not show the content, so
 * that a payload cannot slip into a log by accident.
 */
public final class Payload {
  /** A payload of no bytes. It is not the same as the absence of a payload. */
  public static final Payload EMPTY = new Payload(new byte[0]);

  private final byte[] bytes;

  private Payload(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Wraps bytes without copying them.
   *
   * @param bytes the content; the caller must not change it afterwards
   */
  public static Payload of(byte[] bytes) {
    return new Payload(bytes);
  }

  /** A payload that holds the text in UTF-8. */
  public static Payload of(String text) {
    return new Payload(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The content itself, not a copy; it must not be changed. */
  public byte[] bytes() {
    return bytes;
  }

  /** The number of bytes. */
  public int size() {
    return bytes.length;
  }

  /** The content read as UTF-8. */
  public String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Payload that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "Payload[" + bytes.length + " bytes]";
  }
}
