package dev.perdure.trigger.sql.query;

import dev.perdure.functions.definition.Binding;
import dev.perdure.functions.definition.FunctionDefinition;
import dev.perdure.functions.settings.MissingSettingException;
import dev.perdure.functions.trigger.InputType;
import dev.perdure.functions.trigger.InvalidTriggerException;
import dev.perdure.functions.trigger.Invocation;
import dev.perdure.functions.trigger.TriggerEnvironment;
import dev.perdure.functions.trigger.Value;
import dev.perdure.trigger.sql.connect.Database;
import dev.perdure.trigger.sql.connect.SqlFailures;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An input that is the result of a query or of a stored procedure. Safe from any thread. */
public final class SqlQuery implements InputType.Input {
  private static final Map<String, String> TEXT_OF_ANY_TYPE = Map.of("stringtype", "unspecified");

  private final String name;
  private final Database database;
  private final Command command;
  private final Parameters parameters;

  private SqlQuery(String name, Database database, Command command, Parameters parameters) {
    this.name = name;
    this.database = database;
    this.command = command;
    this.parameters = parameters;
  }

  /**
   * The input that a binding means.
   *
   * @throws InvalidTriggerException if it is wrong
   */
  public static SqlQuery of(
      FunctionDefinition function, Binding binding, TriggerEnvironment environment) {
    String text = binding.text("commandText");
    if (text == null) {
      throw new InvalidTriggerException(
          "commandText is missing; it is the query, or the name of a stored procedure.");
    }
    Database database =
        Database.of(binding.text("connectionStringSetting"), environment.settings());
    Parameters parameters =
        Parameters.parse(
            binding.text("parameters"),
            function.name(),
            environment.settings(),
            environment.clock());
    String resolved;
    try {
      resolved = new SqlText(text, database.kind()).withSettings(environment.settings());
    } catch (MissingSettingException e) {
      // A query may well have percent signs in it that are meant as such: remainders.
      resolved = text;
    }
    String type = binding.text("commandType", "Text");
    Command command =
        switch (type.toLowerCase(java.util.Locale.ROOT)) {
          case "text" -> Command.of(resolved, database.kind(), parameters.names());
          case "storedprocedure" -> procedure(database, resolved, parameters);
          default ->
              throw new InvalidTriggerException(
                  "commandType is '%s'; it has to be Text or StoredProcedure.".formatted(type));
        };
    return new SqlQuery(binding.name(), database, command, parameters);
  }

  private static Command procedure(Database database, String procedure, Parameters parameters) {
    List<String> names = List.copyOf(parameters.names());
    return new Command(
        switch (database.kind()) {
          case SQL_SERVER -> "EXEC " + procedure + " " + arguments(names, "@%s = ?");
          case POSTGRESQL -> "SELECT * FROM " + procedure + "(" + arguments(names, "%s => ?") + ")";
          case MARIADB -> "CALL " + procedure + "(" + arguments(names, "?") + ")";
        },
        names);
  }

  private static String arguments(List<String> names, String form) {
    return names.stream().map(form::formatted).collect(Collectors.joining(", "));
  }

  @Override
  public Value read(Invocation invocation) throws SQLException {
    Map<String, @Nullable String> values = parameters.fill(invocation);
    try (Connection connection = database.connect(properties());
        PreparedStatement statement = connection.prepareStatement(command.sql())) {
      int index = 1;
      for (String parameter : command.parameters()) {
        String value = values.get(parameter);
        if (value == null) {
          statement.setNull(index++, Types.VARCHAR);
        } else {
          statement.setString(index++, value);
        }
      }
      return new Value.Json(rows(statement));
    } catch (SQLException e) {
      throw new SQLException(
          "The query of the input '%s' has failed: %s"
              .formatted(name, SqlFailures.withoutValues(e)),
          e.getSQLState());
    }
  }

  private Map<String, String> properties() {
    return switch (database.kind()) {
      case POSTGRESQL -> TEXT_OF_ANY_TYPE;
      case MARIADB -> Database.AS_IN_LOG;
      case SQL_SERVER -> Map.of();
    };
  }

  /** The first result that has rows; what only changes rows has none. */
  private static String rows(PreparedStatement statement) throws SQLException {
    boolean isRows = statement.execute();
    while (!isRows && statement.getUpdateCount() != -1) {
      isRows = statement.getMoreResults();
    }
    if (!isRows) {
      return "[]";
    }
    try (ResultSet rows = statement.getResultSet()) {
      return ResultJson.of(rows);
    }
  }
}
