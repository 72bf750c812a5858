package dev.perdure.trigger.sql.postgres;

import dev.perdure.trigger.sql.connect.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;

/** Connections on which values have the text form that {@link PgValues} reads. */
final class PgSession {
  private static final List<String> TEXT_FORM =
      List.of(
          "SET TimeZone = 'UTC'",
          "SET DateStyle = 'ISO'",
          "SET IntervalStyle = 'iso_8601'",
          "SET extra_float_digits = 1",
          "SET bytea_output = 'hex'",
          "SET lc_monetary = 'C'");

  private PgSession() {}

  /** A connection for statements; parameters that are text take the type that is expected. */
  static Connection plain(Database database) throws SQLException {
    return configured(
        database.connect(
            Map.of(
                "stringtype", "unspecified", "binaryTransfer", "false", "prepareThreshold", "0")));
  }

  /** A connection that reads the log. */
  static Connection replication(Database database) throws SQLException {
    return configured(
        database.connect(
            Map.of(
                "replication",
                "database",
                "assumeMinServerVersion",
                "13",
                "preferQueryMode",
                "simple")));
  }

  private static Connection configured(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String setting : TEXT_FORM) {
        statement.execute(setting);
      }
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }
}
