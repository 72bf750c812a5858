package dev.perdure.trigger.sql.sqlserver;

import dev.perdure.trigger.sql.change.CannotWatchException;
import dev.perdure.trigger.sql.connect.TableName;
import dev.perdure.trigger.sql.connect.TableName.Qualified;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What a server knows about its tables. Used by one thread. */
final class SqlServerCatalog {
  private static final int COMPATIBILITY_LEAST = 130;
  private static final Set<String> RESERVED =
      Set.of(
          Statements.VERSION.toLowerCase(Locale.ROOT),
          Statements.ATTEMPTS.toLowerCase(Locale.ROOT),
          Statements.EXPIRY.toLowerCase(Locale.ROOT));

  private final Connection connection;

  SqlServerCatalog(Connection connection) {
    this.connection = connection;
  }

  /**
   * The table of a name.
   *
   * @throws CannotWatchException if it is not there or cannot be watched
   */
  TrackedTable find(TableName wanted) throws SQLException {
    int compatibility = Integer.parseInt(texts(Statements.COMPATIBILITY).getFirst());
    if (compatibility < COMPATIBILITY_LEAST) {
      throw new CannotWatchException(
          "The database has the compatibility level %d, which is not supported; it has to be 130 or higher: ALTER DATABASE ... SET COMPATIBILITY_LEVEL = 150."
              .formatted(compatibility));
    }
    Map<Qualified, Integer> tables = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(Statements.TABLES);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        tables.put(new Qualified(rows.getString(1), rows.getString(2)), rows.getInt(3));
      }
    }
    Qualified name =
        wanted.among(
            List.copyOf(tables.keySet()),
            texts(Statements.SCHEMAS),
            texts(Statements.DEFAULT_SCHEMA));
    if (name == null) {
      throw new CannotWatchException(
          "Could not find table: '%s'. It is not in the database, or the user may not see it."
              .formatted(wanted.text()));
    }
    return describe(name, Objects.requireNonNull(tables.get(name)));
  }

  private TrackedTable describe(Qualified name, int id) throws SQLException {
    checkTracking(name, id);
    Map<String, KeyColumn> columns = new LinkedHashMap<>();
    List<String> unsupported = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(Statements.COLUMNS)) {
      statement.setInt(1, id);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          String collation = row.getString(6);
          columns.put(
              row.getString(1),
              new KeyColumn(
                  row.getString(1),
                  type(row.getString(2), row.getInt(3), row.getInt(4), row.getInt(5)),
                  collation == null ? "" : " COLLATE " + collation));
          if (row.getBoolean(7)) {
            unsupported.add("'%s' (type: %s)".formatted(row.getString(1), row.getString(2)));
          }
        }
      }
    }
    check(name, columns, unsupported);
    List<KeyColumn> keys = keys(name, id, columns);
    return new TrackedTable(id, name, List.copyOf(columns.keySet()), keys);
  }

  private void checkTracking(Qualified name, int id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(Statements.MIN_VALID_VERSION)) {
      statement.setInt(1, id);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next() || row.getObject(1) == null) {
          throw new CannotWatchException(
              "Could not find change tracking enabled for table: '%s'. Enable it for the database and the table: ALTER DATABASE ... SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 2 DAYS, AUTO_CLEANUP = ON); ALTER TABLE ... ENABLE CHANGE_TRACKING; and let the user VIEW CHANGE TRACKING."
                  .formatted(name));
        }
      }
    }
  }

  private static void check(
      Qualified name, Map<String, KeyColumn> columns, List<String> unsupported) {
    if (!unsupported.isEmpty()) {
      throw new CannotWatchException(
          "Found column(s) with unsupported type(s): %s in table: '%s'."
              .formatted(String.join(", ", unsupported), name));
    }
    List<String> reserved =
        columns.keySet().stream()
            .filter(column -> RESERVED.contains(column.toLowerCase(Locale.ROOT)))
            .toList();
    if (!reserved.isEmpty()) {
      throw new CannotWatchException(
          "Found reserved column name(s): %s in table: '%s'. Rename them."
              .formatted(String.join(", ", reserved), name));
    }
  }

  private List<KeyColumn> keys(Qualified name, int id, Map<String, KeyColumn> columns)
      throws SQLException {
    List<KeyColumn> keys = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(Statements.KEYS)) {
      statement.setInt(1, id);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          keys.add(Objects.requireNonNull(columns.get(rows.getString(1))));
        }
      }
    }
    if (keys.isEmpty()) {
      throw new CannotWatchException(
          "Could not find primary key created in table: '%s'. Give it one: ALTER TABLE ... ADD PRIMARY KEY (...)."
              .formatted(name));
    }
    return keys;
  }

  /** A type as it is written in a declaration. */
  static String type(String name, int bytes, int precision, int scale) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "nvarchar", "nchar" -> name + "(" + (bytes < 0 ? "max" : bytes / 2) + ")";
      case "varchar", "char", "varbinary", "binary" ->
          name + "(" + (bytes < 0 ? "max" : bytes) + ")";
      case "decimal", "numeric" -> name + "(" + precision + "," + scale + ")";
      case "datetime2", "datetimeoffset", "time" -> name + "(" + scale + ")";
      default -> name;
    };
  }

  private List<String> texts(String query) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query);
        ResultSet rows = statement.executeQuery()) {
      List<String> texts = new ArrayList<>();
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
      return texts;
    }
  }
}
