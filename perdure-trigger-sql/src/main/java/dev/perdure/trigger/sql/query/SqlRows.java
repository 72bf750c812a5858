package dev.perdure.trigger.sql.query;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.settings.MissingSettingException;
import dev.perdure.functions.trigger.InvalidTriggerException;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.OutputType;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.trigger.sql.connect.Database;
import dev.perdure.trigger.sql.connect.DatabaseKind;
import dev.perdure.trigger.sql.connect.SqlFailures;
import dev.perdure.trigger.sql.connect.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * An output that writes rows: one object, or an array of objects. Those of one run are in one
 * transaction. Safe from any thread.
 */
public final class SqlRows implements OutputType.Output {
  private static final int BATCH = 1000;

  /** Types of SQL Server that cannot be compared, and so not merged. */
  private static final Set<String> UNSUPPORTED = Set.of("text", "ntext", "image");

  private static final Gson GSON = new Gson();

  private final String name;
  private final Database database;
  private final TableName table;

  private SqlRows(String name, Database database, TableName table) {
    this.name = name;
    this.database = database;
    this.table = table;
  }

  /**
   * The output that a binding means.
   *
   * @throws InvalidTriggerException if it is wrong
   */
  public static SqlRows of(Binding binding, TriggerEnvironment environment) {
    String text = binding.text("commandText");
    if (text == null) {
      throw new InvalidTriggerException("commandText is missing; it names the table to write to.");
    }
    try {
      return new SqlRows(
          binding.name(),
          Database.of(binding.text("connectionStringSetting"), environment.settings()),
          TableName.parse(environment.settings().resolve(text).strip()));
    } catch (MissingSettingException e) {
      throw new InvalidTriggerException("commandText is wrong: " + e.getMessage(), e);
    }
  }

  @Override
  public void write(Object value, Invocation invocation) throws SQLException {
    List<JsonObject> items = items(value);
    if (items.isEmpty()) {
      return;
    }
    try (Connection connection = database.connect(properties())) {
      SqlTable to = SqlTable.find(connection, database.kind(), table);
      List<Run> runs = runs(items, to);
      connection.setAutoCommit(false);
      try {
        for (Run run : runs) {
          write(connection, run, to);
        }
        connection.commit();
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      }
    } catch (SQLException e) {
      throw new SQLException(
          "The output '%s' could not be written, and nothing has been: %s"
              .formatted(name, SqlFailures.withoutValues(e)),
          e.getSQLState());
    }
  }

  private Map<String, String> properties() {
    return switch (database.kind()) {
      // Each row has its own statement. The driver could make one of many (reWriteBatchedInserts),
      // which fails where two are the same row, and only the server knows which keys are equal.
      case POSTGRESQL -> Map.of("stringtype", "unspecified");
      case MARIADB -> Database.AS_IN_LOG;
      case SQL_SERVER -> Map.of();
    };
  }

  // ---- what is written ------------------------------------------------------------------------

  private List<JsonObject> items(Object value) {
    JsonElement json;
    if (value instanceof String text) {
      try {
        json = JsonParser.parseString(text);
      } catch (JsonParseException e) {
        throw new IllegalArgumentException(
            "The output '%s' got a text that is not JSON; it takes an object or an array of objects."
                .formatted(name));
      }
    } else {
      json = GSON.toJsonTree(value);
    }
    List<JsonObject> items = new ArrayList<>();
    for (JsonElement element : json instanceof JsonArray array ? array : List.of(json)) {
      if (!(element instanceof JsonObject object)) {
        throw new IllegalArgumentException(
            "The output '%s' got something that is no object; it takes an object or an array of objects."
                .formatted(name));
      }
      items.add(object);
    }
    return items;
  }

  /**
   * What rows have in common that one statement can write.
   *
   * @param statement what writes a row
   * @param columns those whose values are the parameters of the statement
   */
  private record Shape(String statement, List<String> columns) {}

  /** Rows that come one after the other, for which one statement is prepared. */
  private record Run(Shape shape, List<JsonObject> items) {}

  /** The rows to write, in their order: one may refer to one before it, or be one again. */
  private List<Run> runs(List<JsonObject> items, SqlTable to) {
    Map<Set<String>, Shape> shapes = new HashMap<>();
    List<Run> runs = new ArrayList<>();
    for (JsonObject item : items) {
      Shape shape = shapes.computeIfAbsent(given(item, to), properties -> shape(properties, to));
      if (runs.isEmpty() || !runs.getLast().shape.equals(shape)) {
        runs.add(new Run(shape, new ArrayList<>()));
      }
      runs.getLast().items.add(item);
    }
    return runs;
  }

  /** The properties with values; a key that is null is none. */
  private static Set<String> given(JsonObject item, SqlTable to) {
    Set<String> given = new LinkedHashSet<>(item.keySet());
    given.removeIf(name -> to.keys().contains(name) && item.get(name).isJsonNull());
    return given;
  }

  private Shape shape(Set<String> properties, SqlTable to) {
    List<String> columns = columns(properties, to);
    Upsert upsert = new Upsert(database.kind(), to, columns, keys(columns, to));
    if (upsert.isEmpty()) {
      throw new IllegalArgumentException(
          "The output '%s' got an object without a value that could be written to the table '%s'."
              .formatted(name, to.name()));
    }
    return new Shape(upsert.statement(), upsert.parameters());
  }

  private List<String> columns(Set<String> properties, SqlTable to) {
    List<String> extra =
        properties.stream().filter(property -> !to.columns().containsKey(property)).toList();
    if (!extra.isEmpty()) {
      throw new IllegalArgumentException(
          "The following properties in the output '%s' do not exist in the table '%s': %s. Upper and lower case count."
              .formatted(name, to.name(), String.join(", ", extra)));
    }
    List<String> unsupported =
        database.kind() != DatabaseKind.SQL_SERVER
            ? List.of()
            : properties.stream()
                .filter(
                    property ->
                        UNSUPPORTED.contains(
                            Objects.requireNonNull(to.columns().get(property))
                                .typeName()
                                .toLowerCase(Locale.ROOT)))
                .toList();
    if (!unsupported.isEmpty()) {
      throw new IllegalArgumentException(
          "The columns %s of the table '%s' are of types that are not supported: text, ntext and image. Use nvarchar(max) or varbinary(max)."
              .formatted(String.join(", ", unsupported), to.name()));
    }
    return List.copyOf(properties);
  }

  /** The primary key; empty if the database makes it. */
  private static List<String> keys(List<String> columns, SqlTable to) {
    if (to.keys().isEmpty()) {
      throw new IllegalArgumentException(
          "Could not find primary key created in table: '%s'. Rows are written by their key."
              .formatted(to.name()));
    }
    List<String> missing = to.keys().stream().filter(key -> !columns.contains(key)).toList();
    if (missing.isEmpty()) {
      return to.keys();
    }
    List<String> needed =
        missing.stream()
            .filter(key -> !Objects.requireNonNull(to.columns().get(key)).fillsItself())
            .toList();
    if (!needed.isEmpty()) {
      throw new IllegalArgumentException(
          "The primary key of the table '%s' is missing: %s."
              .formatted(to.name(), String.join(", ", needed)));
    }
    return List.of();
  }

  private void write(Connection connection, Run run, SqlTable to) throws SQLException {
    List<String> columns = run.shape.columns();
    try (PreparedStatement statement = connection.prepareStatement(run.shape.statement())) {
      int count = 0;
      for (JsonObject item : run.items) {
        for (int i = 0; i < columns.size(); i++) {
          SqlTable.Column column = Objects.requireNonNull(to.columns().get(columns.get(i)));
          SqlValue.set(statement, i + 1, database.kind(), column, item.get(columns.get(i)));
        }
        statement.addBatch();
        if (++count % BATCH == 0) {
          statement.executeBatch();
        }
      }
      statement.executeBatch();
    }
  }
}
