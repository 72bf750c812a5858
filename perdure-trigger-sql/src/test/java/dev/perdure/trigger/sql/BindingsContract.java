package dev.perdure.trigger.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.Direction;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.functions.trigger.Value;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What inputs and outputs do with every database. */
interface BindingsContract {
  /** What an app has in its settings. */
  String connectionString();

  /** Runs statements. */
  void execute(String... statements);

  /** The type for a point in time. */
  String timeType();

  /** The type for bytes. */
  String binaryType();

  /** The type of a key that the database makes. */
  String identity();

  @BeforeEach
  default void makeTables() {
    execute(
        "CREATE TABLE item (id int PRIMARY KEY, name varchar(50), price decimal(8,2), sold boolean, at %s, data %s)"
            .formatted(timeType(), binaryType()),
        "CREATE TABLE note (id %s PRIMARY KEY, body varchar(50))".formatted(identity()),
        "CREATE TABLE pair (a int, b int, PRIMARY KEY (a, b))",
        "CREATE TABLE plain (a int)");
  }

  private TriggerEnvironment environment() {
    return new TriggerEnvironment(
        Settings.of(Map.of("Db", connectionString(), "HOME", "elsewhere", "TABLE", "item")),
        HostSettings.DEFAULTS,
        InstantSource.system(),
        null);
  }

  private static FunctionDefinition definition(Binding binding) {
    return new FunctionDefinition("F", "app.F", "f", List.of(binding), null);
  }

  /** What an input gives. */
  default String read(String command, String parameters, Map<String, Value> metadata)
      throws Exception {
    Map<String, Object> attributes = new HashMap<>();
    attributes.put("commandText", command);
    attributes.put("connectionStringSetting", "Db");
    if (parameters != null) {
      attributes.put("parameters", parameters);
    }
    Binding binding = new Binding("sql", Direction.IN, "rows", attributes);
    Value value =
        new SqlInputType()
            .create(definition(binding), binding, environment())
            .read(new Invocation(Value.NOTHING, metadata, "test", null));
    return ((Value.Json) value).json();
  }

  /** What an input gives. */
  default String read(String command) throws Exception {
    return read(command, null, Map.of());
  }

  /** Writes to an output. */
  default void write(String table, Object value) throws Exception {
    Binding binding =
        new Binding(
            "sql",
            Direction.OUT,
            "out",
            Map.of("commandText", table, "connectionStringSetting", "Db"));
    new SqlOutputType()
        .create(definition(binding), binding, environment())
        .write(value, Invocation.of(Value.NOTHING, "test"));
  }

  /** An item that a function gives. */
  record Item(int id, String name, Double price, Boolean sold) {}

  @Test
  default void aQueryGivesAnArrayOfRowsWithValuesByTheirTypes() throws Exception {
    execute(
        "INSERT INTO item (id, name, price, sold, at) VALUES (1, 'a \"b\"', 1.50, true, '2026-01-31 09:05:07.123')",
        "INSERT INTO item (id) VALUES (2)");

    assertThat(read("select id, name, price, sold, at, data from item order by id"))
        .isEqualTo(
            "[{\"id\":1,\"name\":\"a \\\"b\\\"\",\"price\":1.50,\"sold\":true,\"at\":\"2026-01-31T09:05:07.123Z\",\"data\":null},"
                + "{\"id\":2,\"name\":null,\"price\":null,\"sold\":null,\"at\":null,\"data\":null}]");
  }

  @Test
  default void aQueryThatFindsNothingGivesAnEmptyArray() throws Exception {
    assertThat(read("select * from item")).isEqualTo("[]");
  }

  @Test
  default void parametersAreValuesAndNeverPartOfTheStatement() throws Exception {
    execute("INSERT INTO item (id, name) VALUES (1, 'x'), (2, 'y')");

    assertThat(
            read(
                "select id from item where name = @name and id = @id",
                "@name={name},@id={id}",
                Map.of("name", new Value.Text("y"), "id", new Value.Text("2"))))
        .isEqualTo("[{\"id\":2}]");
    assertThat(
            read(
                "select id from item where name = @name",
                "@name={name}",
                Map.of("name", new Value.Text("' or '1'='1"))))
        .isEqualTo("[]");
  }

  @Test
  default void theWordNullIsNull() throws Exception {
    execute("INSERT INTO item (id, name) VALUES (1, 'null'), (2, NULL)");

    assertThat(
            read(
                "select id from item where coalesce(name, 'none') = coalesce(@name, 'none')",
                "@name=Null",
                Map.of()))
        .isEqualTo("[{\"id\":2}]");
  }

  @Test
  default void aTextInAQueryIsNoSetting() throws Exception {
    execute("INSERT INTO item (id, name) VALUES (1, 'at home today'), (2, 'elsewhere')");

    assertThat(read("select id from %TABLE% where lower(name) like '%home%'"))
        .isEqualTo("[{\"id\":1}]");
  }

  /** As Gson makes them of JSON, where there is no type that says otherwise. */
  @Test
  default void wholeNumbersMayBeDoubles() throws Exception {
    write("item", List.of(Map.of("id", 1.0, "price", 2.0), Map.of("id", 2e0, "price", 2.5)));
    write("item", "[{\"id\":3.00,\"price\":1},{\"id\":1e1,\"price\":2}]");
    write("item", List.of(Map.of("id", 3, "price", 1), Map.of("id", 3.0, "price", 9)));

    assertThat(read("select id, price from item order by id"))
        .isEqualTo(
            "[{\"id\":1,\"price\":2.00},{\"id\":2,\"price\":2.50},{\"id\":3,\"price\":9.00},{\"id\":10,\"price\":2.00}]");
  }

  @Test
  default void aValueThatIsMissingIsNull() throws Exception {
    execute("INSERT INTO item (id, name) VALUES (1, 'null'), (2, NULL)");

    assertThat(
            read(
                "select id from item where coalesce(name, 'none') = coalesce(@name, 'none')",
                "@name={name}",
                Map.of("name", Value.NOTHING)))
        .isEqualTo("[{\"id\":2}]");
  }

  @Test
  default void aQueryThatIsWrongFailsTheRunAndSaysWhy() {
    assertThatThrownBy(() -> read("select nothing from item"))
        .hasMessageStartingWith("The query of the input 'rows' has failed: ")
        .hasMessageContaining("nothing");
  }

  @Test
  default void anObjectIsInsertedAndWithTheSameKeyUpdated() throws Exception {
    write("item", new Item(1, "tea", 2.5, true));
    write("item", new Item(1, "green tea", 3.0, false));

    assertThat(read("select id, name, price, sold from item"))
        .isEqualTo("[{\"id\":1,\"name\":\"green tea\",\"price\":3.00,\"sold\":false}]");
  }

  @Test
  default void columnsThatAreNotGivenStayAsTheyAre() throws Exception {
    execute("INSERT INTO item (id, name, price) VALUES (1, 'tea', 2.5)");

    write("[dbo].[Item]", "{\"id\":1,\"name\":\"green tea\"}");

    assertThat(read("select name, price from item"))
        .isEqualTo("[{\"name\":\"green tea\",\"price\":2.50}]");
  }

  @Test
  default void eachObjectGivesItsOwnColumns() throws Exception {
    execute("INSERT INTO item (id, name, price) VALUES (1, 'tea', 1), (2, 'milk', 2)");

    write(
        "item",
        "[{\"id\":1,\"price\":3},{\"name\":\"oat milk\",\"id\":2},{\"price\":4,\"id\":3},{\"id\":4,\"name\":null}]");
    write("item", List.of(new Item(5, null, 5.0, true), new Item(6, "rice", null, true)));

    assertThat(read("select id, name, price from item order by id"))
        .isEqualTo(
            "[{\"id\":1,\"name\":\"tea\",\"price\":3.00},{\"id\":2,\"name\":\"oat milk\",\"price\":2.00},"
                + "{\"id\":3,\"name\":null,\"price\":4.00},{\"id\":4,\"name\":null,\"price\":null},"
                + "{\"id\":5,\"name\":null,\"price\":5.00},{\"id\":6,\"name\":\"rice\",\"price\":null}]");
    assertThatThrownBy(() -> write("item", "[{\"id\":7},{\"id\":8,\"more\":1}]"))
        .hasMessageContaining("more");
    assertThat(read("select id from item where id > 6")).isEqualTo("[]");
  }

  @Test
  default void rowsAreWrittenInTheirOrder() throws Exception {
    execute("CREATE TABLE part (id int PRIMARY KEY, whole int REFERENCES part (id))");

    write(
        "part",
        "[{\"id\":1},{\"id\":2,\"whole\":1},{\"id\":3},{\"id\":4,\"whole\":3},{\"id\":5,\"whole\":4}]");

    assertThat(read("select id from part where whole is not null order by id"))
        .isEqualTo("[{\"id\":2},{\"id\":4},{\"id\":5}]");
  }

  @Test
  default void aRowThatComesAgainIsWrittenAgainInItsPlace() throws Exception {
    execute("CREATE TABLE part (id int PRIMARY KEY, n int, whole int REFERENCES part (id))");

    write("part", "[{\"id\":1,\"n\":7},{\"id\":2,\"n\":8},{\"id\":1,\"whole\":2}]");
    write("part", "[{\"id\":3,\"whole\":null},{\"id\":4,\"whole\":null},{\"id\":3,\"whole\":4}]");

    assertThat(read("select id, n, whole from part order by id"))
        .isEqualTo(
            "[{\"id\":1,\"n\":7,\"whole\":2},{\"id\":2,\"n\":8,\"whole\":null},"
                + "{\"id\":3,\"n\":null,\"whole\":4},{\"id\":4,\"n\":null,\"whole\":null}]");
  }

  @Test
  default void listsArraysAndTextsAreWrittenAndTheLastOfAKeyCounts() throws Exception {
    write("item", List.of(new Item(1, "a", 1.0, true), new Item(2, "b", 1.0, true)));
    write("item", new Item[] {new Item(3, "c", 1.0, true)});
    write("item", "[{\"id\":4,\"name\":\"d\"},{\"id\":4,\"name\":\"e\"}]");
    write("item", List.of());

    assertThat(read("select id, name from item order by id"))
        .isEqualTo(
            "[{\"id\":1,\"name\":\"a\"},{\"id\":2,\"name\":\"b\"},{\"id\":3,\"name\":\"c\"},{\"id\":4,\"name\":\"e\"}]");
  }

  @Test
  default void textsBecomeWhatTheColumnsAre() throws Exception {
    write(
        "item",
        "{\"id\":1,\"price\":\"7.25\",\"at\":\"2026-01-31T09:05:07.123Z\",\"data\":\"AP8Q\"}");

    assertThat(read("select price, at, data from item"))
        .isEqualTo("[{\"price\":7.25,\"at\":\"2026-01-31T09:05:07.123Z\",\"data\":\"AP8Q\"}]");
  }

  @Test
  default void aTableOfKeysOnlyTakesTheSameRowTwice() throws Exception {
    write("pair", "{\"a\":1,\"b\":2}");
    write("pair", "{\"b\":2,\"a\":1}");

    assertThat(read("select a, b from pair")).isEqualTo("[{\"a\":1,\"b\":2}]");
  }

  @Test
  default void aKeyThatTheDatabaseMakesMayBeMissing() throws Exception {
    write("note", "[{\"body\":\"x\"},{\"body\":\"y\"}]");

    assertThat(read("select body from note order by id"))
        .isEqualTo("[{\"body\":\"x\"},{\"body\":\"y\"}]");
  }

  @Test
  default void aKeyThatIsNullIsNotGiven() throws Exception {
    write("note", "[{\"id\":null,\"body\":\"x\"},{\"body\":\"y\"}]");

    assertThat(read("select body from note order by id"))
        .isEqualTo("[{\"body\":\"x\"},{\"body\":\"y\"}]");
    assertThatThrownBy(() -> write("item", "{\"id\":null,\"name\":\"x\"}"))
        .hasMessageContaining("The primary key of the table")
        .hasMessageContaining("is missing: id");
  }

  @Test
  default void whatTheDatabaseComputesIsLeftOut() throws Exception {
    execute(
        "CREATE TABLE square (id int PRIMARY KEY, a int, area int GENERATED ALWAYS AS (a * a) STORED)");
    write("square", "{\"id\":1,\"a\":2}");

    write("square", read("select * from square").replace("2", "3"));

    assertThat(read("select * from square")).isEqualTo("[{\"id\":1,\"a\":3,\"area\":9}]");
  }

  @Test
  default void anObjectWithNothingToWriteFailsTheRun() {
    assertThatThrownBy(() -> write("note", "[{\"body\":\"x\"},{}]"))
        .hasMessageContaining("The output 'out' got an object without a value");
  }

  @Test
  default void thousandsOfRowsAreWritten() throws Exception {
    StringBuilder items = new StringBuilder("[");
    for (int i = 0; i < 2500; i++) {
      items.append(i == 0 ? "" : ",").append("{\"id\":%d,\"name\":\"n\"}".formatted(i));
    }
    write("item", items.append("]").toString());

    assertThat(read("select count(*) as n from item")).isEqualTo("[{\"n\":2500}]");
  }

  @Test
  default void whatIsWrongIsSaidAndNothingIsWritten() throws Exception {
    assertThatThrownBy(() -> write("item", "{\"id\":1,\"Name\":\"x\",\"more\":1}"))
        .hasMessageContaining("do not exist in the table")
        .hasMessageContaining("Name, more");
    assertThatThrownBy(() -> write("item", "{\"name\":\"x\"}"))
        .hasMessageContaining("The primary key of the table")
        .hasMessageContaining("is missing: id");
    assertThatThrownBy(() -> write("plain", "{\"a\":1}"))
        .hasMessageContaining("Could not find primary key");
    assertThatThrownBy(() -> write("nowhere", "{\"a\":1}"))
        .hasMessageContaining("Could not find table: 'nowhere'.");
    assertThatThrownBy(() -> write("item", "{\"secret"))
        .hasMessageContaining("not JSON")
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> write("item", "[1]")).hasMessageContaining("no object");
    assertThatThrownBy(() -> write("item", "[{\"id\":1},{\"id\":\"secret\"}]"))
        .hasMessageContaining("The output 'out' could not be written, and nothing has been")
        .hasMessageNotContaining("secret");

    assertThat(read("select * from item")).isEqualTo("[]");
  }
}
