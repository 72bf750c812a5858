package dev.perdure.trigger.sql.sqlserver;

import dev.perdure.trigger.sql.change.RowChange;
import java.util.List;

/**
 * A row that has changed and is leased. Immutable.
 *
 * @param change what the function gets
 * @param version the version of change tracking
 * @param attempt which attempt this is, counting from 1
 * @param keyJson the primary key as members of a JSON object, without braces
 */
record TrackedRow(RowChange change, long version, int attempt, String keyJson) {
  /** Several rows as a JSON array, for a statement. */
  static String toJson(List<TrackedRow> rows) {
    StringBuilder json = new StringBuilder("[");
    for (TrackedRow row : rows) {
      if (json.length() > 1) {
        json.append(',');
      }
      json.append('{').append(row.keyJson()).append(",\"v\":").append(row.version()).append('}');
    }
    return json.append(']').toString();
  }
}
