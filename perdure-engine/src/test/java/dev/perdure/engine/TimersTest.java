package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent.TimerCanceled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.HistoryEvent.TimerFired;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.OrchestrationContext;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.StartOptions;
import dev.perdure.api.Task;
import dev.perdure.api.TaskCancelledException;
import dev.perdure.api.TypeRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TimersTest extends Scenarios {

  private TestHub hubThatSleepsFor(Duration delay) {
    return hub(
        f ->
            f.orchestrator(
                "sleep",
                ctx -> {
                  ctx.createTimer(delay).await();
                  return ctx.currentInstant();
                }));
  }

  @Test
  void aDelayOfAScheduledStartBeginsWithTheStart() {
    TestHub hub = hubThatSleepsFor(Duration.ofHours(1));
    Duration day = Duration.ofDays(1);
    String id =
        hub.client()
            .startNew("sleep", null, StartOptions.DEFAULT.withScheduledStart(hub.now().plus(day)));
    hub.advance(day);
    assertSleepsUntil(hub, id, TestHub.NOON.plus(day).plus(Duration.ofHours(1)));
  }

  private static void assertSleepsUntil(TestHub hub, String id, Instant until) {
    hub.until("it sleeps", () -> !hub.history(id, TimerCreated.class).isEmpty());
    assertThat(hub.history(id, TimerCreated.class).getFirst().fireAt()).isEqualTo(until);
    hub.advance(Duration.between(hub.now(), until));
    assertThat(hub.end(id).output(Instant.class)).isEqualTo(until);
  }

  @Test
  void timeDoesNotGoBackToWhenAnEventCameThatTheLastGenerationHasLeft() {
    Duration hour = Duration.ofHours(1);
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    Integer.class,
                    (ctx, generation) -> {
                      if (generation == 1) {
                        ctx.waitForExternalEvent("end").await();
                        ctx.continueAsNew(2);
                        return null;
                      }
                      ctx.waitForExternalEvent("go").await();
                      ctx.createTimer(hour).await();
                      return ctx.currentInstant();
                    }));
    String id = hub.start("main", 1);
    hub.client().raiseEvent(id, "go");
    hub.advance(hour);
    hub.client().raiseEvent(id, "end");
    assertSleepsUntil(hub, id, TestHub.NOON.plus(hour).plus(hour));
  }

  @Test
  void aTimerFiresWhenItsTimeHasComeAndNotBefore() {
    TestHub hub = hubThatSleepsFor(Duration.ofMinutes(10));
    String id = hub.start("sleep");

    hub.advance(Duration.ofMinutes(10).minusMillis(1));
    assertThat(hub.client().query(InstanceQuery.ALL).instances().getFirst().status())
        .isEqualTo(OrchestrationStatus.RUNNING);
    hub.advance(Duration.ofMillis(1));

    assertThat(hub.output(id, Instant.class)).isEqualTo(TestHub.NOON.plusSeconds(600));
    assertThat(hub.history(id, TimerCreated.class).getFirst().fireAt())
        .isEqualTo(TestHub.NOON.plusSeconds(600));
    assertThat(hub.history(id, TimerFired.class)).hasSize(1);
  }

  @Test
  void aTimerOfNoTimeFiresAtOnce() {
    assertThat(hubThatSleepsFor(Duration.ZERO).run("sleep", null, Instant.class))
        .isEqualTo(TestHub.NOON);
  }

  @Test
  void aTimerMayBeYearsAway() {
    TestHub hub = hubThatSleepsFor(Duration.ofDays(3652));
    String id = hub.start("sleep");

    for (int year = 0; year < 9; year++) {
      hub.advance(Duration.ofDays(365));
      hub.client().query(InstanceQuery.ALL); // everything is written into rows by then
    }
    assertThat(hub.status(id).status()).isEqualTo(OrchestrationStatus.RUNNING);
    hub.advance(Duration.ofDays(400));

    assertThat(hub.end(id).status()).isEqualTo(OrchestrationStatus.COMPLETED);
  }

  @Test
  void theLongestTimerIsAThousandYears() {
    TestHub hub = hubThatSleepsFor(Duration.ofDays(365_250));
    String id = hub.start("sleep");

    hub.advance(Duration.ofDays(365_250));

    assertThat(hub.end(id).status()).isEqualTo(OrchestrationStatus.COMPLETED);
  }

  @Test
  void aTimeThatHasPassedFiresAtOnce() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    Instant.class,
                    (ctx, time) -> {
                      ctx.createTimer(time).await();
                      return "fired";
                    }));

    for (Instant time :
        List.of(TestHub.NOON, TestHub.NOON.minusSeconds(1), Instant.EPOCH, Instant.MIN)) {
      String id =
          hub.client()
              .startNew("main", time.equals(Instant.MIN) ? Instant.EPOCH.minusSeconds(1) : time);
      assertThat(hub.output(id, String.class)).isEqualTo("fired");
    }
  }

  @Test
  void evenTheEarliestOfAllTimesHasPassed() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      ctx.createTimer(Instant.MIN).await();
                      return "fired";
                    }));

    assertThat(hub.run("main", null, String.class)).isEqualTo("fired");
  }

  @Test
  void aTimerNeverFiresEarlierThanAskedForByAFractionOfAMillisecond() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      ctx.createTimer(ctx.currentInstant().plusNanos(1_000_001)).await();
                      return null;
                    }));
    String id = hub.start("main");

    assertThat(hub.history(id, TimerCreated.class).getFirst().fireAt())
        .isEqualTo(TestHub.NOON.plusMillis(2));
  }

  @Test
  void timesThatMakeNoSenseAreRefused() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    Integer.class,
                    (ctx, which) -> {
                      switch (which) {
                        case 0 -> ctx.createTimer(Duration.ofMillis(-1));
                        case 1 -> ctx.createTimer(Duration.ofDays(365_251));
                        case 2 -> ctx.createTimer(Duration.ofSeconds(Long.MAX_VALUE));
                        case 3 -> ctx.createTimer(Instant.MAX);
                        case 4 ->
                            ctx.waitForExternalEvent("e", Duration.ofMillis(-1), String.class);
                        default ->
                            ctx.waitForExternalEvent(
                                "e", Duration.ofSeconds(Long.MAX_VALUE), String.class);
                      }
                      return null;
                    }));

    for (int which = 0; which < 6; which++) {
      FailureDetails failure = hub.failure(hub.client().startNew("main", which));
      assertThat(failure.errorType()).isEqualTo(IllegalArgumentException.class.getName());
      assertThat(failure.message()).contains("1000 years");
    }
  }

  @Test
  void nullIsNoTime() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      ctx.createTimer((Duration) null);
                      return null;
                    }));

    FailureDetails failure = hub.failure(hub.client().startNew("main"));

    assertThat(failure.errorType()).isEqualTo(NullPointerException.class.getName());
    assertThat(failure.message()).contains("createTimer");
  }

  @Test
  void timersOfOneOrchestrationFireInTheOrderOfTheirTimes() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      List<Integer> fired = new ArrayList<>();
                      List<Task<Integer>> timers = new ArrayList<>();
                      for (int seconds : List.of(5, 1, 4, 2, 3, 2)) {
                        int number = timers.size();
                        timers.add(
                            ctx.createTimer(Duration.ofSeconds(seconds)).thenApply(x -> number));
                      }
                      for (Task<Integer> timer : ctx.inCompletionOrder(timers)) {
                        fired.add(timer.await());
                      }
                      return fired;
                    }));
    String id = hub.start("main");

    hub.advance(Duration.ofHours(1)); // all at once

    assertThat(hub.end(id).output(new TypeRef<List<Integer>>() {}))
        .containsExactly(1, 3, 5, 4, 2, 0);
  }

  @Test
  void timersFireInOrderAlsoWhenTheClockLeapsOverThoseThatWereNotInMemory() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      Task<?> soon = ctx.createTimer(Duration.ofDays(1));
                      ctx.waitForExternalEvent("set the other", Void.class).await();
                      Task<?> late = ctx.createTimer(Duration.ofDays(2));
                      return ctx.anyOf(late, soon).await() == soon ? "soon" : "late";
                    }));
    String id = hub.start("main");
    hub.client().query(InstanceQuery.ALL); // the first timer is a row now, and not in memory
    hub.client().raiseEvent(id, "set the other");
    hub.untilWaitingFor(id, "timer (#1)");

    hub.advance(Duration.ofDays(3));

    assertThat(hub.output(id, String.class)).isEqualTo("soon");
  }

  @Test
  void aCancelledTimerIsRemovedAndNeverFires() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      Task<?> timer = ctx.createTimer(Duration.ofMinutes(1));
                      ctx.waitForExternalEvent("cancel", Void.class).await();
                      boolean first = timer.cancel();
                      boolean second = timer.cancel();
                      ctx.createTimer(Duration.ofMinutes(2)).await();
                      return List.of(
                          first, second, timer.isDone(), timer.isCancelled(), timer.isFailed());
                    }));
    String id = hub.start("main");
    hub.client().query(InstanceQuery.ALL); // the timer has got its row
    hub.client().raiseEvent(id, "cancel");
    hub.untilWaitingFor(id, "timer (#1)");
    assertThat(hub.client().explain(id).waits()).hasSize(1);

    hub.advance(Duration.ofMinutes(1));
    hub.advance(Duration.ofMinutes(1));

    assertThat(hub.end(id).output(new TypeRef<List<Boolean>>() {}))
        .containsExactly(true, false, true, true, true);
    assertThat(hub.history(id, TimerCanceled.class)).hasSize(1);
    assertThat(hub.history(id, TimerFired.class)).extracting(TimerFired::taskId).containsExactly(1);
  }

  @Test
  void awaitingACancelledTimerSaysThatItWasCancelled() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      Task<?> timer = ctx.createTimer(Duration.ofMinutes(1));
                      timer.cancel();
                      try {
                        timer.await();
                        return "fired";
                      } catch (TaskCancelledException e) {
                        return "cancelled";
                      }
                    }));

    assertThat(hub.run("main", null, String.class)).isEqualTo("cancelled");
  }

  @Test
  void cancellingATimerThatHasFiredChangesNothing() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      Task<?> timer = ctx.createTimer(Duration.ZERO);
                      timer.await();
                      return timer.cancel() || timer.isCancelled();
                    }));

    assertThat(hub.run("main", null, boolean.class)).isFalse();
  }

  @Test
  void aTimerLeftBehindDoesNotKeepAnOrchestrationAlive() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      ctx.createTimer(Duration.ofDays(1));
                      ctx.createTimer(Duration.ofSeconds(1)).await();
                      return "done";
                    }));
    String id = hub.start("main");

    hub.advance(Duration.ofSeconds(1));

    assertThat(hub.output(id, String.class)).isEqualTo("done");
    hub.advance(Duration.ofDays(2));
    assertThat(hub.history(id, TimerFired.class)).hasSize(1);
  }

  @Test
  void manyOrchestrationsSleepAndAllWakeUp() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "sleep",
                    Integer.class,
                    (ctx, seconds) -> {
                      ctx.createTimer(Duration.ofSeconds(seconds)).await();
                      return ctx.currentInstant();
                    }));
    List<String> ids =
        IntStream.range(0, 2_000).mapToObj(i -> hub.client().startNew("sleep", i)).toList();
    ids.forEach(id -> hub.client().waitForStart(id, TestHub.PATIENCE));

    hub.advance(Duration.ofSeconds(1_000));
    for (int i = 0; i <= 1_000; i++) {
      assertThat(hub.end(ids.get(i)).status()).isEqualTo(OrchestrationStatus.COMPLETED);
    }
    assertThat(hub.status(ids.get(1_001)).status()).isEqualTo(OrchestrationStatus.RUNNING);
    hub.client().query(InstanceQuery.ALL);
    hub.advance(Duration.ofSeconds(1_000));

    ids.forEach(id -> hub.output(id, Instant.class));
  }

  @Test
  void oneOrchestrationSetsManyTimers() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      List<Task<Void>> timers = new ArrayList<>();
                      for (int i = 0; i < 3_000; i++) {
                        timers.add(ctx.createTimer(Duration.ofMinutes(i)));
                      }
                      return ctx.allOf(timers).await().size();
                    }));
    String id = hub.start("main");

    hub.advance(Duration.ofMinutes(1_500));
    hub.client().query(InstanceQuery.ALL);
    hub.advance(Duration.ofMinutes(1_500));

    assertThat(hub.output(id, int.class)).isEqualTo(3_000);
  }

  @Test
  void timeMovesOnlyWithWhatHappens() {
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    ctx -> {
                      List<Instant> times = new ArrayList<>();
                      times.add(ctx.currentInstant());
                      ctx.createTimer(Duration.ofSeconds(10)).await();
                      times.add(ctx.currentInstant());
                      times.add(sameInstantAfterALongComputation(ctx));
                      ctx.createTimer(Duration.ofSeconds(20)).await();
                      times.add(ctx.currentInstant());
                      return times;
                    }));

    assertThat(hub.endWhileTimePasses(hub.start("main")).output(new TypeRef<List<Instant>>() {}))
        .containsExactly(
            TestHub.NOON,
            TestHub.NOON.plusSeconds(10),
            TestHub.NOON.plusSeconds(10),
            TestHub.NOON.plusSeconds(30));
  }

  private static Instant sameInstantAfterALongComputation(OrchestrationContext ctx) {
    long sum = 0;
    for (int i = 0; i < 1_000_000; i++) {
      sum += i;
    }
    return sum > 0 ? ctx.currentInstant() : Instant.EPOCH;
  }
}
