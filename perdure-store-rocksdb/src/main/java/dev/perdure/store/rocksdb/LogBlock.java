package dev.perdure.store.rocksdb;

import dev.perdure.store.LogRecord;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The layout of a block, which is what one synced append writes: the records of one or more
 * commits, of all partitions.
 *
 * <pre>
 *   magic and version  int     "PDL1"
 *   length             int     bytes of the block, without padding
 *   segment            long    number of the segment it was written to
 *   sequence           long    counts blocks over the whole life of the hub
 *   records            int
 *   checksum           int     CRC-32C of the hub's number and all bytes but these four
 *   then each record:
 *     partition int, data length int, epoch long, first and last position long, data
 * </pre>
 *
 * <p>Files are used again, so what follows the last block may be a whole block with a good checksum
 * from an earlier life of the file: the segment's number and the sequence tell it apart. The hub's
 * number in the checksum keeps apart what looks like a block inside somebody's data.
 *
 * <p>Blocks begin at multiples of {@link #ALIGNMENT}: a page that holds acknowledged data is never
 * written again, so a torn write cannot hurt it, and the system never has to read a page in order
 * to write it.
 */
final class LogBlock {
  static final int MAGIC = 0x50444C31;
  static final int HEADER_BYTES = 32;
  static final int RECORD_HEADER_BYTES = 32;
  static final int ALIGNMENT = 4096;

  private static final int LENGTH_AT = 4;
  private static final int SEGMENT_AT = 8;
  private static final int SEQUENCE_AT = 16;
  private static final int RECORDS_AT = 24;
  private static final int CHECKSUM_AT = 28;

  /** What a block's header says. */
  record Header(int length, long segment, long sequence, int records) {}

  private LogBlock() {}

  static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  static long length(List<LogRecord> records) {
    long length = HEADER_BYTES;
    for (LogRecord record : records) {
      length += RECORD_HEADER_BYTES + record.data().remaining();
    }
    return length;
  }

  /**
   * What a record takes of the log: itself, and its share of the block's header and padding, which
   * is nearly all of a block with one small record.
   *
   * @param blockLength bytes of the block, without padding
   * @param records how many the block has
   */
  static long share(LogRecord record, long blockLength, int records) {
    long around = HEADER_BYTES + aligned(blockLength) - blockLength;
    return RECORD_HEADER_BYTES + record.data().remaining() + around / records;
  }

  /** Writes a block, padded with zeros, to a buffer that begins at 0 and has room for it. */
  static void encode(
      ByteBuffer buffer, long hub, long segment, long sequence, List<LogRecord> records) {
    int length = Math.toIntExact(length(records));
    buffer.clear();
    buffer
        .putInt(MAGIC)
        .putInt(length)
        .putLong(segment)
        .putLong(sequence)
        .putInt(records.size())
        .putInt(0);
    for (LogRecord record : records) {
      buffer
          .putInt(record.partition())
          .putInt(record.data().remaining())
          .putLong(record.epoch())
          .putLong(record.firstPosition())
          .putLong(record.lastPosition())
          .put(record.data().duplicate());
    }
    buffer.putInt(CHECKSUM_AT, checksum(buffer, 0, length, hub));
    int padded = (int) aligned(length);
    while (buffer.position() < padded) {
      buffer.put((byte) 0);
    }
    buffer.flip();
  }

  /** Reads the header at an offset; null if there is none of this segment. */
  static @Nullable Header header(ByteBuffer buffer, int at, long segment) {
    if (buffer.limit() - at < HEADER_BYTES || buffer.getInt(at) != MAGIC) {
      return null;
    }
    Header header =
        new Header(
            buffer.getInt(at + LENGTH_AT),
            buffer.getLong(at + SEGMENT_AT),
            buffer.getLong(at + SEQUENCE_AT),
            buffer.getInt(at + RECORDS_AT));
    boolean plausible =
        header.length >= HEADER_BYTES
            && header.records >= 0
            && header.sequence > 0
            && header.segment == segment;
    return plausible ? header : null;
  }

  /** Whether the block of this length at an offset is as it was written. */
  static boolean isWhole(ByteBuffer buffer, int at, int length, long hub) {
    return buffer.getInt(at + CHECKSUM_AT) == checksum(buffer, at, length, hub);
  }

  private static int checksum(ByteBuffer buffer, int at, int length, long hub) {
    CRC32C crc = new CRC32C();
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      crc.update((int) (hub >>> shift) & 0xff);
    }
    crc.update(buffer.slice(at, CHECKSUM_AT));
    crc.update(buffer.slice(at + HEADER_BYTES, length - HEADER_BYTES));
    return (int) crc.getValue();
  }

  /** Shows the records of a whole block. */
  static void decode(ByteBuffer buffer, int at, Header header, RecordVisitor visitor) {
    int position = at + HEADER_BYTES;
    for (int i = 0; i < header.records; i++) {
      int length = buffer.getInt(position + 4);
      LogRecord record =
          new LogRecord(
              buffer.getInt(position),
              buffer.getLong(position + 8),
              buffer.getLong(position + 16),
              buffer.getLong(position + 24),
              buffer.slice(position + RECORD_HEADER_BYTES, length));
      visitor.record(record);
      position += RECORD_HEADER_BYTES + length;
    }
  }

  /** Sees the records of a block. */
  @FunctionalInterface
  interface RecordVisitor {
    void record(LogRecord record);
  }
}
