package dev.perdure.iothub.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** A RocksDB with the column families that it has, and all that has to be closed with it. */
final class Database implements AutoCloseable {
  private static final long MEMTABLE_BYTES = 16 << 20;
  private static final long MEMTABLES_BYTES_MAX = 64 << 20;
  private static final long WAL_BYTES_MAX = 128 << 20;
  private static final String DEFAULT = new String(RocksDB.DEFAULT_COLUMN_FAMILY, UTF_8);

  private final RocksDB db;
  private final Map<String, ColumnFamilyHandle> families;
  private final ColumnFamilyOptions familyOptions;
  private final DBOptions options;

  private Database(
      RocksDB db,
      Map<String, ColumnFamilyHandle> families,
      ColumnFamilyOptions familyOptions,
      DBOptions options) {
    this.db = db;
    this.families = families;
    this.familyOptions = familyOptions;
    this.options = options;
  }

  /** Opens or makes it. */
  static Database open(Path path) throws RocksDBException {
    NativeLibrary.load();
    ColumnFamilyOptions familyOptions =
        new ColumnFamilyOptions()
            .setWriteBufferSize(MEMTABLE_BYTES)
            .setCompressionType(CompressionType.LZ4_COMPRESSION);
    DBOptions options =
        new DBOptions()
            .setCreateIfMissing(true)
            .setDbWriteBufferSize(MEMTABLES_BYTES_MAX)
            .setMaxTotalWalSize(WAL_BYTES_MAX)
            .setMaxBackgroundJobs(2)
            .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
            .setKeepLogFileNum(2)
            .setStatsDumpPeriodSec(0)
            .setStatsPersistPeriodSec(0);
    try {
      List<ColumnFamilyDescriptor> known = known(path, familyOptions);
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      RocksDB db = RocksDB.open(options, path.toString(), known, handles);
      Map<String, ColumnFamilyHandle> families = new HashMap<>();
      for (int i = 0; i < handles.size(); i++) {
        families.put(new String(known.get(i).getName(), UTF_8), handles.get(i));
      }
      return new Database(db, families, familyOptions, options);
    } catch (RocksDBException e) {
      familyOptions.close();
      options.close();
      throw e;
    }
  }

  private static List<ColumnFamilyDescriptor> known(Path path, ColumnFamilyOptions options)
      throws RocksDBException {
    List<ColumnFamilyDescriptor> families = new ArrayList<>();
    if (Files.exists(path.resolve("CURRENT"))) {
      try (Options plain = new Options()) {
        for (byte[] name : RocksDB.listColumnFamilies(plain, path.toString())) {
          families.add(new ColumnFamilyDescriptor(name, options));
        }
      }
    }
    if (families.isEmpty()) {
      families.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, options));
    }
    return families;
  }

  RocksDB db() {
    return db;
  }

  ColumnFamilyHandle rows() throws RocksDBException {
    return family(DEFAULT);
  }

  /** A column family, made if need be. */
  ColumnFamilyHandle family(String name) throws RocksDBException {
    ColumnFamilyHandle known = families.get(name);
    if (known == null) {
      known =
          db.createColumnFamily(new ColumnFamilyDescriptor(name.getBytes(UTF_8), familyOptions));
      families.put(name, known);
    }
    return known;
  }

  @Override
  public void close() {
    families.values().forEach(ColumnFamilyHandle::close);
    db.close();
    familyOptions.close();
    options.close();
  }
}
