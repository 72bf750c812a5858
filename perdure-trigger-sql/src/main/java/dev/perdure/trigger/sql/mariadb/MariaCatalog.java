package dev.perdure.trigger.sql.mariadb;

import dev.perdure.trigger.sql.change.CannotWatchException;
import dev.perdure.trigger.sql.connect.SqlFailures;
import dev.perdure.trigger.sql.connect.TableName;
import dev.perdure.trigger.sql.connect.TableName.Qualified;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a server knows about its tables and its log. Used by one thread at a time. */
final class MariaCatalog {
  private static final String TABLES =
      """
      SELECT table_schema, table_name FROM information_schema.tables
      WHERE lower(table_name) = lower(?) AND table_type IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')
      """;

  private static final String VERSIONED =
      """
      SELECT 1 FROM information_schema.tables
      WHERE table_schema = ? AND table_name = ? AND table_type = 'SYSTEM VERSIONED'
      """;

  private static final String COLUMNS =
      """
      SELECT column_name, data_type, column_type, character_set_name, extra
      FROM information_schema.columns
      WHERE table_schema = ? AND table_name = ?
      ORDER BY ordinal_position
      """;

  private static final String KEYS =
      """
      SELECT column_name FROM information_schema.key_column_usage
      WHERE table_schema = ? AND table_name = ? AND constraint_name = 'PRIMARY'
      ORDER BY ordinal_position
      """;

  private static final int NO_RIGHT = 1227;
  private static final int SYNTAX = 1064;

  private final Connection connection;

  MariaCatalog(Connection connection) {
    this.connection = connection;
  }

  // ---- the log --------------------------------------------------------------------------------

  /**
   * Looks whether whole rows are written to the log.
   *
   * @throws CannotWatchException if not
   */
  void checkLog() throws SQLException {
    Map<String, String> variables = variables();
    if (!"ON".equals(variables.get("log_bin"))) {
      throw new CannotWatchException(
          "The server writes no binary log, from which changes are read. Put log_bin=mysql-bin, binlog_format=ROW and server_id=1 (or another number) below [mysqld] in its configuration and restart it.");
    }
    if (!"ROW".equals(variables.getOrDefault("binlog_format", "ROW"))) {
      throw new CannotWatchException(
          "The server writes statements to its binary log and not rows: binlog_format is %s. Set it: SET GLOBAL binlog_format = 'ROW'; also in its configuration. Connections that are open go on as they were."
              .formatted(variables.get("binlog_format")));
    }
    if (!variables.getOrDefault("binlog_row_image", "FULL").equals("FULL")) {
      throw new CannotWatchException(
          "The server writes parts of rows to its binary log: binlog_row_image is %s. Set it: SET GLOBAL binlog_row_image = 'FULL'; also in its configuration."
              .formatted(variables.get("binlog_row_image")));
    }
    if (!variables.getOrDefault("binlog_row_value_options", "").isEmpty()) {
      throw new CannotWatchException(
          "The server writes parts of JSON values to its binary log: binlog_row_value_options is %s. Set it: SET GLOBAL binlog_row_value_options = ''; also in its configuration."
              .formatted(variables.get("binlog_row_value_options")));
    }
    for (String compression : List.of("log_bin_compress", "binlog_transaction_compression")) {
      if ("ON".equals(variables.get(compression))) {
        throw compressed(compression);
      }
    }
  }

  /** What to say when the log is compressed. */
  static CannotWatchException compressed(String variable) {
    return new CannotWatchException(
        "The server compresses its binary log in a way that cannot be read here. Switch it off: SET GLOBAL %s = OFF; also in its configuration."
            .formatted(variable));
  }

  private Map<String, String> variables() throws SQLException {
    Map<String, String> variables = new LinkedHashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('log_bin', 'binlog_format', 'binlog_row_image', 'binlog_row_value_options', 'log_bin_compress', 'binlog_transaction_compression')")) {
      while (rows.next()) {
        variables.put(
            rows.getString(1).toLowerCase(Locale.ROOT), rows.getString(2).toUpperCase(Locale.ROOT));
      }
    }
    return variables;
  }

  /** The end of the log. */
  BinlogPosition end() throws SQLException {
    try {
      return end("SHOW MASTER STATUS");
    } catch (SQLException e) {
      if (e.getErrorCode() == SYNTAX) {
        return end("SHOW BINARY LOG STATUS"); // from MySQL 8.4 on
      }
      throw e;
    }
  }

  private BinlogPosition end(String statement) throws SQLException {
    try (Statement status = connection.createStatement();
        ResultSet row = status.executeQuery(statement)) {
      if (!row.next()) {
        throw new CannotWatchException("The server does not say where its binary log ends.");
      }
      return new BinlogPosition(row.getString(1), row.getLong(2), 0, 0);
    } catch (SQLException e) {
      if (e.getErrorCode() == NO_RIGHT) {
        throw mayNotRead(e);
      }
      throw e;
    }
  }

  /** The files of the log, the oldest first, and how long they are. */
  Map<String, Long> files() throws SQLException {
    Map<String, Long> files = new LinkedHashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SHOW BINARY LOGS")) {
      while (rows.next()) {
        files.put(rows.getString(1), rows.getLong(2));
      }
      return files;
    } catch (SQLException e) {
      if (e.getErrorCode() == NO_RIGHT) {
        throw mayNotRead(e);
      }
      throw e;
    }
  }

  /** What to say when the server refuses the log to the user. */
  static CannotWatchException mayNotRead(Exception e) {
    return new CannotWatchException(
        "The user of the connection may not read the binary log. Let an administrator run GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO ...",
        e);
  }

  // ---- tables ---------------------------------------------------------------------------------

  /**
   * The table of a name.
   *
   * @throws CannotWatchException if it is not there or cannot be watched
   */
  MariaTable find(TableName wanted) throws SQLException {
    List<Qualified> known = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(TABLES)) {
      statement.setString(1, wanted.table().name());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          known.add(new Qualified(rows.getString(1), rows.getString(2)));
        }
      }
    }
    String own = connection.getCatalog();
    Qualified name =
        wanted.among(
            known,
            texts("SELECT schema_name FROM information_schema.schemata"),
            own == null ? List.of() : List.of(own));
    MariaTable table = name == null ? null : read(name);
    if (table == null) {
      throw new CannotWatchException(
          "Could not find table: '%s'. It is not in the database, or the user may not see it."
              .formatted(wanted.text()));
    }
    if (isVersioned(table.name())) {
      throw new CannotWatchException(
          "Table '%s' is system-versioned: the binary log has its historical rows as if they were new ones. Only tables without system versioning can be watched."
              .formatted(name));
    }
    if (table.keys().isEmpty()) {
      throw new CannotWatchException(
          "Could not find primary key created in table: '%s'. Give it one: ALTER TABLE ... ADD PRIMARY KEY (...)."
              .formatted(name));
    }
    return table;
  }

  private boolean isVersioned(Qualified name) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(VERSIONED)) {
      statement.setString(1, name.schema());
      statement.setString(2, name.table());
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }

  /** A table as it is now; null if it is not there. */
  @Nullable MariaTable read(Qualified name) throws SQLException {
    List<MariaColumn> columns = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
      statement.setString(1, name.schema());
      statement.setString(2, name.table());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          columns.add(
              new MariaColumn(
                  rows.getString(1),
                  rows.getString(2).toLowerCase(Locale.ROOT),
                  rows.getString(3),
                  rows.getString(4),
                  rows.getString(5).toUpperCase(Locale.ROOT).contains("VIRTUAL")));
        }
      }
    }
    return columns.isEmpty() ? null : new MariaTable(name, columns, keys(name));
  }

  private List<String> keys(Qualified name) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(KEYS)) {
      statement.setString(1, name.schema());
      statement.setString(2, name.table());
      try (ResultSet rows = statement.executeQuery()) {
        List<String> keys = new ArrayList<>();
        while (rows.next()) {
          keys.add(rows.getString(1));
        }
        return keys;
      }
    }
  }

  private List<String> texts(String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      List<String> texts = new ArrayList<>();
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
      return texts;
    }
  }

  /** What to say when the server is away or says no. */
  static CannotWatchException unusable(SQLException e) {
    return new CannotWatchException(
        "The database cannot be used: %s".formatted(SqlFailures.sentence(e)), e);
  }
}
