package dev.perdure.engine.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.HubClosedException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.StartOptions;
import dev.perdure.engine.ActivityStart;
import dev.perdure.store.LogRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens when a commit fails and the program goes on. */
@ExtendWith(QuietLog.class)
class InProcessRecoveryTest {
  private static final RuntimeException DISK_FULL = new IllegalStateException("the disk is full");

  private static World sums(World world) {
    return world
        .functions(
            f -> {
              f.activity("increment", Integer.class, n -> n + 1);
              f.orchestrator(
                  "sum",
                  Integer.class,
                  (ctx, n) -> {
                    int sum = n;
                    for (int i = 0; i < 3; i++) {
                      sum = ctx.callActivity("increment", sum, Integer.class).await();
                    }
                    return sum;
                  });
            })
        .open()
        .warm();
  }

  private static void await(CountDownLatch latch) throws InterruptedException {
    assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @ParameterizedTest
  @EnumSource(ActivityStart.class)
  void whateverWasAcknowledgedEndsHoweverManyCommitsFail(ActivityStart start) {
    try (World world =
        sums(
            new World()
                .partitions(4)
                .activityStart(start)
                .options(o -> o.withCheckpoint(Duration.ofMillis(1), 1 << 16)))) {
      for (int i = 0; i < 60; i++) {
        if (i % 10 == 3) {
          world.memory().failNextCommits(1, DISK_FULL);
        } else if (i % 10 == 7) {
          world.memory().failNextCommitsButKeepThem(1, DISK_FULL);
        }
        world.start("i" + i, "sum", i);
      }
      for (int i = 0; i < 60; i++) {
        assertThat(world.output("i" + i, Integer.class)).isEqualTo(i + 3);
      }
      Audit.check(world);
    }
  }

  @Test
  void aClientWhoseCommitFailedIsToldThatTheOutcomeIsNotKnown() {
    try (World world = sums(new World())) {
      world.memory().failNextCommits(1, DISK_FULL);
      assertThatThrownBy(() -> world.client().startNew("sum", 1, StartOptions.id("lost")))
          .isInstanceOf(HubClosedException.class)
          .hasMessageContaining("not known whether the request took effect")
          .hasMessageContaining("the disk is full");
      assertThat(world.exists("lost")).isFalse();

      world.memory().failNextCommitsButKeepThem(1, DISK_FULL);
      assertThatThrownBy(() -> world.client().startNew("sum", 1, StartOptions.id("kept")))
          .isInstanceOf(HubClosedException.class);
      assertThat(world.output("kept", Integer.class)).isEqualTo(4);
    }
  }

  @Test
  void whoWaitsForAnInstanceDoesNotNoticeARecovery() {
    try (World world = sums(new World())) {
      CompletableFuture<OrchestrationMetadata> waiter = new CompletableFuture<>();
      world.start("a", "sum", 1);
      world.output("a", Integer.class);
      world.memory().failNextCommits(1, DISK_FULL);
      assertThatThrownBy(() -> world.client().startNew("sum", 1))
          .isInstanceOf(HubClosedException.class);
      Thread.startVirtualThread(
          () -> waiter.complete(world.client().waitForCompletion("a", World.PATIENCE)));
      assertThat(waiter.orTimeout(20, TimeUnit.SECONDS).join().output(Integer.class)).isEqualTo(4);
    }
  }

  @Test
  void aClockThatGoesBackDoesNotPutOffTheRecovery() {
    try (World world = sums(new World())) {
      world.memory().failNextCommits(1, DISK_FULL);
      assertThatThrownBy(() -> world.client().startNew("sum", 1))
          .isInstanceOf(HubClosedException.class);
      world.clock.jump(Duration.ofHours(-1));
      world.start("a", "sum", 1);
      assertThat(world.output("a", Integer.class)).isEqualTo(4);
    }
  }

  /** The log still has what rows show completely: it is cut much later than rows are written. */
  @Test
  void whatOnlyWaitsDoesNotCountAsUnfinishedAfterARecoveryEither() {
    try (World world =
        new World()
            .partitions(1)
            .flushEvery(Integer.MAX_VALUE)
            .options(
                o ->
                    o.withWarm(0, Duration.ofSeconds(60))
                        .withCheckpoint(Duration.ofMillis(1), 1 << 16)
                        .withLimits(
                            o.limits().withUnfinishedInstancesMax(5, Duration.ofSeconds(10))))
            .functions(
                f -> {
                  f.orchestrator(
                      "sleep",
                      ctx -> {
                        ctx.createTimer(Duration.ofDays(1)).await();
                        return "";
                      });
                })
            .open()
            .warm()) {
      for (int i = 0; i < 20; i++) {
        world.start("s" + i, "sleep", null);
      }
      world.memory().failNextCommits(1, DISK_FULL);
      world.start("after", "sleep", null); // taken once the hub has recovered
      assertThatCode(() -> world.client().startNew("sleep")).doesNotThrowAnyException();
      Audit.check(world);
    }
  }

  @Test
  void aFailedCommitIsNoCrashAndSuspectsNobody() throws InterruptedException {
    AtomicInteger runs = new AtomicInteger();
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    try (World world =
        new World()
            .options(o -> o.withRedeliveriesMax(1))
            .functions(
                f -> {
                  f.activity(
                      "long",
                      () -> {
                        runs.incrementAndGet();
                        running.countDown();
                        await(mayEnd);
                        return "done";
                      });
                  f.orchestrator("o", ctx -> ctx.callActivity("long", null, String.class).await());
                  f.orchestrator("nothing", ctx -> "");
                })
            .open()) {
      world.start("a", "o", null);
      await(running);
      recoverFourTimes(world);
      assertThat(world.status("a").problem()).isNull();
      mayEnd.countDown();
      assertThat(world.output("a", String.class)).isEqualTo("done");
      assertThat(runs).as("it went on while the hub recovered").hasValue(1);
    }
  }

  private static void recoverFourTimes(World world) {
    for (int i = 0; i < 4; i++) {
      world.memory().failNextCommits(1, DISK_FULL);
      world.start("b" + i, "nothing", null);
      world.output("b" + i, String.class);
    }
  }

  @ParameterizedTest
  @EnumSource(ActivityStart.class)
  void whatWaitsForItsTurnIsRunOnceHoweverOftenItsPartitionRecovers(ActivityStart start)
      throws InterruptedException {
    AtomicInteger runs = new AtomicInteger();
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    try (World world =
        new World()
            .options(o -> o.withActivitiesMax(1).withActivityStart(start))
            .functions(
                f -> {
                  f.activity(
                      "long",
                      () -> {
                        running.countDown();
                        await(mayEnd);
                        return runs.incrementAndGet();
                      });
                  f.orchestrator(
                      "o",
                      ctx -> {
                        ctx.allOf(
                                ctx.callActivity("long"),
                                ctx.callActivity("long"),
                                ctx.callActivity("long"))
                            .await();
                        return "done";
                      });
                  f.orchestrator("nothing", ctx -> "");
                })
            .open()) {
      world.start("a", "o", null);
      await(running);
      recoverFourTimes(world);
      mayEnd.countDown();
      assertThat(world.output("a", String.class)).isEqualTo("done");
      assertThat(runs).hasValue(3);
    }
  }

  @Test
  void aRecoveryThatFailsHalfWayIsTriedAgainFromTheBeginning() {
    try (World world =
        sums(new World().options(o -> o.withCheckpoint(Duration.ofMillis(1), 1 << 16)))) {
      for (int i = 0; i < 5; i++) {
        world.start("a" + i, "sum", i);
        world.store().failNextReadOfALog();
        world.memory().failNextCommits(1, DISK_FULL);
        world.start("b" + i, "sum", i);
        assertThat(world.output("a" + i, Integer.class)).isEqualTo(i + 3);
        assertThat(world.output("b" + i, Integer.class)).isEqualTo(i + 3);
      }
      assertThat(world.instances()).hasSize(10);
      world.restart();
      assertThat(world.instances())
          .hasSize(10)
          .allMatch(i -> i.status() == OrchestrationStatus.COMPLETED);
      Audit.check(world);
    }
  }

  @Test
  void rowsThatCannotBeWrittenAreWrittenLater() {
    try (World world = sums(new World().partitions(2))) {
      for (int i = 0; i < 5; i++) {
        world.start("a" + i, "sum", i);
        world.store().failNextRows();
        assertThat(world.instances()).hasSize(i + 1);
      }
      for (int i = 0; i < 5; i++) {
        assertThat(world.output("a" + i, Integer.class)).isEqualTo(i + 3);
      }
      Audit.check(world);
    }
  }

  /** Invariant 1: one writer. */
  @Test
  void rowsThatAreLostAreMadeAgainAlsoWhereNothingHappens() {
    try (World world =
        sums(
            new World()
                .partitions(4)
                .options(o -> o.withCheckpoint(Duration.ofMillis(1), 1 << 16)))) {
      for (int i = 0; i < 40; i++) {
        world.start("i" + i, "sum", i);
      }
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 40; i++) {
          assertThat(world.output("i" + i, Integer.class)).isEqualTo(i + 3);
        }
        world.memory().flush(); // some are durable, some are not
        world.start("more" + round, "sum", 1);
        assertThat(world.output("more" + round, Integer.class)).isEqualTo(4);
        world.memory().loseRows(0);
      }
      for (int i = 0; i < 40; i++) {
        assertThat(world.output("i" + i, Integer.class)).isEqualTo(i + 3);
      }
      assertThat(world.instances()).hasSize(43);
      Audit.check(world);
    }
  }

  @Test
  void aPartitionThatWasTakenAwayWritesNothingMoreUntilItIsTakenBack() {
    try (World world = sums(new World())) {
      world.start("a", "sum", 1);
      world.output("a", Integer.class);
      long foreign = world.memory().acquire(0, "somebody else");
      assertThatThrownBy(() -> world.client().startNew("sum", 1, StartOptions.id("b")))
          .isInstanceOf(HubClosedException.class)
          .hasMessageContaining("taken over");
      assertThat(world.exists("b")).isFalse();
      world.start("c", "sum", 5);
      assertThat(world.output("c", Integer.class)).isEqualTo(8);

      List<Long> epochs = new ArrayList<>();
      List<LogRecord> after = new ArrayList<>();
      world
          .memory()
          .readLog(
              0,
              0,
              record -> {
                epochs.add(record.epoch());
                if (record.epoch() > foreign) {
                  after.add(record);
                }
              });
      assertThat(epochs).isSorted().doesNotContain(foreign);
      assertThat(after).isNotEmpty();
    }
  }

  @Test
  void aResultOfWorkThatWasNeverRecordedIsNotTakenForAnothers() throws InterruptedException {
    CountDownLatch firstRuns = new CountDownLatch(1);
    CountDownLatch firstMayEnd = new CountDownLatch(1);
    CountDownLatch firstEnds = new CountDownLatch(1);
    CountDownLatch secondRuns = new CountDownLatch(1);
    CountDownLatch secondMayEnd = new CountDownLatch(1);
    try (World world =
        new World()
            .activityStart(ActivityStart.PIPELINED)
            .functions(
                f -> {
                  f.activity(
                      "slow",
                      String.class,
                      which -> {
                        if (which.equals("first")) {
                          firstRuns.countDown();
                          await(firstMayEnd);
                          firstEnds.countDown();
                        } else {
                          secondRuns.countDown();
                          await(secondMayEnd);
                        }
                        return which;
                      });
                  f.orchestrator(
                      "o",
                      String.class,
                      (ctx, which) -> ctx.callActivity("slow", which, String.class).await());
                })
            .open()
            .warm()) {
      world.memory().holdCommits();
      CompletableFuture<String> lost =
          CompletableFuture.supplyAsync(
              () -> world.client().startNew("o", "first", StartOptions.id("x")));
      await(firstRuns);
      world.memory().failNextCommits(1, DISK_FULL);
      world.memory().releaseCommits();
      assertThatThrownBy(lost::join).hasCauseInstanceOf(HubClosedException.class);

      world.start("x", "o", "second");
      await(secondRuns);
      firstMayEnd.countDown();
      await(firstEnds);
      for (int i = 0; i < 200; i++) { // time for its result to arrive
        world.status("x");
      }
      secondMayEnd.countDown();
      assertThat(world.output("x", String.class)).isEqualTo("second");
    }
  }

  @Test
  void aSuspensionOutlivesContinuingAsNew() throws InterruptedException {
    CountDownLatch inStep = new CountDownLatch(1);
    CountDownLatch mayGoOn = new CountDownLatch(1);
    try (World world =
        new World()
            .functions(
                f ->
                    f.orchestrator(
                        "eternal",
                        Integer.class,
                        (ctx, n) -> {
                          if (n == 0) {
                            inStep.countDown();
                            await(mayGoOn);
                            ctx.continueAsNew(1);
                          }
                          return n;
                        }))
            .open()) {
      world.start("a", "eternal", 0);
      await(inStep);
      world.tell(client -> client.suspend("a", "stop"));
      mayGoOn.countDown();
      world.until(
          "it has continued as new",
          client -> client.status("a").orElseThrow().input(Integer.class) == 1);
      assertThat(world.status("a").status()).isEqualTo(OrchestrationStatus.SUSPENDED);
      world.tell(client -> client.resume("a", null));
      assertThat(world.output("a", Integer.class)).isEqualTo(1);
    }
  }

  /** Invariant 3: nothing leaves before it is durable, not even a refusal. */
  @Test
  void nobodyIsToldWhatIsNotDurableYet() {
    try (World world = sums(new World())) {
      world.memory().holdCommits();
      CompletableFuture<String> started =
          CompletableFuture.supplyAsync(
              () -> world.client().startNew("sum", 1, StartOptions.id("x")));
      world.waitForHeldCommit();
      CompletableFuture<Boolean> status =
          CompletableFuture.supplyAsync(() -> world.client().status("x").isPresent());
      CompletableFuture<String> again =
          CompletableFuture.supplyAsync(
              () ->
                  world
                      .client()
                      .startNew(
                          "sum",
                          2,
                          StartOptions.id("x").withIdReuse(StartOptions.IdReusePolicy.ERROR)));
      assertThatThrownBy(() -> again.get(100, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      assertThat(status).isNotDone();
      assertThat(started).isNotDone();
      world.memory().failNextCommits(1, DISK_FULL);
      world.memory().releaseCommits();
      for (CompletableFuture<?> future : List.of(started, status, again)) {
        assertThatThrownBy(future::join).hasCauseInstanceOf(HubClosedException.class);
      }
      assertThat(world.exists("x")).isFalse();
    }
  }

  @Test
  void whoWaitsIsToldThatTheHubIsClosed() throws InterruptedException {
    World world = new World();
    world
        .functions(
            f ->
                f.orchestrator(
                    "waiter", ctx -> ctx.waitForExternalEvent("go", String.class).await()))
        .open();
    world.start("a", "waiter", null);
    CompletableFuture<Object> waiter =
        CompletableFuture.supplyAsync(
            () -> world.client().waitForCompletion("a", Duration.ofMinutes(5)));
    world.until("it waits", client -> !client.explain("a").waits().isEmpty());
    world.close();
    assertThatThrownBy(() -> waiter.orTimeout(20, TimeUnit.SECONDS).join())
        .hasCauseInstanceOf(HubClosedException.class);
  }

  /** Messages between partitions are still acknowledged while the last rows are written. */
  @Test
  @Timeout(20)
  void closingDoesNotWaitForTheTimeOfTheNextCheckpoint() {
    for (int i = 0; i < 60; i++) {
      try (World world =
          new World()
              .partitions(4)
              .options(o -> o.withCheckpoint(Duration.ofDays(1), 1 << 20))
              .functions(
                  f ->
                      f.orchestrator(
                          "sender",
                          ctx -> {
                            for (int to = 0; to < 12; to++) {
                              ctx.sendEvent("nobody" + to, "hello", null);
                            }
                            return null;
                          }))
              .open()) {
        world.start("a" + i, "sender", null);
        world.end("a" + i);
      }
    }
  }

  @Test
  void aStartThatCannotBeRecordedLeavesNothingBehind() {
    try (World world = sums(new World())) {
      assertThatThrownBy(
              () ->
                  world
                      .client()
                      .startNew("sum", 1, StartOptions.id("x").withScheduledStart(Instant.MAX)))
          .isInstanceOf(RuntimeException.class);
      assertThat(world.exists("x")).isFalse();
      world.start("x", "sum", 1);
      assertThat(world.output("x", Integer.class)).isEqualTo(4);
    }
  }
}
