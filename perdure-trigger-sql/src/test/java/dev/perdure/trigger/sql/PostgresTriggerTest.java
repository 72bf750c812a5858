package dev.perdure.trigger.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.databases.PostgresServer;
import dev.perdure.functions.trigger.Value;
import dev.perdure.trigger.sql.change.ChangeStream;
import dev.perdure.trigger.sql.change.RowChange;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Functions that are triggered by changes in a real PostgreSQL server. */
class PostgresTriggerTest extends PostgresTests {
  @BeforeEach
  void makeTable() {
    server.execute("CREATE TABLE todo (id int PRIMARY KEY, title text, done boolean)");
  }

  private static String inserted(int id, String title) {
    return "{\"Operation\":0,\"Item\":{\"id\":%d,\"title\":\"%s\",\"done\":false}}"
        .formatted(id, title);
  }

  private static void insert(int id, String title) {
    server.execute("INSERT INTO todo VALUES (%d, '%s', false)".formatted(id, title));
  }

  @Test
  void insertsUpdatesAndDeletesReachTheFunctionWithWholeRowsAndDeletesWithTheKey() {
    start("todo");

    insert(1, "tea");
    function.awaitChanges(1);
    server.execute("UPDATE todo SET done = true");
    function.awaitChanges(2);
    server.execute("DELETE FROM todo");

    assertThat(function.awaitChanges(3))
        .containsExactly(
            inserted(1, "tea"),
            "{\"Operation\":1,\"Item\":{\"id\":1,\"title\":\"tea\",\"done\":true}}",
            "{\"Operation\":2,\"Item\":{\"id\":1}}");
  }

  @Test
  void aChangeIsSeenWithinASecond() {
    start("todo");
    insert(1, "to warm up");
    function.awaitChanges(1);

    long begun = System.nanoTime();
    insert(2, "tea");
    function.awaitChanges(2);

    assertThat(System.nanoTime() - begun).isLessThan(1_000_000_000);
  }

  @Test
  void changesOfOneRowInABatchComeToOne() {
    start("todo");

    inTransaction(
        "INSERT INTO todo VALUES (1, 'tea', false), (2, 'bread', false), (3, 'salt', false)",
        "UPDATE todo SET title = 'green tea' WHERE id = 1",
        "DELETE FROM todo WHERE id = 2");

    assertThat(function.awaitChanges(3))
        .containsExactly(
            inserted(3, "salt"), inserted(1, "green tea"), "{\"Operation\":2,\"Item\":{\"id\":2}}");
  }

  @Test
  void whatIsRolledBackIsNeverSeen() {
    start("todo");

    inTransaction("INSERT INTO todo VALUES (1, 'tea', false)", "ROLLBACK");
    insert(2, "bread");

    assertThat(function.awaitChanges(1)).containsExactly(inserted(2, "bread"));
  }

  @Test
  void changesThatHappenWhileNobodyListensAreDeliveredLater() {
    start("todo");
    insert(1, "tea");
    function.awaitChanges(1);
    trigger.close();

    insert(2, "bread");
    start("todo");

    assertThat(function.awaitChanges(2)).containsExactly(inserted(1, "tea"), inserted(2, "bread"));
  }

  @Test
  void aSlotFollowsWhatHappensInOtherTablesAndNotBeyondWhatWasReadHere() throws Exception {
    server.execute("CREATE TABLE other (id int)");
    try (ChangeStream stream = source("todo").open()) {
      insert(1, "tea");
      assertThat(stream.next(1)).hasSize(1);
      server.execute("INSERT INTO other SELECT n FROM generate_series(1, 1000) n");
      String unconfirmed = confirmed();
      stream.keepAlive();
      assertThat(confirmed()).isEqualTo(unconfirmed);
      stream.confirm();

      Thread idle = Thread.startVirtualThread(() -> waitForChanges(stream));
      String now = server.query("SELECT pg_current_wal_lsn()");
      Await.until(
          "the slot has followed",
          () ->
              server.query(
                      "SELECT 1 FROM pg_replication_slots WHERE confirmed_flush_lsn >= '%s'"
                          .formatted(now))
                  != null);
      idle.interrupt();
      assertThat(idle.join(Duration.ofSeconds(20))).isTrue();
    }
  }

  private static String confirmed() {
    return server.query("SELECT confirmed_flush_lsn FROM pg_replication_slots");
  }

  private static void waitForChanges(ChangeStream stream) {
    try {
      stream.next(1);
    } catch (Exception e) {
      // the test is over
    }
  }

  @Test
  void changesThatWereReadButNotConfirmedComeAgain() throws Exception {
    source("todo").open().close();
    insert(1, "tea");
    insert(2, "bread");

    try (ChangeStream dies = source("todo").open()) {
      assertThat(dies.next(1)).hasSize(1);
    }
    awaitNobodyReads();

    try (ChangeStream next = source("todo").open()) {
      assertThat(next.next(1)).extracting(RowChange::key).containsExactly(List.of("1"));
      next.confirm();
      assertThat(next.next(1)).extracting(RowChange::key).containsExactly(List.of("2"));
    }
    awaitNobodyReads();

    try (ChangeStream last = source("todo").open()) {
      assertThat(last.next(1)).extracting(RowChange::key).containsExactly(List.of("2"));
    }
  }

  @Test
  void aTransactionOfWhichPartWasConfirmedComesAgainAsAWhole() throws Exception {
    source("todo").open().close();
    inTransaction("INSERT INTO todo SELECT n, 'n', false FROM generate_series(1, 5) n");
    awaitNobodyReads();

    try (ChangeStream dies = source("todo").open()) {
      assertThat(dies.next(2)).hasSize(2);
      dies.confirm();
      assertThat(dies.next(2)).hasSize(2);
      dies.confirm();
    }
    awaitNobodyReads();

    try (ChangeStream next = source("todo").open()) {
      assertThat(next.next(2))
          .extracting(RowChange::key)
          .containsExactly(List.of("1"), List.of("2"));
    }
  }

  @Test
  void tenThousandRowsInOneTransactionComeInBatchesInOrder() {
    start("todo");

    inTransaction("INSERT INTO todo SELECT n, 'n', false FROM generate_series(1, 10000) n");

    List<String> changes = function.awaitChanges(10_000);
    assertThat(changes)
        .isEqualTo(IntStream.rangeClosed(1, 10_000).mapToObj(n -> inserted(n, "n")).toList());
    assertThat(function.batches().size()).isGreaterThanOrEqualTo(100);
  }

  @Test
  void aBatchHasNoMoreRowsThanItMay() {
    start("todo", "Sql_Trigger_MaxBatchSize", "3");

    inTransaction("INSERT INTO todo SELECT n, 'n', false FROM generate_series(1, 7) n");
    function.awaitChanges(7);

    assertThat(function.batches())
        .allSatisfy(batch -> assertThat(batch.split("Operation", -1).length - 1).isBetween(1, 3));
  }

  // ---- failures -------------------------------------------------------------------------------

  @Test
  void aFunctionThatFailsGetsTheSameRowsFiveTimesThenTheyAreSkippedAndOthersGoOn() {
    function.failIf(batch -> batch.contains("secret"));
    start("todo", "Sql_Trigger_MaxBatchSize", "1");

    try (Logged log = new Logged()) {
      inTransaction(
          "INSERT INTO todo VALUES (1, 'tea', false), (2, 'secret', false), (3, 'salt', false)");

      assertThat(function.awaitChanges(2)).containsExactly(inserted(1, "tea"), inserted(3, "salt"));
      assertThat(function.failed()).hasSize(5).containsOnly("[" + inserted(2, "secret") + "]");
      log.await(
          "SEVERE Function 'OnChange' has failed 5 times with 1 changed row of table 'todo'. They are skipped; their keys are (2).");
      assertThat(log.messages()).noneMatch(message -> message.contains("secret"));
    }
  }

  @Test
  void rowsThatWereSkippedDoNotComeAgain() throws Exception {
    function.failIf(batch -> batch.contains("bad"));
    start("todo");
    try (Logged log = new Logged()) {
      insert(1, "bad");
      log.await("They are skipped");
    }
    insert(2, "bread");
    function.awaitChanges(1);
    trigger.close();

    insert(3, "salt");
    start("todo");

    assertThat(function.awaitChanges(2)).containsExactly(inserted(2, "bread"), inserted(3, "salt"));
    assertThat(function.failed()).hasSize(5);
  }

  @Test
  void aFunctionThatFailsOnceGetsTheRowsAgain() {
    function.failIf(batch -> function.failed().isEmpty());
    start("todo");

    insert(1, "tea");

    assertThat(function.awaitChanges(1)).containsExactly(inserted(1, "tea"));
  }

  @Test
  void aRunThatIsUnderWayWhenTheHostClosesIsWaitedForAndConfirmed() {
    function.failIf(
        batch -> {
          Thread closer = Thread.ofVirtual().start(trigger::close);
          Await.until(
              "the host waits for this run", () -> closer.getState() == Thread.State.TIMED_WAITING);
          return false;
        });
    start("todo");
    insert(1, "tea");
    function.awaitChanges(1);
    awaitNobodyReads();
    function.failIf(batch -> false);

    insert(2, "bread");
    start("todo");

    assertThat(function.awaitChanges(2)).containsExactly(inserted(1, "tea"), inserted(2, "bread"));
  }

  // ---- servers that go away -------------------------------------------------------------------

  @Test
  void aServerThatStopsAndComesBackIsListenedToAgainAndNothingIsLost() {
    start("todo");
    insert(1, "tea");
    function.awaitChanges(1);

    try (Logged log = new Logged()) {
      server.stop();
      log.await("The listener for function 'OnChange' has stopped");
      server.startAgain();
      insert(2, "bread");

      assertThat(function.awaitChanges(2)).contains(inserted(2, "bread"));
      log.await("INFO The listener for function 'OnChange' is up.");
    }
  }

  @Test
  void aServerThatIsAwayAtTheStartIsTriedAgain() {
    start("todo");
    trigger.close();
    insert(1, "tea");
    server.stop();

    try (Logged log = new Logged()) {
      trigger = create("todo");
      trigger.start();
      log.await(
          "SEVERE The listener for function 'OnChange' was unable to start. The database cannot be used:");
      server.startAgain();

      assertThat(function.awaitChanges(1)).containsExactly(inserted(1, "tea"));
      assertThat(log.messages()).noneMatch(message -> message.contains(PostgresServer.PASSWORD));
    }
  }

  @Test
  void aSecondHostTakesOverWhenTheFirstOneStops() {
    start("todo");
    RecordingFunction second = new RecordingFunction();
    try (Logged log = new Logged();
        dev.perdure.functions.trigger.Trigger other = create("todo", second)) {
      other.start();
      log.await("is in use; another host runs this function");

      trigger.close();
      insert(1, "tea");

      assertThat(second.awaitChanges(1)).containsExactly(inserted(1, "tea"));
      assertThat(function.changes()).isEmpty();
    }
  }

  // ---- by hand --------------------------------------------------------------------------------

  @Test
  void theTextOfARunByHandIsWhatTheFunctionGets() {
    trigger = create("todo");

    assertThat(trigger.byHand("[]").value()).isEqualTo(new Value.Json("[]"));
    assertThat(trigger.byHand("").value()).isEqualTo(new Value.Json("[]"));
    assertThat(trigger.byHand("[1]").value()).isEqualTo(new Value.Json("[1]"));
  }
}
