package dev.perdure.trigger.sql.postgres;

import dev.perdure.trigger.sql.change.CannotWatchException;
import dev.perdure.trigger.sql.connect.SqlFailures;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;

/**
 * The publication and the replication slot of a function, which have the same name: the one says
 * what is read of the log, the other remembers how far. Used by one thread.
 */
final class PgSlot {
  private static final System.Logger LOG = System.getLogger("dev.perdure.trigger.sql");

  /** A slot that nobody reads, and that keeps more than this in the log, is spoken of. */
  private static final long FORGOTTEN_BYTES = 256L << 20;

  /** From here on partitions are published as their table. */
  private static final int OLDEST_VERSION = 130_000;

  private static final String DUPLICATE = "42710";
  private static final String NO_RIGHT = "42501";
  private static final String LIMIT = "53400";
  private static final String WRONG_STATE = "55000";

  private final Connection connection;
  private final String name;
  private final PgTable table;

  PgSlot(Connection connection, String name, PgTable table) {
    this.connection = connection;
    this.name = name;
    this.table = table;
  }

  /**
   * Makes what is missing.
   *
   * @throws CannotWatchException if that is not possible
   */
  void prepare() throws SQLException {
    checkVersion();
    checkLogLevel();
    // The publication first: the server looks it up as it was when a change happened.
    preparePublication();
    prepareSlot();
    nameForgotten();
  }

  private void checkVersion() throws SQLException {
    if (Integer.parseInt(text("SHOW server_version_num")) < OLDEST_VERSION) {
      throw new CannotWatchException(
          "The server is PostgreSQL %s; changes are seen from version 13 on."
              .formatted(text("SHOW server_version")));
    }
  }

  private void checkLogLevel() throws SQLException {
    String level = text("SHOW wal_level");
    if (!level.equals("logical")) {
      throw new CannotWatchException(
          """
          The server writes too little to its log for changes to be read from it: wal_level is '%s'. \
          Set it with ALTER SYSTEM SET wal_level = 'logical' (in a managed database, with its parameters), \
          then restart the server."""
              .formatted(level));
    }
  }

  // ---- publication ----------------------------------------------------------------------------

  private void preparePublication() throws SQLException {
    if (has("SELECT 1 FROM pg_publication WHERE pubname = ?", name)) {
      if (!isPublished()) {
        change("ALTER PUBLICATION %s SET TABLE %s".formatted(name, table.quoted()));
      }
      return;
    }
    change(
        "CREATE PUBLICATION %s FOR TABLE %s WITH (publish_via_partition_root = true)"
            .formatted(name, table.quoted()));
  }

  /** Whether the table is still in the publication; it is not when it has been dropped. */
  boolean isPublished() throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT 1 FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
            WHERE p.pubname = ? AND r.prrelid = ?::oid""")) {
      statement.setString(1, name);
      statement.setLong(2, Integer.toUnsignedLong(table.id()));
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  private void change(String statement) throws SQLException {
    try (Statement change = connection.createStatement()) {
      change.execute(statement);
    } catch (SQLException e) {
      if (DUPLICATE.equals(e.getSQLState())) {
        return;
      }
      if (NO_RIGHT.equals(e.getSQLState())) {
        throw new CannotWatchException(
            """
            The user of the connection may not publish table '%s': %s \
            Let it own the table and give it CREATE on the database, or let its owner run: %s"""
                .formatted(table.name(), SqlFailures.sentence(e), statement + ";"),
            e);
      }
      throw e;
    }
  }

  // ---- slot -----------------------------------------------------------------------------------

  private void prepareSlot() throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT s.plugin, s.database = current_database(), s.wal_status
            FROM pg_replication_slots s WHERE s.slot_name = ?""")) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        if (row.next()) {
          checkSlot(row.getString(1), row.getBoolean(2), row.getString(3));
          return;
        }
      }
    }
    createSlot();
  }

  private void checkSlot(String plugin, boolean ours, String status) {
    if (!"pgoutput".equals(plugin) || !ours) {
      throw new CannotWatchException(
          "There is a replication slot '%s' of another kind or of another database of the same server. Set WEBSITE_SITE_NAME to tell the apps apart, or drop it: %s"
              .formatted(name, dropStatement(name)));
    }
    if ("lost".equals(status)) {
      throw lost();
    }
  }

  /** What to say when the server has thrown away what was not read yet. */
  CannotWatchException lost() {
    return new CannotWatchException(
        "The server has removed changes of table '%s' from its log before they were read, since that was more than max_slot_wal_keep_size allows. They are lost. To go on with what happens from now on, drop the slot: %s"
            .formatted(table.name(), dropStatement(name)));
  }

  /** What to say when the server refuses the log to the user. */
  static CannotWatchException mayNotReplicate(SQLException e) {
    return new CannotWatchException(
        "The user of the connection may not read the log of the server. Let an administrator run ALTER ROLE ... REPLICATION; in a managed database, grant its role for replication.",
        e);
  }

  private void createSlot() throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_create_logical_replication_slot(?, 'pgoutput')")) {
      statement.setString(1, name);
      statement.execute();
      LOG.log(
          Level.WARNING,
          "The changes of table ''{0}'' are kept for this function from now on, in the replication slot ''{1}''. When the function is removed for good, drop it, or the log of the server grows without end: {2} DROP PUBLICATION {1};",
          table.name(),
          name,
          dropStatement(name));
    } catch (SQLException e) {
      switch (String.valueOf(e.getSQLState())) {
        case DUPLICATE -> {}
        case NO_RIGHT -> throw mayNotReplicate(e);
        case LIMIT ->
            throw new CannotWatchException(
                "All replication slots of the server are taken. Drop those that nobody needs (SELECT slot_name, active FROM pg_replication_slots), or raise max_replication_slots and restart the server.",
                e);
        case WRONG_STATE ->
            throw new CannotWatchException(
                "The replication slot '%s' could not be made: %s"
                    .formatted(name, SqlFailures.sentence(e)),
                e);
        default -> throw e;
      }
    }
  }

  private void nameForgotten() throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT slot_name, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::int8
            FROM pg_replication_slots
            WHERE slot_name LIKE ? AND slot_name <> ? AND NOT active
              AND database = current_database() AND NOT pg_is_in_recovery()
              AND pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) > ?""")) {
      statement.setString(1, PREFIX_PATTERN);
      statement.setString(2, name);
      statement.setLong(3, FORGOTTEN_BYTES);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          String forgotten = Objects.requireNonNull(rows.getString(1));
          LOG.log(
              Level.WARNING,
              "Nobody reads the replication slot ''{0}'', and the server keeps {1} MB of its log for it. If its function is gone, drop it: {2}",
              forgotten,
              rows.getLong(2) >> 20,
              dropStatement(forgotten));
        }
      }
    }
  }

  private static final String PREFIX_PATTERN = PgNames.PREFIX.replace("_", "\\_") + "%";

  private static String dropStatement(String slot) {
    return "SELECT pg_drop_replication_slot('%s');".formatted(slot);
  }

  private String text(String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }

  private boolean has(String query, String parameter) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, parameter);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }
}
