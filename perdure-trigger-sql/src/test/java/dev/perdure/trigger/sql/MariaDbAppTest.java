package dev.perdure.trigger.sql;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.sql.annotation.SQLTrigger;
import dev.perdure.databases.MariaDbServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An app that watches a table of MariaDB, in a whole host that remembers how far it has read. */
class MariaDbAppTest {
  private static final BlockingQueue<String> SEEN = new LinkedBlockingQueue<>();

  private static MariaDbServer server;

  @TempDir Path directory;

  /** The app. */
  public static class Functions {
    /** Gets the text. */
    @FunctionName("OnChange")
    public void onChange(
        @SQLTrigger(name = "changes", tableName = "%TABLE%", connectionStringSetting = "Db")
            String changes) {
      SEEN.add(changes);
    }
  }

  @BeforeAll
  static void startServer() {
    server = MariaDbServer.start();
    server.execute("CREATE TABLE todo (id int PRIMARY KEY)");
  }

  @AfterAll
  static void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  private SqlHost start(String table) throws Exception {
    return SqlHost.start(
        directory, Map.of("Db", server.connectionString(), "TABLE", table), Functions.class);
  }

  private static String next() throws InterruptedException {
    return SEEN.poll(10, TimeUnit.SECONDS);
  }

  @Test
  void aHostThatIsStartedAgainGoesOnWhereItWasHoweverTheTableIsSpelled() throws Exception {
    try (SqlHost host = start("[dbo].[ToDo]")) {
      server.execute("INSERT INTO todo VALUES (1)");
      assertThat(next()).isEqualTo("[{\"Operation\":0,\"Item\":{\"id\":1}}]");
    }

    int id = 1;
    for (String table : List.of("[dbo].[ToDo]", "TODO", "app.todo", "`todo`")) {
      id++;
      server.execute("INSERT INTO todo VALUES (%d)".formatted(id));

      try (SqlHost host = start(table)) {
        assertThat(next())
            .as(table)
            .isEqualTo("[{\"Operation\":0,\"Item\":{\"id\":%d}}]".formatted(id));
      }
    }
  }
}
