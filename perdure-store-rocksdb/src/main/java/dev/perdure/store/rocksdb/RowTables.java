package dev.perdure.store.rocksdb;

import dev.perdure.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;
import org.rocksdb.Status;
import org.rocksdb.TablePropertiesCollectorFactory;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;

/**
 * RocksDB, set up for checkpoint rows: several tables, written without a write-ahead log and
 * flushed together, so that after a crash they stand as they stood after some earlier write.
 *
 * <p>Calling anything during {@link #reopen} or {@link #close} would crash the virtual machine;
 * {@link RocksStore} sees to it that nobody does.
 */
final class RowTables implements AutoCloseable {
  /** How long a write waits while RocksDB is behind with flushing. */
  private static final long STALL_NANOS_MAX = 20_000_000_000L;

  /**
   * The first wait of a write that was refused. RocksDB counts refused writes as if they had been
   * made when it slows writers down: who tries again too soon, again and again, never gets through.
   */
  private static final long STALL_RETRY_NANOS = 2_000_000;

  private static final long STALL_RETRY_NANOS_MAX = 250_000_000;

  /** The tables; see {@link Keys} for what is in them. */
  enum Table {
    QUEUES,
    INSTANCES,
    INDEX,
    HISTORY
  }

  /** Bits of the filter for each id: 1 % of the lookups of ids that are not there read a block. */
  private static final double FILTER_BITS = 10;

  private static final double MEMTABLE_FILTER_RATIO = 0.02;

  /**
   * A file in which, of 512 entries in a row, 256 are deletions is compacted without waiting for
   * its turn: lists and timers are read from the front, where deletions gather, and each reader
   * would step over them (100,000 of them made a page of a list take 18 ms).
   */
  private static final int DELETIONS_WINDOW = 512;

  private static final int DELETIONS_TRIGGER = 256;

  /** The file in which RocksDB has the name of what describes the tables. */
  private static final String NEWEST = "CURRENT";

  private static final int BLOCK_BYTES = 8 << 10;
  private static final int HISTORY_BLOCK_BYTES = 16 << 10;
  private static final int KEPT_INFO_LOGS = 3;
  private static final long INFO_LOG_BYTES = 1 << 20;
  private static final long SYNC_BYTES = 1 << 20;

  private final Path directory;
  private final RocksStoreOptions options;

  /** Null after it could not be opened again. */
  private volatile @Nullable Opened opened;

  /** Whether RocksDB takes no more rows for as long as it is open. */
  private volatile boolean stopped;

  private RowTables(Path directory, RocksStoreOptions options, Opened opened) {
    this.directory = directory;
    this.options = options;
    this.opened = opened;
  }

  /** RocksDB while it is open, with all that has to be closed with it. */
  private static final class Opened implements AutoCloseable {
    /** In the order in which they were made; closed backwards. */
    final List<AutoCloseable> natives;

    final RocksDB db;
    final Map<Table, ColumnFamilyHandle> tables;
    final Map<Table, Integer> ids = new EnumMap<>(Table.class);
    final WriteOptions withoutLog;
    final FlushOptions waiting;
    final ReadOptions reading;

    Opened(List<AutoCloseable> natives, RocksDB db, Map<Table, ColumnFamilyHandle> tables) {
      this.natives = natives;
      this.db = db;
      this.tables = tables;
      // Without slowdown: RocksDB would otherwise make a writer wait inside of it, where nothing
      // can end the wait, and on a full disk its own recovery then waits for that writer.
      this.withoutLog = kept(natives, new WriteOptions().setDisableWAL(true).setNoSlowdown(true));
      this.waiting = kept(natives, new FlushOptions().setWaitForFlush(true));
      this.reading = kept(natives, new ReadOptions());
      tables.forEach((table, handle) -> ids.put(table, handle.getID()));
    }

    ColumnFamilyHandle handle(Table table) {
      return Objects.requireNonNull(tables.get(table));
    }

    @Override
    public void close() {
      closeAll(natives);
    }
  }

  /** Opens the tables; makes them if they are not there. */
  static RowTables open(Path directory, RocksStoreOptions options) {
    NativeLibrary.load();
    return new RowTables(directory, options, open(directory, options, true));
  }

  private static Opened open(Path directory, RocksStoreOptions options, boolean make) {
    List<AutoCloseable> natives = new ArrayList<>();
    try {
      Cache cache = kept(natives, new LRUCache(options.blockCacheBytes()));
      // The memory of unflushed rows is counted on its own, so that it cannot push out all blocks.
      WriteBufferManager buffers =
          kept(
              natives,
              new WriteBufferManager(
                  options.writeBufferBytes(), kept(natives, new LRUCache(1 << 20))));
      DBOptions db =
          kept(
              natives,
              new DBOptions()
                  .setCreateIfMissing(make)
                  .setCreateMissingColumnFamilies(make)
                  .setAtomicFlush(true)
                  .setWriteBufferManager(buffers)
                  .setMaxBackgroundJobs(options.backgroundThreads())
                  .setBytesPerSync(SYNC_BYTES)
                  .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                  .setKeepLogFileNum(KEPT_INFO_LOGS)
                  .setMaxLogFileSize(INFO_LOG_BYTES)
                  .setStatsDumpPeriodSec(0));
      List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
      for (Table table : Table.values()) {
        byte[] name =
            table == Table.QUEUES
                ? RocksDB.DEFAULT_COLUMN_FAMILY
                : Bytes.utf8(table.name().toLowerCase(Locale.ROOT));
        descriptors.add(
            new ColumnFamilyDescriptor(name, tableOptions(natives, table, cache, options)));
      }
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      RocksDB opened = kept(natives, RocksDB.open(db, directory.toString(), descriptors, handles));
      natives.addAll(handles);
      Map<Table, ColumnFamilyHandle> tables = new EnumMap<>(Table.class);
      for (Table table : Table.values()) {
        tables.put(table, handles.get(tables.size()));
      }
      return new Opened(natives, opened, tables);
    } catch (RocksDBException e) {
      closeAll(natives);
      throw Errors.rows("Opening the rows", directory, e);
    }
  }

  private static ColumnFamilyOptions tableOptions(
      List<AutoCloseable> natives, Table table, Cache cache, RocksStoreOptions options) {
    BlockBasedTableConfig blocks =
        new BlockBasedTableConfig()
            .setBlockCache(cache)
            .setBlockSize(table == Table.HISTORY ? HISTORY_BLOCK_BYTES : BLOCK_BYTES)
            .setCacheIndexAndFilterBlocks(true)
            .setPinL0FilterAndIndexBlocksInCache(true);
    if (table == Table.INSTANCES) {
      blocks
          .setFilterPolicy(kept(natives, new BloomFilter(FILTER_BITS)))
          .setWholeKeyFiltering(true);
    }
    ColumnFamilyOptions tableOptions =
        kept(natives, compactedOnDeletions(natives))
            .setTableFormatConfig(blocks)
            .setCompressionType(CompressionType.LZ4_COMPRESSION)
            .setWriteBufferSize(Math.max(options.writeBufferBytes() / 2, 1 << 20));
    if (table == Table.INSTANCES) {
      tableOptions
          .setMemtableWholeKeyFiltering(true)
          .setMemtablePrefixBloomSizeRatio(MEMTABLE_FILTER_RATIO);
    }
    return tableOptions;
  }

  /** The collector can only be set on options of a whole database; those of a table are copied. */
  private static ColumnFamilyOptions compactedOnDeletions(List<AutoCloseable> natives) {
    Options whole = kept(natives, new Options());
    whole.setTablePropertiesCollectorFactory(
        List.of(
            kept(
                natives,
                TablePropertiesCollectorFactory.NewCompactOnDeletionCollectorFactory(
                    DELETIONS_WINDOW, DELETIONS_TRIGGER, 0))));
    return new ColumnFamilyOptions(whole);
  }

  private static <T extends AutoCloseable> T kept(List<AutoCloseable> natives, T object) {
    natives.add(object);
    return object;
  }

  private Opened opened() {
    Opened now = opened;
    if (now == null) {
      throw new StoreException(
          "PD-2011",
          "The rows in %s could not be opened again after an error. Check the disk, the file system and the limit of open files; nothing that was acknowledged is lost, and they are opened as soon as that works."
              .formatted(directory),
          null);
    }
    return now;
  }

  /** Whether no rows are taken until {@link #reopen} has been called. */
  boolean isStopped() {
    return stopped;
  }

  /** Says that they have to be opened again. */
  void stop() {
    stopped = true;
  }

  /**
   * Opens the tables again; what was not flushed is gone from them. Nobody may use them meanwhile.
   *
   * @throws StoreException if that does not work; whatever is called then throws, until it does
   */
  void reopen() {
    Opened old = opened;
    opened = null;
    if (old != null) {
      old.close();
    }
    if (!Files.exists(directory.resolve(NEWEST))) { // RocksDB would leave something there
      throw new StoreException(
          "PD-2011",
          "The rows in %s cannot be opened again after an error: they are not there. Check the disk and the file system; nothing that was acknowledged is lost."
              .formatted(directory),
          null);
    }
    opened = open(directory, options, false);
    stopped = false;
  }

  /** The number under which serialized batches know a table. */
  int id(Table table) {
    return Objects.requireNonNull(opened().ids.get(table));
  }

  /** Carries out a serialized batch, as {@link RowWriter} makes it. */
  void write(byte[] serialized) {
    try (WriteBatch batch = new WriteBatch(serialized)) {
      long deadline = System.nanoTime() + STALL_NANOS_MAX;
      long rest = STALL_RETRY_NANOS;
      while (!tryWrite(batch)) {
        if (System.nanoTime() - deadline > 0) {
          throw new StoreException(
              "PD-2011",
              ("Writing rows failed in %s: RocksDB has taken none for %d s. The disk is full, or far"
                      + " too slow; nothing that was acknowledged is lost.")
                  .formatted(directory, TimeUnit.NANOSECONDS.toSeconds(STALL_NANOS_MAX)),
              null);
        }
        LockSupport.parkNanos(rest);
        rest = Math.min(2 * rest, STALL_RETRY_NANOS_MAX);
      }
    } catch (RocksDBException e) {
      throw failed("Writing rows", e);
    }
  }

  /**
   * Notes whether RocksDB will take rows again by itself, as it does when the disk was full. A disk
   * may be full in ways that it does not know, such as by a quota.
   */
  private StoreException failed(String what, RocksDBException e) {
    StoreException told = Errors.rows(what, directory, e);
    boolean goesOnByItself =
        e.getStatus() != null && e.getStatus().getSubCode() == Status.SubCode.NoSpace;
    if (told.code().equals("PD-2011") || (told.code().equals("PD-2007") && !goesOnByItself)) {
      stopped = true;
    }
    return told;
  }

  /** Returns false if RocksDB is behind with flushing and takes no rows at the moment. */
  private boolean tryWrite(WriteBatch batch) throws RocksDBException {
    try {
      Opened now = opened();
      now.db.write(now.withoutLog, batch);
      return true;
    } catch (RocksDBException e) {
      if (e.getStatus() != null && e.getStatus().getCode() == Status.Code.Incomplete) {
        return false;
      }
      throw e;
    }
  }

  /** Makes all rows written so far durable. */
  void flush() {
    Opened now = opened();
    try {
      now.db.flush(now.waiting, List.copyOf(now.tables.values()));
    } catch (RocksDBException e) {
      throw failed("Flushing rows", e);
    }
  }

  byte @Nullable [] get(Table table, byte[] key) {
    Opened now = opened();
    return get(now, table, key, now.reading);
  }

  byte @Nullable [] get(Table table, byte[] key, View view) {
    return get(view.of, table, key, view.options);
  }

  private byte @Nullable [] get(Opened from, Table table, byte[] key, ReadOptions options) {
    try {
      return from.db.get(from.handle(table), options, key);
    } catch (RocksDBException e) {
      throw Errors.rows("Reading rows", directory, e);
    }
  }

  /** The tables as they are now, while others go on writing. */
  View view() {
    return new View();
  }

  /** Copies what is written, flushed or not, into a directory that does not exist. */
  void checkpoint(Path target) {
    try (Checkpoint checkpoint = Checkpoint.create(opened().db)) {
      checkpoint.createCheckpoint(target.toString());
    } catch (RocksDBException e) {
      throw Errors.rows("Copying the rows to " + target, directory, e);
    }
  }

  /** For tests that count what RocksDB does. */
  RocksDB database() {
    return opened().db;
  }

  @Override
  public void close() {
    Opened now = opened;
    opened = null;
    if (now != null) {
      now.close();
    }
  }

  private static void closeAll(List<AutoCloseable> natives) {
    // RocksDB wants table handles closed before the database, and options after.
    for (int i = natives.size() - 1; i >= 0; i--) {
      try {
        natives.get(i).close();
      } catch (Exception e) {
        System.getLogger(RowTables.class.getName())
            .log(System.Logger.Level.WARNING, "Closing RocksDB failed", e);
      }
    }
  }

  /** A moment's content. Used by one thread, and closed soon: it keeps old rows from going away. */
  final class View implements AutoCloseable {
    private final Opened of = opened();
    private final Snapshot snapshot = of.db.getSnapshot();
    private final ReadOptions options = new ReadOptions().setSnapshot(snapshot);
    private final List<AutoCloseable> open = new ArrayList<>();

    /**
     * Goes through a table.
     *
     * @param from the first key
     * @param to the first key not wanted; null for the end of the table
     */
    Cursor from(Table table, byte[] from, byte @Nullable [] to) {
      ReadOptions bounded = kept(open, new ReadOptions().setSnapshot(snapshot));
      if (to != null) {
        bounded.setIterateUpperBound(kept(open, new Slice(to)));
      }
      Cursor cursor = new Cursor(of.db.newIterator(of.handle(table), bounded));
      open.add(cursor.iterator);
      cursor.seek(from);
      return cursor;
    }

    @Override
    public void close() {
      closeAll(open);
      options.close();
      of.db.releaseSnapshot(snapshot);
      snapshot.close();
    }
  }

  /** A place in a table. */
  final class Cursor {
    private final RocksIterator iterator;
    private boolean valid;

    private Cursor(RocksIterator iterator) {
      this.iterator = iterator;
    }

    boolean isValid() {
      return valid;
    }

    void seek(byte[] key) {
      iterator.seek(key);
      check();
    }

    void next() {
      iterator.next();
      check();
    }

    private void check() {
      valid = iterator.isValid();
      if (!valid) {
        try {
          iterator.status();
        } catch (RocksDBException e) {
          throw Errors.rows("Reading rows", directory, e);
        }
      }
    }

    byte[] key() {
      return iterator.key();
    }

    byte[] value() {
      return iterator.value();
    }
  }
}
