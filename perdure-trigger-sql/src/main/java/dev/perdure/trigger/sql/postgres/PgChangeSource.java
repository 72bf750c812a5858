package dev.perdure.trigger.sql.postgres;

import dev.perdure.trigger.sql.change.CannotWatchException;
import dev.perdure.trigger.sql.change.ChangeSource;
import dev.perdure.trigger.sql.change.ChangeStream;
import dev.perdure.trigger.sql.connect.Database;
import dev.perdure.trigger.sql.connect.SqlFailures;
import dev.perdure.trigger.sql.connect.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.replication.PGReplicationStream;

/** Opens the changes of a table of PostgreSQL; makes its publication and its slot if need be. */
public final class PgChangeSource implements ChangeSource {
  /** How long a small query may take before the server counts as gone. */
  private static final Duration ANSWER = Duration.ofSeconds(30);

  private static final String IN_USE = "55006";
  private static final String WRONG_STATE = "55000";
  private static final String NO_RIGHT = "42501";

  private final Database database;
  private final TableName table;
  private final String site;
  private final String function;
  private final Intervals intervals;

  /**
   * How often things are done.
   *
   * @param status how often the server is told how far has been read while there is nothing to
   *     confirm; well below what servers take for a dead client, a minute by default
   * @param tableWatch how often to look whether the table is still there
   */
  public record Intervals(Duration status, Duration tableWatch) {
    /** As hosts use it. */
    public static final Intervals DEFAULTS =
        new Intervals(Duration.ofSeconds(5), Duration.ofSeconds(10));
  }

  /**
   * The changes of a table for a function.
   *
   * @param site tells apps apart that have functions of the same name on the same table; may be
   *     empty
   */
  public PgChangeSource(Database database, TableName table, String site, String function) {
    this(database, table, site, function, Intervals.DEFAULTS);
  }

  /**
   * The changes of a table for a function.
   *
   * @param site as above
   * @param intervals how often things are done
   */
  public PgChangeSource(
      Database database, TableName table, String site, String function, Intervals intervals) {
    this.database = database;
    this.table = table;
    this.site = site;
    this.function = function;
    this.intervals = intervals;
  }

  @Override
  public ChangeStream open() throws Exception {
    Connection connection = null;
    Connection replication = null;
    try {
      connection = PgSession.plain(database);
      PgCatalog catalog = new PgCatalog(connection);
      PgTable found = catalog.find(table);
      String name = PgNames.of(site, function, found.name());
      PgSlot slot = new PgSlot(connection, name, found);
      slot.prepare();
      connection.setNetworkTimeout(Runnable::run, (int) ANSWER.toMillis());
      PgSession.Replication session = PgSession.replication(database);
      replication = session.connection();
      PGReplicationStream stream = begin(replication, name, slot, intervals.status());
      PgTableWatch watch = new PgTableWatch(slot, found, replication, intervals.tableWatch());
      return new PgChangeStream(
          new PgLog(stream, session.socket(), intervals.status()),
          replication,
          connection,
          catalog,
          found,
          watch);
    } catch (SQLException | RuntimeException e) {
      if (replication != null) {
        PgChangeStream.closeQuietly(replication);
      }
      if (connection != null) {
        PgChangeStream.closeQuietly(connection);
      }
      throw e instanceof SQLException failure ? explained(failure) : e;
    }
  }

  private static Exception explained(SQLException e) {
    if (Thread.currentThread().isInterrupted()) {
      return new InterruptedException();
    }
    return new CannotWatchException(
        "The database cannot be used: %s".formatted(SqlFailures.sentence(e)), e);
  }

  private static PGReplicationStream begin(
      Connection replication, String name, PgSlot slot, Duration status) throws SQLException {
    try {
      return replication
          .unwrap(PGConnection.class)
          .getReplicationAPI()
          .replicationStream()
          .logical()
          .withSlotName(name)
          .withSlotOption("proto_version", 1)
          .withSlotOption("publication_names", name)
          // It would go by what has been read, which may be rows of a transaction that began before
          // others which are not dealt with yet.
          .withAutomaticFlush(false)
          .withStatusInterval((int) status.toMillis(), TimeUnit.MILLISECONDS)
          .start();
    } catch (SQLException e) {
      switch (String.valueOf(e.getSQLState())) {
        case IN_USE ->
            throw new CannotWatchException(
                "The replication slot '%s' is in use; another host runs this function. This one takes over when that one stops. If they are different apps, set WEBSITE_SITE_NAME to different names."
                    .formatted(name),
                e);
        case WRONG_STATE -> throw slot.lost();
        case NO_RIGHT -> throw PgSlot.mayNotReplicate(e);
        default -> throw e;
      }
    }
  }
}
