package dev.perdure.store.rocksdb;

import java.util.OptionalInt;

/**
 * How a {@link RocksStore} uses disk and memory. The defaults suit a program that shares its
 * machine with others.
 *
 * @param partitions how many partitions a new hub gets, 1 to 1,024; if empty, 8. A hub that exists
 *     keeps its number, and asking for another is an error
 * @param logSegmentBytes how large log files grow, in bytes, 64 KiB to 1 GiB; a hub starts with
 *     smaller ones. Larger files are switched less often, smaller ones are freed sooner
 * @param flushLogBytes how much log, in bytes, may be no longer needed but for rows that are not
 *     durable yet, before these are flushed. More means fewer and larger flushes, and more log to
 *     read after a crash
 * @param blockCacheBytes memory for blocks read from disk, in bytes
 * @param writeBufferBytes memory for rows not yet flushed, in bytes, over all tables
 * @param backgroundThreads native threads that flush and compact
 */
public record RocksStoreOptions(
    OptionalInt partitions,
    int logSegmentBytes,
    long flushLogBytes,
    long blockCacheBytes,
    long writeBufferBytes,
    int backgroundThreads) {
  private static final int PARTITIONS_DEFAULT = 8;
  private static final int PARTITIONS_MAX = 1024;
  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  /** What is used if nothing else is said. */
  public static final RocksStoreOptions DEFAULTS =
      new RocksStoreOptions(OptionalInt.empty(), 64 * MIB, 256L * MIB, 96L * MIB, 64L * MIB, 2);

  /** Refuses values that cannot work. */
  public RocksStoreOptions {
    partitions.ifPresent(number -> require("partitions", number, 1, PARTITIONS_MAX));
    require("logSegmentBytes", logSegmentBytes, 64 * KIB, 1024 * MIB);
    require("flushLogBytes", flushLogBytes, 0, Long.MAX_VALUE);
    require("blockCacheBytes", blockCacheBytes, MIB, Long.MAX_VALUE);
    require("writeBufferBytes", writeBufferBytes, MIB, Long.MAX_VALUE);
    require("backgroundThreads", backgroundThreads, 1, 64);
  }

  /** The same with a number of partitions. */
  public RocksStoreOptions withPartitions(int number) {
    return new RocksStoreOptions(
        OptionalInt.of(number),
        logSegmentBytes,
        flushLogBytes,
        blockCacheBytes,
        writeBufferBytes,
        backgroundThreads);
  }

  /** The same with other log files. */
  public RocksStoreOptions withLog(int segmentBytes, long bytesBeforeFlush) {
    return new RocksStoreOptions(
        partitions,
        segmentBytes,
        bytesBeforeFlush,
        blockCacheBytes,
        writeBufferBytes,
        backgroundThreads);
  }

  /** The same with other bounds on memory. */
  public RocksStoreOptions withMemory(long cacheBytes, long bufferBytes) {
    return new RocksStoreOptions(
        partitions, logSegmentBytes, flushLogBytes, cacheBytes, bufferBytes, backgroundThreads);
  }

  int partitionsOfNewHub() {
    return partitions.orElse(PARTITIONS_DEFAULT);
  }

  private static void require(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "%s is %,d; use %,d to %,d.".formatted(name, value, min, max));
    }
  }
}
