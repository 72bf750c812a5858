package dev.perdure.functions.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.functions.TestApp;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.Map;
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

  /** The JDK itself looks for drivers once in a process. */
  @Test
  void anAppThatIsLoadedAnewHasItsDriver() throws Exception {
    var unused = DriverManager.drivers();
    for (int i = 0; i < 2; i++) {
      try (AppLoader.Loaded loaded = load()) {
        assertThat(ask(loaded, "driver")).isEqualTo("app.Database");
      }
    }
  }

  @Test
  void nothingIsKeptOfAnAppThatIsClosed() throws Exception {
    AppLoader.Loaded loaded = load();
    assertThat(ask(loaded, "all")).contains("app.Database");

    loaded.close();

    assertThat(ask(loaded, "all")).doesNotContain("app.");
  }

  private AppLoader.Loaded load() {
    return AppLoader.load(app, false, null, Map.of(), note -> {});
  }

  private static String ask(AppLoader.Loaded loaded, String question) throws Exception {
    return (String)
        loaded.app().loader().loadClass("app.Functions").getMethod(question).invoke(null);
  }
}
