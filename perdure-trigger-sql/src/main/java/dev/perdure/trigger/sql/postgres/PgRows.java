package dev.perdure.trigger.sql.postgres;

import dev.perdure.trigger.sql.connect.TableName.Qualified;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reads rows that are not in the log as a whole, as they are now. Used by one thread. */
final class PgRows {
  /** How many rows are read with one statement, which may have 65,535 parameters. */
  private static final int ROWS_MAX = 500;

  private final Connection connection;
  private final PgCatalog catalog;

  PgRows(Connection connection, PgCatalog catalog) {
    this.connection = connection;
    this.catalog = catalog;
  }

  /**
   * Rows by their keys, as JSON objects; those that are no longer there are left out.
   *
   * @param table the object id of the table
   * @param name its name
   * @param keyNames the columns of its primary key
   */
  Map<List<String>, String> read(
      int table, Qualified name, List<String> keyNames, List<List<String>> keys)
      throws SQLException {
    List<PgMessage.Column> columns = catalog.columns(table);
    PgLayout layout = PgLayout.of(columns, keyNames, catalog);
    Map<List<String>, String> items = new HashMap<>();
    for (int from = 0; from < keys.size(); from += ROWS_MAX) {
      List<List<String>> some = keys.subList(from, Math.min(keys.size(), from + ROWS_MAX));
      try (PreparedStatement statement =
          connection.prepareStatement(query(name, columns, keyNames, some.size()))) {
        int parameter = 1;
        for (List<String> key : some) {
          for (String value : key) {
            statement.setString(parameter++, value);
          }
        }
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            PgTuple.Builder tuple = new PgTuple.Builder();
            for (int i = 1; i <= columns.size(); i++) {
              tuple.add(rows.getString(i));
            }
            PgTuple row = tuple.build();
            items.put(Objects.requireNonNull(layout.key(row)), layout.item(row));
          }
        }
      }
    }
    return items;
  }

  private static String query(
      Qualified name, List<PgMessage.Column> columns, List<String> keyNames, int rows) {
    String row = "(" + String.join(", ", Collections.nCopies(keyNames.size(), "?")) + ")";
    return "SELECT %s FROM %s.%s WHERE (%s) IN (%s)"
        .formatted(
            PgTable.quoted(columns.stream().map(PgMessage.Column::name).toList()),
            PgTable.quoted(name.schema()),
            PgTable.quoted(name.table()),
            PgTable.quoted(keyNames),
            String.join(", ", Collections.nCopies(rows, row)));
  }
}
