package dev.perdure.trigger.sql.postgres;

import dev.perdure.trigger.sql.connect.TableName.Qualified;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A table that can be watched. Immutable.
 *
 * @param id its object id, which stays when it is renamed
 * @param name its name
 * @param keys the columns of its primary key, in the order of the key
 */
record PgTable(int id, Qualified name, List<String> keys) {
  /** Copies the list. */
  PgTable {
    keys = List.copyOf(keys);
  }

  /** Its name in a statement. */
  String quoted() {
    return quoted(name.schema()) + "." + quoted(name.table());
  }

  /** A name in a statement. */
  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** Names in a statement. */
  static String quoted(List<String> names) {
    return names.stream().map(PgTable::quoted).collect(Collectors.joining(", "));
  }
}
