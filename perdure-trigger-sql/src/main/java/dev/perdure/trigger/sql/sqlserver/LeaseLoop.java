package dev.perdure.trigger.sql.sqlserver;

import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.Outcome;
import dev.perdure.trigger.sql.change.FunctionRun;
import dev.perdure.trigger.sql.change.RowChange;
import dev.perdure.trigger.sql.change.Turnstile;
import dev.perdure.trigger.sql.connect.SqlFailures;
import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Looks for changes again and again, leases them, and gives them to a function. Those that are not
 * released come again when their lease has run out, up to five times.
 */
final class LeaseLoop {
  private static final System.Logger LOG = System.getLogger("dev.perdure.trigger.sql");

  /** How often rows are given to a function. */
  static final int ATTEMPTS_MAX = 5;

  /** After so many renewals a run counts as stuck. */
  static final int RENEWALS_MAX = 10;

  private static final int RELEASES_MAX = 3;

  /** After so many failures in a row the listener begins anew. */
  private static final int FAILURES_MAX = 3;

  /** How SQL Server numbers the error of whoever has lost in a deadlock. */
  private static final int DEADLOCK = 1205;

  private final String function;
  private final String table;
  private final FunctionRunner runner;
  private final Turnstile turnstile;
  private final ChangeTracking.Source source;
  private final Pace pace;

  /** How often in a row changes could not be read; of the listener's thread alone. */
  private int failures;

  /**
   * How fast it goes.
   *
   * @param rowsMax how many rows a function gets at most
   * @param polling the time between two looks
   * @param renewal how often leases are renewed while a function runs
   */
  record Pace(int rowsMax, Duration polling, Duration renewal) {}

  LeaseLoop(
      String function,
      String table,
      FunctionRunner runner,
      Turnstile turnstile,
      ChangeTracking.Source source,
      Pace pace) {
    this.function = function;
    this.table = table;
    this.runner = runner;
    this.turnstile = turnstile;
    this.source = source;
    this.pace = pace;
  }

  /**
   * Listens until the host closes.
   *
   * @param up run once it listens
   * @throws InterruptedException if the host closes
   * @throws SQLException if there is no connection, or none any more
   */
  void listen(Runnable up) throws SQLException, InterruptedException {
    ChangeTracking tracking = source.open();
    try {
      up.run();
      while (true) {
        if (!tracking.isUsable()) {
          tracking.close();
          tracking = source.open();
        }
        pass(tracking);
        Thread.sleep(pace.polling());
      }
    } finally {
      tracking.close();
    }
  }

  private void pass(ChangeTracking tracking) throws SQLException, InterruptedException {
    turnstile.enter();
    try {
      List<TrackedRow> rows = lease(tracking);
      if (!rows.isEmpty()) {
        run(rows, tracking);
      }
    } finally {
      turnstile.leave();
    }
  }

  /** Fails if this has failed several times in a row, so that the table is looked at anew. */
  private List<TrackedRow> lease(ChangeTracking tracking) throws SQLException {
    try {
      List<TrackedRow> rows = tracking.lease(pace.rowsMax());
      failures = 0;
      return rows;
    } catch (SQLException e) {
      if (e.getErrorCode() != DEADLOCK) {
        failures++;
      }
      if (failures >= FAILURES_MAX) {
        failures = 0;
        throw e;
      }
      say("Changes of table '%s' could not be read".formatted(table), e);
      return List.of();
    }
  }

  private void run(List<TrackedRow> rows, ChangeTracking tracking) throws InterruptedException {
    Outcome outcome = outcome(rows, tracking);
    if (outcome.succeeded()) {
      release(rows, tracking);
      return;
    }
    // Nothing is written: their leases run out.
    List<TrackedRow> last = rows.stream().filter(row -> row.attempt() >= ATTEMPTS_MAX).toList();
    if (last.size() < rows.size()) {
      LOG.log(
          Level.WARNING,
          "Function '%s' has failed with %d changed rows of table '%s'. It gets them again when their leases have run out, within a minute."
              .formatted(function, rows.size() - last.size(), table),
          outcome.failure());
    }
    if (!last.isEmpty()) {
      giveUp(last, outcome.failure());
    }
  }

  private Outcome outcome(List<TrackedRow> rows, ChangeTracking tracking)
      throws InterruptedException {
    List<RowChange> changes = rows.stream().map(TrackedRow::change).toList();
    FunctionRun run = FunctionRun.begin(runner, function, table, changes);
    for (int renewals = 0; ; renewals++) {
      Outcome outcome = run.await(pace.renewal());
      if (outcome != null) {
        return outcome;
      }
      if (renewals == RENEWALS_MAX) {
        run.interrupt();
        return new Outcome(
            null, new TimeoutException("The function took too long for the leases on its rows."));
      }
      try {
        tracking.renew(rows);
      } catch (SQLException e) {
        say("Leases on rows of table '%s' could not be renewed".formatted(table), e);
      }
    }
  }

  private void release(List<TrackedRow> rows, ChangeTracking tracking) {
    long newVersion = newVersion(rows);
    for (int i = 1; i <= RELEASES_MAX; i++) {
      try {
        tracking.release(rows, newVersion);
        return;
      } catch (SQLException e) {
        say("Rows of table '%s' could not be released; they may come again".formatted(table), e);
      }
    }
  }

  /**
   * Up to which version all is dealt with: the highest but one, since there may be more rows with
   * the highest than were read; the only one, if there is one.
   */
  static long newVersion(List<TrackedRow> rows) {
    List<Long> versions = rows.stream().map(TrackedRow::version).distinct().sorted().toList();
    return versions.get(Math.max(0, versions.size() - 2));
  }

  private static void say(String what, SQLException e) {
    LOG.log(
        e.getErrorCode() == DEADLOCK ? Level.DEBUG : Level.WARNING,
        "%s: %s".formatted(what, SqlFailures.sentence(e)));
  }

  private void giveUp(List<TrackedRow> rows, @Nullable Throwable failure) {
    LOG.log(
        Level.ERROR,
        "Function '%s' has failed %d times with %d changed rows of table '%s'. They are skipped; their keys are %s. Later changes of them are skipped as well, while they are in the table for leases."
            .formatted(
                function,
                ATTEMPTS_MAX,
                rows.size(),
                table,
                rows.stream()
                    .map(row -> "(" + String.join(", ", row.change().key()) + ")")
                    .collect(Collectors.joining(", "))),
        failure);
  }
}
