package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.durabletask.OrchestrationMetadata;
import com.microsoft.durabletask.OrchestrationRuntimeStatus;
import com.microsoft.durabletask.Task;
import com.microsoft.durabletask.TaskCanceledException;
import com.microsoft.durabletask.TaskOrchestration;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ExternalEventsTest extends SdkTest {
  /** Waits for as many events as its input says, all of one name, and returns them. */
  private static final TaskOrchestration COLLECT =
      ctx -> {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < ctx.getInput(int.class); i++) {
          all.add(ctx.waitForExternalEvent("item", int.class).await());
        }
        ctx.complete(all);
      };

  @Test
  void eventsThatComeBeforeTheFirstTurnArrive() {
    String id = start("collect", 3);
    for (int i = 0; i < 3; i++) {
      client.raiseEvent(id, "item", i);
    }

    worker(code -> code.orchestrator("collect", COLLECT));

    assertThat(outputs(id)).isEqualTo(List.of(0, 1, 2));
  }

  @Test
  void manyEventsOfOneNameArriveInTheirOrder() {
    worker(code -> code.orchestrator("collect", COLLECT));
    String id = start("collect", 30);

    for (int i = 0; i < 30; i++) {
      client.raiseEvent(id, "item", i);
    }

    assertThat(outputs(id)).isEqualTo(IntStream.range(0, 30).boxed().toList());
  }

  @Test
  void manyEventsOfManyNamesReachWhoWaitsForThem() {
    worker(
        code ->
            code.orchestrator(
                "main",
                ctx -> {
                  List<Task<Integer>> waits = new ArrayList<>();
                  for (int i = 0; i < 100; i++) {
                    waits.add(ctx.waitForExternalEvent("event " + i, int.class));
                  }
                  ctx.complete(ctx.allOf(waits).await());
                }));
    String id = start("main");

    for (int i = 99; i >= 0; i--) {
      client.raiseEvent(id, "event " + i, i);
    }

    assertThat(outputs(id)).isEqualTo(IntStream.range(0, 100).boxed().toList());
  }

  @Test
  void anEventThatNobodyWaitsForYetIsKept() {
    worker(
        code ->
            code.orchestrator(
                "main",
                ctx -> {
                  ctx.waitForExternalEvent("now").await();
                  ctx.complete(ctx.waitForExternalEvent("early", String.class).await());
                }));
    String id = start("main");
    awaitStart(id);

    client.raiseEvent(id, "early", "bird");
    client.raiseEvent(id, "now");

    assertThat(output(id, String.class)).isEqualTo("bird");
  }

  @Test
  void anEventMayCarryNothing() {
    worker(
        code ->
            code.orchestrator(
                "main",
                ctx -> {
                  Object nothing = ctx.waitForExternalEvent("ping", String.class).await();
                  ctx.complete(nothing == null);
                }));
    String id = start("main");

    client.raiseEvent(id, "ping");

    assertThat(output(id, boolean.class)).isTrue();
  }

  private static final TaskOrchestration WITH_TIMEOUT =
      ctx -> {
        Duration patience = Duration.ofMillis(ctx.getInput(int.class));
        try {
          ctx.complete(ctx.waitForExternalEvent("answer", patience, String.class).await());
        } catch (TaskCanceledException e) {
          ctx.complete("nobody answers");
        }
      };

  @Test
  void whoWaitsNotLongEnoughHearsNothing() throws Exception {
    worker(code -> code.orchestrator("main", WITH_TIMEOUT));

    Punctually.within(
        Duration.ofMillis(500),
        () -> {
          OrchestrationMetadata end = completed(start("main", 400));
          assertThat(end.readOutputAs(String.class)).isEqualTo("nobody answers");
          return Duration.between(end.getCreatedAt(), end.getLastUpdatedAt()).minusMillis(400);
        });
  }

  @Test
  void whoWaitsLongEnoughHearsTheAnswerAtOnce() {
    worker(code -> code.orchestrator("main", WITH_TIMEOUT));
    String id = start("main", 3_600_000);
    awaitStart(id);

    client.raiseEvent(id, "answer", "yes");

    assertThat(output(id, String.class)).isEqualTo("yes");
  }

  @Test
  void oneOrchestrationMaySendToAnother() {
    worker(
        code ->
            code.orchestrator("collect", COLLECT)
                .orchestrator(
                    "send",
                    ctx -> {
                      String to = ctx.getInput(String.class);
                      ctx.sendEvent(to, "item", 1);
                      ctx.sendEvent("nobody-" + ctx.getInstanceId(), "item", 2);
                      ctx.sendEvent(to, "item", 3);
                      ctx.complete("sent");
                    }));
    String receiver = start("collect", 2);

    assertThat(output(start("send", receiver), String.class)).isEqualTo("sent");
    assertThat(outputs(receiver)).isEqualTo(List.of(1, 3));
    // It has ended: what comes now goes nowhere.
    assertThat(output(start("send", receiver), String.class)).isEqualTo("sent");
    assertThat(outputs(receiver)).isEqualTo(List.of(1, 3));
  }

  /** This version of the SDK asks in every turn for all that it has ever sent. */
  @Test
  void whatHasBeenSentIsNotSentAgainThoughTheSdkAsksForIt() {
    worker(
        code ->
            code.orchestrator("collect", COLLECT)
                .orchestrator(
                    "send",
                    ctx -> {
                      String to = ctx.getInput(String.class);
                      for (int i = 0; i < 3; i++) {
                        ctx.sendEvent(to, "item", i);
                        ctx.createTimer(Duration.ZERO).await();
                      }
                      ctx.complete("sent"); // by itself it never would, as long as it asks
                    }));
    String receiver = start("collect", 3);

    completed(start("send", receiver));

    assertThat(outputs(receiver)).isEqualTo(List.of(0, 1, 2));
  }

  @Test
  void anEventForWhatHasEndedIsIgnored() {
    worker(code -> code.orchestrator("empty", ctx -> {}));
    String id = start("empty");
    OrchestrationMetadata end = completed(id);

    client.raiseEvent(id, "late", 1);

    assertThat(get(id).getLastUpdatedAt()).isEqualTo(end.getLastUpdatedAt());
    assertThat(status(id)).isEqualTo(OrchestrationRuntimeStatus.COMPLETED);
  }

  @Test
  void anEventForNobodyIsRefused() {
    assertThat(codeOf(() -> client.raiseEvent(unique("nobody"), "item", 1)))
        .isEqualTo(Status.Code.NOT_FOUND);
  }

  @Test
  void eventsFromManySendersAllArrive() throws Exception {
    worker(code -> code.orchestrator("collect", COLLECT));
    String id = start("collect", 60);

    Concurrently.run(
        60,
        i -> {
          client.raiseEvent(id, "item", i);
          return i;
        });

    assertThat(outputs(id))
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 60).boxed().toList());
  }
}
