package dev.perdure.trigger.sql.mariadb;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.Serializable;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A row in the log. Used by one thread at a time. */
final class MariaRow {
  private final JsonObject values;

  private MariaRow(JsonObject values) {
    this.values = values;
  }

  /**
   * A row.
   *
   * @param columns the columns of the table
   * @param row the values that are in the log; null if there is no row
   * @param included which columns these are of
   * @return null if there is no row
   */
  static @Nullable MariaRow of(
      List<MariaColumn> columns, Serializable @Nullable [] row, @Nullable BitSet included) {
    if (row == null || included == null) {
      return null;
    }
    JsonObject values = new JsonObject();
    int next = 0;
    for (int i = 0; i < columns.size(); i++) {
      if (included.get(i)) {
        values.add(columns.get(i).name(), MariaValues.of(columns.get(i), row[next++]));
      }
    }
    return new MariaRow(values);
  }

  /**
   * The values of the primary key.
   *
   * @param columns its columns, as the table is now
   * @return null if there are none, or the row is from before one of them was there or had its name
   */
  @Nullable List<String> key(List<String> columns) {
    if (columns.isEmpty() || !columns.stream().allMatch(values::has)) {
      return null;
    }
    return columns.stream()
        .map(values::get)
        .map(value -> value.isJsonNull() ? "null" : value.getAsString())
        .toList();
  }

  /** All of it as a JSON object. */
  String item() {
    return values.toString();
  }

  /** Some columns as a JSON object. */
  String item(List<String> columns) {
    JsonObject some = new JsonObject();
    for (String column : columns) {
      JsonElement value = values.get(column);
      some.add(column, value == null ? JsonNull.INSTANCE : value);
    }
    return some.toString();
  }
}
