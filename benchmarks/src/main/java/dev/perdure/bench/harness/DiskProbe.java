package dev.perdure.bench.harness;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.HdrHistogram.Histogram;

/**
 * How long the disk takes for the least that can be called a commit: 4 KiB written over a part of a
 * file that has been written before, and {@code fdatasync}. Nothing that keeps its word can commit
 * faster, so latencies are stated as multiples of it.
 */
public final class DiskProbe {
  private static final int BLOCK_BYTES = 4096;

  // 8 MiB: larger than what a drive would keep in one erase block, and written in no time.
  private static final int BLOCKS = 2048;

  private final Histogram nanos = new Histogram(3);

  /** Commits a number of times and adds what it took to what is known. */
  public void sample(Path directory, int commits) throws IOException {
    Path file = Files.createTempFile(directory, "commit-probe", ".tmp");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES);
      for (int i = 0; i < BLOCKS; i++) {
        write(channel, block, i);
      }
      channel.force(true);
      for (int i = 0; i < commits; i++) {
        block.clear().putInt(0, i);
        StopWatch watch = StopWatch.start();
        write(channel, block, i % BLOCKS);
        channel.force(false);
        nanos.recordValue(watch.nanos());
      }
    } finally {
      Files.delete(file);
    }
  }

  private static void write(FileChannel channel, ByteBuffer block, int index) throws IOException {
    block.clear();
    long at = (long) index * BLOCK_BYTES;
    while (block.hasRemaining()) {
      at += channel.write(block, at);
    }
  }

  /** The time that half of the commits stayed under, in milliseconds. */
  public double p50Millis() {
    return nanos.getValueAtPercentile(50) / 1e6;
  }

  /** The time that 99 of 100 commits stayed under, in milliseconds. */
  public double p99Millis() {
    return nanos.getValueAtPercentile(99) / 1e6;
  }
}
