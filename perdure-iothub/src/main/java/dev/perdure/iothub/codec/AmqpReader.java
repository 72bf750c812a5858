package dev.perdure.iothub.codec;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Steps over AMQP 1.0 values without decoding more than is asked for. Not thread-safe. */
final class AmqpReader {
  private final byte[] bytes;
  private final int end;
  private int at;

  AmqpReader(byte[] bytes, int from, int end) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  int position() {
    return at;
  }

  boolean isAtEnd() {
    return at >= end;
  }

  int readByte() throws MalformedMessageException {
    need(1);
    return bytes[at++] & 0xff;
  }

  int readInt() throws MalformedMessageException {
    need(4);
    int value =
        (bytes[at] & 0xff) << 24
            | (bytes[at + 1] & 0xff) << 16
            | (bytes[at + 2] & 0xff) << 8
            | (bytes[at + 3] & 0xff);
    at += 4;
    return value;
  }

  /** The code of the section that begins here. */
  int readSection() throws MalformedMessageException {
    if (readByte() != 0) {
      throw new MalformedMessageException("A section was expected.");
    }
    int type = readByte();
    if (type == AmqpTypes.SMALL_ULONG) {
      return readByte();
    }
    if (type == AmqpTypes.ULONG && readInt() == 0) {
      return readInt();
    }
    throw new MalformedMessageException("The section is unknown.");
  }

  /** Steps over a value, whatever it is. */
  void skip() throws MalformedMessageException {
    // A described value is two values, and a descriptor may be described: counted, not nested.
    int values = 1;
    while (values > 0) {
      int type = readByte();
      if (type == 0) {
        values++;
        continue;
      }
      advance(width(type));
      values--;
    }
  }

  /** The upper half of the code says how wide a value is. */
  private int width(int type) throws MalformedMessageException {
    return switch (type >> 4) {
      case 0x4 -> 0;
      case 0x5 -> 1;
      case 0x6 -> 2;
      case 0x7 -> 4;
      case 0x8 -> 8;
      case 0x9 -> 16;
      case 0xa, 0xc, 0xe -> readByte();
      case 0xb, 0xd, 0xf -> readInt();
      default -> throw new MalformedMessageException("A value has an unknown type.");
    };
  }

  /**
   * Reads the beginning of a map.
   *
   * @return how many keys and values follow
   */
  int readMap() throws MalformedMessageException {
    int type = readByte();
    if (type == AmqpTypes.MAP8) {
      readByte();
      return readByte();
    }
    if (type == AmqpTypes.MAP32) {
      readInt();
      return readInt();
    }
    if (type == AmqpTypes.NULL) {
      return 0;
    }
    throw new MalformedMessageException("A map was expected.");
  }

  /** Reads a text or symbol; null (nothing read but stepped over) if it is something else. */
  @Nullable String readText() throws MalformedMessageException {
    int start = at;
    int type = readByte();
    int length;
    switch (type) {
      case AmqpTypes.STR8, AmqpTypes.SYM8 -> length = readByte();
      case AmqpTypes.STR8 + AmqpTypes.LONG_FORM, AmqpTypes.SYM8 + AmqpTypes.LONG_FORM ->
          length = readInt();
      default -> {
        at = start;
        skip();
        return null;
      }
    }
    need(length);
    String text = new String(bytes, at, length, StandardCharsets.UTF_8);
    at += length;
    return text;
  }

  /** Reads the length of a binary; the bytes begin at {@link #position}. */
  int readBinaryLength() throws MalformedMessageException {
    int type = readByte();
    int length;
    if (type == AmqpTypes.BIN8) {
      length = readByte();
    } else if (type == AmqpTypes.BIN32) {
      length = readInt();
    } else {
      throw new MalformedMessageException("A binary was expected.");
    }
    need(length);
    return length;
  }

  void advance(int length) throws MalformedMessageException {
    need(length);
    at += length;
  }

  private void need(int more) throws MalformedMessageException {
    if (more < 0 || end - at < more) {
      throw new MalformedMessageException("It ends too early.");
    }
  }
}
