package dev.perdure.trigger.sql.postgres;

import dev.perdure.trigger.sql.connect.TableName.Qualified;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A table that can be watched. Immutable.
 *
 * @param id its object id, which stays when it is renamed
 * @param name its name
 */
record PgTable(int id, Qualified name) {
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
