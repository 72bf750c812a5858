package dev.perdure.trigger.sql;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import dev.perdure.functions.settings.Settings;
import dev.perdure.trigger.sql.change.ChangeStream;
import dev.perdure.trigger.sql.change.Operation;
import dev.perdure.trigger.sql.change.RowChange;
import dev.perdure.trigger.sql.connect.Database;
import dev.perdure.trigger.sql.connect.TableName;
import dev.perdure.trigger.sql.postgres.PgChangeSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What functions see of the rows of a real PostgreSQL server. */
class PostgresRowsTest extends PostgresTests {
  /** Longer than what is kept in the row itself, also when compressed. */
  private static final String LONG =
      "(SELECT string_agg(md5(n::text), '') FROM generate_series(1, 400) n)";

  private static RowChange only(List<RowChange> changes) {
    assertThat(changes).hasSize(1);
    return changes.getFirst();
  }

  private static String member(String item, String name) {
    return JsonParser.parseString(item).getAsJsonObject().get(name).getAsString();
  }

  /**
   * A value of a type.
   *
   * @param value as it is written in a statement; null for NULL
   * @param json what becomes of it
   */
  private record Sample(String type, String value, String json) {
    String literal() {
      return value == null ? "NULL" : "'" + value.replace("'", "''") + "'";
    }
  }

  private static final List<Sample> SAMPLES =
      List.of(
          new Sample("bool", "true", "true"),
          new Sample("int2", "-7", "-7"),
          new Sample("int4", "2000000000", "2000000000"),
          new Sample("int8", "9007199254740993", "9007199254740993"),
          new Sample("numeric(12,3)", "12345.670", "12345.670"),
          new Sample("numeric", "NaN", "\"NaN\""),
          new Sample("float4", "0.1", "0.1"),
          new Sample("float8", "1e300", "1e+300"),
          new Sample("float8", "-Infinity", "\"-Infinity\""),
          new Sample("money", "-1234.5", "-1234.50"),
          new Sample("oid", "4000000000", "4000000000"),
          new Sample("text", "a \"b\" <c>\u00e9\\", "\"a \\\"b\\\" <c>\u00e9\\\\\""),
          new Sample("char(5)", "ab", "\"ab   \""),
          new Sample("varchar", "x", "\"x\""),
          new Sample("bytea", "\\x00ff10", "\"AP8Q\""),
          new Sample("date", "2026-01-31", "\"2026-01-31\""),
          new Sample("timestamp", "2026-01-31 09:05:07.123", "\"2026-01-31T09:05:07.123\""),
          new Sample("timestamptz", "2026-01-31 09:05:07.5+02", "\"2026-01-31T07:05:07.5+00:00\""),
          new Sample("timestamptz", "infinity", "\"infinity\""),
          new Sample("time", "09:05:07", "\"09:05:07\""),
          new Sample("timetz", "09:05:07+02", "\"09:05:07+02:00\""),
          new Sample("timetz", "09:05:07+05:30", "\"09:05:07+05:30\""),
          new Sample("interval", "1 day 2 hours", "\"P1DT2H\""),
          new Sample(
              "uuid",
              "0190c6a0-0000-7000-8000-000000000001",
              "\"0190c6a0-0000-7000-8000-000000000001\""),
          new Sample("jsonb", "{\"a\": [1, 2]}", "\"{\\\"a\\\": [1, 2]}\""),
          new Sample("int4[]", "{1,2}", "\"{1,2}\""),
          new Sample("inet", "10.0.0.1", "\"10.0.0.1\""),
          new Sample("price", "12.50", "12.50"),
          new Sample("mood", "happy", "\"happy\""),
          new Sample("text", null, "null"));

  @Test
  void valuesAreJsonByTheirTypeInTheLogAndWhenTheyAreReadFromTheTable() throws Exception {
    StringBuilder columns = new StringBuilder("id int PRIMARY KEY");
    StringBuilder values = new StringBuilder("1");
    StringBuilder json = new StringBuilder("{\"id\":1");
    for (int i = 0; i < SAMPLES.size(); i++) {
      columns.append(", c").append(i).append(' ').append(SAMPLES.get(i).type());
      values.append(", ").append(SAMPLES.get(i).literal());
      json.append(",\"c").append(i).append("\":").append(SAMPLES.get(i).json());
    }
    server.execute(
        "CREATE DOMAIN price AS numeric(8,2)",
        "CREATE TYPE mood AS ENUM ('happy', 'sad')",
        "CREATE TABLE logged (%s)".formatted(columns),
        "CREATE TABLE read (%s, twice int GENERATED ALWAYS AS (id * 2) STORED)".formatted(columns));
    try (ChangeStream logged = source("logged").open();
        ChangeStream read = source("read").open()) {
      server.execute(
          "INSERT INTO logged VALUES (%s)".formatted(values),
          "INSERT INTO read VALUES (%s)".formatted(values));

      assertThat(only(logged.next(10)).item()).isEqualTo(json + "}");
      assertThat(only(read.next(10)).item()).isEqualTo(json + ",\"twice\":2}");
    }
  }

  /** A yen has no cents, and the server keeps whole numbers of the smallest unit. */
  @ParameterizedTest
  @CsvSource({"C,-1234567.00", "de_DE.UTF-8,-1234567.00", "ja_JP.UTF-8,-1234567"})
  void amountsOfMoneyAreNumbersWhateverTheLocaleOfTheUser(String locale, String amount)
      throws Exception {
    Assumptions.assumeTrue(
        locale.equals("C") || server.addLocale(locale),
        "The locale cannot be made: the package 'locales' is not installed, and cannot be.");
    server.execute("ALTER ROLE CURRENT_USER SET lc_monetary = '%s'".formatted(locale));
    try {
      server.execute(
          "CREATE TABLE logged (id int PRIMARY KEY, m money)",
          "CREATE TABLE read (id int, m money PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED)");
      try (ChangeStream logged = source("logged").open();
          ChangeStream read = source("read").open()) {
        server.execute(
            "INSERT INTO logged VALUES (1, (-1234567)::money)",
            "INSERT INTO read VALUES (1, (-1234567)::money)");

        assertThat(only(logged.next(10)).item()).isEqualTo("{\"id\":1,\"m\":%s}".formatted(amount));
        assertThat(only(read.next(10)).item())
            .isEqualTo("{\"id\":1,\"m\":%s,\"twice\":2}".formatted(amount));
      }
    } finally {
      server.execute("ALTER ROLE CURRENT_USER RESET lc_monetary");
    }
  }

  @Test
  void valuesThatAreStoredOutOfLineAreThereAlsoWhenAnotherColumnHasChanged() throws Exception {
    server.execute(
        "CREATE TABLE doc (id int PRIMARY KEY, body text, n int)",
        "INSERT INTO doc VALUES (1, %s, 1)".formatted(LONG));
    try (ChangeStream stream = source("doc").open()) {
      server.execute("UPDATE doc SET n = 2");

      String item = only(stream.next(10)).item();
      assertThat(member(item, "n")).isEqualTo("2");
      assertThat(member(item, "body")).hasSize(400 * 32);
    }
  }

  @Test
  void valuesThatAreStoredOutOfLineComeFromTheLogIfItHasWholeOldRows() throws Exception {
    server.execute(
        "CREATE TABLE doc (id int PRIMARY KEY, body text, n int)",
        "ALTER TABLE doc REPLICA IDENTITY FULL",
        "INSERT INTO doc VALUES (1, %s, 1)".formatted(LONG));
    try (ChangeStream stream = source("doc").open()) {
      server.execute("UPDATE doc SET n = 2", "DELETE FROM doc");

      List<RowChange> first = stream.next(1);
      List<RowChange> second = stream.next(1);
      assertThat(member(only(first).item(), "body")).hasSize(400 * 32);
      assertThat(only(second).operation()).isEqualTo(Operation.DELETE);
      assertThat(only(second).item()).isEqualTo("{\"id\":1}");
    }
  }

  @Test
  void anIncompleteUpdateOfARowThatHasGoneGivesWayToTheDelete() throws Exception {
    server.execute(
        "CREATE TABLE doc (id int PRIMARY KEY, body text, n int)",
        "INSERT INTO doc VALUES (1, %s, 1)".formatted(LONG));
    try (ChangeStream stream = source("doc").open()) {
      server.execute("UPDATE doc SET n = 2", "DELETE FROM doc");

      assertThat(only(stream.next(1)).operation()).isEqualTo(Operation.DELETE);
    }
  }

  @Test
  void aRowWithAnotherKeyIsADeleteAndAnInsert() throws Exception {
    server.execute(
        "CREATE TABLE part (a int, b text, n int, PRIMARY KEY (b, a))",
        "INSERT INTO part VALUES (1, 'x', 5)");
    try (ChangeStream stream = source("part").open()) {
      inTransaction("UPDATE part SET b = 'y'", "UPDATE part SET n = 6");

      assertThat(stream.next(10))
          .containsExactly(
              new RowChange(Operation.DELETE, List.of("x", "1"), "{\"a\":1,\"b\":\"x\"}"),
              new RowChange(Operation.INSERT, List.of("y", "1"), "{\"a\":1,\"b\":\"y\",\"n\":6}"));
    }
  }

  @Test
  void columnsThatAreAddedRenamedAndDroppedAreSeenFromThereOn() throws Exception {
    server.execute("CREATE TABLE t (id int PRIMARY KEY, a text)");
    try (ChangeStream stream = source("t").open()) {
      inTransaction(
          "INSERT INTO t VALUES (1, 'x')",
          "ALTER TABLE t ADD COLUMN b int DEFAULT 7",
          "INSERT INTO t VALUES (2, 'y')");
      server.execute(
          "ALTER TABLE t RENAME COLUMN a TO c",
          "INSERT INTO t VALUES (3, 'z')",
          "ALTER TABLE t DROP COLUMN c",
          "ALTER TABLE t RENAME TO other",
          "INSERT INTO other VALUES (4)");

      assertThat(List.of(stream.next(1), stream.next(1), stream.next(1), stream.next(1)))
          .extracting(changes -> only(changes).item())
          .containsExactly(
              "{\"id\":1,\"a\":\"x\"}",
              "{\"id\":2,\"a\":\"y\",\"b\":7}",
              "{\"id\":3,\"c\":\"z\",\"b\":7}",
              "{\"id\":4,\"b\":7}");
    }
  }

  @Test
  void rowsOfATableThatHasLostItsKeyMeanwhileAreNotTakenForOne() throws Exception {
    server.execute("CREATE TABLE t (id int PRIMARY KEY, a text)");
    try (ChangeStream stream = source("t").open()) {
      server.execute("ALTER TABLE t DROP CONSTRAINT t_pkey");
      inTransaction("INSERT INTO t VALUES (1, 'x')", "INSERT INTO t VALUES (2, 'y')");

      assertThat(stream.next(10))
          .extracting(RowChange::item)
          .containsExactly("{\"id\":1,\"a\":\"x\"}", "{\"id\":2,\"a\":\"y\"}");
    }
  }

  @Test
  void rowsWhoseKeyInTheLogIsNotThePrimaryOneAreToldApartByIt() throws Exception {
    server.execute(
        "CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL)", "CREATE UNIQUE INDEX by_a ON t (a)");
    try (ChangeStream stream = source("t").open()) {
      server.execute("ALTER TABLE t REPLICA IDENTITY USING INDEX by_a");
      inTransaction("INSERT INTO t VALUES (1, 10)", "INSERT INTO t VALUES (2, 20)");
      assertThat(stream.next(10)).hasSize(2);
      inTransaction("DELETE FROM t WHERE id = 1", "DELETE FROM t WHERE id = 2");

      assertThat(stream.next(10))
          .extracting(RowChange::item)
          .containsExactly("{\"a\":10}", "{\"a\":20}");
    }
  }

  /** What the server computes is read again, by the name that the key has then. */
  @Test
  void aKeyThatIsRenamedWhileRowsAreUnreadIsFoundByItsNewName() throws Exception {
    server.execute(
        "CREATE TABLE t (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED)");
    try (ChangeStream stream = source("t").open()) {
      server.execute("INSERT INTO t VALUES (1)", "ALTER TABLE t RENAME COLUMN id TO number");

      assertThat(only(stream.next(1)).item()).isEqualTo("{\"number\":1,\"twice\":2}");
    }
  }

  @Test
  void aColumnThatTheServerComputesMayBeAddedLater() throws Exception {
    server.execute("CREATE TABLE t (id int PRIMARY KEY)");
    try (ChangeStream stream = source("t").open()) {
      server.execute("INSERT INTO t VALUES (1)");
      assertThat(only(stream.next(1)).item()).isEqualTo("{\"id\":1}");
      stream.confirm();

      server.execute(
          "ALTER TABLE t ADD COLUMN twice int GENERATED ALWAYS AS (id * 2) STORED",
          "INSERT INTO t VALUES (2)");
      assertThat(only(stream.next(1)).item()).isEqualTo("{\"id\":2,\"twice\":4}");
    }
  }

  @Test
  void partitionsAreSeenAsTheirTable() throws Exception {
    server.execute(
        "CREATE TABLE log (id int PRIMARY KEY) PARTITION BY RANGE (id)",
        "CREATE TABLE log1 PARTITION OF log FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE log2 PARTITION OF log FOR VALUES FROM (10) TO (20)");
    try (ChangeStream stream = source("log").open()) {
      inTransaction("INSERT INTO log VALUES (1)", "INSERT INTO log VALUES (11)");

      assertThat(stream.next(10))
          .extracting(RowChange::item)
          .containsExactly("{\"id\":1}", "{\"id\":11}");
    }
  }

  @Test
  void aTableThatIsEmptiedIsSpokenOf() throws Exception {
    server.execute("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    try (ChangeStream stream = source("t").open();
        Logged log = new Logged()) {
      server.execute("TRUNCATE t", "INSERT INTO t VALUES (2)");

      assertThat(only(stream.next(10)).item()).isEqualTo("{\"id\":2}");
      log.await("Table 'public.t' has been emptied with TRUNCATE");
    }
  }

  @Test
  void anotherTableThatChangesDoesNotHoldTheLog() throws Exception {
    server.execute("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE busy (id int)");
    PgChangeSource source =
        new PgChangeSource(
            Database.of("Db", Settings.of(Map.of("Db", server.connectionString()))),
            TableName.parse("t"),
            "",
            "OnChange",
            new PgChangeSource.Intervals(Duration.ofMillis(100), Duration.ofSeconds(10)));
    try (ChangeStream stream = source.open()) {
      Thread reader = Thread.ofVirtual().start(() -> readForEver(stream));

      server.execute("INSERT INTO busy SELECT generate_series(1, 1000)");
      String written = server.query("SELECT pg_current_wal_lsn()");
      server.execute("INSERT INTO busy VALUES (1)");

      Await.until(
          "the slot moves on",
          () ->
              server
                  .query(
                      "SELECT confirmed_flush_lsn >= '%s' FROM pg_replication_slots"
                          .formatted(written))
                  .equals("t"));
      reader.interrupt();
      reader.join();
    }
  }

  private static void readForEver(ChangeStream stream) {
    try {
      while (true) {
        stream.next(10);
        stream.confirm();
      }
    } catch (Exception e) {
      // It is interrupted at the end of the test.
    }
  }

  @ParameterizedTest
  @CsvSource({
    "todo, '[dbo].[ToDo]'",
    "todo, dbo.ToDo",
    "todo, ToDo",
    "todo, public.todo",
    "todo, '\"public\".\"todo\"'",
    "ToDo, ToDo",
    "ToDo, '[dbo].[ToDo]'",
    "ToDo, '\"ToDo\"'",
    "'to.do', '[public].[to.do]'",
    "'to\"do', '\"to\"\"do\"'"
  })
  void tablesAreFoundByTheNamesThatAppsHaveForThem(String real, String written) throws Exception {
    server.execute(
        "CREATE TABLE \"%s\" (id int PRIMARY KEY)".formatted(real.replace("\"", "\"\"")));
    try (ChangeStream stream = source(written).open()) {
      server.execute("INSERT INTO \"%s\" VALUES (1)".formatted(real.replace("\"", "\"\"")));

      assertThat(stream.next(10)).hasSize(1);
    }
  }

  @Test
  void theTableThatIsWrittenTheSameIsMeantIfThereAreTwo() throws Exception {
    server.execute(
        "CREATE TABLE todo (id int PRIMARY KEY)", "CREATE TABLE \"ToDo\" (id int PRIMARY KEY)");
    try (ChangeStream stream = source("[dbo].[ToDo]").open()) {
      server.execute("INSERT INTO todo VALUES (1)", "INSERT INTO \"ToDo\" VALUES (2)");

      assertThat(only(stream.next(10)).key()).containsExactly("2");
    }
  }
}
