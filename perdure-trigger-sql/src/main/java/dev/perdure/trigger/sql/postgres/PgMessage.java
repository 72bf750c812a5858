package dev.perdure.trigger.sql.postgres;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A message of the server's plug-in {@code pgoutput}, version 1 of its protocol. */
sealed interface PgMessage {
  /** A transaction begins; those that have been committed come one after the other. */
  record Begin() implements PgMessage {}

  /**
   * A transaction ends.
   *
   * @param end the position behind it in the log
   */
  record Commit(long end) implements PgMessage {}

  /**
   * How a table looks from here on.
   *
   * @param id its object id
   */
  record Relation(int id, String schema, String name, List<Column> columns) implements PgMessage {
    /** Copies the list. */
    public Relation {
      columns = List.copyOf(columns);
    }
  }

  /**
   * A column.
   *
   * @param type the object id of its type
   * @param identifies whether old rows have it in the log
   */
  record Column(String name, int type, boolean identifies) {}

  /** A row is new. */
  record Insert(int relation, PgTuple row) implements PgMessage {}

  /**
   * A row has other values.
   *
   * @param before what is known of the row before; null if its key is still the same
   */
  record Update(int relation, @Nullable PgTuple before, PgTuple row) implements PgMessage {}

  /**
   * A row is gone.
   *
   * @param before its key, the other columns null; or all of it
   */
  record Delete(int relation, PgTuple before) implements PgMessage {}

  /** Tables have been emptied. */
  record Truncate() implements PgMessage {}

  /** Something that says nothing about rows, such as where a type comes from. */
  record Other() implements PgMessage {}
}
