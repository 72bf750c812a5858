package dev.perdure.trigger.sql;

import dev.perdure.databases.MariaDbServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

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
