package dev.perdure.store.rocksdb;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that grow as they are written. Big-endian, as keys need it. */
final class Bytes {
  /** The longest array that every JVM makes. */
  private static final int LENGTH_MAX = Integer.MAX_VALUE - 8;

  private byte[] bytes;
  private int length;

  Bytes(int capacity) {
    this.bytes = new byte[capacity];
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  int length() {
    return length;
  }

  Bytes clear() {
    length = 0;
    return this;
  }

  byte[] toArray() {
    return Arrays.copyOf(bytes, length);
  }

  /** The bytes behind, of which the first {@link #length} count. */
  byte[] array() {
    return bytes;
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, grown(bytes.length, Math.addExact(length, more)));
    }
  }

  /** Twice the length, as far as arrays go, but at least what is needed. */
  static int grown(int length, int needed) {
    return Math.max(needed, (int) Math.min(LENGTH_MAX, 2L * length));
  }

  Bytes u1(int value) {
    room(1);
    bytes[length++] = (byte) value;
    return this;
  }

  Bytes u2(int value) {
    return u1(value >>> 8).u1(value);
  }

  Bytes i4(int value) {
    return u2(value >>> 16).u2(value);
  }

  Bytes i8(long value) {
    return i4((int) (value >>> 32)).i4((int) value);
  }

  /** An int so that the order of bytes is the order of numbers. */
  Bytes ordered4(int value) {
    return i4(value ^ Integer.MIN_VALUE);
  }

  /** A long so that the order of bytes is the order of numbers. */
  Bytes ordered8(long value) {
    return i8(value ^ Long.MIN_VALUE);
  }

  /** A length that takes one byte if it is small. */
  Bytes varint(int value) {
    int rest = value;
    while ((rest & ~0x7f) != 0) {
      u1((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return u1(rest);
  }

  Bytes raw(byte[] more) {
    return raw(more, 0, more.length);
  }

  Bytes raw(byte[] more, int from, int count) {
    room(count);
    System.arraycopy(more, from, bytes, length, count);
    length += count;
    return this;
  }

  /** A text with its length. */
  Bytes text(String text) {
    byte[] utf8 = utf8(text);
    return varint(utf8.length).raw(utf8);
  }
}
