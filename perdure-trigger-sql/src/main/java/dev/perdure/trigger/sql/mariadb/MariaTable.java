package dev.perdure.trigger.sql.mariadb;

import dev.perdure.trigger.sql.connect.TableName.Qualified;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A table as it is now. Immutable.
 *
 * @param name its database and its name
 * @param columns its columns, in their order
 * @param keys the names of the columns of its primary key
 */
record MariaTable(Qualified name, List<MariaColumn> columns, List<String> keys) {
  /** Copies the lists. */
  MariaTable {
    columns = List.copyOf(columns);
    keys = List.copyOf(keys);
  }

  /**
   * The columns that a row in the log has, which may be from before the table was altered.
   *
   * @param count how many there are
   * @param names their names; null if the server does not write them to the log
   * @return null if that cannot be told
   */
  @Nullable List<MariaColumn> columnsOf(int count, @Nullable List<String> names) {
    if (names == null) {
      // Most often columns are added at the end.
      return count <= columns.size() ? columns.subList(0, count) : null;
    }
    Map<String, MariaColumn> known =
        columns.stream().collect(Collectors.toMap(MariaColumn::name, Function.identity()));
    List<MariaColumn> found = new ArrayList<>();
    for (String column : names) {
      found.add(known.getOrDefault(column, MariaColumn.unknown(column)));
    }
    return found;
  }
}
