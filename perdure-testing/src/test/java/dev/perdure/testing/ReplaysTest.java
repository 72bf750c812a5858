package dev.perdure.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.EntityId;
import dev.perdure.api.EntityOperations;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestratorLambda;
import dev.perdure.json.HistoryJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ReplaysTest {
  private static final EntityId STOCK = EntityId.of("stock", "tea");

  @TempDir Path histories;

  private static TestHub.Builder program(OrchestratorLambda order) {
    return TestHub.builder()
        .activity("reserve", () -> "R-1")
        .activity("charge", () -> "P-1")
        .activity("check", () -> true)
        .entity(
            "stock",
            EntityOperations.of(Integer.class, () -> 10)
                .operation("take", Integer.class, (n, taken) -> n - taken))
        .orchestrator("order", order);
  }

  /** What all versions of the program have in common. */
  private static String untilPaid(OrchestrationContext ctx) {
    String reservation = ctx.callActivity("reserve", null, String.class).await();
    try (var section = ctx.lockEntities(STOCK).await()) {
      ctx.callEntity(STOCK, "take", 1, Integer.class).await();
    }
    ctx.createTimer(Duration.ofDays(1)).await();
    ctx.waitForExternalEvent("paid", String.class).await();
    return reservation;
  }

  private static TestHub.Builder unchanged() {
    return program(
        ctx -> {
          String reservation = untilPaid(ctx);
          return reservation + ctx.callActivity("charge", null, String.class).await();
        });
  }

  /** A history of an order that waits, and one of an order that has ended. */
  @BeforeEach
  void record() {
    try (TestHub hub = unchanged().open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      String ended = hub.client().startNew("order");
      hub.client().raiseEvent(ended, "paid", "cash");
      hub.await(ended);
      String waiting = hub.client().startNew("order");
      hub.advance(Duration.ofDays(2));
      Replays.export(hub.client(), ended, histories.resolve("ended.json"));
      Replays.export(hub.client(), waiting, histories.resolve("waiting.json"));
    }
  }

  @Test
  void codeThatIsUnchangedPasses() {
    assertThat(Replays.check(unchanged(), histories)).isEqualTo(2);
    assertThat(Replays.check(unchanged(), histories.resolve("waiting.json"))).isEqualTo(1);
  }

  @Test
  void aChangeInWhatHasNotHappenedYetPassesForTheOneThatWaits() throws IOException {
    TestHub.Builder changed =
        program(
            ctx -> {
              untilPaid(ctx);
              return ctx.callActivity("check", null, Boolean.class).await();
            });
    Replays.check(changed, Files.readString(histories.resolve("waiting.json")));
    assertThatThrownBy(() -> Replays.check(changed, histories))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("1 of 2 histories cannot go on with this code")
        .hasMessageContaining("ended.json: NONDETERMINISM")
        .hasMessageContaining("call of activity 'charge'")
        .hasMessageContaining("call of activity 'check'");
  }

  @Test
  void codeThatWaitsWhereItHadEndedFails() {
    TestHub.Builder changed =
        program(
            ctx -> {
              String reservation = untilPaid(ctx);
              String payment = ctx.callActivity("charge", null, String.class).await();
              ctx.waitForExternalEvent("packed").await();
              return reservation + payment;
            });
    assertThat(Replays.check(changed, histories.resolve("waiting.json"))).isEqualTo(1);
    assertThatThrownBy(() -> Replays.check(changed, histories.resolve("ended.json")))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("the history holds the end, but the code waits");
  }

  @Test
  void aChangeInWhatHasHappenedFailsAndSaysWhere() {
    TestHub.Builder changed =
        program(
            ctx -> {
              ctx.callActivity("check", null, Boolean.class).await();
              return ctx.callActivity("reserve", null, String.class).await();
            });
    assertThatThrownBy(() -> Replays.check(changed, histories.resolve("waiting.json")))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("waiting.json: NONDETERMINISM: Instance 'instance-2': at position 1")
        .hasMessageContaining("the history holds call of activity 'reserve' (#0)")
        .hasMessageContaining("the code asked for call of activity 'check' (#0)")
        .hasMessageContaining("ReplaysTest.java:");
  }

  @Test
  void codeThatIsGoneFails() {
    assertThatThrownBy(() -> Replays.check(TestHub.builder(), histories))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("FUNCTION_NOT_FOUND")
        .hasMessageContaining("'order'");
  }

  @Test
  void whatIsNoHistoryFails() throws IOException {
    Path file = histories.resolve("waiting.json");
    Files.writeString(file, Files.readString(file).replace("\"taskId\"", "\"task\""));
    assertThatThrownBy(() -> Replays.check(unchanged(), histories))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("waiting.json: This is not a history: line")
        .hasMessageContaining("'taskId' is missing");
    assertThatThrownBy(() -> Replays.check(unchanged(), histories.resolve("nowhere.json")))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("There is no file or directory")
        .hasMessageContaining("nowhere.json");
    assertThatThrownBy(
            () -> Replays.check(unchanged(), HistoryJson.write("x", java.util.List.of())))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("does not begin with ExecutionStarted");
  }

  @Test
  void anEmptyDirectoryIsNoProof() throws IOException {
    Path empty = Files.createDirectory(histories.resolve("empty"));
    assertThatThrownBy(() -> Replays.check(unchanged(), empty))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("nothing was checked");
  }

  @Test
  void withoutTheDirectoryItIsToldHowToMakeIt() {
    Path missing = histories.resolve("src/test/histories");
    assertThatThrownBy(() -> Replays.check(unchanged(), missing))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("There is no file or directory '%s'".formatted(missing))
        .hasMessageContaining("nothing was checked")
        .hasMessageContaining("Replays.export");

    try (TestHub hub = unchanged().open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      String id = hub.client().startNew("order");
      hub.advance(Duration.ofDays(2));
      Replays.export(hub.client(), id, missing.resolve("order.json"));
    }
    assertThat(Replays.check(unchanged(), missing)).isEqualTo(1);
  }

  @Test
  void howeverAnOrchestrationEndedItsOwnCodePasses() {
    TestHub.Builder program =
        TestHub.builder()
            .activity("a", () -> 1)
            .entity(
                "stock",
                EntityOperations.of(Integer.class, () -> 10)
                    .operation("take", Integer.class, (n, taken) -> n - taken))
            .orchestrator(
                "fails",
                ctx -> {
                  ctx.callActivity("a", null, Integer.class).await();
                  throw new IllegalStateException("no luck");
                })
            .orchestrator("endsAtOnce", ctx -> 1)
            .orchestrator(
                "keepsItsLock",
                ctx -> {
                  ctx.lockEntities(STOCK).await();
                  ctx.callActivity("a", null, Integer.class); // and does not wait for it
                  return 1;
                })
            .orchestrator(
                "waitsWithALock",
                ctx -> {
                  ctx.lockEntities(STOCK).await();
                  return ctx.waitForExternalEvent("never", String.class).await();
                })
            .orchestrator(
                "goesOn",
                Integer.class,
                (ctx, n) -> {
                  ctx.callActivity("a", null, Integer.class).await();
                  if (n < 3) {
                    ctx.continueAsNew(n + 1);
                  }
                  return n;
                });
    try (TestHub hub = program.open();
        LivenessAudit liveness = LivenessAudit.of(hub.client())) {
      for (String name : new String[] {"fails", "endsAtOnce", "keepsItsLock", "goesOn"}) {
        String id = hub.client().startNew(name, 1);
        hub.await(id);
        Replays.check(program, HistoryJson.write(id, hub.history(id)));
      }
      String id = hub.client().startNew("waitsWithALock");
      hub.runUntilIdle();
      Replays.check(program, HistoryJson.write(id, hub.history(id)));
      hub.client().terminate(id, "enough");
      Replays.check(program, HistoryJson.write(id, hub.history(id)));
    }
  }

  @Test
  void codeThatComputesForEverIsGivenUp() {
    TestHub.Builder endless =
        program(
                ctx -> {
                  while (!Thread.currentThread().isInterrupted()) {
                    Thread.onSpinWait();
                  }
                  return null;
                })
            .patience(Duration.ofMillis(200));
    assertThatThrownBy(() -> Replays.check(endless, histories.resolve("waiting.json")))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("waiting.json: ")
        .hasMessageContaining("without waiting for anything, at");
  }
}
