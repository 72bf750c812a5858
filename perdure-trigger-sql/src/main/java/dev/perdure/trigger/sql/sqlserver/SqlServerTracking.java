package dev.perdure.trigger.sql.sqlserver;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.perdure.trigger.sql.change.CannotWatchException;
import dev.perdure.trigger.sql.change.Operation;
import dev.perdure.trigger.sql.change.RowChange;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Change tracking and leases by statements to a server. */
final class SqlServerTracking implements ChangeTracking {
  private static final System.Logger LOG = System.getLogger("dev.perdure.trigger.sql");

  /** How SQL Server numbers the error of whoever makes what another host has just made. */
  private static final int EXISTS = 2714;

  private static final int VALID_SECONDS = 5;

  private final Connection connection;
  private final TrackedTable table;
  private final Statements statements;

  /** Takes over a connection and closes it in the end. */
  SqlServerTracking(Connection connection, TrackedTable table, Statements statements) {
    this.connection = connection;
    this.table = table;
    this.statements = statements;
  }

  /** What is done in one transaction. */
  @FunctionalInterface
  private interface Work<T> {
    T run() throws SQLException;
  }

  /** Makes what is missing in the database. */
  void prepare() throws SQLException {
    for (int attempt = 1; ; attempt++) {
      try {
        transaction(
            () -> {
              execute(statements.lock());
              execute(statements.createSchema());
              execute(statements.createState());
              execute(statements.insertState());
              execute(statements.createLeases());
              return true;
            });
        return;
      } catch (SQLException e) {
        if (e.getErrorCode() != EXISTS || attempt > 1) {
          throw e;
        }
      }
    }
  }

  @Override
  public List<TrackedRow> lease(int rowsMax) throws SQLException {
    return transaction(
        () -> {
          execute(statements.lock());
          execute(statements.raiseToMinimum());
          List<TrackedRow> rows = read(statements.readChanges(rowsMax));
          if (!rows.isEmpty()) {
            execute(statements.lease(), TrackedRow.toJson(rows));
          }
          return rows;
        });
  }

  private List<TrackedRow> read(String query) throws SQLException {
    List<TrackedRow> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      while (result.next()) {
        rows.add(row(result));
      }
    }
    return rows;
  }

  private TrackedRow row(ResultSet row) throws SQLException {
    long version = row.getLong(1);
    Operation operation =
        switch (row.getString(2)) {
          case "I" -> Operation.INSERT;
          case "U" -> Operation.UPDATE;
          case "D" -> Operation.DELETE;
          default -> throw new SQLException("Change tracking knows an operation that is not known");
        };
    int attempt = row.getInt(3) + 1;
    JsonObject item = new JsonObject();
    for (int i = 0; i < table.columns().size(); i++) {
      item.add(table.columns().get(i), SqlServerValues.of(row, i + 4));
    }
    JsonObject key = new JsonObject();
    JsonObject numbered = new JsonObject();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < table.keys().size(); i++) {
      JsonElement value = item.get(table.keys().get(i).name());
      key.add(table.keys().get(i).name(), value);
      numbered.add("k" + i, value);
      texts.add(value.isJsonNull() ? "null" : value.getAsString());
    }
    String members = numbered.toString();
    return new TrackedRow(
        new RowChange(operation, texts, (operation == Operation.DELETE ? key : item).toString()),
        version,
        attempt,
        members.substring(1, members.length() - 1));
  }

  @Override
  public void renew(List<TrackedRow> rows) throws SQLException {
    transaction(
        () -> {
          execute(statements.lock());
          execute(statements.renew(), TrackedRow.toJson(rows));
          return true;
        });
  }

  @Override
  public void release(List<TrackedRow> rows, long newVersion) throws SQLException {
    transaction(
        () -> {
          execute(statements.lock());
          execute(statements.release(), TrackedRow.toJson(rows));
          execute(statements.moveOn(newVersion));
          return true;
        });
  }

  private <T> T transaction(Work<T> work) throws SQLException {
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    // Without auto-commit the driver lets the server begin a transaction at the first statement
    // that
    // touches a table. The lock, which belongs to the transaction, is asked for before that.
    directly("BEGIN TRANSACTION");
    try {
      T result = work.run();
      directly("COMMIT TRANSACTION");
      return result;
    } catch (SQLException | RuntimeException e) {
      try {
        directly("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION");
      } catch (SQLException x) {
        e.addSuppressed(x);
      }
      throw e;
    }
  }

  /** Not prepared: a prepared statement may not leave a transaction open. */
  private void directly(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      boolean unused = statement.execute(sql);
    }
  }

  private void execute(String sql) throws SQLException {
    execute(sql, null);
  }

  private void execute(String sql, @Nullable String parameter) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      if (parameter != null) {
        statement.setNString(1, parameter);
      }
      statement.execute();
      // An error behind the first statement of several is only seen when one has got there.
      while (statement.getMoreResults() || statement.getUpdateCount() != -1) {
        if (LOG.isLoggable(Level.TRACE)) {
          LOG.log(Level.TRACE, "A result is passed over");
        }
      }
    }
  }

  @Override
  public boolean isUsable() {
    try {
      return !connection.isClosed() && connection.isValid(VALID_SECONDS);
    } catch (SQLException e) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      LOG.log(Level.DEBUG, "A connection could not be closed", e);
    }
  }

  /** What to say when the server is away or says no. */
  static CannotWatchException unusable(SQLException e) {
    return new CannotWatchException(
        "The database cannot be used: %s"
            .formatted(dev.perdure.trigger.sql.connect.SqlFailures.sentence(e)),
        e);
  }
}
