package dev.perdure.trigger.sql.query;

import dev.perdure.trigger.sql.connect.DatabaseKind;
import dev.perdure.trigger.sql.connect.TableName.Qualified;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Statements that write a row, whether or not there is one with the same key. */
final class Upsert {
  private final DatabaseKind kind;
  private final String table;
  private final List<String> columns;
  private final List<String> keys;

  /**
   * For a table.
   *
   * @param columns the columns that get values
   * @param keys those that make up the primary key; empty if the database makes the key
   */
  Upsert(DatabaseKind kind, Qualified table, List<String> columns, List<String> keys) {
    this.kind = kind;
    this.table = quoted(table.schema()) + "." + quoted(table.table());
    this.columns = columns;
    this.keys = keys;
  }

  /** The statement, with a parameter for each column. */
  String statement() {
    if (keys.isEmpty()) {
      return insert();
    }
    return switch (kind) {
      case POSTGRESQL -> insert() + onConflict();
      case MARIADB -> insert() + onDuplicate();
      case SQL_SERVER -> merge();
    };
  }

  private String insert() {
    return "INSERT INTO %s (%s) VALUES (%s)".formatted(table, all(columns), questionMarks());
  }

  private String onConflict() {
    List<String> others = others();
    return " ON CONFLICT (%s) DO %s"
        .formatted(
            all(keys),
            others.isEmpty()
                ? "NOTHING"
                : "UPDATE SET " + each(others, name -> name + " = EXCLUDED." + name, ", "));
  }

  private String onDuplicate() {
    // Without other columns the key is set to itself, which does nothing.
    List<String> set = others().isEmpty() ? keys : others();
    return " ON DUPLICATE KEY UPDATE " + each(set, name -> name + " = VALUES(" + name + ")", ", ");
  }

  private String merge() {
    List<String> others = others();
    return """
        MERGE INTO %s WITH (HOLDLOCK) AS existing
        USING (VALUES (%s)) AS incoming (%s)
        ON %s
        %sWHEN NOT MATCHED THEN INSERT (%s) VALUES (%s);"""
        .formatted(
            table,
            questionMarks(),
            all(columns),
            each(keys, name -> "existing." + name + " = incoming." + name, " AND "),
            others.isEmpty()
                ? ""
                : "WHEN MATCHED THEN UPDATE SET "
                    + each(others, name -> "existing." + name + " = incoming." + name, ", ")
                    + "\n",
            all(columns),
            each(columns, name -> "incoming." + name, ", "));
  }

  private List<String> others() {
    return columns.stream().filter(column -> !keys.contains(column)).toList();
  }

  private String questionMarks() {
    return String.join(", ", Collections.nCopies(columns.size(), "?"));
  }

  private String all(List<String> names) {
    return each(names, name -> name, ", ");
  }

  private String each(List<String> names, UnaryOperator<String> form, String between) {
    return names.stream().map(this::quoted).map(form).collect(Collectors.joining(between));
  }

  private String quoted(String name) {
    return switch (kind) {
      case POSTGRESQL -> '"' + name.replace("\"", "\"\"") + '"';
      case MARIADB -> '`' + name.replace("`", "``") + '`';
      case SQL_SERVER -> '[' + name.replace("]", "]]") + ']';
    };
  }
}
