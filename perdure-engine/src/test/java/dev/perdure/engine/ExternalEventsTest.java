package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.DataConversionException;
import dev.perdure.api.Explanation;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.EventSent;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.HistoryEvent.TimerCanceled;
import dev.perdure.api.HistoryEvent.TimerFired;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.StartOptions;
import dev.perdure.api.Task;
import dev.perdure.api.TaskTimeoutException;
import dev.perdure.api.TypeRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ExternalEventsTest extends Scenarios {
  private static final TypeRef<List<String>> TEXTS = new TypeRef<>() {};

  @Test
  void anEventWakesWhoeverWaitsForIt() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main", ctx -> ctx.waitForExternalEvent("approve", String.class).await()));
    String id = hub.start("main");

    hub.client().raiseEvent(id, "approve", "yes");

    assertThat(hub.output(id, String.class)).isEqualTo("yes");
    assertThat(hub.history(id, EventRaised.class))
        .extracting(EventRaised::name)
        .containsExactly("approve");
  }

  @Test
  void eventsThatComeBeforeAnybodyWaitsAreKeptInOrder() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      ctx.waitForExternalEvent("now", Void.class).await();
                      List<String> all = new ArrayList<>();
                      for (int i = 0; i < 3; i++) {
                        all.add(ctx.waitForExternalEvent("item", String.class).await());
                      }
                      return all;
                    }));
    String id = hub.start("main");

    for (String item : List.of("a", "b", "c", "d")) {
      hub.client().raiseEvent(id, "item", item);
    }
    hub.client().raiseEvent(id, "now");

    assertThat(hub.end(id).output(TEXTS)).containsExactly("a", "b", "c");
  }

  @Test
  void eventsThatComeBeforeTheCodeHasRunAreKept() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main", ctx -> ctx.waitForExternalEvent("early", String.class).await()));
    String id =
        hub.client()
            .startNew(
                "main",
                null,
                StartOptions.DEFAULT.withScheduledStart(TestHub.NOON.plusSeconds(60)));

    hub.client().raiseEvent(id, "early", "bird");
    hub.advance(Duration.ofSeconds(60));

    assertThat(hub.output(id, String.class)).isEqualTo("bird");
  }

  @Test
  void severalWaitersAreServedInTheOrderInWhichTheyAsked() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      List<Task<String>> waiters = new ArrayList<>();
                      for (int i = 0; i < 3; i++) {
                        waiters.add(ctx.waitForExternalEvent("item", String.class));
                      }
                      return ctx.allOf(waiters).await();
                    }));
    String id = hub.start("main");

    for (String item : List.of("a", "b", "c")) {
      hub.client().raiseEvent(id, "item", item);
    }

    assertThat(hub.end(id).output(TEXTS)).containsExactly("a", "b", "c");
  }

  @Test
  void upperAndLowerCaseOfNamesAreTheSame() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx ->
                        ctx.waitForExternalEvent("APPROVE", String.class).await()
                            + ctx.waitForExternalEvent("approve", String.class).await()));
    String id = hub.start("main");

    hub.client().raiseEvent(id, "Approve", "1");
    hub.client().raiseEvent(id, "aPPROVE", "2");

    assertThat(hub.output(id, String.class)).isEqualTo("12");
  }

  @Test
  void eventsOfOtherNamesDoNotWakeAWaiter() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      String a = ctx.waitForExternalEvent("a", String.class).await();
                      String b = ctx.waitForExternalEvent("b", String.class).await();
                      return a + b;
                    }));
    String id = hub.start("main");

    hub.client().raiseEvent(id, "b", "second");
    hub.client().raiseEvent(id, "a", "first ");

    assertThat(hub.output(id, String.class)).isEqualTo("first second");
  }

  @Test
  void eventsMayHaveNoPayloadOrAGenericOne() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      String none = ctx.waitForExternalEvent("none", String.class).await();
                      Map<String, List<Integer>> map =
                          ctx.waitForExternalEvent(
                                  "map", new TypeRef<Map<String, List<Integer>>>() {})
                              .await();
                      return none + map.get("x").getLast();
                    }));
    String id = hub.start("main");

    hub.client().raiseEvent(id, "none");
    hub.client().raiseEvent(id, "map", Map.of("x", List.of(1, 2, 3)));

    assertThat(hub.output(id, String.class)).isEqualTo("null3");
  }

  @Test
  void aPayloadThatDoesNotFitIsAConversionErrorWhereItIsAwaited() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      try {
                        return "" + ctx.waitForExternalEvent("number", Integer.class).await();
                      } catch (DataConversionException e) {
                        return "no number";
                      }
                    }));
    String id = hub.start("main");

    hub.client().raiseEvent(id, "number", "seven");

    assertThat(hub.output(id, String.class)).isEqualTo("no number");
  }

  private TestHub hubThatWaitsAMinute() {
    return hub(
        f ->
            f.orchestrator(
                "main",
                ctx -> {
                  try {
                    return ctx.waitForExternalEvent("approve", Duration.ofMinutes(1), String.class)
                        .await();
                  } catch (TaskTimeoutException e) {
                    return "too late: " + e.getMessage();
                  }
                }));
  }

  @Test
  void anEventThatComesInTimeRemovesTheTimeout() {
    TestHub hub = hubThatWaitsAMinute();
    String id = hub.start("main");

    hub.client().raiseEvent(id, "approve", "yes");

    assertThat(hub.output(id, String.class)).isEqualTo("yes");
    assertThat(hub.history(id, TimerCanceled.class)).hasSize(1);
  }

  @Test
  void aWaitEndsWhenItsTimeIsOver() {
    TestHub hub = hubThatWaitsAMinute();
    String id = hub.start("main");

    hub.advance(Duration.ofMinutes(1));

    assertThat(hub.output(id, String.class)).startsWith("too late").contains("approve", "PT1M");
    assertThat(hub.history(id, TimerFired.class)).hasSize(1);
  }

  @Test
  void anEventThatIsThereAlreadyNeedsNoTimer() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      ctx.waitForExternalEvent("go", Void.class).await();
                      return ctx.waitForExternalEvent("here", Duration.ofSeconds(1), String.class)
                          .await();
                    }));
    String id = hub.start("main");

    hub.client().raiseEvent(id, "here", "already");
    hub.client().raiseEvent(id, "go");

    assertThat(hub.output(id, String.class)).isEqualTo("already");
    assertThat(hub.history(id, TimerCanceled.class)).isEmpty();
  }

  @Test
  void anEventThatComesAfterTheTimeoutIsKeptForTheNextWaiter() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      Task<String> impatient =
                          ctx.waitForExternalEvent("e", Duration.ofSeconds(1), String.class);
                      ctx.anyOf(impatient).await();
                      String got = ctx.waitForExternalEvent("e", String.class).await();
                      return impatient.isFailed() + " " + got;
                    }));
    String id = hub.start("main");

    hub.advance(Duration.ofSeconds(1));
    hub.until("the timer has fired", () -> !hub.history(id, TimerFired.class).isEmpty());
    hub.client().raiseEvent(id, "e", "late");

    assertThat(hub.output(id, String.class)).isEqualTo("true late");
  }

  @Test
  void aCancelledWaitLeavesTheEventToTheNextWaiter() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      Task<String> first = ctx.waitForExternalEvent("e", String.class);
                      Task<String> second = ctx.waitForExternalEvent("e", String.class);
                      Task<String> third = ctx.waitForExternalEvent("e", String.class);
                      first.cancel();
                      second.cancel();
                      return third.await() + first.isCancelled() + second.isDone();
                    }));
    String id = hub.start("main");

    hub.client().raiseEvent(id, "e", "only");

    assertThat(hub.output(id, String.class)).isEqualTo("onlytruetrue");
  }

  @Test
  void cancellingAWaitWithATimeoutRemovesItsTimer() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      ctx.waitForExternalEvent("e", Duration.ofDays(1), String.class).cancel();
                      ctx.waitForExternalEvent("end", String.class).await();
                      return null;
                    }));
    String id = hub.start("main");

    assertThat(hub.history(id, TimerCanceled.class)).hasSize(1);
    assertThat(hub.client().explain(id).waits())
        .extracting(wait -> wait.description())
        .containsExactly("external event 'end'");
  }

  @Test
  void eventsThatComeWhileSuspendedAreHandedOverAfterwards() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx ->
                        ctx.waitForExternalEvent("e", String.class).await()
                            + ctx.waitForExternalEvent("e", String.class).await()));
    String id = hub.start("main");
    hub.client().suspend(id, "wait a bit");

    hub.client().raiseEvent(id, "e", "1");
    hub.client().raiseEvent(id, "e", "2");
    assertThat(hub.status(id).status()).isEqualTo(OrchestrationStatus.SUSPENDED);
    hub.client().resume(id, "go on");

    assertThat(hub.output(id, String.class)).isEqualTo("12");
  }

  @Test
  void oneOrchestrationSendsEventsToAnother() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "receiver",
                        ctx ->
                            ctx.waitForExternalEvent("ping", String.class).await()
                                + ctx.waitForExternalEvent("ping", String.class).await())
                    .orchestrator(
                        "sender",
                        String.class,
                        (ctx, target) -> {
                          ctx.sendEvent(target, "ping", "a");
                          ctx.callActivity("nothing").await();
                          ctx.sendEvent(target, "PING", "b");
                          return null;
                        })
                    .activity("nothing", () -> null));
    String receiver = hub.start("receiver");

    String sender = hub.client().startNew("sender", receiver);

    assertThat(hub.output(receiver, String.class)).isEqualTo("ab");
    hub.end(sender);
    assertThat(hub.history(sender, EventSent.class))
        .extracting(EventSent::instanceId)
        .containsExactly(receiver, receiver);
    assertThat(hub.history(receiver, EventRaised.class)).hasSize(2);
  }

  @Test
  void anOrchestrationMaySendAnEventToItself() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      ctx.sendEvent(ctx.instanceId(), "note", "to self");
                      return ctx.waitForExternalEvent("note", String.class).await();
                    }));

    assertThat(hub.run("main", null, String.class)).isEqualTo("to self");
  }

  @Test
  void eventsSentWithTheLastStepStillGoOut() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "receiver", ctx -> ctx.waitForExternalEvent("bye", String.class).await())
                    .orchestrator(
                        "sender",
                        String.class,
                        (ctx, target) -> {
                          ctx.sendEvent(target, "bye", ctx.instanceId());
                          throw new IllegalStateException("and fail");
                        }));
    String receiver = hub.start("receiver");

    String sender = hub.client().startNew("sender", receiver);

    assertThat(hub.output(receiver, String.class)).isEqualTo(sender);
  }

  @Test
  void eventsSentToNobodyAreDropped() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    String.class,
                    (ctx, target) -> {
                      ctx.sendEvent(target, "e", null);
                      return "sent";
                    }));

    try (CapturedLog log = new CapturedLog("dev.perdure.partition")) {
      String ended = hub.client().startNew("main", "nobody at all");
      assertThat(hub.output(ended, String.class)).isEqualTo("sent");
      assertThat(hub.run("main", ended, String.class)).isEqualTo("sent");
      hub.until("both are reported", () -> log.messages().size() == 2);
      assertThat(log.messages())
          .anyMatch(message -> message.contains("no such instance"))
          .anyMatch(message -> message.contains("it has ended"));
    }
  }

  @Test
  void eventsCannotBeRaisedToWhatDoesNotExistOrHasEnded() {
    TestHub hub = hub(f -> f.orchestrator("main", ctx -> null));
    String id = hub.client().startNew("main");
    hub.end(id);

    assertThatThrownBy(() -> hub.client().raiseEvent("nobody", "e"))
        .isInstanceOf(InstanceNotFoundException.class)
        .hasMessageContaining("nobody");
    assertThatThrownBy(() -> hub.client().raiseEvent(id, "e"))
        .isInstanceOf(InvalidInstanceStateException.class)
        .hasMessageContaining("COMPLETED");
    assertThat(hub.history(id, EventRaised.class)).isEmpty();
  }

  @Test
  void whoWaitsForManyEventsRecordsTheFirstNamesOnly() {
    int count = 50;
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      List<Task<String>> all = new ArrayList<>();
                      for (int i = 0; i < count; i++) {
                        all.add(ctx.waitForExternalEvent("e" + i, String.class));
                      }
                      return ctx.allOf(all).await();
                    }));
    String id = hub.start("main");

    assertThat(hub.client().explain(id).waits())
        .extracting(Explanation.Wait::description)
        .hasSize(33)
        .startsWith("external event 'e0'", "external event 'e1'", "external event 'e10'")
        .endsWith("further external events");

    for (int i = count - 1; i >= 0; i--) {
      hub.client().raiseEvent(id, "e" + i, "" + i);
    }
    assertThat(hub.end(id).output(TEXTS))
        .isEqualTo(IntStream.range(0, count).mapToObj(i -> "" + i).toList());
    assertThat(hub.history(id, OrchestratorCompleted.class))
        .extracting(step -> step.waitingFor().size())
        .allMatch(names -> names <= 33)
        .contains(33);
  }

  @Test
  void namesThatCannotBeNamesAreRefused() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                        "wait",
                        String.class,
                        (ctx, name) -> ctx.waitForExternalEvent(name, String.class).await())
                    .orchestrator(
                        "send",
                        String.class,
                        (ctx, name) -> {
                          ctx.sendEvent("x", name, null);
                          return null;
                        }));
    String id = hub.start("wait", "e");

    for (String name : List.of("", " ", "x".repeat(257), "a\0b")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> hub.client().raiseEvent(id, name))
          .withMessageContaining("event");
      for (String function : List.of("wait", "send")) {
        assertThat(hub.failure(hub.client().startNew(function, name)).errorType())
            .isEqualTo(IllegalArgumentException.class.getName());
      }
    }
    assertThatIllegalArgumentException().isThrownBy(() -> hub.client().raiseEvent(id, null));
  }

  @Test
  void aThousandEventsAreHandedOverInOrder() {
    int count = mode == RunMode.REPLAYED_AT_EVERY_WAIT ? 200 : 1_000;
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    Integer.class,
                    (ctx, n) -> {
                      List<String> all = new ArrayList<>();
                      for (int i = 0; i < n; i++) {
                        all.add(ctx.waitForExternalEvent("e", String.class).await());
                      }
                      return all;
                    }));
    String id = hub.start("main", count);

    for (int i = 0; i < count; i++) {
      hub.client().raiseEvent(id, "e", "" + i);
    }

    assertThat(hub.end(id).output(TEXTS))
        .isEqualTo(IntStream.range(0, count).mapToObj(i -> "" + i).toList());
  }
}
