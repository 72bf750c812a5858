package dev.perdure.trigger.sql.query;

import dev.perdure.trigger.sql.connect.DatabaseKind;
import dev.perdure.trigger.sql.connect.TableName;
import dev.perdure.trigger.sql.connect.TableName.Qualified;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A table that rows are written to. Immutable.
 *
 * @param name its name
 * @param columns its columns by name
 * @param keys the columns of its primary key, in order
 */
record SqlTable(Qualified name, Map<String, Column> columns, List<String> keys) {
  /** Copies what it gets. */
  SqlTable {
    columns = Map.copyOf(columns);
    keys = List.copyOf(keys);
  }

  /**
   * A column.
   *
   * @param jdbcType its type, as JDBC numbers them
   * @param typeName its type, as the database calls it
   * @param fillsItself whether the database has a value if none is given
   * @param isComputed whether only the database gives it values
   */
  record Column(int jdbcType, String typeName, boolean fillsItself, boolean isComputed) {
    Column computed() {
      return new Column(jdbcType, typeName, true, true);
    }
  }

  /**
   * Looks up a table.
   *
   * @throws IllegalArgumentException if it is not there
   */
  static SqlTable find(Connection connection, DatabaseKind kind, TableName wanted)
      throws SQLException {
    boolean schemas = kind != DatabaseKind.MARIADB;
    DatabaseMetaData meta = connection.getMetaData();
    String database = connection.getCatalog();
    List<Qualified> known = new ArrayList<>();
    try (ResultSet rows = meta.getTables(schemas ? database : null, null, "%", null)) {
      while (rows.next()) {
        String table = rows.getString("TABLE_NAME");
        if (table.equalsIgnoreCase(wanted.table().name())) {
          known.add(new Qualified(rows.getString(schemas ? "TABLE_SCHEM" : "TABLE_CAT"), table));
        }
      }
    }
    String own = schemas ? connection.getSchema() : database;
    Qualified name =
        wanted.among(known, names(meta, schemas), own == null ? List.of() : List.of(own));
    if (name == null) {
      throw new IllegalArgumentException(
          "Could not find table: '%s'. It is not in the database, or the user may not see it."
              .formatted(wanted.text()));
    }
    SqlTable found =
        describe(
            meta, kind, schemas ? database : name.schema(), schemas ? name.schema() : null, name);
    return kind == DatabaseKind.POSTGRESQL ? found.withAlwaysNumbered(connection) : found;
  }

  private static List<String> names(DatabaseMetaData meta, boolean schemas) throws SQLException {
    List<String> names = new ArrayList<>();
    try (ResultSet rows = schemas ? meta.getSchemas() : meta.getCatalogs()) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }

  private static SqlTable describe(
      DatabaseMetaData meta,
      DatabaseKind kind,
      @Nullable String catalog,
      @Nullable String schema,
      Qualified name)
      throws SQLException {
    Map<String, Column> columns = new LinkedHashMap<>();
    String escape = meta.getSearchStringEscape();
    try (ResultSet rows =
        meta.getColumns(catalog, escaped(schema, escape), escaped(name.table(), escape), null)) {
      while (rows.next()) {
        columns.put(rows.getString("COLUMN_NAME"), column(rows, kind));
      }
    }
    Map<Integer, String> keys = new TreeMap<>();
    try (ResultSet rows = meta.getPrimaryKeys(catalog, schema, name.table())) {
      while (rows.next()) {
        keys.put(rows.getInt("KEY_SEQ"), rows.getString("COLUMN_NAME"));
      }
    }
    return new SqlTable(name, columns, List.copyOf(keys.values()));
  }

  /**
   * PostgreSQL changes no number that it always gives itself. That of a key need not be changed: it
   * finds its row, and a new row may have it.
   */
  private SqlTable withAlwaysNumbered(Connection connection) throws SQLException {
    Map<String, Column> described = new LinkedHashMap<>(columns);
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT column_name FROM information_schema.columns"
                + " WHERE table_schema = ? AND table_name = ? AND identity_generation = 'ALWAYS'")) {
      query.setString(1, name.schema());
      query.setString(2, name.table());
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          described.computeIfPresent(
              rows.getString(1),
              (column, known) -> keys.contains(column) ? known : known.computed());
        }
      }
    }
    return new SqlTable(name, described, keys);
  }

  private static Column column(ResultSet rows, DatabaseKind kind) throws SQLException {
    String type = rows.getString("TYPE_NAME");
    boolean isNumbered = "YES".equals(rows.getString("IS_AUTOINCREMENT"));
    boolean isGenerated = "YES".equals(rows.getString("IS_GENERATEDCOLUMN"));
    // SQL Server does not let others number rows, nor write the column with their versions.
    boolean isServersOwn =
        kind == DatabaseKind.SQL_SERVER && (isNumbered || type.equalsIgnoreCase("timestamp"));
    return new Column(
        rows.getInt("DATA_TYPE"),
        type,
        rows.getString("COLUMN_DEF") != null || isNumbered || isGenerated || isServersOwn,
        isGenerated || isServersOwn);
  }

  /** A name where a pattern is asked for. */
  private static @Nullable String escaped(@Nullable String name, @Nullable String escape) {
    if (name == null || escape == null || escape.isEmpty()) {
      return name;
    }
    return name.replace(escape, escape + escape)
        .replace("_", escape + "_")
        .replace("%", escape + "%");
  }
}
