package dev.perdure.iothub.event;

/**
 * Which partition a key belongs to: Bob Jenkins' lookup3 over the key's bytes, both halves combined
 * and cut to 16 bits. Event Hubs clients that choose the partition themselves do the same, so that
 * a key has one partition whoever chooses it.
 */
final class KeyHash {
  private KeyHash() {}

  static int partition(byte[] key, int partitions) {
    // In Java, the remainder of a negative number is negative: the amount of it counts.
    return Math.abs(hash(key) % partitions);
  }

  private static short hash(byte[] key) {
    int a = 0xdeadbeef + key.length;
    int b = a;
    int c = a;
    int at = 0;
    int left = key.length;
    while (left > 12) {
      a += word(key, at, 4);
      b += word(key, at + 4, 4);
      c += word(key, at + 8, 4);
      a -= c;
      a ^= Integer.rotateLeft(c, 4);
      c += b;
      b -= a;
      b ^= Integer.rotateLeft(a, 6);
      a += c;
      c -= b;
      c ^= Integer.rotateLeft(b, 8);
      b += a;
      a -= c;
      a ^= Integer.rotateLeft(c, 16);
      c += b;
      b -= a;
      b ^= Integer.rotateLeft(a, 19);
      a += c;
      c -= b;
      c ^= Integer.rotateLeft(b, 4);
      b += a;
      at += 12;
      left -= 12;
    }
    if (left > 0) {
      a += word(key, at, Math.min(left, 4));
      b += word(key, at + 4, Math.clamp(left - 4, 0, 4));
      c += word(key, at + 8, Math.clamp(left - 8, 0, 4));
      c ^= b;
      c -= Integer.rotateLeft(b, 14);
      a ^= c;
      a -= Integer.rotateLeft(c, 11);
      b ^= a;
      b -= Integer.rotateLeft(a, 25);
      c ^= b;
      c -= Integer.rotateLeft(b, 16);
      a ^= c;
      a -= Integer.rotateLeft(c, 4);
      b ^= a;
      b -= Integer.rotateLeft(a, 14);
      c ^= b;
      c -= Integer.rotateLeft(b, 24);
    }
    return (short) (c ^ b);
  }

  /** Up to four bytes, the first in the lowest place. */
  private static int word(byte[] key, int from, int length) {
    int word = 0;
    for (int i = 0; i < length; i++) {
      word |= (key[from + i] & 0xff) << (8 * i);
    }
    return word;
  }
}
