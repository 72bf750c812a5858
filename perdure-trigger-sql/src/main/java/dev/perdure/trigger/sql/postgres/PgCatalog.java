package dev.perdure.trigger.sql.postgres;

import dev.perdure.trigger.sql.change.CannotWatchException;
import dev.perdure.trigger.sql.connect.Money;
import dev.perdure.trigger.sql.connect.TableName;
import dev.perdure.trigger.sql.connect.TableName.Qualified;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a server knows about its tables. Used by one thread. */
final class PgCatalog {
  private static final String TABLES =
      """
      SELECT n.nspname, c.relname
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE lower(c.relname) = lower(?) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      """;

  private static final String TABLE =
      """
      SELECT c.oid::int8, c.relkind::text, c.relreplident::text,
        (SELECT x.indrelid IS NOT NULL AND x.indisprimary FROM pg_index x
          WHERE x.indrelid = c.oid AND x.indisreplident) AS identity_is_key,
        EXISTS (SELECT 1 FROM pg_index x WHERE x.indrelid = c.oid AND x.indisprimary
          AND x.indimmediate AND x.indisvalid) AS key_is_immediate
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ? AND c.relname = ?
      """;

  private static final String KEYS =
      """
      SELECT a.attname
      FROM pg_index x
        CROSS JOIN LATERAL unnest(x.indkey) WITH ORDINALITY AS k (attnum, place)
        JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum
      WHERE x.indrelid = ?::oid AND x.indisprimary AND k.place <= x.indnkeyatts
      ORDER BY k.place
      """;

  private static final String BASE_TYPE =
      """
      WITH RECURSIVE base AS (
        SELECT t.oid, t.typtype, t.typbasetype FROM pg_type t WHERE t.oid = ?::oid
        UNION ALL
        SELECT t.oid, t.typtype, t.typbasetype
          FROM pg_type t JOIN base b ON b.typtype = 'd' AND t.oid = b.typbasetype)
      SELECT oid::int8 FROM base WHERE typtype <> 'd'
      """;

  private static final String COMPUTED =
      """
      SELECT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = ?::oid AND a.attnum > 0
        AND NOT a.attisdropped AND a.attgenerated <> '')
      """;

  private static final String COLUMNS =
      """
      SELECT a.attname, a.atttypid::int8
      FROM pg_attribute a
      WHERE a.attrelid = ?::oid AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY a.attnum
      """;

  /** Object ids below belong to types that come with the server. */
  private static final int FIRST_OWN_TYPE = 16384;

  private final Connection connection;
  private final Map<Integer, Integer> baseTypes = new HashMap<>();
  private @Nullable Money money;

  PgCatalog(Connection connection) {
    this.connection = connection;
  }

  /** How the server writes amounts of money to this user, in the log as well as in answers. */
  Money money() throws SQLException {
    if (money == null) {
      money = Money.of(connection);
    }
    return money;
  }

  /**
   * The table of a name.
   *
   * @throws CannotWatchException if it is not there or cannot be watched
   */
  PgTable find(TableName wanted) throws SQLException {
    List<Qualified> known = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(TABLES)) {
      statement.setString(1, wanted.table().name());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          known.add(new Qualified(rows.getString(1), rows.getString(2)));
        }
      }
    }
    Qualified name =
        wanted.among(
            known,
            texts("SELECT nspname FROM pg_namespace"),
            texts("SELECT unnest(current_schemas(false))"));
    if (name == null) {
      throw new CannotWatchException(
          "Could not find table: '%s'. It is not in the database, or the user may not see its schema."
              .formatted(wanted.text()));
    }
    return describe(name);
  }

  private PgTable describe(Qualified name) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(TABLE)) {
      statement.setString(1, name.schema());
      statement.setString(2, name.table());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new CannotWatchException("Could not find table: '%s'.".formatted(name));
        }
        String kind = row.getString(2);
        if (!kind.equals("r") && !kind.equals("p")) {
          throw new CannotWatchException(
              "'%s' is a view or belongs to another server; changes are seen in tables only."
                  .formatted(name));
        }
        int id = (int) row.getLong(1);
        if (keys(id).isEmpty()) {
          throw new CannotWatchException(
              "Could not find primary key created in table: '%s'. Give it one: ALTER TABLE ... ADD PRIMARY KEY (...)."
                  .formatted(name));
        }
        checkIdentity(name, row.getString(3).charAt(0), row.getBoolean(4), row.getBoolean(5));
        return new PgTable(id, name);
      }
    }
  }

  /**
   * Without it, the server refuses updates and deletes to whoever writes to a table that is
   * published, so this has to be known before.
   */
  private static void checkIdentity(
      Qualified name, char identity, boolean indexIsKey, boolean keyIsImmediate) {
    if (identity == 'd' && !keyIsImmediate) {
      throw new CannotWatchException(
          "The primary key of table '%s' is deferrable, so the server cannot tell by it which row has changed. Make one that is not, or set ALTER TABLE ... REPLICA IDENTITY FULL."
              .formatted(name));
    }
    if (identity == 'n' || (identity == 'i' && !indexIsKey)) {
      throw new CannotWatchException(
          "The replica identity of table '%s' does not have its primary key. Set it: ALTER TABLE ... REPLICA IDENTITY DEFAULT."
              .formatted(name));
    }
  }

  /** The columns of a table's primary key. */
  List<String> keys(int table) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(KEYS)) {
      statement.setLong(1, Integer.toUnsignedLong(table));
      try (ResultSet rows = statement.executeQuery()) {
        List<String> keys = new ArrayList<>();
        while (rows.next()) {
          keys.add(rows.getString(1));
        }
        return keys;
      }
    }
  }

  /** Whether a table has columns that the server computes, which are not in its log. */
  boolean hasComputed(int table) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(COMPUTED)) {
      statement.setLong(1, Integer.toUnsignedLong(table));
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  /** The columns of a table, with those that are computed. */
  List<PgMessage.Column> columns(int table) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
      statement.setLong(1, Integer.toUnsignedLong(table));
      try (ResultSet rows = statement.executeQuery()) {
        List<PgMessage.Column> columns = new ArrayList<>();
        while (rows.next()) {
          columns.add(new PgMessage.Column(rows.getString(1), (int) rows.getLong(2), false));
        }
        return columns;
      }
    }
  }

  /** The type that a domain stands for; other types stand for themselves. */
  int baseType(int type) throws SQLException {
    if (Integer.compareUnsigned(type, FIRST_OWN_TYPE) < 0) {
      return type;
    }
    Integer known = baseTypes.get(type);
    if (known == null) {
      known = readBaseType(type);
      baseTypes.put(type, known);
    }
    return known;
  }

  private int readBaseType(int type) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(BASE_TYPE)) {
      statement.setLong(1, Integer.toUnsignedLong(type));
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? (int) row.getLong(1) : type;
      }
    }
  }

  private List<String> texts(String query) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query);
        ResultSet rows = statement.executeQuery()) {
      List<String> texts = new ArrayList<>();
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
      return texts;
    }
  }
}
