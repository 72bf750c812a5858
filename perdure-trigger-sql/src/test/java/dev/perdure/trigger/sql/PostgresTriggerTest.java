package dev.perdure.trigger.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.Direction;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.Trigger;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.trigger.sql.change.Attempts;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Functions that are triggered by changes in a real PostgreSQL server. */
class PostgresTriggerTest {
  private static final Attempts QUICK = new Attempts(5, Duration.ofMillis(5));

  private static PostgresServer server;

  private final RecordingFunction function = new RecordingFunction();
  private Trigger trigger;

  @BeforeAll
  static void startServer() {
    server = PostgresServer.start();
  }

  @AfterAll
  static void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void makeTable() {
    server.execute("CREATE TABLE todo (id int PRIMARY KEY, title text, done boolean)");
  }

  @AfterEach
  void dropAll() {
    if (trigger != null) {
      trigger.close();
    }
    Await.until(
        "nobody reads a slot",
        () -> server.query("SELECT 1 FROM pg_replication_slots WHERE active") == null);
    server.execute(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots",
        "DROP SCHEMA public CASCADE",
        "CREATE SCHEMA public");
    for (String publication = publication(); publication != null; publication = publication()) {
      server.execute("DROP PUBLICATION " + publication);
    }
  }

  private static String publication() {
    return server.query("SELECT pubname FROM pg_publication");
  }

  private void start(String table, String... settings) {
    trigger = create(table, settings);
    trigger.start();
    awaitListening();
  }

  private Trigger create(String table, String... settings) {
    Map<String, String> all = new HashMap<>(Map.of("Db", server.connectionString()));
    for (int i = 0; i < settings.length; i += 2) {
      all.put(settings[i], settings[i + 1]);
    }
    FunctionDefinition definition =
        new FunctionDefinition(
            "OnChange",
            "app.Functions",
            "onChange",
            List.of(
                new Binding(
                    "sqlTrigger",
                    Direction.IN,
                    "changes",
                    Map.of("tableName", table, "connectionStringSetting", "Db"))),
            null);
    return new SqlTriggerType(QUICK)
        .create(
            definition,
            function,
            new TriggerEnvironment(
                Settings.of(all), HostSettings.DEFAULTS, InstantSource.system(), null));
  }

  private static void awaitListening() {
    Await.until(
        "the listener reads its slot",
        () -> server.query("SELECT 1 FROM pg_replication_slots WHERE active") != null);
  }

  private static void inTransaction(String... statements) {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (String each : statements) {
        statement.execute(each);
      }
      connection.commit();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void insertsUpdatesAndDeletesReachTheFunctionWithWholeRowsAndDeletesWithTheKey() {
    start("todo");

    server.execute("INSERT INTO todo VALUES (1, 'tea', false)");
    function.awaitChanges(1);
    server.execute("UPDATE todo SET done = true");
    function.awaitChanges(2);
    server.execute("DELETE FROM todo");

    assertThat(function.awaitChanges(3))
        .containsExactly(
            "{\"Operation\":0,\"Item\":{\"id\":1,\"title\":\"tea\",\"done\":false}}",
            "{\"Operation\":1,\"Item\":{\"id\":1,\"title\":\"tea\",\"done\":true}}",
            "{\"Operation\":2,\"Item\":{\"id\":1}}");
  }

  @Test
  void changesOfOneRowInABatchComeToOne() {
    start("todo");

    inTransaction(
        "INSERT INTO todo VALUES (1, 'tea', false), (2, 'bread', false), (3, 'salt', false)",
        "UPDATE todo SET title = 'green tea' WHERE id = 1",
        "DELETE FROM todo WHERE id = 2");

    assertThat(function.awaitChanges(3))
        .containsExactly(
            "{\"Operation\":0,\"Item\":{\"id\":3,\"title\":\"salt\",\"done\":false}}",
            "{\"Operation\":0,\"Item\":{\"id\":1,\"title\":\"green tea\",\"done\":false}}",
            "{\"Operation\":2,\"Item\":{\"id\":2}}");
  }

  @Test
  void changesThatHappenWhileNobodyListensAreDeliveredLater() {
    start("todo");
    server.execute("INSERT INTO todo VALUES (1, 'tea', false)");
    function.awaitChanges(1);
    trigger.close();

    server.execute("INSERT INTO todo VALUES (2, 'bread', false)");
    start("todo");

    assertThat(function.awaitChanges(2)).hasSize(2).last().asString().contains("bread");
  }
}
