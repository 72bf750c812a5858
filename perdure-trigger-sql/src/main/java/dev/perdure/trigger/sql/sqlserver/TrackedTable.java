package dev.perdure.trigger.sql.sqlserver;

import dev.perdure.trigger.sql.connect.TableName.Qualified;
import java.util.List;

/**
 * A table that is watched. Immutable.
 *
 * @param id its object id
 * @param columns the names of all columns
 * @param keys the columns of the primary key
 */
record TrackedTable(int id, Qualified name, List<String> columns, List<KeyColumn> keys) {
  /** Copies the lists. */
  TrackedTable {
    columns = List.copyOf(columns);
    keys = List.copyOf(keys);
  }
}
