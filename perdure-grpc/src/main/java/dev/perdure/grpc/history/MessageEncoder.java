package dev.perdure.grpc.history;

import com.google.protobuf.ByteString;
import com.google.protobuf.StringValue;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import java.util.Arrays;

/**
 * Encodes a message from its end to its beginning, so that the length of what is nested is known
 * when it has to be written. For messages that are sent often, in place of objects for each of
 * their parts. Fields come out in the reverse of the order in which they are given. Not
 * thread-safe.
 */
public final class MessageEncoder {
  private static final int VARINT_BYTES_MAX = 10;

  private byte[] buffer;
  private int start;

  /**
   * An encoder of one message.
   *
   * @param capacity how many bytes to make room for at first; there may be more
   */
  public MessageEncoder(int capacity) {
    buffer = new byte[capacity];
    start = capacity;
  }

  /** How many bytes there are: a mark, for {@link #message}. */
  public int size() {
    return buffer.length - start;
  }

  /** Puts a field of bytes, or of a text in UTF-8, before what there is. */
  public void bytes(int field, byte[] value) {
    raw(value);
    head(field, value.length);
  }

  /** Puts a field of a {@code StringValue}, in UTF-8, before what there is. */
  public void stringValue(int field, byte[] value) {
    int mark = size();
    bytes(StringValue.VALUE_FIELD_NUMBER, value);
    message(field, mark);
  }

  /** Puts a field of a number (int32, int64 or an enumeration) before what there is. */
  public void number(int field, long value) {
    varint(value);
    varint((long) field << 3 | WireFormat.WIRETYPE_VARINT);
  }

  /**
   * Makes what was put since a mark a message in a field.
   *
   * @param mark what {@link #size} was
   */
  public void message(int field, int mark) {
    head(field, size() - mark);
  }

  /** Puts fields that are encoded before what there is. */
  public void raw(byte[] fields) {
    makeRoom(fields.length);
    start -= fields.length;
    System.arraycopy(fields, 0, buffer, start, fields.length);
  }

  /** Puts the head of a field of bytes or of a message, whose content is elsewhere. */
  public void head(int field, int length) {
    varint(length);
    varint((long) field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED);
  }

  private void varint(long value) {
    makeRoom(VARINT_BYTES_MAX);
    int bytes = (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
    start -= bytes;
    long rest = value;
    for (int i = start; i < start + bytes - 1; i++) {
      buffer[i] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    buffer[start + bytes - 1] = (byte) rest;
  }

  private void makeRoom(int more) {
    if (start < more) {
      int size = size();
      byte[] larger = new byte[Math.addExact(Math.max(size, more), Math.max(size, more))];
      System.arraycopy(buffer, start, larger, larger.length - size, size);
      start = larger.length - size;
      buffer = larger;
    }
  }

  /** The message, not copied; nothing must be put any more. */
  public ByteString toByteString() {
    return UnsafeByteOperations.unsafeWrap(buffer, start, size());
  }

  /** The message. */
  public byte[] toBytes() {
    return start == 0 ? buffer : Arrays.copyOfRange(buffer, start, buffer.length);
  }
}
