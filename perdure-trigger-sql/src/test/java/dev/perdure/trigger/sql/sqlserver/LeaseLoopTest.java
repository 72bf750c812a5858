package dev.perdure.trigger.sql.sqlserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.functions.trigger.FunctionRunner;
import dev.perdure.functions.trigger.Outcome;
import dev.perdure.functions.trigger.Value;
import dev.perdure.trigger.sql.change.Operation;
import dev.perdure.trigger.sql.change.RowChange;
import dev.perdure.trigger.sql.change.Turnstile;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The loop over change tracking, with a database that is only pretended. */
class LeaseLoopTest {
  private final Pretended database = new Pretended();
  private final List<String> batches = new CopyOnWriteArrayList<>();
  private final List<String> logged = new CopyOnWriteArrayList<>();
  private final Turnstile turnstile = new Turnstile();
  private final Handler log =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          logged.add(entry.getLevel() + " " + entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };
  private Thread thread;
  private volatile Throwable ended;

  /** What the database is asked, and what it answers. */
  private static final class Pretended implements ChangeTracking {
    final List<List<TrackedRow>> toLease = new ArrayList<>();
    final List<SQLException> leaseFailures = new ArrayList<>();
    final List<SQLException> releaseFailures = new ArrayList<>();
    final List<String> asked = new CopyOnWriteArrayList<>();
    volatile boolean usable = true;
    volatile SQLException openFailure;

    synchronized ChangeTracking open() throws SQLException {
      asked.add("open");
      if (openFailure != null) {
        throw openFailure;
      }
      usable = true;
      return this;
    }

    @Override
    public synchronized List<TrackedRow> lease(int rowsMax) throws SQLException {
      if (!leaseFailures.isEmpty()) {
        throw leaseFailures.removeFirst();
      }
      if (toLease.isEmpty()) {
        return List.of();
      }
      asked.add("lease " + rowsMax);
      return toLease.removeFirst();
    }

    @Override
    public void renew(List<TrackedRow> rows) {
      asked.add("renew " + rows.size());
    }

    @Override
    public synchronized void release(List<TrackedRow> rows, long newVersion) throws SQLException {
      asked.add("release " + rows.size() + " up to " + newVersion);
      if (!releaseFailures.isEmpty()) {
        throw releaseFailures.removeFirst();
      }
    }

    @Override
    public boolean isUsable() {
      return usable;
    }

    @Override
    public void close() {
      asked.add("close");
    }
  }

  /** Held here: a logger that nobody holds may be collected, and its handlers with it. */
  private final Logger logger = Logger.getLogger("dev.perdure.trigger.sql");

  @BeforeEach
  void listenToTheLog() {
    logger.addHandler(log);
  }

  @AfterEach
  void stop() throws InterruptedException {
    logger.removeHandler(log);
    if (thread != null) {
      thread.interrupt();
      thread.join();
    }
  }

  private void start(FunctionRunner runner) {
    start(runner, Duration.ofMinutes(1));
  }

  private void start(FunctionRunner runner, Duration renewal) {
    LeaseLoop loop =
        new LeaseLoop(
            "OnChange",
            "todo",
            runner,
            turnstile,
            database::open,
            new LeaseLoop.Pace(7, Duration.ofMillis(1), renewal));
    thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    loop.listen(() -> database.asked.add("up"));
                  } catch (SQLException | InterruptedException e) {
                    ended = e;
                  }
                });
  }

  private FunctionRunner succeeds() {
    return invocation -> {
      batches.add(((Value.Json) invocation.value()).json());
      return new Outcome(null, null);
    };
  }

  private FunctionRunner fails() {
    return invocation -> {
      batches.add(((Value.Json) invocation.value()).json());
      return new Outcome(null, new IllegalStateException("as told"));
    };
  }

  private static TrackedRow row(int id, long version, int attempt) {
    return new TrackedRow(
        new RowChange(Operation.UPDATE, List.of("" + id), "{\"id\":%d}".formatted(id)),
        version,
        attempt,
        "\"k0\":" + id);
  }

  private void await(String asked) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!database.asked.contains(asked)) {
      assertThat(System.nanoTime()).as("%s among %s", asked, database.asked).isLessThan(deadline);
      Thread.sleep(1);
    }
  }

  private void awaitLogged(String words) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (logged.stream().noneMatch(message -> message.contains(words))) {
      assertThat(System.nanoTime()).as("%s among %s", words, logged).isLessThan(deadline);
      Thread.sleep(1);
    }
  }

  @Test
  void rowsAreLeasedGivenToTheFunctionInOneRunAndReleased() throws Exception {
    database.toLease.add(List.of(row(1, 10, 1), row(2, 11, 1), row(3, 12, 1)));

    start(succeeds());
    await("release 3 up to 11");

    assertThat(batches)
        .containsExactly(
            "[{\"Operation\":1,\"Item\":{\"id\":1}},{\"Operation\":1,\"Item\":{\"id\":2}},{\"Operation\":1,\"Item\":{\"id\":3}}]");
    assertThat(database.asked).startsWith("open", "up", "lease 7", "release 3 up to 11");
  }

  @Test
  void theVersionToMoveOnToIsTheHighestButOneOrTheOnlyOne() {
    assertThat(LeaseLoop.newVersion(List.of(row(1, 10, 1)))).isEqualTo(10);
    assertThat(LeaseLoop.newVersion(List.of(row(1, 10, 1), row(2, 10, 1)))).isEqualTo(10);
    assertThat(LeaseLoop.newVersion(List.of(row(1, 12, 1), row(2, 10, 1)))).isEqualTo(10);
    assertThat(LeaseLoop.newVersion(List.of(row(1, 10, 1), row(2, 11, 1), row(3, 12, 1))))
        .isEqualTo(11);
  }

  @Test
  void theFunctionIsNotRunWithoutChanges() throws Exception {
    start(succeeds());
    await("up");
    database.usable = false;
    await("close");

    assertThat(batches).isEmpty();
  }

  @Test
  void rowsWithWhichItFailsAreNotReleased() throws Exception {
    database.toLease.add(List.of(row(1, 10, 1)));
    database.toLease.add(List.of(row(1, 10, 2), row(2, 11, 1)));

    start(fails());
    awaitLogged("WARNING Function 'OnChange' has failed with 2 changed rows of table 'todo'.");

    assertThat(database.asked).noneMatch(asked -> asked.startsWith("release"));
  }

  @Test
  void rowsWithWhichItFailsForTheFifthTimeAreSpokenOfWithTheirKeys() throws Exception {
    database.toLease.add(List.of(row(1, 10, 5), row(2, 11, 1)));

    start(fails());

    awaitLogged(
        "SEVERE Function 'OnChange' has failed 5 times with 1 changed rows of table 'todo'. They are skipped; their keys are (1). Later changes of them are skipped as well, while they are in the table for leases.");
    awaitLogged("WARNING Function 'OnChange' has failed with 1 changed rows of table 'todo'.");
  }

  @Test
  void leasesAreRenewedWhileTheFunctionRuns() throws Exception {
    database.toLease.add(List.of(row(1, 10, 1)));
    CountDownLatch mayEnd = new CountDownLatch(1);

    start(
        invocation -> {
          mayEnd.await();
          return new Outcome(null, null);
        },
        Duration.ofMillis(20));
    await("renew 1");
    mayEnd.countDown();
    await("release 1 up to 10");
  }

  @Test
  void aRunThatOutlivesTenRenewalsIsInterruptedAndCountsAsFailed() throws Exception {
    database.toLease.add(List.of(row(1, 10, 1)));
    CountDownLatch interrupted = new CountDownLatch(1);

    start(
        invocation -> {
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.countDown();
          }
          return new Outcome(null, null);
        },
        Duration.ofMillis(2));

    assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
    awaitLogged("WARNING Function 'OnChange' has failed");
    assertThat(database.asked.stream().filter("renew 1"::equals)).hasSize(10);
    assertThat(database.asked).noneMatch(asked -> asked.startsWith("release"));
  }

  @Test
  void aReleaseIsTriedThreeTimes() throws Exception {
    for (int i = 0; i < 5; i++) {
      database.releaseFailures.add(new SQLException("no", "S0001", 1205));
    }
    database.toLease.add(List.of(row(1, 10, 1)));
    database.toLease.add(List.of(row(2, 20, 1)));

    start(succeeds());
    await("release 1 up to 20");

    assertThat(database.asked.stream().filter("release 1 up to 10"::equals)).hasSize(3);
  }

  @Test
  void aFailedLookIsTriedAgainInTheNextPass() throws Exception {
    database.leaseFailures.add(new SQLException("deadlock", "40001", 1205));
    database.toLease.add(List.of(row(1, 10, 1)));

    start(succeeds());
    await("release 1 up to 10");

    assertThat(database.asked.stream().filter("open"::equals)).hasSize(1);
  }

  @Test
  void aConnectionThatIsBrokenIsOpenedAnewInTheNextPass() throws Exception {
    start(succeeds());
    await("up");

    database.usable = false;
    synchronized (database) {
      database.toLease.add(List.of(row(1, 10, 1)));
    }
    await("release 1 up to 10");

    assertThat(database.asked).contains("close");
    assertThat(database.asked.stream().filter("up"::equals)).hasSize(1);
  }

  @Test
  void aServerThatStaysAwayEndsTheListener() throws Exception {
    start(succeeds());
    await("up");

    database.openFailure = new SQLException("away");
    database.usable = false;
    thread.join();

    assertThat(ended).hasMessage("away");
  }

  @Test
  void nothingIsLeasedOnceTheHostCloses() throws Exception {
    start(succeeds());
    await("up");
    turnstile.close(Duration.ofSeconds(1));
    thread.join();

    assertThat(ended).isInstanceOf(InterruptedException.class);
    assertThatThrownBy(turnstile::enter).isInstanceOf(InterruptedException.class);
  }
}
