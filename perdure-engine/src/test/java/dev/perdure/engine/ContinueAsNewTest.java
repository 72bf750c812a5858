package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.StartOptions;
import dev.perdure.api.TaskOptions;
import dev.perdure.api.TypeRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ContinueAsNewTest extends Scenarios {

  record Collected(List<String> items) {}

  /** Collects one event in each generation. */
  private TestHub hubThatCollects(boolean keepEvents) {
    return hub(
        f ->
            f.orchestrator(
                "collect",
                Collected.class,
                (ctx, soFar) -> {
                  List<String> items = new ArrayList<>(soFar.items());
                  items.add(ctx.waitForExternalEvent("item", String.class).await());
                  if (items.size() < 4) {
                    ctx.continueAsNew(new Collected(items), keepEvents);
                    return null;
                  }
                  return items;
                }));
  }

  @Test
  void theNextGenerationHasTheNewInputAndAnEmptyHistory() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        Integer.class,
                        (ctx, generation) -> {
                          ctx.callActivity("nothing").await();
                          if (generation < 5) {
                            ctx.continueAsNew(generation + 1);
                            return "ignored";
                          }
                          return "generation " + generation;
                        })
                    .activity("nothing", () -> null));

    String id = hub.client().startNew("main", 1);

    assertThat(hub.output(id, String.class)).isEqualTo("generation 5");
    List<HistoryEvent> history = hub.history(id);
    assertThat(history).hasSizeLessThan(8).first().isInstanceOf(ExecutionStarted.class);
    assertThat(((ExecutionStarted) history.getFirst()).input().text()).isEqualTo("5");
    assertThat(hub.status(id).input(int.class)).isEqualTo(5);
  }

  @Test
  void eventsThatWereNotHandledAreCarriedOverInOrder() {
    TestHub hub = hubThatCollects(true);
    String id =
        hub.client()
            .startNew(
                "collect",
                new Collected(List.of()),
                StartOptions.DEFAULT.withScheduledStart(TestHub.NOON.plusSeconds(1)));
    for (String item : List.of("a", "b", "c", "d")) {
      hub.client().raiseEvent(id, "ITEM", item);
    }
    hub.client().raiseEvent(id, "other", "x");

    hub.advance(Duration.ofSeconds(1)); // the code finds them all at once

    assertThat(hub.end(id).output(new TypeRef<List<String>>() {}))
        .containsExactly("a", "b", "c", "d");
    assertThat(hub.history(id, EventRaised.class))
        .extracting(EventRaised::name)
        .containsExactlyInAnyOrder("ITEM", "other");
  }

  @Test
  void eventsThatWereNotHandledAreDroppedIfThatIsWanted() {
    TestHub hub = hubThatCollects(false);
    String id =
        hub.client()
            .startNew(
                "collect",
                new Collected(List.of()),
                StartOptions.DEFAULT.withScheduledStart(TestHub.NOON.plusSeconds(1)));
    for (String item : List.of("a", "b", "c", "d")) {
      hub.client().raiseEvent(id, "item", item);
    }

    hub.advance(Duration.ofSeconds(1));
    hub.until(
        "a generation waits in vain",
        () ->
            hub.status(id).status() == OrchestrationStatus.RUNNING
                && hub.status(id).input(Collected.class).items().equals(List.of("a"))
                && !hub.client().explain(id).waits().isEmpty());

    assertThat(hub.history(id, EventRaised.class)).isEmpty();
    assertThat(hub.client().explain(id).waits()).hasSize(1);
  }

  @Test
  void aThousandGenerationsFollowEachOther() {
    Set<String> executions = ConcurrentHashMap.newKeySet();
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        Integer.class,
                        (ctx, generation) -> {
                          executions.add(ctx.callActivity("key", null, String.class).await());
                          if (generation < 1_000) {
                            ctx.continueAsNew(generation + 1);
                          }
                          return generation;
                        })
                    .activity("key", String.class, (ctx, x) -> ctx.idempotencyKey()));

    assertThat(hub.run("main", 1, int.class)).isEqualTo(1_000);
    assertThat(executions).hasSize(1_000);
  }

  @Test
  void aGenerationThatNeverWaitsMayContinueAtOnce() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    Integer.class,
                    (ctx, generation) -> {
                      if (generation < 1_000) {
                        ctx.continueAsNew(generation + 1);
                      }
                      return generation;
                    }));

    assertThat(hub.run("main", 1, int.class)).isEqualTo(1_000);
  }

  @Test
  void whoTheOrchestrationIsStaysTheSame() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    "7",
                    Boolean.class,
                    (ctx, again) -> {
                      ctx.setCustomStatus("set by the first");
                      if (again) {
                        ctx.createTimer(Duration.ofHours(1)).await();
                        ctx.continueAsNew(false);
                        return null;
                      }
                      return ctx.instanceId() + ctx.name() + ctx.version() + ctx.tags();
                    }));
    String id =
        hub.start(
            "main", true, StartOptions.id("me").withVersion("7").withTags(Map.of("colour", "red")));
    String firstExecution = hub.status(id).executionId();

    OrchestrationMetadata end = hub.endWhileTimePasses(id);

    assertThat(end.output(String.class)).isEqualTo("memain7{colour=red}");
    assertThat(end.executionId()).isNotEqualTo(firstExecution);
    assertThat(end.createdAt()).isEqualTo(TestHub.NOON);
    assertThat(end.completedAt()).isEqualTo(TestHub.NOON.plus(Duration.ofHours(1)));
    assertThat(end.tags()).containsEntry("colour", "red");
  }

  @Test
  void theCustomStatusIsKept() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    Boolean.class,
                    (ctx, first) -> {
                      if (first) {
                        ctx.setCustomStatus("half way");
                        ctx.continueAsNew(false);
                        return null;
                      }
                      return "done";
                    }));

    OrchestrationMetadata end = hub.end(hub.client().startNew("main", true));

    assertThat(end.output(String.class)).isEqualTo("done");
    assertThat(end.customStatus(String.class)).isEqualTo("half way");
  }

  @Test
  void timersOfAnEarlierGenerationDoNotFireInALaterOne() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    Integer.class,
                    (ctx, generation) -> {
                      ctx.createTimer(Duration.ofSeconds(10)); // has task id 0 in each of them
                      ctx.waitForExternalEvent("next", Void.class).await();
                      if (generation < 2) {
                        ctx.continueAsNew(generation + 1);
                        return null;
                      }
                      return generation;
                    }));
    String id = hub.start("main", 1);
    hub.advance(Duration.ofSeconds(5));
    hub.client().raiseEvent(id, "next");
    hub.until(
        "the second has begun",
        () ->
            hub.status(id).input(int.class) == 2
                && hub.status(id).status() == OrchestrationStatus.RUNNING);

    hub.advance(Duration.ofSeconds(5));
    hub.client().suspend(id, null); // whatever was to happen has happened

    assertThat(hub.history(id, HistoryEvent.TimerFired.class)).isEmpty();
  }

  @Test
  void failuresAfterTheDecisionCount() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      ctx.continueAsNew("never");
                      throw new IllegalStateException("after all");
                    }));

    assertThat(hub.failure(hub.client().startNew("main")).message()).isEqualTo("after all");
  }

  @Test
  void theLastDecisionCounts() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        String.class,
                        (ctx, input) -> {
                          if (input.equals("first")) {
                            ctx.continueAsNew("second");
                            ctx.callActivity("nothing").await();
                            ctx.continueAsNew("third");
                            return null;
                          }
                          return input;
                        })
                    .activity("nothing", () -> null));

    assertThat(hub.run("main", "first", String.class)).isEqualTo("third");
  }

  @Test
  void childrenStartedInTheLastStepAreStarted() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "main",
                        Integer.class,
                        (ctx, generation) -> {
                          ctx.callSubOrchestrator(
                              "child",
                              null,
                              TaskOptions.NONE.withInstanceId("child-" + generation),
                              Void.class);
                          if (generation < 3) {
                            ctx.continueAsNew(generation + 1);
                          }
                          return null;
                        })
                    .orchestrator("child", ctx -> "done"));

    hub.end(hub.client().startNew("main", 1));

    for (int generation = 1; generation <= 3; generation++) {
      hub.untilStatus("child-" + generation, OrchestrationStatus.COMPLETED);
    }
  }

  @Test
  void nullIsAnInputToo() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    String.class,
                    (ctx, input) -> {
                      if (input != null) {
                        ctx.continueAsNew(null);
                      }
                      return "" + input;
                    }));

    assertThat(hub.run("main", "x", String.class)).isEqualTo("null");
  }

  @Test
  void anOrchestrationSuspendedDuringItsLastStepStaysSuspendedInTheNextGeneration()
      throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    Boolean.class,
                    (ctx, first) -> {
                      if (first) {
                        inside.countDown();
                        goOn.await(); // a long computation
                        ctx.continueAsNew(false);
                      }
                      return "done";
                    }));
    String id = hub.client().startNew("main", true);
    inside.await();
    hub.client().suspend(id, "stop here");

    goOn.countDown();
    hub.until("the next generation is there", () -> !hub.status(id).input(boolean.class));

    assertThat(hub.status(id).status()).isEqualTo(OrchestrationStatus.SUSPENDED);
    hub.client().resume(id, null);
    assertThat(hub.output(id, String.class)).isEqualTo("done");
  }
}
