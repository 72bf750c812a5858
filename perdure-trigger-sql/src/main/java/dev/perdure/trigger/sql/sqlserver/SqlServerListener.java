package dev.perdure.trigger.sql.sqlserver;

import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.Listening;
import dev.perdure.trigger.sql.change.SqlOptions;
import dev.perdure.trigger.sql.change.Turnstile;
import dev.perdure.trigger.sql.connect.Database;
import dev.perdure.trigger.sql.connect.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Brings changes of a table of SQL Server to a function. */
public final class SqlServerListener implements Listening.Listener {
  private static final Duration RENEWAL = Duration.ofSeconds(15);

  private final LeaseLoop loop;

  /**
   * What is watched.
   *
   * @param leasesTable the name of the table for leases; null for the usual one
   */
  public record Target(
      Database database,
      TableName table,
      @Nullable String leasesTable,
      TrackedFunction function,
      SqlOptions options) {}

  /** For a function. */
  public SqlServerListener(String name, Target target, FunctionRunner runner, Turnstile turnstile) {
    this.loop =
        new LeaseLoop(
            name,
            target.table().text(),
            runner,
            turnstile,
            () -> open(target),
            new LeaseLoop.Pace(
                target.options().maxBatchSize(), target.options().pollingInterval(), RENEWAL));
  }

  private static ChangeTracking open(Target target) {
    Connection connection;
    try {
      // Longer than the lock is waited for; without, a server that is gone is waited for as well.
      long patience = target.options().appLockTimeout().toMillis() + 60_000;
      connection =
          target
              .database()
              .connect(Map.of("socketTimeout", Long.toString(patience), "cancelQueryTimeout", "5"));
    } catch (SQLException e) {
      throw SqlServerTracking.unusable(e);
    }
    try {
      TrackedTable table = new SqlServerCatalog(connection).find(target.table());
      SqlServerTracking tracking =
          new SqlServerTracking(
              connection,
              table,
              new Statements(
                  target.function(),
                  table,
                  target.leasesTable(),
                  target.options().appLockTimeout()));
      tracking.prepare();
      return tracking;
    } catch (SQLException | RuntimeException e) {
      try {
        connection.close();
      } catch (SQLException x) {
        e.addSuppressed(x);
      }
      throw e instanceof SQLException failure
          ? SqlServerTracking.unusable(failure)
          : (RuntimeException) e;
    }
  }

  @Override
  public void listen(Runnable up) throws Exception {
    loop.listen(up);
  }
}
