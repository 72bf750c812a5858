package dev.perdure.trigger.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.Listening;
import dev.perdure.trigger.sql.change.SqlOptions;
import dev.perdure.trigger.sql.change.Turnstile;
import dev.perdure.trigger.sql.connect.Database;
import dev.perdure.trigger.sql.connect.TableName;
import dev.perdure.trigger.sql.sqlserver.SqlServerListener;
import dev.perdure.trigger.sql.sqlserver.TrackedFunction;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Functions that are triggered by changes in a real SQL Server, whose connection string is in the
 * environment variable {@code PERDURE_TEST_SQLSERVER}. Its database must be one for tests: change
 * tracking is switched on.
 */
class SqlServerTriggerTest {
  private static final String VARIABLE = "PERDURE_TEST_SQLSERVER";

  private final String table = "perdure_" + UUID.randomUUID().toString().replace("-", "");
  private final RecordingFunction function = new RecordingFunction();
  private Database database;
  private Listening listening;

  @BeforeEach
  void makeTable() throws SQLException {
    String connection = System.getenv(VARIABLE);
    if (connection == null) {
      String why =
          VARIABLE
              + " has no connection string of a SQL Server, so its trigger is not tested against one.";
      System.out.println("SKIPPED: " + why);
      Assumptions.abort(why);
    }
    database = Database.of("Db", Settings.of(Map.of("Db", connection)));
    execute(
        "IF NOT EXISTS (SELECT 1 FROM sys.change_tracking_databases WHERE database_id = DB_ID())"
            + " ALTER DATABASE CURRENT SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 2 DAYS, AUTO_CLEANUP = ON)",
        "CREATE TABLE %s (id int PRIMARY KEY, title nvarchar(50), done bit)".formatted(table),
        "ALTER TABLE %s ENABLE CHANGE_TRACKING".formatted(table));
  }

  @AfterEach
  void dropTable() throws SQLException {
    if (listening != null) {
      listening.close();
    }
    if (database != null) {
      execute("DROP TABLE " + table);
    }
  }

  private void execute(String... statements) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    }
  }

  private void start() {
    SqlServerListener listener =
        new SqlServerListener(
            "OnChange",
            new SqlServerListener.Target(
                database,
                TableName.parse(table),
                null,
                TrackedFunction.of("site", null, "OnChange"),
                SqlOptions.of(
                    HostSettings.DEFAULTS,
                    Settings.of(Map.of("Sql_Trigger_PollingIntervalMs", "100")))),
            function,
            new Turnstile());
    listening = new Listening("OnChange", listener, Duration.ofSeconds(5));
    listening.start();
    Await.until("the listener is up", listening::isUp);
  }

  @Test
  void insertsUpdatesAndDeletesReachTheFunction() throws SQLException {
    execute("INSERT INTO %s VALUES (0, N'before the first start', 0)".formatted(table));
    start();
    function.awaitChanges(1);
    execute("INSERT INTO %s VALUES (1, N'tea', 0)".formatted(table));
    function.awaitChanges(2);
    execute("UPDATE %s SET done = 1 WHERE id = 1".formatted(table));
    function.awaitChanges(3);
    execute("DELETE FROM %s WHERE id = 1".formatted(table));

    assertThat(function.awaitChanges(4))
        .containsExactly(
            "{\"Operation\":0,\"Item\":{\"id\":0,\"title\":\"before the first start\",\"done\":false}}",
            "{\"Operation\":0,\"Item\":{\"id\":1,\"title\":\"tea\",\"done\":false}}",
            "{\"Operation\":1,\"Item\":{\"id\":1,\"title\":\"tea\",\"done\":true}}",
            "{\"Operation\":2,\"Item\":{\"id\":1}}");
  }

  @Test
  void changesThatHappenWhileNobodyListensAreDeliveredLater() throws SQLException {
    start();
    execute("INSERT INTO %s VALUES (1, N'tea', 0)".formatted(table));
    function.awaitChanges(1);
    listening.close();

    execute("INSERT INTO %s VALUES (2, N'bread', 0)".formatted(table));
    start();

    assertThat(function.awaitChanges(2)).hasSize(2).last().asString().contains("bread");
  }
}
