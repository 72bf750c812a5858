package dev.perdure.trigger.sql;

import dev.perdure.databases.PostgresServer;
import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.Direction;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.Trigger;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.trigger.sql.change.Attempts;
import dev.perdure.trigger.sql.change.ChangeSource;
import dev.perdure.trigger.sql.connect.Database;
import dev.perdure.trigger.sql.connect.TableName;
import dev.perdure.trigger.sql.postgres.PgChangeSource;
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

/** What tests with a PostgreSQL server have in common: one server for each class. */
abstract class PostgresTests {
  static final Attempts QUICK = new Attempts(5, Duration.ofMillis(5));

  static PostgresServer server;

  final RecordingFunction function = new RecordingFunction();
  Trigger trigger;

  @BeforeAll
  static void startServer() {
    server = PostgresServer.start();
  }

  @AfterAll
  static void stopServer() {
    if (server != null) {
      server.close();
      server = null;
    }
  }

  @AfterEach
  void dropAll() {
    if (trigger != null) {
      trigger.close();
    }
    awaitNobodyReads();
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

  void start(String table, String... settings) {
    trigger = create(table, settings);
    trigger.start();
    awaitListening();
  }

  Trigger create(String table, String... settings) {
    return create(table, function, settings);
  }

  Trigger create(String table, FunctionRunner runner, String... settings) {
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
            runner,
            new TriggerEnvironment(
                Settings.of(all), HostSettings.DEFAULTS, InstantSource.system(), null));
  }

  static void awaitListening() {
    Await.until(
        "the listener reads its slot",
        () -> server.query("SELECT 1 FROM pg_replication_slots WHERE active") != null);
  }

  static void awaitNobodyReads() {
    Await.until(
        "nobody reads a slot",
        () -> server.query("SELECT 1 FROM pg_replication_slots WHERE active") == null);
  }

  static void inTransaction(String... statements) {
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

  /** The changes of a table for a function, without a trigger around them. */
  static ChangeSource source(String table) {
    return new PgChangeSource(
        Database.of("Db", Settings.of(Map.of("Db", server.connectionString()))),
        TableName.parse(table),
        "",
        "OnChange");
  }
}
