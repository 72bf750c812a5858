package dev.perdure.trigger.sql.mariadb;

import dev.perdure.trigger.sql.change.ChangeSource;
import dev.perdure.trigger.sql.change.ChangeStream;
import dev.perdure.trigger.sql.change.PositionStore;
import dev.perdure.trigger.sql.connect.Database;
import dev.perdure.trigger.sql.connect.TableName;
import dev.perdure.trigger.sql.connect.TableName.Qualified;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;

/** Opens the changes of a table of MariaDB or MySQL. */
public final class MariaChangeSource implements ChangeSource {
  private static final System.Logger LOG = System.getLogger("dev.perdure.trigger.sql");

  /** Where the first event of a file is. */
  private static final long FILE_BEGIN = 4;

  private final Database database;
  private final TableName table;
  private final Function<Qualified, PositionStore> stores;
  private final Duration idle;

  /**
   * The changes of a table.
   *
   * @param stores what remembers how far those of a table have been dealt with
   * @param idle how often that is noted while the table does not change
   */
  public MariaChangeSource(
      Database database,
      TableName table,
      Function<Qualified, PositionStore> stores,
      Duration idle) {
    this.database = database;
    this.table = table;
    this.stores = stores;
    this.idle = idle;
  }

  @Override
  public ChangeStream open() throws Exception {
    Connection connection;
    try {
      // It is idle for hours, and who reads the log must not wait for it for ever.
      connection = database.connect(Map.of("socketTimeout", "30000"));
    } catch (SQLException e) {
      throw MariaCatalog.unusable(e);
    }
    BinlogReader reader = null;
    try {
      MariaCatalog catalog = new MariaCatalog(connection);
      catalog.checkLog();
      MariaTable found = catalog.find(table);
      PositionStore store = stores.apply(found.name());
      BinlogPosition from = begin(catalog, found, store);
      reader = new BinlogReader(BinlogClient.of(database, from), catalog, found, from);
      try {
        reader.start();
      } catch (OtherLogException e) {
        reader.close();
        from = oldest(from.file(), catalog.files(), found, store);
        reader = new BinlogReader(BinlogClient.of(database, from), catalog, found, from);
        reader.start();
      }
      return new MariaChangeStream(reader, connection, store, from, idle);
    } catch (SQLException | InterruptedException | RuntimeException e) {
      if (reader != null) {
        reader.close();
      }
      MariaChangeStream.closeQuietly(connection);
      throw e instanceof SQLException failure ? MariaCatalog.unusable(failure) : e;
    }
  }

  private static BinlogPosition begin(MariaCatalog catalog, MariaTable found, PositionStore store)
      throws SQLException, InterruptedException {
    String text = store.read();
    if (text == null) {
      return noted(catalog.end(), store);
    }
    Map<String, Long> files = catalog.files();
    BinlogPosition known = BinlogPosition.parse(text);
    if (known == null) {
      return oldest(text, files, found, store);
    }
    Long length = files.get(known.file());
    if (length != null && known.offset() <= length) {
      return known;
    }
    return oldest(known.file(), files, found, store);
  }

  /**
   * Where to go on if a position is of no use.
   *
   * @param known what is known of it
   */
  private static BinlogPosition oldest(
      String known, Map<String, Long> files, MariaTable found, PositionStore store) {
    BinlogPosition oldest = new BinlogPosition(files.keySet().iterator().next(), FILE_BEGIN, 0, 0);
    LOG.log(
        Level.ERROR,
        "The server no longer has its binary log from {0} on, where the changes of table ''{1}'' were to be read further: it has been removed, or this is another server. Changes may be lost, or come again. It goes on with the oldest that is there, {2}.",
        known,
        found.name(),
        oldest.file());
    return noted(oldest, store);
  }

  private static BinlogPosition noted(BinlogPosition position, PositionStore store) {
    store.write(position.text());
    return position;
  }
}
