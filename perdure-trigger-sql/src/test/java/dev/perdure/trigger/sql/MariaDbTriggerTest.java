package dev.perdure.trigger.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.perdure.databases.MariaDbServer;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.Listening;
import dev.perdure.trigger.sql.change.Attempts;
import dev.perdure.trigger.sql.change.ChangeStream;
import dev.perdure.trigger.sql.change.Delivery;
import dev.perdure.trigger.sql.change.Operation;
import dev.perdure.trigger.sql.change.PositionStore;
import dev.perdure.trigger.sql.change.RowChange;
import dev.perdure.trigger.sql.change.Turnstile;
import dev.perdure.trigger.sql.connect.Database;
import dev.perdure.trigger.sql.connect.TableName;
import dev.perdure.trigger.sql.mariadb.MariaChangeSource;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Functions that are triggered by changes in a real MariaDB server. */
class MariaDbTriggerTest {
  private static MariaDbServer server;

  private final RecordingFunction function = new RecordingFunction();
  private final Remembered remembered = new Remembered();
  private Listening listening;

  /** A position in memory. */
  private static final class Remembered implements PositionStore {
    private final List<String> written = new CopyOnWriteArrayList<>();
    private volatile String position;

    @Override
    public String read() {
      return position;
    }

    @Override
    public void write(String latest) {
      written.add(latest);
      position = latest;
    }
  }

  @BeforeAll
  static void startServer() {
    server = MariaDbServer.start();
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
    if (listening != null) {
      listening.close();
    }
    server.execute("DROP DATABASE app", "CREATE DATABASE app CHARACTER SET utf8mb4");
  }

  private MariaChangeSource source(String table) {
    return source(table, server.connectionString());
  }

  private MariaChangeSource source(String table, String connection) {
    return source(table, connection, Duration.ofMillis(50));
  }

  private MariaChangeSource source(String table, String connection, Duration idle) {
    return new MariaChangeSource(
        Database.of("Db", Settings.of(Map.of("Db", connection))),
        TableName.parse(table),
        found -> remembered,
        idle);
  }

  private void start() {
    start(100, function);
  }

  private void start(int rowsMax, FunctionRunner runner) {
    Delivery delivery =
        new Delivery(
            "OnChange",
            "todo",
            runner,
            new Turnstile(),
            new Attempts(5, Duration.ofMillis(5)),
            Duration.ofSeconds(5));
    listening =
        new Listening(
            "OnChange", up -> delivery.passOn(source("todo"), rowsMax, up), Duration.ofSeconds(5));
    listening.start();
    Await.until("the listener is up", listening::isUp);
  }

  private static String inserted(int id, String title) {
    return "{\"Operation\":0,\"Item\":{\"id\":%d,\"title\":\"%s\",\"done\":false}}"
        .formatted(id, title);
  }

  private static void insert(int id, String title) {
    server.execute("INSERT INTO todo VALUES (%d, '%s', false)".formatted(id, title));
  }

  private static RowChange only(List<RowChange> changes) {
    assertThat(changes).hasSize(1);
    return changes.getFirst();
  }

  @Test
  void insertsUpdatesAndDeletesReachTheFunctionWithWholeRowsAndDeletesWithTheKey() {
    start();

    insert(1, "tea");
    function.awaitChanges(1);
    server.execute("UPDATE todo SET done = true");
    function.awaitChanges(2);
    server.execute("DELETE FROM todo");

    assertThat(function.awaitChanges(3))
        .containsExactly(
            inserted(1, "tea"),
            "{\"Operation\":1,\"Item\":{\"id\":1,\"title\":\"tea\",\"done\":true}}",
            "{\"Operation\":2,\"Item\":{\"id\":1}}");
  }

  @Test
  void aChangeIsSeenWithinASecond() {
    start();
    insert(1, "to warm up");
    function.awaitChanges(1);

    long begun = System.nanoTime();
    insert(2, "tea");
    function.awaitChanges(2);

    assertThat(System.nanoTime() - begun).isLessThan(1_000_000_000);
  }

  @Test
  void changesOfOneRowInABatchComeToOne() {
    start();

    server.inTransaction(
        "INSERT INTO todo VALUES (1, 'tea', false), (2, 'bread', false), (3, 'salt', false)",
        "UPDATE todo SET title = 'green tea' WHERE id = 1",
        "DELETE FROM todo WHERE id = 2");

    assertThat(function.awaitChanges(3))
        .containsExactly(
            inserted(3, "salt"), inserted(1, "green tea"), "{\"Operation\":2,\"Item\":{\"id\":2}}");
  }

  @Test
  void whatIsRolledBackAndWhatHappensToOtherTablesIsNeverSeen() {
    server.execute("CREATE TABLE other (id int PRIMARY KEY)");
    start();

    server.execute("INSERT INTO other VALUES (9)");
    server.inTransaction("INSERT INTO todo VALUES (1, 'tea', false)", "ROLLBACK");
    insert(2, "bread");

    assertThat(function.awaitChanges(1)).containsExactly(inserted(2, "bread"));
  }

  /** As the documentation says: the server does not write them to its log. */
  @Test
  void whatForeignKeysDoByThemselvesIsNotSeen() {
    server.execute(
        "CREATE TABLE list (id int PRIMARY KEY)",
        "ALTER TABLE todo ADD COLUMN list int REFERENCES list (id) ON DELETE CASCADE",
        "INSERT INTO list VALUES (1)",
        "INSERT INTO todo VALUES (1, 'tea', false, 1)");
    start();

    // The key can be used again, so the row has gone.
    server.execute("DELETE FROM list", "INSERT INTO todo VALUES (1, 'bread', false, NULL)");

    assertThat(function.awaitChanges(1))
        .containsExactly(
            "{\"Operation\":0,\"Item\":{\"id\":1,\"title\":\"bread\",\"done\":false,\"list\":null}}");
  }

  @Test
  void changesThatWereReadButNotConfirmedComeAgainAndNoOthers() throws Exception {
    source("todo").open().close();
    server.inTransaction(
        "INSERT INTO todo VALUES (1, 'a', false), (2, 'b', false), (3, 'c', false)");
    insert(4, "d");

    try (ChangeStream stream = source("todo").open()) {
      assertThat(only(stream.next(1)).key()).containsExactly("1");
      stream.confirm();
      assertThat(only(stream.next(1)).key()).containsExactly("2");
    }
    try (ChangeStream stream = source("todo").open()) {
      assertThat(only(stream.next(1)).key()).containsExactly("2");
      stream.confirm();
      assertThat(only(stream.next(1)).key()).containsExactly("3");
      stream.confirm();
    }
    try (ChangeStream stream = source("todo").open()) {
      assertThat(only(stream.next(1)).key()).containsExactly("4");
      stream.confirm();
    }
    insert(5, "e");
    try (ChangeStream stream = source("todo").open()) {
      assertThat(only(stream.next(1)).key()).containsExactly("5");
    }
  }

  @Test
  void thePositionStaysWhileTheRestOfATransactionIsRead() throws Exception {
    server.execute("CREATE TABLE other (id int PRIMARY KEY, body text)");
    try (ChangeStream stream =
        source("todo", server.connectionString(), Duration.ofMillis(1)).open()) {
      server.inTransaction(
          "INSERT INTO todo VALUES (1, 'tea', false)",
          "INSERT INTO other SELECT seq, repeat('x', 1000) FROM seq_1_to_50000");
      insert(2, "bread");

      only(stream.next(1));
      stream.confirm();
      String within = remembered.read();
      remembered.written.clear();
      only(stream.next(1));

      assertThat(remembered.written).hasSize(1);
      assertThat(remembered.read()).isNotEqualTo(within);
    }
  }

  @Test
  void tenThousandRowsInOneTransactionComeInBatchesInOrder() {
    start();

    server.execute("INSERT INTO todo SELECT seq, 'n', false FROM seq_1_to_10000");

    List<String> changes = function.awaitChanges(10_000);
    assertThat(changes)
        .isEqualTo(IntStream.rangeClosed(1, 10_000).mapToObj(n -> inserted(n, "n")).toList());
    assertThat(function.batches().size()).isGreaterThanOrEqualTo(100);
  }

  @Test
  void aFunctionThatFailsGetsTheSameRowsFiveTimesThenTheyAreSkippedAndOthersGoOn() {
    function.failIf(batch -> batch.contains("secret"));
    start(1, function);

    try (Logged log = new Logged()) {
      server.inTransaction(
          "INSERT INTO todo VALUES (1, 'tea', false), (2, 'secret', false), (3, 'salt', false)");

      assertThat(function.awaitChanges(2)).containsExactly(inserted(1, "tea"), inserted(3, "salt"));
      assertThat(function.failed()).hasSize(5).containsOnly("[" + inserted(2, "secret") + "]");
      log.await("They are skipped; their keys are (2).");
    }
  }

  @Test
  void aServerThatStopsAndComesBackIsListenedToAgainAndNothingIsLost() {
    start();
    insert(1, "tea");
    function.awaitChanges(1);

    try (Logged log = new Logged()) {
      server.stop();
      log.await("The listener for function 'OnChange' has stopped");
      server.startAgain();
      insert(2, "bread");

      assertThat(function.awaitChanges(2)).contains(inserted(2, "bread"));
      log.await("The listener for function 'OnChange' is up.");
    }
  }

  @Test
  void theLogMayBeRemovedWhileTheTableDoesNotChange() throws Exception {
    server.execute("CREATE TABLE other (id int PRIMARY KEY)");
    start();
    String before = remembered.read();
    server.execute(
        "INSERT INTO other VALUES (1)", "FLUSH BINARY LOGS", "INSERT INTO other VALUES (2)");
    Await.until(
        "the position moves on to the next file",
        () -> !remembered.read().substring(0, 16).equals(before.substring(0, 16)));
  }

  @Test
  void aLogThatHasBeenRemovedIsSpokenOfAndItGoesOn() throws Exception {
    remembered.write("mysql-bin.999999:4:0");
    server.execute("FLUSH BINARY LOGS", "RESET MASTER");
    server.execute("DROP TABLE todo", "CREATE TABLE todo (id int PRIMARY KEY)");
    try (Logged log = new Logged();
        ChangeStream stream = source("todo").open()) {
      server.execute("INSERT INTO todo VALUES (1)");

      assertThat(only(stream.next(1)).key()).containsExactly("1");
      log.await("SEVERE The server no longer has its binary log from mysql-bin.999999 on");
    }
  }

  @Test
  void aRowWithAnotherKeyIsADeleteAndAnInsert() throws Exception {
    server.execute(
        "CREATE TABLE part (a int, b varchar(10), n int, PRIMARY KEY (b, a))",
        "INSERT INTO part VALUES (1, 'x', 5)");
    try (ChangeStream stream = source("part").open()) {
      server.execute("UPDATE part SET b = 'y'");

      assertThat(stream.next(10))
          .containsExactly(
              new RowChange(Operation.DELETE, List.of("x", "1"), "{\"b\":\"x\",\"a\":1}"),
              new RowChange(Operation.INSERT, List.of("y", "1"), "{\"a\":1,\"b\":\"y\",\"n\":5}"));
    }
  }

  @Test
  void columnsThatAreAddedAndRenamedAreSeenFromThereOn() throws Exception {
    try (ChangeStream stream = source("todo").open()) {
      insert(1, "tea");
      assertThat(only(stream.next(1)).item())
          .isEqualTo("{\"id\":1,\"title\":\"tea\",\"done\":false}");

      server.execute("ALTER TABLE todo ADD COLUMN n int DEFAULT 7", "UPDATE todo SET done = true");
      assertThat(only(stream.next(1)).item())
          .isEqualTo("{\"id\":1,\"title\":\"tea\",\"done\":true,\"n\":7}");

      server.execute("ALTER TABLE todo RENAME COLUMN title TO name", "UPDATE todo SET n = 8");
      assertThat(only(stream.next(1)).item())
          .isEqualTo("{\"id\":1,\"name\":\"tea\",\"done\":true,\"n\":8}");
    }
  }

  @Test
  void rowsFromBeforeAColumnWasAddedAreReadWithTheColumnsOfThen() throws Exception {
    source("todo").open().close();
    insert(1, "tea");
    server.execute(
        "ALTER TABLE todo ADD COLUMN n int DEFAULT 7", "INSERT INTO todo VALUES (2, 'b', true, 1)");

    try (ChangeStream stream = source("todo").open()) {
      assertThat(only(stream.next(1)).item())
          .isEqualTo("{\"id\":1,\"title\":\"tea\",\"done\":false}");
      assertThat(only(stream.next(1)).item())
          .isEqualTo("{\"id\":2,\"title\":\"b\",\"done\":true,\"n\":1}");
    }
  }

  @Test
  void rowsFromBeforeTheKeyWasRenamedAreToldOneByOne() throws Exception {
    // Else rows of the log have the names that columns have now.
    server.execute("SET GLOBAL binlog_row_metadata = 'FULL'");
    try {
      keyRenamed();
    } finally {
      server.execute("SET GLOBAL binlog_row_metadata = DEFAULT");
    }
  }

  private void keyRenamed() throws Exception {
    source("todo").open().close();
    insert(1, "tea");
    insert(2, "milk");
    server.execute(
        "DELETE FROM todo WHERE id = 1",
        "UPDATE todo SET done = true",
        "ALTER TABLE todo RENAME COLUMN id TO number",
        "INSERT INTO todo VALUES (3, 'c', true)");

    try (ChangeStream stream = source("todo").open()) {
      assertThat(List.of(only(stream.next(1)), only(stream.next(1)), only(stream.next(1))))
          .extracting(RowChange::item)
          .containsExactly(
              "{\"id\":1,\"title\":\"tea\",\"done\":false}",
              "{\"id\":2,\"title\":\"milk\",\"done\":false}",
              "{\"id\":1,\"title\":\"tea\",\"done\":false}");
      List<RowChange> rest = List.of(only(stream.next(1)), only(stream.next(1)));
      assertThat(rest)
          .extracting(RowChange::operation)
          .containsExactly(Operation.UPDATE, Operation.INSERT);
      assertThat(rest)
          .extracting(RowChange::item)
          .containsExactly(
              "{\"id\":2,\"title\":\"milk\",\"done\":true}",
              "{\"number\":3,\"title\":\"c\",\"done\":true}");
    }
  }

  @Test
  void rowsOfATableThatHasLostItsKeyMeanwhileAreNotTakenForOne() throws Exception {
    source("todo").open().close();
    insert(1, "tea");
    try (ChangeStream stream = source("todo").open()) {
      assertThat(only(stream.next(1)).key()).containsExactly("1");
      server.execute(
          "ALTER TABLE todo DROP PRIMARY KEY",
          "INSERT INTO todo VALUES (2, 'a', true), (3, 'b', true)");
      List<RowChange> both = new ArrayList<>(stream.next(2));
      if (both.size() < 2) {
        both.addAll(stream.next(1));
      }
      assertThat(both)
          .extracting(RowChange::item)
          .containsExactly(
              "{\"id\":2,\"title\":\"a\",\"done\":true}",
              "{\"id\":3,\"title\":\"b\",\"done\":true}");
    }
  }

  @Test
  void aTableThatIsAlteredBehindACommentIsSeenAsItIs() throws Exception {
    try (ChangeStream stream = source("todo").open()) {
      insert(1, "tea");
      assertThat(only(stream.next(1)).item()).contains("\"title\":\"tea\"");

      server.execute(
          "/* by a tool */ ALTER TABLE todo RENAME COLUMN title TO name",
          "UPDATE todo SET done = true");
      assertThat(only(stream.next(1)).item()).contains("\"name\":\"tea\"");
    }
  }

  @Test
  void partsOfRowsThatASessionHasWrittenAreSpokenOf() throws Exception {
    insert(1, "tea");
    try (ChangeStream stream = source("todo").open();
        Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SET SESSION binlog_row_image = 'MINIMAL'");
      statement.execute("UPDATE todo SET done = true");

      assertThatThrownBy(() -> stream.next(1)).hasMessageContaining("parts of rows");
    }
  }

  @Test
  void rowsWithoutTheirLastColumnsAreSpokenOf() throws Exception {
    server.execute("CREATE TABLE page (id int PRIMARY KEY, body text)");
    try (ChangeStream stream = source("page").open();
        Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SET SESSION binlog_row_image = 'NOBLOB'");
      statement.execute("INSERT INTO page VALUES (1, 'x')");
      statement.execute("DELETE FROM page");

      assertThat(only(stream.next(10)).item()).isEqualTo("{\"id\":1,\"body\":\"x\"}");
      assertThatThrownBy(() -> stream.next(10)).hasMessageContaining("parts of rows");
    }
  }

  @Test
  void columnsThatAreComputedAreThereOrLeftOut() throws Exception {
    server.execute(
        "CREATE TABLE box (id int PRIMARY KEY, twice int AS (id * 2) VIRTUAL, thrice int AS (id * 3) PERSISTENT, n int, last int AS (n + 1) VIRTUAL)");
    try (ChangeStream stream = source("box").open()) {
      server.execute("INSERT INTO box (id, n) VALUES (1, 5)", "UPDATE box SET n = 6");

      JsonObject item = JsonParser.parseString(only(stream.next(1)).item()).getAsJsonObject();
      assertThat(item.get("thrice").getAsInt()).isEqualTo(3);
      assertThat(item.get("n").getAsInt()).isEqualTo(5);
      only(stream.next(1));
    }
  }

  @Test
  void thePositionOfAnotherServerIsNotTakenForOneOfThisOne() throws Exception {
    server.execute("RESET MASTER");
    source("todo").open().close();
    insert(1, "tea");
    try (ChangeStream stream = source("todo").open()) {
      only(stream.next(1));
      stream.confirm();
    }
    try (MariaDbServer other = MariaDbServer.start();
        Logged log = new Logged()) {
      other.execute(
          "CREATE TABLE todo (id int PRIMARY KEY, title text, done boolean)",
          "RESET MASTER",
          "INSERT INTO todo SELECT seq, 'other', false FROM seq_1_to_10000");

      try (ChangeStream stream = source("todo", other.connectionString()).open()) {
        assertThat(only(stream.next(1)).key()).containsExactly("1");
        log.await("or this is another server. Changes may be lost, or come again.");
      }
    }
  }

  @Test
  void aSystemVersionedTable() {
    server.execute("CREATE TABLE versioned (id int PRIMARY KEY) WITH SYSTEM VERSIONING");

    assertThatThrownBy(() -> source("versioned").open())
        .hasMessageContaining("Table 'app.versioned' is system-versioned");
  }

  @Test
  void aTableThatIsDroppedIsNoticed() throws Exception {
    try (ChangeStream stream = source("todo").open()) {
      insert(1, "tea");
      server.execute("DROP TABLE todo");

      assertThat(only(stream.next(1)).key()).containsExactly("1");
      assertThatThrownBy(() -> stream.next(1))
          .hasMessageStartingWith("Could not find table: 'app.todo'.");
    }
  }

  @Test
  void valuesAreJsonByTheirType() throws Exception {
    List<String[]> types =
        List.of(
            new String[] {"boolean", "true", "true"},
            new String[] {"tinyint", "-5", "-5"},
            new String[] {"tinyint unsigned", "250", "250"},
            new String[] {"smallint unsigned", "65000", "65000"},
            new String[] {"mediumint unsigned", "16000000", "16000000"},
            new String[] {"int unsigned", "4000000000", "4000000000"},
            new String[] {"int", "-7", "-7"},
            new String[] {"bigint", "9007199254740993", "9007199254740993"},
            new String[] {"bigint unsigned", "18446744073709551615", "18446744073709551615"},
            new String[] {"decimal(12,3)", "12345.670", "12345.670"},
            new String[] {"float", "0.1", "0.1"},
            new String[] {"double", "1e300", "1.0E300"},
            new String[] {"bit(1)", "b'1'", "true"},
            new String[] {"bit(10)", "b'1000000001'", "513"},
            new String[] {"year", "2026", "2026"},
            new String[] {"date", "'2026-01-31'", "\"2026-01-31\""},
            new String[] {"datetime", "'2026-01-31 09:05:00'", "\"2026-01-31T09:05:00\""},
            new String[] {"datetime(3)", "'2026-01-31 09:05:07.120'", "\"2026-01-31T09:05:07.12\""},
            new String[] {"timestamp", "'2026-01-31 09:05:07'", "\"2026-01-31T09:05:07+00:00\""},
            new String[] {"time", "'09:05:07'", "\"09:05:07\""},
            new String[] {"time", "'-100:05:07'", "\"-100:05:07\""},
            new String[] {"time(2)", "'-00:00:01.25'", "\"-00:00:01.25\""},
            new String[] {"time(6)", "'12:00:00.000001'", "\"12:00:00.000001\""},
            new String[] {"char(5)", "'ab'", "\"ab\""},
            new String[] {"varchar(20)", "'a \"b\" \u00e9'", "\"a \\\"b\\\" \u00e9\""},
            new String[] {"varchar(20) character set latin1", "'\u00e9'", "\"\u00e9\""},
            new String[] {"longtext", "'x'", "\"x\""},
            new String[] {"json", "'{\"a\": 1}'", "\"{\\\"a\\\": 1}\""},
            new String[] {"binary(4)", "x'00ff00'", "\"AP8AAA==\""},
            new String[] {"varbinary(4)", "x'00ff10'", "\"AP8Q\""},
            new String[] {"blob", "x'00ff10'", "\"AP8Q\""},
            new String[] {"enum('sad','ha''ppy')", "'ha''ppy'", "\"ha'ppy\""},
            new String[] {"set('a','b','c')", "'a,c'", "\"a,c\""},
            new String[] {
              "uuid",
              "'6ba7b810-9dad-41d1-80b4-00c04fd430c8'",
              "\"6ba7b810-9dad-41d1-80b4-00c04fd430c8\""
            },
            new String[] {
              "uuid",
              "'0190c6a0-0000-7000-8000-000000000001'",
              "\"0190c6a0-0000-7000-8000-000000000001\""
            },
            new String[] {
              "uuid",
              "'1ec9414c-232a-6b00-b3c8-9e6bdeced846'",
              "\"1ec9414c-232a-6b00-b3c8-9e6bdeced846\""
            },
            new String[] {
              "uuid",
              "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'",
              "\"6ba7b810-9dad-11d1-80b4-00c04fd430c8\""
            },
            new String[] {"year", "0", "0"},
            new String[] {"date", "'0000-00-00'", "null"},
            new String[] {"datetime", "'0000-00-00 00:00:00'", "null"},
            new String[] {"timestamp", "'0000-00-00 00:00:00'", "null"},
            new String[] {"timestamp(3)", "'0000-00-00 00:00:00'", "null"},
            new String[] {"timestamp(3)", "'1970-01-01 00:00:01'", "\"1970-01-01T00:00:01+00:00\""},
            new String[] {"inet6", "'2001:db8::1'", "\"2001:db8:0:0:0:0:0:1\""},
            new String[] {"inet4", "'10.0.0.1'", "\"10.0.0.1\""},
            new String[] {"int", "NULL", "null"});
    StringBuilder columns = new StringBuilder("id int PRIMARY KEY");
    StringBuilder values = new StringBuilder("1");
    for (int i = 0; i < types.size(); i++) {
      columns.append(", c").append(i).append(' ').append(types.get(i)[0]).append(" NULL");
      values.append(", ").append(types.get(i)[1]);
    }
    server.execute("CREATE TABLE all_types (%s)".formatted(columns));
    try (ChangeStream stream = source("all_types").open()) {
      server.execute(
          "SET time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES'",
          "INSERT INTO all_types VALUES (%s)".formatted(values));

      JsonObject item = JsonParser.parseString(only(stream.next(1)).item()).getAsJsonObject();
      for (int i = 0; i < types.size(); i++) {
        assertThat(item.get("c" + i).toString()).as(types.get(i)[0]).isEqualTo(types.get(i)[2]);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "todo, '[dbo].[ToDo]'",
    "todo, ToDo",
    "todo, app.todo",
    "todo, '`app`.`todo`'",
    "'to.do', '[app].[to.do]'",
  })
  void tablesAreFoundByTheNamesThatAppsHaveForThem(String real, String written) throws Exception {
    server.execute(
        "CREATE TABLE IF NOT EXISTS `%s` (id int PRIMARY KEY, a int, b int)".formatted(real));
    try (ChangeStream stream = source(written).open()) {
      server.execute("INSERT INTO `%s` VALUES (1, NULL, NULL)".formatted(real));

      assertThat(stream.next(10)).hasSize(1);
    }
  }

  // ---- what is missing ------------------------------------------------------------------------

  @Test
  void aTableThatDoesNotExist() {
    assertThatThrownBy(() -> source("nothing").open())
        .hasMessageContaining("Could not find table: 'nothing'.");
  }

  @Test
  void aTableWithoutPrimaryKey() {
    server.execute("CREATE TABLE plain (id int)");

    assertThatThrownBy(() -> source("plain").open())
        .hasMessageContaining("Could not find primary key created in table: 'app.plain'.");
  }

  @Test
  void aWrongPassword() {
    assertThatThrownBy(
            () ->
                source("todo", server.connectionString().replace(MariaDbServer.PASSWORD, "secret"))
                    .open())
        .hasMessageContaining("The database cannot be used")
        .hasMessageNotContaining("secret");
  }

  @Test
  void aUserWhoMayNotReadTheLog() {
    server.execute(
        "CREATE OR REPLACE USER reader@'%' IDENTIFIED BY 'reader'",
        "GRANT SELECT ON app.* TO reader@'%'");
    String connection = "mysql://reader:reader@127.0.0.1:%d/app".formatted(server.port());

    assertThatThrownBy(() -> source("todo", connection).open())
        .hasMessageContaining("GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.*");

    server.execute("GRANT BINLOG MONITOR ON *.* TO reader@'%'");
    assertThatThrownBy(() -> source("todo", connection).open())
        .hasMessageContaining("GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.*");
  }

  @ParameterizedTest
  @CsvSource({
    "binlog_format, MIXED, ROW, binlog_format is MIXED",
    "binlog_row_image, MINIMAL, FULL, binlog_row_image is MINIMAL",
    "log_bin_compress, ON, OFF, SET GLOBAL log_bin_compress = OFF"
  })
  void aLogThatSaysTooLittle(String variable, String value, String usual, String message) {
    server.execute("SET GLOBAL %s = %s".formatted(variable, value));
    try {
      assertThatThrownBy(() -> source("todo").open()).hasMessageContaining(message);
    } finally {
      server.execute("SET GLOBAL %s = %s".formatted(variable, usual));
    }
  }

  @Test
  void noLog() {
    try (MariaDbServer other = MariaDbServer.start("skip-log-bin")) {
      other.execute("CREATE TABLE todo (id int PRIMARY KEY)");

      assertThatThrownBy(() -> source("todo", other.connectionString()).open())
          .hasMessageContaining("Put log_bin=mysql-bin");
    }
  }
}
