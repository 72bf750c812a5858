package dev.perdure.trigger.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.databases.PostgresServer;
import dev.perdure.functions.settings.Settings;
import dev.perdure.trigger.sql.change.ChangeStream;
import dev.perdure.trigger.sql.change.RowChange;
import dev.perdure.trigger.sql.connect.Database;
import dev.perdure.trigger.sql.connect.TableName;
import dev.perdure.trigger.sql.postgres.PgChangeSource;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a PostgreSQL server needs for its changes to be seen, and what is said if it is missing. */
class PostgresSetupTest extends PostgresTests {
  @BeforeAll
  static void startServerWithFewSlots() {
    server.close();
    server = PostgresServer.start("max_replication_slots=2");
    server.execute(
        "CREATE ROLE reader LOGIN REPLICATION PASSWORD 'reader-pass'",
        "CREATE ROLE writer LOGIN PASSWORD 'writer-pass'");
  }

  private static void assertFails(String table, String message) {
    assertThatThrownBy(() -> source(table).open()).hasMessageContaining(message);
  }

  private static PgChangeSource as(String user, String password, String table) {
    String connection =
        "postgresql://%s:%s@127.0.0.1:%d/postgres".formatted(user, password, server.port());
    return new PgChangeSource(
        Database.of("Db", Settings.of(Map.of("Db", connection))),
        TableName.parse(table),
        "",
        "OnChange",
        new PgChangeSource.Intervals(Duration.ofSeconds(5), Duration.ofMillis(20)));
  }

  @Test
  void aTableThatDoesNotExist() {
    assertFails("dbo.ToDo", "Could not find table: 'dbo.ToDo'.");
    assertFails("other.todo", "Could not find table: 'other.todo'.");
  }

  @Test
  void aTableWithoutPrimaryKey() {
    server.execute("CREATE TABLE todo (id int)");

    assertFails("todo", "Could not find primary key created in table: 'public.todo'.");
  }

  @Test
  void aView() {
    server.execute("CREATE VIEW todo AS SELECT 1 AS id");

    assertFails("todo", "'public.todo' is a view");
  }

  @Test
  void aReplicaIdentityWithoutThePrimaryKeyIsRefusedBeforeItBreaksUpdates() {
    server.execute(
        "CREATE TABLE todo (id int PRIMARY KEY, n int)",
        "ALTER TABLE todo REPLICA IDENTITY NOTHING",
        "INSERT INTO todo VALUES (1, 1)");

    assertFails("todo", "ALTER TABLE ... REPLICA IDENTITY DEFAULT");
    server.execute("UPDATE todo SET n = 2");
  }

  @Test
  void aDeferrablePrimaryKeyIsRefusedBeforeItBreaksUpdates() {
    server.execute(
        "CREATE TABLE todo (id int PRIMARY KEY DEFERRABLE, n int)",
        "INSERT INTO todo VALUES (1, 1)");

    assertFails("todo", "The primary key of table 'public.todo' is deferrable");
    server.execute("UPDATE todo SET n = 2");
  }

  @Test
  void aWrongPassword() {
    assertThatThrownBy(() -> as("owner", "secret", "todo").open())
        .hasMessageContaining("The database cannot be used")
        .hasMessageContaining("password authentication failed")
        .hasMessageNotContaining("secret");
  }

  @Test
  void aUserWhoMayNotReadTheLog() {
    server.execute(
        "GRANT ALL ON SCHEMA public TO writer",
        "GRANT CREATE ON DATABASE postgres TO writer",
        "CREATE TABLE todo (id int PRIMARY KEY)",
        "ALTER TABLE todo OWNER TO writer");

    assertThatThrownBy(() -> as("writer", "writer-pass", "todo").open())
        .hasMessageContaining("ALTER ROLE ... REPLICATION");
    server.execute("REVOKE CREATE ON DATABASE postgres FROM writer");
  }

  @Test
  void aUserWhoMayNotPublishTheTableGetsTheStatementForWhoMay() throws Exception {
    server.execute(
        "CREATE TABLE todo (id int PRIMARY KEY)",
        "GRANT USAGE ON SCHEMA public TO reader",
        "GRANT SELECT ON todo TO reader");
    String message = message("reader", "reader-pass");
    assertThat(message)
        .startsWith("The user of the connection may not publish table 'public.todo'")
        .contains("CREATE PUBLICATION perdure_onchange_todo_");

    server.execute(message.substring(message.indexOf("CREATE PUBLICATION")));

    try (ChangeStream stream = as("reader", "reader-pass", "todo").open()) {
      server.execute("INSERT INTO todo VALUES (1)");
      assertThat(stream.next(1)).hasSize(1);
    }
  }

  private static String message(String user, String password) {
    try {
      as(user, password, "todo").open().close();
      throw new AssertionError("It could be opened.");
    } catch (Exception e) {
      return e.getMessage();
    }
  }

  @Test
  void noFreeSlots() {
    server.execute(
        "CREATE TABLE todo (id int PRIMARY KEY)",
        "SELECT pg_create_logical_replication_slot('a', 'pgoutput')",
        "SELECT pg_create_logical_replication_slot('b', 'pgoutput')");

    assertFails("todo", "All replication slots of the server are taken.");
  }

  @Test
  void aSlotOfAnotherKind() throws Exception {
    server.execute("CREATE TABLE todo (id int PRIMARY KEY)");
    source("todo").open().close();
    awaitNobodyReads();
    String name = server.query("SELECT slot_name FROM pg_replication_slots");
    server.execute(
        "SELECT pg_drop_replication_slot('%s')".formatted(name),
        "SELECT pg_create_logical_replication_slot('%s', 'test_decoding')".formatted(name));

    assertFails("todo", "There is a replication slot '%s' of another kind".formatted(name));
  }

  @Test
  void aSlotThatIsInUse() throws Exception {
    server.execute("CREATE TABLE todo (id int PRIMARY KEY)");
    try (ChangeStream first = source("todo").open()) {
      assertFails("todo", "is in use; another host runs this function.");
      first.keepAlive();
    }
  }

  @Test
  void aTableThatIsDroppedIsNoticedAndGoesOnWhenItIsThereAgain() throws Exception {
    server.execute("CREATE TABLE todo (id int PRIMARY KEY)");
    try (ChangeStream stream = as(PostgresServer.USER, "pass%20word%26%25", "todo").open()) {
      server.execute("DROP TABLE todo");

      assertThatThrownBy(() -> stream.next(1))
          .hasMessageStartingWith("Could not find table: 'public.todo'. It has been dropped");
    }
    assertFails("todo", "Could not find table: 'todo'.");
    awaitNobodyReads();

    server.execute("CREATE TABLE todo (id int PRIMARY KEY, title text)");
    try (ChangeStream stream = source("todo").open()) {
      server.execute("INSERT INTO todo VALUES (1, 'tea')");
      assertThat(stream.next(1))
          .extracting(RowChange::item)
          .containsExactly("{\"id\":1,\"title\":\"tea\"}");
    }
  }

  @Test
  void changesBeforeATableWasDroppedAreNotLost() throws Exception {
    server.execute("CREATE TABLE todo (id int PRIMARY KEY)");
    source("todo").open().close();
    awaitNobodyReads();

    server.execute(
        "INSERT INTO todo VALUES (1)", "DROP TABLE todo", "CREATE TABLE todo (id int PRIMARY KEY)");

    try (ChangeStream stream = source("todo").open()) {
      assertThat(stream.next(1)).extracting(RowChange::item).containsExactly("{\"id\":1}");
    }
  }

  @Test
  void aServerWithNothingToSayDoesNotTakeTheHostForDead() throws Exception {
    server.execute(
        "CREATE TABLE todo (id int PRIMARY KEY)", "ALTER SYSTEM SET wal_sender_timeout = '1s'");
    server.execute("SELECT pg_reload_conf()");
    PgChangeSource source =
        new PgChangeSource(
            Database.of("Db", Settings.of(Map.of("Db", server.connectionString()))),
            TableName.parse("todo"),
            "",
            "OnChange",
            new PgChangeSource.Intervals(Duration.ofMillis(100), Duration.ofSeconds(10)));
    try (ChangeStream stream = source.open()) {
      Thread later =
          Thread.ofVirtual()
              .start(
                  () -> {
                    LockSupport.parkNanos(Duration.ofMillis(2500).toNanos());
                    server.execute("INSERT INTO todo VALUES (1)");
                  });

      assertThat(stream.next(1)).hasSize(1);
      later.join();
    } finally {
      server.execute("ALTER SYSTEM RESET wal_sender_timeout");
      server.execute("SELECT pg_reload_conf()");
    }
  }

  @Test
  void aLogThatSaysTooLittle() {
    try (PostgresServer other = PostgresServer.start("wal_level=replica")) {
      other.execute("CREATE TABLE todo (id int PRIMARY KEY)");
      PgChangeSource source =
          new PgChangeSource(
              Database.of("Db", Settings.of(Map.of("Db", other.connectionString()))),
              TableName.parse("todo"),
              "",
              "OnChange");

      assertThatThrownBy(source::open)
          .hasMessageContaining("wal_level is 'replica'")
          .hasMessageContaining("restart the server");
    }
  }
}
