package dev.perdure.store.rocksdb;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads what {@link Bytes} wrote. Reading past the end throws {@link IndexOutOfBoundsException}.
 */
final class ByteReader {
  private final byte[] bytes;
  private int at;

  ByteReader(byte[] bytes, int from) {
    this.bytes = bytes;
    this.at = from;
  }

  int u1() {
    return bytes[at++] & 0xff;
  }

  int u2() {
    return (u1() << 8) | u1();
  }

  int i4() {
    return (u2() << 16) | u2();
  }

  long i8() {
    return ((long) i4() << 32) | (i4() & 0xffffffffL);
  }

  int ordered4() {
    return i4() ^ Integer.MIN_VALUE;
  }

  long ordered8() {
    return i8() ^ Long.MIN_VALUE;
  }

  int varint() {
    int value = 0;
    int shift = 0;
    int next = u1();
    while ((next & 0x80) != 0) {
      value |= (next & 0x7f) << shift;
      shift += 7;
      next = u1();
    }
    return value | (next << shift);
  }

  String text() {
    int length = varint();
    String text = new String(bytes, at, length, StandardCharsets.UTF_8);
    at += length;
    return text;
  }

  byte[] rest() {
    return Arrays.copyOfRange(bytes, at, bytes.length);
  }

  String restAsText() {
    return new String(bytes, at, bytes.length - at, StandardCharsets.UTF_8);
  }
}
