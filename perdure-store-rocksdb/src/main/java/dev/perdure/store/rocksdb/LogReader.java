package dev.perdure.store.rocksdb;

import dev.perdure.store.CorruptStoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Reads the blocks of segments one after another. Used by one thread. */
final class LogReader {
  /** Read at once; most blocks are smaller. */
  private static final int WINDOW_BYTES = 1 << 20;

  /** No block can be larger; {@link CommitLog} refuses to write one. */
  static final int BLOCK_BYTES_MAX = Integer.MAX_VALUE - 2 * LogBlock.ALIGNMENT;

  private final long hub;
  private ByteBuffer window = ByteBuffer.allocateDirect(WINDOW_BYTES).limit(0);
  private @Nullable LogSegment windowOf;
  private long windowStart;

  LogReader(long hub) {
    this.hub = hub;
  }

  /** Sees a whole block where it lies in the segment. */
  @FunctionalInterface
  interface BlockVisitor {
    void block(LogBlock.Header header, ByteBuffer bytes, int at);
  }

  /**
   * Reads whole blocks from the beginning, until there is none with the sequence that comes next.
   *
   * @param sequence the expected sequence of the first block; 0 if any will do
   * @return where the last whole block ends
   */
  long scan(LogSegment segment, long sequence, BlockVisitor visitor) throws IOException {
    long size = segment.file().size();
    long expected = sequence;
    long offset = 0;
    while (true) {
      LogBlock.Header header = wholeBlock(segment, offset, size);
      if (header == null || (expected != 0 && header.sequence() != expected)) {
        return offset;
      }
      visitor.block(header, window, windowAt(offset));
      expected = header.sequence() + 1;
      offset += LogBlock.aligned(header.length());
    }
  }

  /**
   * Reads the blocks that are known to be there.
   *
   * @param end where the last of them ends
   * @throws CorruptStoreException if one of them is not whole
   */
  void read(LogSegment segment, long end, BlockVisitor visitor) throws IOException {
    long offset = 0;
    while (offset < end) {
      LogBlock.Header header = wholeBlock(segment, offset, end);
      if (header == null) {
        throw Errors.corrupt(
            "The log cannot be read at %s, offset %d: the block there is damaged."
                .formatted(segment.path(), offset),
            null);
      }
      visitor.block(header, window, windowAt(offset));
      offset += LogBlock.aligned(header.length());
    }
  }

  /** The header of a segment's first block; null if that is not whole. */
  LogBlock.@Nullable Header firstBlock(LogSegment segment) throws IOException {
    return wholeBlock(segment, 0, segment.file().size());
  }

  /**
   * Looks for a whole block with at least a given sequence at or behind an offset.
   *
   * @return its offset; -1 if there is none
   */
  long findBlock(LogSegment segment, long from, long sequence) throws IOException {
    long size = segment.file().size();
    for (long offset = from; offset < size; offset += LogBlock.ALIGNMENT) {
      if (!ensure(segment, offset, LogBlock.HEADER_BYTES, size)) {
        return -1;
      }
      LogBlock.Header header = LogBlock.header(window, windowAt(offset), segment.number());
      if (header != null && header.sequence() >= sequence) {
        if (wholeBlock(segment, offset, size) != null) {
          return offset;
        }
      }
    }
    return -1;
  }

  private LogBlock.@Nullable Header wholeBlock(LogSegment segment, long offset, long size)
      throws IOException {
    if (!ensure(segment, offset, LogBlock.HEADER_BYTES, size)) {
      return null;
    }
    LogBlock.Header header = LogBlock.header(window, windowAt(offset), segment.number());
    if (header == null
        || header.length() > BLOCK_BYTES_MAX
        || !ensure(segment, offset, header.length(), size)) {
      return null;
    }
    int at = windowAt(offset);
    if (!LogBlock.isWhole(window, at, header.length(), hub)) {
      return null;
    }
    return header;
  }

  private int windowAt(long offset) {
    return (int) (offset - windowStart);
  }

  /** Makes sure that bytes are in the window; says whether there are so many. */
  private boolean ensure(LogSegment segment, long offset, int length, long size)
      throws IOException {
    if (offset + length > size) {
      return false;
    }
    boolean there =
        windowOf == segment
            && offset >= windowStart
            && offset + length <= windowStart + window.limit();
    if (!there) {
      if (window.capacity() < length) {
        window = ByteBuffer.allocateDirect(length);
      }
      window.clear().limit((int) Math.min(window.capacity(), size - offset));
      segment.file().read(window, offset);
      window.flip();
      windowOf = segment;
      windowStart = offset;
    }
    return window.limit() >= windowAt(offset) + length;
  }
}
