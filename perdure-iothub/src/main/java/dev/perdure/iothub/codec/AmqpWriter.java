package dev.perdure.iothub.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes AMQP 1.0 values to a buffer that grows. Not thread-safe. */
public final class AmqpWriter {
  private static final int MAP_HEADER_BYTES = 9;
  private static final int LIST_HEADER_BYTES = 9;

  private byte[] bytes;
  private int size;

  /**
   * @param expectedBytes how much is likely to be written
   */
  public AmqpWriter(int expectedBytes) {
    this.bytes = new byte[Math.max(expectedBytes, 16)];
  }

  /** What was written so far. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  /** Begins a section of a message; its value is to follow. */
  public AmqpWriter section(int code) {
    put(0x00);
    put(AmqpTypes.SMALL_ULONG);
    return put(code);
  }

  /** Begins a map and returns where, for {@link #endMap}. */
  public int beginMap() {
    return begin(AmqpTypes.MAP32, MAP_HEADER_BYTES);
  }

  /**
   * Ends a map.
   *
   * @param start what {@link #beginMap} returned
   * @param elements how many keys and values were written since
   */
  public void endMap(int start, int elements) {
    end(start, elements);
  }

  /** Begins a list and returns where, for {@link #endList}. */
  public int beginList() {
    return begin(AmqpTypes.LIST32, LIST_HEADER_BYTES);
  }

  /** Ends a list; as {@link #endMap}. */
  public void endList(int start, int elements) {
    end(start, elements);
  }

  private int begin(int type, int header) {
    int start = size;
    put(type);
    require(header - 1);
    size += header - 1;
    return start;
  }

  private void end(int start, int elements) {
    // The size counts everything after itself, the number of elements included.
    putIntAt(start + 1, size - start - 5);
    putIntAt(start + 5, elements);
  }

  /** Writes nothing: a value that is absent. */
  public AmqpWriter nothing() {
    return put(AmqpTypes.NULL);
  }

  public AmqpWriter symbol(String text) {
    return variable(text.getBytes(StandardCharsets.US_ASCII), AmqpTypes.SYM8);
  }

  public AmqpWriter string(String text) {
    return variable(text.getBytes(StandardCharsets.UTF_8), AmqpTypes.STR8);
  }

  public AmqpWriter binary(byte[] value) {
    return variable(value, AmqpTypes.BIN8);
  }

  /** Writes a long. */
  public AmqpWriter number(long value) {
    put(AmqpTypes.LONG);
    return putLong(value);
  }

  /**
   * Writes a time.
   *
   * @param epochMillis milliseconds since 1970
   */
  public AmqpWriter timestamp(long epochMillis) {
    put(AmqpTypes.TIMESTAMP);
    return putLong(epochMillis);
  }

  /** Writes bytes that are encoded already. */
  public AmqpWriter raw(byte[] encoded) {
    return raw(encoded, 0, encoded.length);
  }

  /** Writes bytes that are encoded already. */
  public AmqpWriter raw(byte[] encoded, int from, int length) {
    require(length);
    System.arraycopy(encoded, from, bytes, size, length);
    size += length;
    return this;
  }

  private AmqpWriter variable(byte[] value, int shortType) {
    if (value.length < 256) {
      put(shortType);
      put(value.length);
    } else {
      put(shortType + AmqpTypes.LONG_FORM);
      require(4);
      putIntAt(size, value.length);
      size += 4;
    }
    return raw(value, 0, value.length);
  }

  private AmqpWriter put(int value) {
    require(1);
    bytes[size++] = (byte) value;
    return this;
  }

  private AmqpWriter putLong(long value) {
    require(8);
    putIntAt(size, (int) (value >>> 32));
    putIntAt(size + 4, (int) value);
    size += 8;
    return this;
  }

  private void putIntAt(int at, int value) {
    bytes[at] = (byte) (value >>> 24);
    bytes[at + 1] = (byte) (value >>> 16);
    bytes[at + 2] = (byte) (value >>> 8);
    bytes[at + 3] = (byte) value;
  }

  private void require(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
