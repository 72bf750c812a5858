package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.durabletask.OrchestrationMetadata;
import com.microsoft.durabletask.OrchestrationRuntimeStatus;
import com.microsoft.durabletask.TaskOrchestration;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SuspendTerminateTest extends SdkTest {
  private static final TaskOrchestration WAIT =
      ctx -> ctx.complete(ctx.waitForExternalEvent("go", String.class).await());

  @Test
  void whatIsSuspendedGoesOnWhenItIsResumed() {
    worker(code -> code.orchestrator("wait", WAIT));
    String id = start("wait");
    awaitStart(id);

    client.suspendInstance(id, "holidays");
    awaitStatus(id, OrchestrationRuntimeStatus.SUSPENDED);
    client.raiseEvent(id, "go", "fine");
    assertThat(status(id)).isEqualTo(OrchestrationRuntimeStatus.SUSPENDED);
    client.resumeInstance(id, "back");

    assertThat(output(id, String.class)).isEqualTo("fine");
  }

  @Test
  void nothingHappensWhileItIsSuspended() throws Exception {
    worker(
        code ->
            code.orchestrator(
                "main",
                ctx -> {
                  ctx.createTimer(Duration.ofMillis(300)).await();
                  ctx.complete(ctx.waitForExternalEvent("go", String.class).await());
                }));
    String id = start("main");
    awaitStart(id);
    client.suspendInstance(id);
    awaitStatus(id, OrchestrationRuntimeStatus.SUSPENDED);
    client.raiseEvent(id, "go", "fine");

    // The timer comes due meanwhile; both it and the event have to wait.
    Thread.sleep(500);
    assertThat(status(id)).isEqualTo(OrchestrationRuntimeStatus.SUSPENDED);

    client.resumeInstance(id);
    assertThat(output(id, String.class)).isEqualTo("fine");
  }

  @Test
  void whatHasNotBegunCanBeSuspendedToo() {
    String id = start("wait");
    client.suspendInstance(id);
    worker(code -> code.orchestrator("wait", WAIT).orchestrator("empty", ctx -> {}));

    completed(start("empty"));
    assertThat(status(id)).isEqualTo(OrchestrationRuntimeStatus.SUSPENDED);

    client.resumeInstance(id);
    client.raiseEvent(id, "go", "fine");
    assertThat(output(id, String.class)).isEqualTo("fine");
  }

  @Test
  void suspendingWhatHasEndedAndResumingWhatRunsChangesNothing() {
    worker(code -> code.orchestrator("wait", WAIT));
    String id = start("wait");
    awaitStart(id);

    client.resumeInstance(id);
    assertThat(status(id)).isEqualTo(OrchestrationRuntimeStatus.RUNNING);
    client.suspendInstance(id);
    client.suspendInstance(id);
    client.resumeInstance(id);
    client.raiseEvent(id, "go", "fine");
    completed(id);
    client.suspendInstance(id);
    client.resumeInstance(id);

    assertThat(status(id)).isEqualTo(OrchestrationRuntimeStatus.COMPLETED);
  }

  @Test
  void whatIsTerminatedEndsWithTheOutputThatItIsGiven() {
    worker(code -> code.orchestrator("wait", WAIT));
    String id = start("wait");
    awaitStart(id);

    client.terminate(id, Map.of("why", "because"));

    OrchestrationMetadata end = end(id);
    assertThat(end.getRuntimeStatus()).isEqualTo(OrchestrationRuntimeStatus.TERMINATED);
    assertThat(end.readOutputAs(Object.class)).isEqualTo(Map.of("why", "because"));
  }

  @Test
  void terminationNeedsNoOutput() {
    worker(code -> code.orchestrator("wait", WAIT));
    String id = start("wait");
    awaitStart(id);

    client.terminate(id, null);

    assertThat(end(id).getRuntimeStatus()).isEqualTo(OrchestrationRuntimeStatus.TERMINATED);
  }

  @Test
  void terminationWaitsForNoTimer() {
    worker(
        code -> code.orchestrator("sleep", ctx -> ctx.createTimer(Duration.ofDays(1000)).await()));
    String id = start("sleep");
    awaitStart(id);

    client.terminate(id, "awake");

    assertThat(end(id).readOutputAs(String.class)).isEqualTo("awake");
  }

  @Test
  void whatIsSuspendedCanBeTerminated() {
    worker(code -> code.orchestrator("wait", WAIT));
    String id = start("wait");
    awaitStart(id);
    client.suspendInstance(id);
    awaitStatus(id, OrchestrationRuntimeStatus.SUSPENDED);

    client.terminate(id, "over");

    OrchestrationMetadata end = end(id);
    assertThat(end.getRuntimeStatus()).isEqualTo(OrchestrationRuntimeStatus.TERMINATED);
    assertThat(end.readOutputAs(String.class)).isEqualTo("over");
  }

  @Test
  void terminationNeedsNoWorker() {
    String never = startAt(Instant.now().plusSeconds(86_400), "wait");
    String soon = start("wait");

    client.terminate(never, "never");
    client.terminate(soon, "neither");

    assertThat(end(never).getRuntimeStatus()).isEqualTo(OrchestrationRuntimeStatus.TERMINATED);
    assertThat(end(soon).readOutputAs(String.class)).isEqualTo("neither");
  }

  @Test
  void whatContinuesAsNewForEverCanBeTerminated() {
    worker(
        code ->
            code.orchestrator(
                "spin",
                ctx -> {
                  ctx.createTimer(Duration.ofMillis(1)).await();
                  ctx.continueAsNew(ctx.getInput(int.class) + 1);
                }));
    String id = start("spin", 0);
    awaitStart(id);
    await("some rounds", () -> get(id).readInputAs(int.class) > 5);

    client.terminate(id, "stop");

    assertThat(end(id).getRuntimeStatus()).isEqualTo(OrchestrationRuntimeStatus.TERMINATED);
  }

  @Test
  void childrenOutliveTheirParent() {
    String childId = unique("child");
    worker(
        code ->
            code.orchestrator(
                    "parent",
                    ctx -> ctx.callSubOrchestrator("wait", null, childId, String.class).await())
                .orchestrator("wait", WAIT));
    String parent = start("parent");
    awaitStart(childId);

    client.terminate(parent, "gone");

    assertThat(end(parent).getRuntimeStatus()).isEqualTo(OrchestrationRuntimeStatus.TERMINATED);
    assertThat(status(childId)).isEqualTo(OrchestrationRuntimeStatus.RUNNING);
    client.raiseEvent(childId, "go", "grown up");
    assertThat(output(childId, String.class)).isEqualTo("grown up");
  }

  @Test
  void terminatingWhatHasEndedChangesNothing() {
    worker(code -> code.orchestrator("main", ctx -> ctx.complete("well")));
    String id = start("main");
    completed(id);

    client.terminate(id, "too late");

    assertThat(get(id).getRuntimeStatus()).isEqualTo(OrchestrationRuntimeStatus.COMPLETED);
    assertThat(get(id).readOutputAs(String.class)).isEqualTo("well");
  }

  @Test
  void nobodyCannotBeTerminatedOrSuspended() {
    String nobody = unique("nobody");

    assertThat(codeOf(() -> client.terminate(nobody, null))).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(codeOf(() -> client.suspendInstance(nobody))).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(codeOf(() -> client.resumeInstance(nobody))).isEqualTo(Status.Code.NOT_FOUND);
  }
}
