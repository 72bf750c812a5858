package dev.perdure.databases;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** A MariaDB server of its own for a test, on a free port, with a binary log of rows. */
public final class MariaDbServer implements AutoCloseable {
  /** The user, who may do everything. */
  public static final String USER = "owner";

  /** The user's password. */
  public static final String PASSWORD = "pass-word";

  private static final String SYSTEM_USER = "mysql";
  private static final Path SERVER = Path.of("/usr/sbin/mariadbd");

  private final Path directory;
  private final int port;
  private final List<String> settings;
  private @Nullable ServerProcess process;

  private MariaDbServer(Path directory, List<String> settings) {
    this.directory = directory;
    this.settings = settings;
    this.port = ServerProcess.freePort();
  }

  /**
   * Makes and starts a server; skips the test if it is not installed and cannot be.
   *
   * @param settings of the server over those that are usual here, such as {@code
   *     binlog_row_image=MINIMAL}
   */
  public static MariaDbServer start(String... settings) {
    if (!Files.isExecutable(SERVER)) {
      DebianPackage.install("mariadb-server");
    }
    if (!Files.isExecutable(SERVER)) {
      throw DebianPackage.skip("There is no " + SERVER + ".");
    }
    Path directory = ServerProcess.directory("mariadb", SYSTEM_USER);
    MariaDbServer server = new MariaDbServer(directory, List.of(settings));
    server.initialize();
    server.startAgain();
    return server;
  }

  private void initialize() {
    try {
      Files.writeString(
          directory.resolve("init.sql"),
          """
          CREATE DATABASE IF NOT EXISTS app CHARACTER SET utf8mb4;
          CREATE USER IF NOT EXISTS '%s'@'%%' IDENTIFIED BY '%s';
          GRANT ALL ON *.* TO '%s'@'%%' WITH GRANT OPTION;
          """
              .formatted(USER, PASSWORD, USER));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ServerProcess.run(
        SYSTEM_USER,
        directory,
        "mariadb-install-db",
        "--no-defaults",
        "--datadir=" + directory.resolve("data"),
        "--auth-root-authentication-method=normal",
        "--skip-test-db");
  }

  /** Starts the server after it was stopped. */
  public void startAgain() {
    List<String> command = new ArrayList<>();
    command.add(SERVER.toString());
    command.add("--no-defaults");
    for (String usual :
        List.of(
            "datadir=" + directory.resolve("data"),
            "socket=" + directory.resolve("socket"),
            "pid-file=" + directory.resolve("pid"),
            "init-file=" + directory.resolve("init.sql"),
            "port=" + port,
            "bind-address=127.0.0.1",
            "skip-name-resolve",
            "log-bin=mysql-bin",
            "binlog-format=ROW",
            "server-id=1",
            "innodb-flush-log-at-trx-commit=0",
            "innodb-buffer-pool-size=32M")) {
      command.add("--" + usual);
    }
    for (String setting : settings) {
      command.add("--" + setting);
    }
    process =
        ServerProcess.start(
            SYSTEM_USER,
            directory,
            directory.resolve("log"),
            () -> connect().close(),
            command.toArray(String[]::new));
  }

  /** Stops the server; connections are cut. */
  public void stop() {
    running().stop("TERM");
  }

  /** The port. */
  public int port() {
    return port;
  }

  /** What an app would have in its settings. */
  public String connectionString() {
    return "jdbc:mariadb://127.0.0.1:%d/app?user=%s&password=%s".formatted(port, USER, PASSWORD);
  }

  /** Connects. */
  public Connection connect() throws SQLException {
    return new org.mariadb.jdbc.Driver().connect(connectionString(), new Properties());
  }

  /** Runs statements, each in a transaction of its own. */
  public void execute(String... statements) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs statements in one transaction. */
  public void inTransaction(String... statements) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (String each : statements) {
        statement.execute(each);
      }
      connection.commit();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private ServerProcess running() {
    return Objects.requireNonNull(process, "the server was never started");
  }

  @Override
  public void close() {
    if (running().isAlive()) {
      running().stop("TERM");
    }
    ServerProcess.delete(directory);
  }
}
