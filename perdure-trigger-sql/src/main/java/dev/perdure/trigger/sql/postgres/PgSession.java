package dev.perdure.trigger.sql.postgres;

import dev.perdure.trigger.sql.connect.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Connections on which values have the text form that {@link PgValues} reads. */
final class PgSession {
  private static final List<String> TEXT_FORM =
      List.of(
          "SET TimeZone = 'UTC'",
          "SET DateStyle = 'ISO'",
          "SET IntervalStyle = 'iso_8601'",
          "SET extra_float_digits = 1",
          "SET bytea_output = 'hex'");

  private PgSession() {}

  /** A connection for statements; parameters that are text take the type that is expected. */
  static Connection plain(Database database) throws SQLException {
    return configured(
        database.connect(
            Map.of(
                "stringtype", "unspecified", "binaryTransfer", "false", "prepareThreshold", "0")));
  }

  /**
   * A connection that reads the log.
   *
   * @param socket the socket that it uses
   */
  record Replication(Connection connection, LogSocket socket) {}

  /** A connection that reads the log. */
  static Replication replication(Database database) throws SQLException {
    String key = UUID.randomUUID().toString();
    LogSocket socket = null;
    try {
      Connection connection =
          configured(
              database.connect(
                  Map.of(
                      "replication",
                      "database",
                      "assumeMinServerVersion",
                      "13",
                      "preferQueryMode",
                      "simple",
                      "socketFactory",
                      LogSocketFactory.class.getName(),
                      "socketFactoryArg",
                      key)));
      socket = LogSocketFactory.fetch(key);
      if (socket == null) {
        connection.close();
        throw new SQLException("The driver has connected in a way of its own");
      }
      return new Replication(connection, socket);
    } finally {
      if (socket == null) {
        LogSocketFactory.fetch(key);
      }
    }
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
