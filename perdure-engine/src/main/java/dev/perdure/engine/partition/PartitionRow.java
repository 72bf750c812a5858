package dev.perdure.engine.partition;

import dev.perdure.engine.codec.Encoder;

/** The stored form of what a partition knows beside its instances. */
final class PartitionRow {
  static final int FORMAT = 1;

  private PartitionRow() {}

  /**
   * Encodes it.
   *
   * @param position the position up to which it is true
   * @param clean whether nothing is under way any more: the partition is being shut down in order
   */
  static byte[] encode(long position, boolean clean, Outbox outbox) {
    Encoder out = new Encoder(256);
    out.tag(FORMAT);
    out.number(position);
    out.bool(clean);
    outbox.write(out);
    return out.toBytes();
  }
}
