package dev.perdure.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.HistoryEvent.ExecutionResumed;
import dev.perdure.api.HistoryEvent.ExecutionSuspended;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TimerFired;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.StartOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class ManagingTest extends Scenarios {

  private TestHub hubThatWaits() {
    return hub(
        f ->
            f.orchestrator(
                    "wait",
                    String.class,
                    (ctx, input) -> ctx.waitForExternalEvent("go", String.class).await() + input)
                .orchestrator("echo", String.class, (ctx, input) -> input)
                .orchestrator(
                    "sleep",
                    ctx -> {
                      ctx.createTimer(Duration.ofMinutes(1)).await();
                      return "slept";
                    }));
  }

  // ---- suspending -----------------------------------------------------------------------------

  @Test
  void aSuspendedInstanceDoesNotGoOnUntilItIsResumed() {
    TestHub hub = hubThatWaits();
    String id = hub.start("sleep");
    hub.client().suspend(id, "hold");

    hub.advance(Duration.ofMinutes(2));
    hub.until("the timer has fired", () -> !hub.history(id, TimerFired.class).isEmpty());
    assertThat(hub.status(id).status()).isEqualTo(OrchestrationStatus.SUSPENDED);
    hub.client().resume(id, "go on");

    assertThat(hub.output(id, String.class)).isEqualTo("slept");
    assertThat(hub.history(id, ExecutionSuspended.class))
        .extracting(ExecutionSuspended::reason)
        .containsExactly("hold");
    assertThat(hub.history(id, ExecutionResumed.class))
        .extracting(ExecutionResumed::reason)
        .containsExactly("go on");
  }

  @Test
  void resultsOfActivitiesThatComeWhileSuspendedAreKept() {
    CountDownLatch release = new CountDownLatch(1);
    TestHub hub =
        hub(
            f ->
                f.orchestrator("main", ctx -> ctx.callActivity("slow", null, String.class).await())
                    .activity(
                        "slow",
                        () -> {
                          release.await();
                          return "result";
                        }));
    String id = hub.start("main");
    hub.client().suspend(id, null);

    release.countDown();
    hub.until("the result is there", () -> !hub.history(id, TaskCompleted.class).isEmpty());
    assertThat(hub.status(id).status()).isEqualTo(OrchestrationStatus.SUSPENDED);
    hub.client().resume(id, null);

    assertThat(hub.output(id, String.class)).isEqualTo("result");
  }

  @Test
  void suspendingTwiceAndResumingWhatRunsChangeNothing() {
    TestHub hub = hubThatWaits();
    String id = hub.start("wait", "x");

    hub.client().resume(id, null);
    hub.client().suspend(id, "one");
    hub.client().suspend(id, "two");
    assertThat(hub.history(id, ExecutionSuspended.class)).hasSize(1);
    hub.client().resume(id, null);
    hub.client().resume(id, null);

    assertThat(hub.history(id, ExecutionResumed.class)).hasSize(1);
    assertThat(hub.status(id).status()).isEqualTo(OrchestrationStatus.RUNNING);
  }

  @Test
  void anInstanceMayBeSuspendedBeforeItsCodeHasRun() {
    TestHub hub = hubThatWaits();
    String id =
        hub.client()
            .startNew(
                "echo", "x", StartOptions.DEFAULT.withScheduledStart(TestHub.NOON.plusSeconds(1)));
    hub.client().suspend(id, null);
    hub.advance(Duration.ofSeconds(2));
    assertThat(hub.status(id).status()).isEqualTo(OrchestrationStatus.SUSPENDED);

    hub.client().resume(id, null);

    assertThat(hub.output(id, String.class)).isEqualTo("x");
  }

  @Test
  void aSuspendedInstanceIsSuspendedStillWhenTheProgramStartsAgain() {
    TestHub hub = hubThatWaits();
    String id = hub.start("wait", "x");
    hub.client().suspend(id, null);
    hub.client().raiseEvent(id, "go", "went ");

    hub.restartProgram(
        f ->
            f.orchestrator(
                "wait",
                String.class,
                (ctx, input) -> ctx.waitForExternalEvent("go", String.class).await() + input));

    assertThat(hub.status(id).status()).isEqualTo(OrchestrationStatus.SUSPENDED);
    hub.client().resume(id, null);
    assertThat(hub.output(id, String.class)).isEqualTo("went x");
  }

  @Test
  void aSuspendedInstanceMayBeTerminated() {
    TestHub hub = hubThatWaits();
    String id = hub.start("wait", "x");
    hub.client().suspend(id, null);

    hub.client().terminate(id, "enough");

    assertThat(hub.end(id).status()).isEqualTo(OrchestrationStatus.TERMINATED);
  }

  // ---- terminating ----------------------------------------------------------------------------

  @Test
  void aTerminatedInstanceHasTheReasonAsItsOutput() {
    TestHub hub = hubThatWaits();
    String id = hub.start("wait", "x");

    hub.client().terminate(id, "enough");

    OrchestrationMetadata end = hub.end(id);
    assertThat(end.status()).isEqualTo(OrchestrationStatus.TERMINATED);
    assertThat(end.output(String.class)).isEqualTo("enough");
    assertThat(end.failure()).isNull();
    assertThat(end.completedAt()).isEqualTo(TestHub.NOON);
    assertThat(hub.history(id)).last().isInstanceOf(ExecutionCompleted.class);
  }

  @Test
  void aReasonIsNotNeeded() {
    TestHub hub = hubThatWaits();
    String id = hub.start("wait", "x");

    hub.client().terminate(id, null);

    assertThat(hub.end(id).output(String.class)).isNull();
  }

  @Test
  void theResultOfAnActivityOfATerminatedInstanceIsIgnored() throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    TestHub hub =
        hub(
            f ->
                f.orchestrator("main", ctx -> ctx.callActivity("slow", null, String.class).await())
                    .activity(
                        "slow",
                        () -> {
                          inside.countDown();
                          release.await();
                          over.countDown();
                          return "too late";
                        }));
    String id = hub.client().startNew("main");
    inside.await();
    hub.client().terminate(id, "enough");
    int events = hub.history(id).size();

    release.countDown();
    over.await();

    assertThat(hub.status(id).output(String.class)).isEqualTo("enough");
    assertThat(hub.history(id)).hasSize(events);
  }

  @Test
  void whatHasEndedCannotBeManaged() {
    TestHub hub = hubThatWaits();
    String id = hub.client().startNew("echo", "x");
    hub.end(id);
    List<BiConsumer<PerdureClient, String>> actions =
        List.of(
            (client, it) -> client.suspend(it, null),
            (client, it) -> client.resume(it, null),
            (client, it) -> client.terminate(it, null),
            (client, it) -> client.rewind(it, null),
            (client, it) -> client.requeue(it, null),
            (client, it) -> client.raiseEvent(it, "e"));

    for (BiConsumer<PerdureClient, String> action : actions) {
      assertThatThrownBy(() -> action.accept(hub.client(), id))
          .isInstanceOf(InvalidInstanceStateException.class)
          .hasMessageContaining(id)
          .hasMessageContaining("COMPLETED");
      assertThatThrownBy(() -> action.accept(hub.client(), "nobody"))
          .isInstanceOf(InstanceNotFoundException.class);
    }
    assertThatThrownBy(() -> hub.client().restart("nobody", true))
        .isInstanceOf(InstanceNotFoundException.class);
  }

  @Test
  void onlyWhatWasSetAsideCanBeRequeued() {
    TestHub hub = hubThatWaits();
    String id = hub.start("wait", "x");

    assertThatThrownBy(() -> hub.client().requeue(id, null))
        .isInstanceOf(InvalidInstanceStateException.class)
        .hasMessageContaining("not set aside");
  }

  // ---- restarting -----------------------------------------------------------------------------

  @Test
  void aRestartUnderANewIdRunsTheSameAgain() {
    AtomicInteger runs = new AtomicInteger();
    TestHub hub =
        hub(
            f ->
                f.orchestrator(
                    "main",
                    "3",
                    String.class,
                    (ctx, input) -> input + ctx.version() + ctx.tags() + runs.incrementAndGet()));
    String first =
        hub.client()
            .startNew(
                "main", "in", StartOptions.DEFAULT.withVersion("3").withTags(Map.of("a", "b")));
    assertThat(hub.output(first, String.class)).isEqualTo("in3{a=b}1");

    String second = hub.client().restart(first, true);

    assertThat(second).isNotEqualTo(first);
    assertThat(hub.output(second, String.class)).isEqualTo("in3{a=b}2");
    assertThat(hub.output(first, String.class)).isEqualTo("in3{a=b}1");
  }

  @Test
  void aRestartUnderTheSameIdReplacesTheInstance() {
    AtomicInteger runs = new AtomicInteger();
    TestHub hub =
        hub(f -> f.orchestrator("main", String.class, (ctx, x) -> x + runs.incrementAndGet()));
    String id = hub.client().startNew("main", "in", StartOptions.id("id"));
    String execution = hub.end(id).executionId();

    assertThat(hub.client().restart(id, false)).isEqualTo("id");

    hub.until("it runs again", () -> runs.get() == 2);
    assertThat(hub.output(id, String.class)).isEqualTo("in2");
    assertThat(hub.status(id).executionId()).isNotEqualTo(execution);
  }

  @Test
  void whatRunsIsNotRestartedUnderItsOwnId() {
    TestHub hub = hubThatWaits();
    String id = hub.start("wait", "x");

    assertThatThrownBy(() -> hub.client().restart(id, false))
        .isInstanceOf(InvalidInstanceStateException.class)
        .hasMessageContaining("RUNNING");
    String other = hub.client().restart(id, true);

    hub.client().raiseEvent(other, "go", "y");
    assertThat(hub.output(other, String.class)).isEqualTo("yx");
    assertThat(hub.status(id).status()).isEqualTo(OrchestrationStatus.RUNNING);
  }
}
