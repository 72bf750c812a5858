package dev.perdure.functions.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.functions.TestApp;
import java.io.File;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JDBC drivers that apps bring. */
class AppDriversTest {
  @TempDir Path directory;
  private Path app;

  @BeforeEach
  void app() {
    app =
        TestApp.compile(
            directory.resolve("app"),
            """
            package app;
            import java.sql.*;
            import java.util.Properties;
            public class Database implements Driver {
              static {
                try {
                  DriverManager.registerDriver(new Database());
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              }
              public Connection connect(String url, Properties info) { return null; }
              public boolean acceptsURL(String url) { return url.equals("jdbc:app"); }
              public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) { return null; }
              public int getMajorVersion() { return 1; }
              public int getMinorVersion() { return 0; }
              public boolean jdbcCompliant() { return false; }
              public java.util.logging.Logger getParentLogger() { return null; }
            }
            """,
            """
            package app;
            public class Broken extends Database {
              static { if (true) throw new IllegalStateException("broken"); }
            }
            """,
            """
            package app;
            import java.sql.DriverManager;
            public class Functions {
              public static String driver() throws Exception {
                return DriverManager.getDriver("jdbc:app").getClass().getName();
              }
              public static String all() {
                return DriverManager.drivers().map(driver -> driver.getClass().getName()).toList()
                    .toString();
              }
            }
            """);
    TestApp.write(app.resolve("host.json"), "{ \"version\": \"2.0\" }");
    TestApp.write(
        app.resolve("META-INF/services/java.sql.Driver"), "app.Gone\napp.Broken\napp.Database\n");
  }

  @Test
  void anAppThatIsLoadedAnewHasItsDriver() throws Exception {
    for (int i = 0; i < 2; i++) {
      try (Running running = start(app, directory.resolve("data"))) {
        assertThat(running.ask("driver")).isEqualTo("app.Database");
      }
    }
  }

  @Test
  void nothingIsKeptOfAnAppThatIsClosed() throws Exception {
    Running running = start(app, directory.resolve("data"));
    assertThat(running.ask("all")).contains("app.Database");

    running.close();

    assertThat(running.ask("all")).doesNotContain("app.");
  }

  /** What runs when a driver's class is initialised may ask for settings of the app. */
  @Test
  void noDriverIsMadeBeforeTheAppStarts() throws Exception {
    try (AppLoader.Loaded loaded = load(app)) {
      assertThat(ask(loaded, "all")).doesNotContain("app.");
    }
  }

  /** The JDK looks for drivers once in a process, so this needs one of its own. */
  @Test
  void theDriversOfTheHostAreFoundAfterAnAppIsClosed() throws Exception {
    Path host = directory.resolve("host");
    TestApp.write(
        host.resolve("META-INF/services/java.sql.Driver"), HostDriver.class.getName() + "\n");
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                host + File.pathSeparator + System.getProperty("java.class.path"),
                Host.class.getName(),
                app.toString(),
                directory.resolve("data").toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(output)
        .content()
        .contains(HostDriver.class.getName())
        .doesNotContain("app.Database");
  }

  /** Loads the app and closes it, then tells which drivers the process has. */
  static final class Host {
    public static void main(String[] args) throws Exception {
      start(Path.of(args[0]), Path.of(args[1])).close();
      DriverManager.drivers().forEach(driver -> System.out.println(driver.getClass().getName()));
    }
  }

  /** A driver that the host has, as {@code perdure start} has those of PostgreSQL and others. */
  public static final class HostDriver implements Driver {
    static {
      try {
        DriverManager.registerDriver(new HostDriver());
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public @Nullable Connection connect(String url, Properties info) {
      return null;
    }

    @Override
    public boolean acceptsURL(String url) {
      return url.equals("jdbc:host");
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
      return new DriverPropertyInfo[0];
    }

    @Override
    public int getMajorVersion() {
      return 1;
    }

    @Override
    public int getMinorVersion() {
      return 0;
    }

    @Override
    public boolean jdbcCompliant() {
      return false;
    }

    @Override
    public Logger getParentLogger() {
      return Logger.getGlobal();
    }
  }

  private record Running(AppLoader.Loaded loaded, FunctionsHost host) implements AutoCloseable {
    String ask(String question) throws Exception {
      return AppDriversTest.ask(loaded, question);
    }

    @Override
    public void close() {
      host.close();
      loaded.close();
    }
  }

  private static Running start(Path app, Path data) {
    AppLoader.Loaded loaded = load(app);
    return new Running(
        loaded, FunctionsHost.start(loaded.app(), HostOptions.of(data).withPorts(0, 0, true)));
  }

  private static AppLoader.Loaded load(Path app) {
    return AppLoader.load(app, false, null, Map.of(), note -> {});
  }

  private static String ask(AppLoader.Loaded loaded, String question) throws Exception {
    return (String)
        loaded.app().loader().loadClass("app.Functions").getMethod(question).invoke(null);
  }
}
