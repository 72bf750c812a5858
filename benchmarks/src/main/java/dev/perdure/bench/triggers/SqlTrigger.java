package dev.perdure.bench.triggers;

import dev.perdure.bench.harness.BenchContext;
import dev.perdure.bench.harness.CpuClock;
import dev.perdure.bench.harness.Figure;
import dev.perdure.bench.harness.Goal;
import dev.perdure.bench.harness.StopWatch;
import dev.perdure.bench.harness.Workload;
import dev.perdure.bench.harness.WorkloadFailedException;
import dev.perdure.bench.workloads.BenchApp;
import dev.perdure.databases.PostgresServer;
import dev.perdure.functions.settings.Settings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Rows that are inserted into a PostgreSQL table, and reach a function in batches. The server is
 * one of its own on the same machine, and writes to disk as usual.
 */
public final class SqlTrigger implements Workload {
  private static final int RATE = 5_000;
  private static final double LATENCY_GOAL_MILLIS = 1_000;
  private static final int ROWS_IN_TRANSACTION = 50;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String ROWS = "perdure.bench.rows";
  private static final String INSERT =
      "INSERT INTO readings (device, value, sent) SELECT 'sim-' || n, n * 0.1, ? FROM generate_series(1, ?) n";

  @Override
  public String name() {
    return "sql-trigger";
  }

  @Override
  public String describes() {
    return "SQL trigger: rows inserted into PostgreSQL, %d to a transaction, reach a function"
        .formatted(ROWS_IN_TRANSACTION);
  }

  @Override
  public void run(BenchContext context) throws Exception {
    AtomicLong seen = new AtomicLong();
    Recorder latencies = new Recorder(3);
    System.getProperties()
        .put(
            ROWS,
            (LongConsumer)
                sent -> {
                  latencies.recordValue(System.nanoTime() - sent);
                  seen.incrementAndGet();
                });
    try (PostgresServer server = PostgresServer.start("fsync=on")) {
      server.execute(
          "CREATE TABLE readings (id bigserial PRIMARY KEY, device text, value double precision, sent bigint)");
      try (BenchApp app =
              BenchApp.start(context.hub(), Settings.of(Map.of("Sql", server.connectionString())));
          Connection connection = server.connect()) {
        connection.setAutoCommit(false);
        awaitFirst(connection, seen);
        int warm = context.sized(100_000, 20_000, 200);
        insert(connection, warm, 0, seen);
        context.progress("warm after %d rows in task hub %s, measuring", warm, app.host.hub());

        int rows = context.sized(200_000, 30_000, 200);
        CpuClock cpu = CpuClock.start();
        StopWatch watch = StopWatch.start();
        insert(connection, rows, 0, seen);
        double seconds = watch.seconds();
        context.report(
            Figure.of("rows", rows / seconds, "rows/s")
                .withGoal(Goal.atLeast(RATE))
                .withCpu(cpu.microsPer((double) rows)));

        Histogram unused = latencies.getIntervalHistogram();
        insert(connection, context.sized(100_000, 20_000, 200), RATE, seen);
        Histogram measured = latencies.getIntervalHistogram();
        context.report(Figure.of("latency-p50", measured.getValueAtPercentile(50) / 1e6, "ms"));
        context.report(
            Figure.of("latency-p99", measured.getValueAtPercentile(99) / 1e6, "ms")
                .withGoal(Goal.below(LATENCY_GOAL_MILLIS)));
      }
    } finally {
      System.getProperties().remove(ROWS);
    }
  }

  /** A function sees what changes from the first start of its trigger on. */
  private static void awaitFirst(Connection connection, AtomicLong seen)
      throws SQLException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    long inserted = 0;
    while (seen.get() == 0) {
      if (System.nanoTime() - deadline > 0) {
        throw new WorkloadFailedException("No row has reached the function.");
      }
      insert(connection, 1);
      inserted++;
      Thread.sleep(100);
    }
    insert(connection, 1); // the last of all, so that none is under way when counting begins
    long before = -1;
    while (seen.get() != before || before < 2) {
      before = seen.get();
      Thread.sleep(500);
      if (before > inserted + 1) {
        throw new WorkloadFailedException("More rows have reached the function than there are.");
      }
    }
  }

  /**
   * Inserts rows, and waits until the function has seen them.
   *
   * @param rate rows a second; 0 for as fast as they go
   */
  private static void insert(Connection connection, int rows, int rate, AtomicLong seen)
      throws SQLException, InterruptedException {
    long before = seen.get();
    long begin = System.nanoTime();
    for (int done = 0; done < rows; done += ROWS_IN_TRANSACTION) {
      if (rate > 0) {
        long due = begin + done * 1_000_000_000L / rate;
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
      }
      insert(connection, Math.min(ROWS_IN_TRANSACTION, rows - done));
    }
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (seen.get() < before + rows) {
      if (System.nanoTime() - deadline > 0) {
        throw new WorkloadFailedException(
            "%d of %d rows have reached the function after %s."
                .formatted(seen.get() - before, rows, PATIENCE));
      }
      Thread.sleep(1);
    }
    if (seen.get() != before + rows) {
      throw new WorkloadFailedException("A row has reached the function twice.");
    }
  }

  private static void insert(Connection connection, int rows) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      statement.setLong(1, System.nanoTime());
      statement.setInt(2, rows);
      int unused = statement.executeUpdate();
    }
    connection.commit();
  }
}
