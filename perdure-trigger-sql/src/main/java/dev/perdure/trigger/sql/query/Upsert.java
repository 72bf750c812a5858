package dev.perdure.trigger.sql.query;

import dev.perdure.trigger.sql.connect.DatabaseKind;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** A statement that writes a row, whether or not there is one with the same key. */
final class Upsert {
  private final DatabaseKind kind;
  private final SqlTable table;
  private final List<String> parameters;
  private final List<String> written;
  private final List<String> keys;

  /**
   * For a table.
   *
   * @param columns the columns that have values
   * @param keys those that make up the primary key; empty if the database makes the key
   */
  Upsert(DatabaseKind kind, SqlTable table, List<String> columns, List<String> keys) {
    this.kind = kind;
    this.table = table;
    this.keys = keys;
    this.written = columns.stream().filter(column -> !column(column).isComputed()).toList();
    boolean findsByKey = kind == DatabaseKind.SQL_SERVER && !keys.isEmpty();
    this.parameters =
        columns.stream()
            .filter(column -> written.contains(column) || (findsByKey && keys.contains(column)))
            .toList();
  }

  private SqlTable.Column column(String name) {
    return Objects.requireNonNull(table.columns().get(name));
  }

  /** Whether there is nothing that could be written. */
  boolean isEmpty() {
    return written.isEmpty();
  }

  /** The columns whose values are the parameters of the statement, in their order. */
  List<String> parameters() {
    return parameters;
  }

  /** The statement. */
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
    return "INSERT INTO %s (%s) %sVALUES (%s)"
        .formatted(tableName(), all(written), overriding(), questionMarks());
  }

  /** PostgreSQL takes no number for a row that it numbers always, unless it is told to. */
  private String overriding() {
    return kind == DatabaseKind.POSTGRESQL
            && written.stream().anyMatch(column -> column(column).fillsItself())
        ? "OVERRIDING SYSTEM VALUE "
        : "";
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
            tableName(),
            questionMarks(),
            all(parameters),
            each(keys, name -> "existing." + name + " = incoming." + name, " AND "),
            others.isEmpty()
                ? ""
                : "WHEN MATCHED THEN UPDATE SET "
                    + each(others, name -> "existing." + name + " = incoming." + name, ", ")
                    + "\n",
            all(written),
            each(written, name -> "incoming." + name, ", "));
  }

  private String tableName() {
    return quoted(table.name().schema()) + "." + quoted(table.name().table());
  }

  private List<String> others() {
    return written.stream().filter(column -> !keys.contains(column)).toList();
  }

  private String questionMarks() {
    return String.join(", ", Collections.nCopies(parameters.size(), "?"));
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
