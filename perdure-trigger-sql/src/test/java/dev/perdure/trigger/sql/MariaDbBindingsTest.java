package dev.perdure.trigger.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.databases.MariaDbServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Inputs and outputs with a real MariaDB server. */
class MariaDbBindingsTest implements BindingsContract {
  private static MariaDbServer server;

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

  @AfterEach
  void dropAll() {
    server.execute("DROP DATABASE app", "CREATE DATABASE app CHARACTER SET utf8mb4");
  }

  @Test
  void pointsInTimeAreInUtcWhateverTheZoneOfTheServer() throws Exception {
    execute("SET GLOBAL time_zone = '+05:00'");
    try {
      execute(
          "CREATE TABLE moment (id int PRIMARY KEY, at timestamp NULL)",
          "INSERT INTO moment VALUES (1, '2026-01-31 09:05:07')");

      assertThat(read("SELECT at FROM moment"))
          .isEqualTo("[{\"at\":\"2026-01-31T04:05:07.000Z\"}]");
      write("moment", "{\"id\":2,\"at\":\"2026-01-31T04:05:07.000Z\"}");
      assertThat(read("SELECT count(DISTINCT at) AS n FROM moment")).isEqualTo("[{\"n\":1}]");
    } finally {
      execute("SET GLOBAL time_zone = DEFAULT");
    }
  }

  @Test
  void whatAnInputGivesAnOutputTakes() throws Exception {
    execute(
        "CREATE TABLE any_row (id int PRIMARY KEY, d date, dt datetime, ts timestamp NULL, t time, y year, flag bit(1), bits bit(10), u uuid, j json, e enum('a', 'b'), b bigint unsigned, f double)",
        "INSERT INTO any_row VALUES (1, '2026-01-31', '2026-01-31 09:05:07', '2026-01-31 09:05:07', '-10:00:01', 2026, b'1', b'1000000001', '6ba7b810-9dad-41d1-80b4-00c04fd430c8', '{}', 'b', 18446744073709551615, 0.1)");
    String row = read("SELECT * FROM any_row");
    assertThat(row).contains("\"bits\":513");

    execute("DELETE FROM any_row");
    write("any_row", row);

    assertThat(read("SELECT * FROM any_row")).isEqualTo(row);
    assertThat(read("SELECT 1 AS n FROM any_row WHERE d = '2026-01-31' AND bits = 513"))
        .isEqualTo("[{\"n\":1}]");
  }

  @Override
  public String connectionString() {
    return server.connectionString();
  }

  @Override
  public void execute(String... statements) {
    server.execute(statements);
  }

  @Override
  public String timeType() {
    return "datetime(3)";
  }

  @Override
  public String binaryType() {
    return "varbinary(50)";
  }

  @Override
  public String identity() {
    return "int AUTO_INCREMENT";
  }
}
