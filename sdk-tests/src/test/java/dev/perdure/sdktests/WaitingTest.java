package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.durabletask.DurableTaskClient;
import com.microsoft.durabletask.OrchestrationMetadata;
import com.microsoft.durabletask.OrchestrationRuntimeStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WaitingTest extends SdkTest {
  @Test
  void aStartIsSeenOnlyWhenTheFirstTurnHasBeenRecorded() throws Exception {
    CountDownLatch inFirstTurn = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    worker(
        code ->
            code.orchestrator(
                "slow",
                ctx -> {
                  inFirstTurn.countDown();
                  awaitQuietly(go);
                  ctx.setCustomStatus("started");
                  ctx.waitForExternalEvent("end").await();
                }));
    String id = start("slow");
    assertThat(inFirstTurn.await(10, TimeUnit.SECONDS)).isTrue();

    assertThatThrownBy(() -> client.waitForInstanceStart(id, Duration.ofMillis(500)))
        .isInstanceOf(TimeoutException.class);
    assertThat(status(id)).isEqualTo(OrchestrationRuntimeStatus.PENDING);

    go.countDown();
    OrchestrationMetadata started = awaitStart(id);
    assertThat(started.getRuntimeStatus()).isEqualTo(OrchestrationRuntimeStatus.RUNNING);
    assertThat(started.readCustomStatusAs(String.class)).isEqualTo("started");
    client.raiseEvent(id, "end");
    completed(id);
  }

  @Test
  void whoGivesUpWaitingDisturbsNothing() throws Exception {
    worker(
        code ->
            code.orchestrator(
                "main", ctx -> ctx.complete(ctx.waitForExternalEvent("go", int.class).await())));
    String id = start("main");

    assertThatThrownBy(() -> client.waitForInstanceCompletion(id, Duration.ofMillis(300), true))
        .isInstanceOf(TimeoutException.class);

    client.raiseEvent(id, "go", 7);
    assertThat(output(id, int.class)).isEqualTo(7);
  }

  @Test
  void whatHasEndedIsNotWaitedFor() throws Exception {
    worker(code -> code.orchestrator("empty", ctx -> {}));
    String id = start("empty");
    completed(id);

    assertThat(client.waitForInstanceStart(id, Duration.ofSeconds(5)).getRuntimeStatus())
        .isEqualTo(OrchestrationRuntimeStatus.COMPLETED);
    assertThat(client.waitForInstanceCompletion(id, Duration.ofSeconds(5), false).isCompleted())
        .isTrue();
  }

  @Test
  void anIdThatDoesNotExistYetCanBeWaitedFor() throws Exception {
    worker(code -> code.orchestrator("main", ctx -> ctx.complete("here")));
    String id = unique("soon");
    DurableTaskClient other = newClient();
    CompletableFuture<OrchestrationMetadata> end =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return other.waitForInstanceCompletion(id, PATIENCE, true);
              } catch (TimeoutException e) {
                throw new AssertionError(e);
              }
            });
    assertThatThrownBy(() -> end.get(300, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);

    startAs(id, "main", null);

    assertThat(end.get(20, TimeUnit.SECONDS).readOutputAs(String.class)).isEqualTo("here");
  }

  @Test
  void continuingAsNewDoesNotEndTheWait() {
    worker(
        code ->
            code.orchestrator(
                "count",
                ctx -> {
                  int left = ctx.getInput(int.class);
                  ctx.createTimer(Duration.ofMillis(50)).await();
                  if (left > 0) {
                    ctx.continueAsNew(left - 1);
                  } else {
                    ctx.complete("last");
                  }
                }));

    assertThat(output(start("count", 5), String.class)).isEqualTo("last");
  }

  @Test
  void manyClientsWaitForManyInstances() throws Exception {
    worker(
        code ->
            code.orchestrator(
                "main", ctx -> ctx.complete(ctx.waitForExternalEvent("go", int.class).await())));
    List<DurableTaskClient> clients = Stream.generate(this::newClient).limit(5).toList();
    List<String> ids = Stream.generate(() -> start("main")).limit(10).toList();

    CompletableFuture<List<Integer>> outputs =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return Concurrently.run(
                    200,
                    i ->
                        clients
                            .get(i % clients.size())
                            .waitForInstanceCompletion(ids.get(i / 20), PATIENCE, true)
                            .readOutputAs(int.class));
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
    for (int i = 0; i < ids.size(); i++) {
      client.raiseEvent(ids.get(i), "go", i);
    }

    List<Integer> seen = outputs.get(40, TimeUnit.SECONDS);
    for (int i = 0; i < seen.size(); i++) {
      assertThat(seen.get(i)).isEqualTo(i / 20);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
