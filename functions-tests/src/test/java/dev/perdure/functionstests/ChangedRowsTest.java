package dev.perdure.functionstests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.databases.PostgresServer;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example is told of changes in a PostgreSQL table, which it knows as {@code [dbo].[ToDo]}. */
class ChangedRowsTest {
  private static final String LINE = "ToDoTrigger: Changes in [dbo].[ToDo]: ";

  @TempDir Path data;

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void rowsReachTheFunctionAlsoThoseThatChangeWhileTheHostIsDown() throws Exception {
    try (PostgresServer server = PostgresServer.start()) {
      server.execute(
          "CREATE TABLE todo (\"Id\" uuid PRIMARY KEY DEFAULT gen_random_uuid(), title text NOT NULL)");
      try (HostProcess host = start(server)) {
        // A function sees what changes from the first start of its trigger on.
        int seen = 0;
        for (int i = 0; seen == 0 && i < 60; i++) {
          server.execute("INSERT INTO todo (title) VALUES ('first')");
          seen = changes(host, 1);
        }
        assertThat(seen).as("changes that the function was told of").isPositive();
        while (changes(host, 1) > 0) {
          // Those that were inserted while the trigger came up.
        }
        server.execute("INSERT INTO todo (title) SELECT 'x' FROM generate_series(1, 20)");
        assertThat(all(host, 20)).isEqualTo(20);
      } // killed
      server.execute(
          "INSERT INTO todo (title) SELECT 'y' FROM generate_series(1, 30)",
          "DELETE FROM todo WHERE title = 'x'");
      try (HostProcess host = start(server)) {
        // The last batch before the kill may come again.
        assertThat(all(host, 50)).isGreaterThanOrEqualTo(50);
      }
    }
  }

  private HostProcess start(PostgresServer server) throws Exception {
    return HostProcess.start(
        data,
        Map.of(
            "AzureWebJobs_IoTHub_Trigger_Disabled", "true",
            "AzureWebJobs_ToDoTrigger_Disabled", "false",
            "SqlConnectionString", server.connectionString()));
  }

  /** How many changes the function says there were, until there are so many. */
  private static int all(HostProcess host, int expected) throws InterruptedException {
    int sum = 0;
    while (sum < expected) {
      int more = changes(host, 60);
      assertThat(more).as("after %d of %d changes", sum, expected).isPositive();
      sum += more;
    }
    return sum;
  }

  /** How many changes the next line is about; 0 if there is none in time. */
  private static int changes(HostProcess host, int seconds) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (true) {
      String line = host.log().poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (line == null) {
        return 0;
      }
      int at = line.indexOf(LINE);
      if (at >= 0) {
        return Integer.parseInt(line.substring(at + LINE.length()).strip());
      }
    }
  }
}
