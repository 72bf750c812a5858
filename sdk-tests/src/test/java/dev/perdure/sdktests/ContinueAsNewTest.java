package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.durabletask.OrchestrationMetadata;
import com.microsoft.durabletask.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ContinueAsNewTest extends SdkTest {
  @Test
  void theLastRoundIsTheResult() {
    worker(
        code ->
            code.orchestrator(
                "count",
                ctx -> {
                  int value = ctx.getInput(int.class);
                  if (value < 50) {
                    ctx.continueAsNew(value + 1);
                  } else {
                    ctx.complete(value);
                  }
                }));

    OrchestrationMetadata end = completed(start("count", 0));

    assertThat(end.readOutputAs(int.class)).isEqualTo(50);
    assertThat(end.readInputAs(int.class)).isEqualTo(50);
  }

  @Test
  void manyInstancesWithAnActivityAndATimerInEveryRound() {
    AtomicInteger executions = new AtomicInteger();
    worker(
        code ->
            code.orchestrator(
                    "count",
                    ctx -> {
                      int value = ctx.getInput(int.class);
                      ctx.createTimer(Duration.ofMillis(5)).await();
                      value = ctx.callActivity("plusOne", value, int.class).await();
                      if (value < 10) {
                        ctx.continueAsNew(value);
                      } else {
                        ctx.complete(value);
                      }
                    })
                .activity(
                    "plusOne",
                    ctx -> {
                      executions.incrementAndGet();
                      return ctx.getInput(int.class) + 1;
                    }));
    List<String> ids = Stream.generate(() -> start("count", 0)).limit(24).toList();

    assertThat(ids).allSatisfy(id -> assertThat(output(id, int.class)).isEqualTo(10));
    assertThat(executions).hasValue(240);
  }

  /**
   * (What this version of the SDK itself hands on to the next round, it does in no order and with
   * what had been consumed: that cannot be tested.)
   */
  @Test
  void eventsThatComeInTheLastTurnOfARoundReachTheNext() throws Exception {
    CountDownLatch inTheLastTurn = new CountDownLatch(1);
    CountDownLatch raised = new CountDownLatch(1);
    worker(
        code ->
            code.orchestrator(
                "main",
                ctx -> {
                  if (ctx.getInput(int.class) == 1) {
                    ctx.waitForExternalEvent("go").await();
                    inTheLastTurn.countDown();
                    awaitQuietly(raised);
                    ctx.continueAsNew(2, false);
                  }
                  List<Integer> all = new ArrayList<>();
                  for (int i = 0; i < 20; i++) {
                    all.add(ctx.waitForExternalEvent("item", int.class).await());
                  }
                  ctx.complete(all);
                }));
    String id = start("main", 1);
    client.raiseEvent(id, "go");
    assertThat(inTheLastTurn.await(10, TimeUnit.SECONDS)).isTrue();

    for (int i = 0; i < 20; i++) {
      client.raiseEvent(id, "item", i);
    }
    raised.countDown();

    assertThat(outputs(id)).isEqualTo(IntStream.range(0, 20).boxed().toList());
  }

  @Test
  void eventsMayBeLeftBehindOnRequest() {
    worker(
        code ->
            code.orchestrator(
                "main",
                ctx -> {
                  if (ctx.getInput(int.class) == 1) {
                    ctx.waitForExternalEvent("go").await();
                    ctx.continueAsNew(2, false);
                  } else {
                    ctx.complete(ctx.waitForExternalEvent("item", String.class).await());
                  }
                }));
    String id = start("main", 1);
    client.raiseEvent(id, "item", "old");
    client.raiseEvent(id, "go");
    await("the second round", () -> get(id).readInputAs(int.class) == 2);

    client.raiseEvent(id, "item", "new");

    assertThat(output(id, String.class)).isEqualTo("new");
  }

  @Test
  void lateAnswersOfAnOldRoundDoNotReachTheNext() {
    worker(
        code ->
            code.orchestrator(
                    "main",
                    ctx -> {
                      int round = ctx.getInput(int.class);
                      // The first thing of every round, so all have the same id.
                      Task<Integer> answer = ctx.callActivity("echo", round, int.class);
                      if (round < 5) {
                        ctx.continueAsNew(round + 1);
                        return;
                      }
                      ctx.complete(answer.await());
                    })
                .activity("echo", ctx -> ctx.getInput(int.class)));

    assertThat(output(start("main", 0), int.class)).isEqualTo(5);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
