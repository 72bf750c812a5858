package dev.perdure.store.rocksdb;

import dev.perdure.store.InstanceColumns;
import dev.perdure.store.InstanceFilter;
import dev.perdure.store.InstanceKey;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.LogRecord;
import dev.perdure.store.RowBatch;
import dev.perdure.store.Store;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.rocksdb.Options;
import org.rocksdb.PerfLevel;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Commits through our own log and through RocksDB's write-ahead log, one after the other and
 * alternating; then row writes, lookups, and a list after a purge. One thread, synced, on the
 * directory given or a temporary one. CPU is that of the whole process.
 *
 * <p>Not measured: several committing threads, other disks, a cold page cache.
 *
 * <p>Run this class's main with the test class path of the module and, if wanted, a directory on
 * the disk to measure. Results are in {@code docs/decisions/0002-log-in-front-of-rocksdb.md}.
 */
public final class StoreBenchmark {
  private static final int DATA_BYTES = 300;
  private static final long ROUND_NANOS = 1_500_000_000L;
  private static final int ROUNDS = 3;

  private StoreBenchmark() {}

  /** Runs it. */
  public static void main(String[] arguments) throws Exception {
    Path directory =
        arguments.length > 0
            ? Files.createDirectories(Path.of(arguments[0]))
            : Files.createTempDirectory("store-benchmark");
    RocksDB.loadLibrary();
    try {
      commits(directory);
      rows(directory.resolve("rows-hub"));
    } finally {
      delete(directory);
    }
  }

  // ---- commits ------------------------------------------------------------------------------

  private interface Committer {
    void commit(int records) throws Exception;
  }

  private static void commits(Path directory) throws Exception {
    try (Store store =
            RocksStore.open(
                directory.resolve("hub"), RocksStoreOptions.DEFAULTS.withPartitions(1));
        Options options = new Options().setCreateIfMissing(true);
        RocksDB database = RocksDB.open(options, directory.resolve("wal").toString());
        WriteOptions synced = new WriteOptions().setSync(true)) {
      Committer own = ownLog(store);
      Committer wal = writeAheadLog(database, synced);
      measure("warm-up, own log", 100, own);
      measure("warm-up, RocksDB", 100, wal);
      for (int round = 1; round <= ROUNDS; round++) {
        for (int records : new int[] {1, 10, 100, 1000}) {
          measure("own log", records, own);
          measure("RocksDB, synced WAL", records, wal);
        }
      }
    }
  }

  private static Committer ownLog(Store store) {
    long epoch = store.acquire(0, "benchmark");
    byte[] content = content(DATA_BYTES * 1000);
    long[] position = {0};
    return records -> {
      ByteBuffer data = ByteBuffer.wrap(content, 0, records * DATA_BYTES);
      long first = position[0] + 1;
      position[0] += records;
      Throwable[] outcome = {null};
      store.commit(
          List.of(new LogRecord(0, epoch, first, position[0], data)),
          failure -> outcome[0] = failure);
      if (outcome[0] != null) {
        throw new IllegalStateException(outcome[0]);
      }
      if (position[0] % 10_000 < records) {
        store.advanceLogStart(0, epoch, position[0] + 1);
      }
    };
  }

  private static Committer writeAheadLog(RocksDB database, WriteOptions synced) {
    byte[] content = content(DATA_BYTES * 1000);
    long[] next = {0};
    return records -> {
      try (WriteBatch batch = new WriteBatch()) {
        for (int i = 0; i < records; i++) {
          byte[] key = new Bytes(8).i8(next[0]++).toArray();
          batch.put(key, Arrays.copyOfRange(content, i * DATA_BYTES, (i + 1) * DATA_BYTES));
        }
        database.write(synced, batch);
      }
    };
  }

  private static void measure(String name, int records, Committer committer) throws Exception {
    long[] nanos = new long[100_000];
    int commits = 0;
    long cpu = cpuNanos();
    long start = System.nanoTime();
    while (System.nanoTime() - start < ROUND_NANOS && commits < nanos.length) {
      long before = System.nanoTime();
      committer.commit(records);
      nanos[commits++] = System.nanoTime() - before;
    }
    long elapsed = System.nanoTime() - start;
    double cpuMicros = (cpuNanos() - cpu) / 1e3 / commits / records;
    Arrays.sort(nanos, 0, commits);
    System.out.printf(
        Locale.ROOT,
        "%-22s %5d records/commit  %,10.0f records/s  p50 %6.3f ms  p99 %6.3f ms  cpu %7.2f us/record%n",
        name,
        records,
        commits * (double) records * 1e9 / elapsed,
        nanos[commits / 2] / 1e6,
        nanos[(int) (commits * 0.99)] / 1e6,
        cpuMicros);
  }

  // ---- rows ---------------------------------------------------------------------------------

  private static void rows(Path directory) throws Exception {
    int count = 300_000;
    try (RocksStore store =
        RocksStore.open(directory, RocksStoreOptions.DEFAULTS.withPartitions(8))) {
      long[] epochs = new long[8];
      for (int i = 0; i < 8; i++) {
        epochs[i] = store.acquire(i, "benchmark");
      }
      long cpu = cpuNanos();
      long start = System.nanoTime();
      for (int i = 0; i < count; i += 500) {
        RowBatch batch = new RowBatch();
        for (int j = i; j < i + 500; j++) {
          batch.put(row(j, 1), null);
        }
        store.writeRows(i / 500 % 8, epochs[i / 500 % 8], batch);
      }
      report("new instance rows", count, start, cpu);
      start = System.nanoTime();
      store.flush();
      System.out.printf(Locale.ROOT, "flush: %.0f ms%n", (System.nanoTime() - start) / 1e6);
      lookups(store, count);
      page(store, "page of 100 by status");
      cpu = cpuNanos();
      start = System.nanoTime();
      for (int i = 0; i < 100_000; i += 500) {
        RowBatch batch = new RowBatch();
        for (int j = i; j < i + 500; j++) {
          batch.delete(id(j), InstanceKey.of(row(j, 1)));
        }
        store.writeRows(i / 500 % 8, epochs[i / 500 % 8], batch);
      }
      report("purged instances", 100_000, start, cpu);
      page(store, "page right after the purge");
      store.flush();
      page(store, "page after the flush");
      Thread.sleep(2000);
      page(store, "page two seconds later");
    }
    long start = System.nanoTime();
    RocksStore.open(directory).close();
    System.out.printf(Locale.ROOT, "open and close: %.0f ms%n", (System.nanoTime() - start) / 1e6);
  }

  private static void lookups(Store store, int count) {
    Random random = new Random(1);
    for (int round = 0; round < 2; round++) {
      long cpu = cpuNanos();
      long start = System.nanoTime();
      for (int i = 0; i < 200_000; i++) {
        int number = random.nextInt(count);
        if (store.loadInstance(number / 500 % 8, id(number)) == null) {
          throw new IllegalStateException("missing " + number);
        }
      }
      report("lookups that hit", 200_000, start, cpu);
      cpu = cpuNanos();
      start = System.nanoTime();
      for (int i = 0; i < 200_000; i++) {
        if (store.loadInstance(i % 8, "no-" + id(i)) != null) {
          throw new IllegalStateException("found " + i);
        }
      }
      report("lookups that miss", 200_000, start, cpu);
    }
  }

  private static void page(RocksStore store, String name) throws Exception {
    InstanceFilter filter =
        new InstanceFilter(
            1, Set.of(1), 0, Long.MAX_VALUE, 0, Long.MAX_VALUE, "", null, Map.of(), false);
    RocksDB database = store.tables().database();
    database.setPerfLevel(PerfLevel.ENABLE_COUNT);
    database.getPerfContext().reset();
    long start = System.nanoTime();
    int rows = store.query(filter, 100, null).rows().size();
    double micros = (System.nanoTime() - start) / 1e3;
    System.out.printf(
        Locale.ROOT,
        "%s: %d rows, %.0f us, %d deletions stepped over%n",
        name,
        rows,
        micros,
        database.getPerfContext().getInternalDeleteSkippedCount());
    database.setPerfLevel(PerfLevel.DISABLE);
  }

  private static void report(String name, int count, long start, long cpu) {
    double elapsed = System.nanoTime() - start;
    System.out.printf(
        Locale.ROOT,
        "%s: %,.0f /s, %.2f us each, cpu %.2f us each%n",
        name,
        count * 1e9 / elapsed,
        elapsed / 1e3 / count,
        (cpuNanos() - cpu) / 1e3 / count);
  }

  private static String id(int number) {
    return "instance-%08d-%08x".formatted(number, number * 0x9E3779B9);
  }

  private static InstanceRow row(int number, int status) {
    var columns =
        new InstanceColumns(
            id(number), 1, status, "Hello", "", 1_000_000L + number, 5, 0, "", Map.of());
    return new InstanceRow(columns, number, false, content(200));
  }

  /** Compresses as JSON would. */
  private static byte[] content(int bytes) {
    StringBuilder text = new StringBuilder();
    Random random = new Random(bytes);
    while (text.length() < bytes) {
      text.append("{\"order\":").append(random.nextInt(1_000_000)).append(",\"state\":\"open\"}");
    }
    return Bytes.utf8(text.substring(0, bytes));
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static void delete(Path directory) throws Exception {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(directory)) {
      walk.forEach(files::addFirst);
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }
}
