package dev.perdure.databases;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL server of its own for a test, on a free port, with logical decoding. */
public final class PostgresServer implements AutoCloseable {
  /** The user, who may do everything. */
  public static final String USER = "owner";

  /** The user's password. */
  public static final String PASSWORD = "pass word&%";

  private static final String SYSTEM_USER = "postgres";

  private final Path programs;
  private final Path directory;
  private final int port;
  private final List<String> settings;
  private @Nullable ServerProcess process;

  private PostgresServer(Path programs, Path directory, List<String> settings) {
    this.programs = programs;
    this.directory = directory;
    this.settings = settings;
    this.port = ServerProcess.freePort();
  }

  /**
   * Makes and starts a server; skips the test if it is not installed and cannot be.
   *
   * @param settings of the server over those that are usual here, such as {@code wal_level=replica}
   */
  public static PostgresServer start(String... settings) {
    Path programs = programs();
    if (programs == null) {
      DebianPackage.install("postgresql");
      programs = programs();
    }
    if (programs == null) {
      throw DebianPackage.skip("There is no PostgreSQL below /usr/lib/postgresql.");
    }
    Path directory = ServerProcess.directory("postgres", SYSTEM_USER);
    PostgresServer server = new PostgresServer(programs, directory, List.of(settings));
    server.initialize();
    server.startAgain();
    return server;
  }

  private static @Nullable Path programs() {
    try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
          .max(Comparator.naturalOrder())
          .orElse(null);
    } catch (IOException e) {
      return null;
    }
  }

  private void initialize() {
    try {
      Path password = Files.writeString(directory.resolve("password"), PASSWORD);
      ServerProcess.run(
          SYSTEM_USER,
          directory,
          programs.resolve("initdb").toString(),
          "-D",
          data().toString(),
          "-U",
          USER,
          "-A",
          "scram-sha-256",
          "--pwfile=" + password,
          "--encoding=UTF8",
          "--no-locale",
          "--no-sync");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Makes a locale known to the server, such as {@code ja_JP.UTF-8}, which need not be installed.
   *
   * @return false if this machine has nothing to make it of, which is the package {@code locales},
   *     and that cannot be installed
   */
  public boolean addLocale(String name) {
    Path made = locales().resolve(name);
    if (!Files.exists(made)) {
      String[] parts = name.split("\\.", -1);
      Path source = Path.of("/usr/share/i18n/locales", parts[0]);
      if (!Files.exists(source)) {
        DebianPackage.install("locales");
      }
      if (!Files.exists(source)) {
        return false;
      }
      ServerProcess.run(SYSTEM_USER, directory, "mkdir", "-p", locales().toString());
      ServerProcess.run(
          SYSTEM_USER,
          directory,
          "localedef",
          "--no-archive",
          "-i",
          parts[0],
          "-f",
          parts[1],
          made.toString());
    }
    return true;
  }

  private Path locales() {
    return directory.resolve("locales");
  }

  private Path data() {
    return directory.resolve("data");
  }

  /** Starts the server after it was stopped. */
  public void startAgain() {
    List<String> command = new ArrayList<>(List.of("env", "LOCPATH=" + locales()));
    command.add(programs.resolve("postgres").toString());
    command.addAll(List.of("-D", data().toString(), "-p", Integer.toString(port)));
    command.addAll(List.of("-k", directory.toString()));
    for (String usual :
        List.of(
            "listen_addresses=127.0.0.1",
            "wal_level=logical",
            "max_replication_slots=20",
            "max_wal_senders=20",
            "fsync=off")) {
      command.addAll(List.of("-c", usual));
    }
    for (String setting : settings) {
      command.addAll(List.of("-c", setting));
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
    running().stop("INT");
  }

  private ServerProcess running() {
    return Objects.requireNonNull(process, "the server was never started");
  }

  /** The port. */
  public int port() {
    return port;
  }

  /** The address of its database for JDBC, without a user. */
  public String jdbcUrl() {
    return "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(port);
  }

  /** What an app would have in its settings. */
  public String connectionString() {
    return "Host=127.0.0.1;Port=%d;Username=%s;Password='%s';Database=postgres"
        .formatted(port, USER, PASSWORD);
  }

  /** Connects. */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(jdbcUrl(), USER, PASSWORD);
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

  /** The first column of the first row as text; null if there is no row. */
  public @Nullable String query(String query) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getString(1) : null;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    if (running().isAlive()) {
      running().stop("INT");
    }
    ServerProcess.delete(directory);
  }
}
