package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.durabletask.OrchestrationMetadata;
import com.microsoft.durabletask.OrchestrationRuntimeStatus;
import com.microsoft.durabletask.RetryPolicy;
import com.microsoft.durabletask.Task;
import com.microsoft.durabletask.TaskFailedException;
import com.microsoft.durabletask.TaskOptions;
import com.microsoft.durabletask.TaskOrchestrationContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ChildrenTest extends SdkTest {
  /** Without a type of the result, this version of the SDK refuses. */
  private static void call(TaskOrchestrationContext ctx, String child) {
    ctx.callSubOrchestrator(child, null, Void.class).await();
  }

  @Test
  void childrenOfChildrenReturnTheirResults() {
    worker(
        code ->
            code.orchestrator(
                "factorial",
                ctx -> {
                  int n = ctx.getInput(int.class);
                  ctx.complete(
                      n <= 1
                          ? 1
                          : n * ctx.callSubOrchestrator("factorial", n - 1, int.class).await());
                }));

    assertThat(output(start("factorial", 7), int.class)).isEqualTo(5040);
  }

  @Test
  void manyChildrenWithManyActivitiesAreCountedOnce() {
    AtomicInteger executions = new AtomicInteger();
    worker(
        code ->
            code.orchestrator(
                    "parent",
                    ctx -> {
                      List<Task<Integer>> children = new ArrayList<>();
                      for (int i = 0; i < 8; i++) {
                        children.add(ctx.callSubOrchestrator("child", i, int.class));
                      }
                      ctx.complete(ctx.allOf(children).await().stream().mapToInt(i -> i).sum());
                    })
                .orchestrator(
                    "child",
                    ctx -> {
                      List<Task<Integer>> activities = new ArrayList<>();
                      for (int i = 0; i < 5; i++) {
                        activities.add(ctx.callActivity("one", int.class));
                      }
                      ctx.complete(ctx.allOf(activities).await().stream().mapToInt(i -> i).sum());
                    })
                .activity(
                    "one",
                    ctx -> {
                      executions.incrementAndGet();
                      return 1;
                    }));

    assertThat(output(start("parent"), int.class)).isEqualTo(40);
    assertThat(executions).hasValue(40);
  }

  @Test
  void aChildHasTheIdThatItWasGiven() {
    String childId = unique("child");
    worker(
        code ->
            code.orchestrator(
                    "parent",
                    ctx ->
                        ctx.complete(
                            ctx.callSubOrchestrator("child", "in", childId, String.class).await()))
                .orchestrator("child", ctx -> ctx.complete(ctx.getInstanceId())));

    assertThat(output(start("parent"), String.class)).isEqualTo(childId);
    assertThat(get(childId).readInputAs(String.class)).isEqualTo("in");
    assertThat(get(childId).getName()).isEqualTo("child");
  }

  @Test
  void aChildThatIsTriedAgainKeepsItsId() {
    List<String> ids = new CopyOnWriteArrayList<>();
    String childId = unique("child");
    worker(
        code ->
            code.orchestrator(
                    "parent",
                    ctx ->
                        ctx.complete(
                            ctx.callSubOrchestrator(
                                    "child",
                                    null,
                                    childId,
                                    new TaskOptions(new RetryPolicy(3, Duration.ofMillis(1))),
                                    String.class)
                                .await()))
                .orchestrator(
                    "child",
                    ctx -> {
                      ids.add(ctx.getInstanceId());
                      if (ids.size() < 3) {
                        throw new IllegalStateException("not yet");
                      }
                      ctx.complete("third time lucky");
                    }));

    assertThat(output(start("parent"), String.class)).isEqualTo("third time lucky");
    assertThat(ids).containsExactly(childId, childId, childId);
    assertThat(status(childId)).isEqualTo(OrchestrationRuntimeStatus.COMPLETED);
  }

  @Test
  void aFailureTravelsUpThroughAllGenerations() {
    worker(
        code ->
            code.orchestrator("top", ctx -> call(ctx, "middle"))
                .orchestrator("middle", ctx -> call(ctx, "bottom"))
                .orchestrator("bottom", ctx -> ctx.callActivity("fail").await())
                .activity(
                    "fail",
                    ctx -> {
                      throw new IllegalStateException("deep down");
                    }));

    OrchestrationMetadata end = end(start("top"));

    assertThat(end.getRuntimeStatus()).isEqualTo(OrchestrationRuntimeStatus.FAILED);
    assertThat(end.getFailureDetails().getErrorMessage())
        .contains("'middle'", "'bottom'", "'fail'", "deep down");
  }

  @Test
  void aParentMayHandleTheFailureOfAChild() {
    worker(
        code ->
            code.orchestrator(
                    "parent",
                    ctx -> {
                      try {
                        call(ctx, "child");
                      } catch (TaskFailedException e) {
                        ctx.complete(
                            e.getTaskName() + ": " + e.getErrorDetails().getErrorMessage());
                      }
                    })
                .orchestrator(
                    "child",
                    ctx -> {
                      throw new IllegalStateException("naughty");
                    }));

    assertThat(output(start("parent"), String.class)).isEqualTo("child: naughty");
  }

  @Test
  void aChildThatNoWorkerKnowsFailsTheParent() {
    worker(code -> code.orchestrator("parent", ctx -> call(ctx, "unheardOf")));

    OrchestrationMetadata end = end(start("parent"));

    assertThat(end.getRuntimeStatus()).isEqualTo(OrchestrationRuntimeStatus.FAILED);
    assertThat(end.getFailureDetails().getErrorMessage()).contains("'unheardOf'");
  }

  @Test
  void aChildMayContinueAsNewAndReturnsWhatItEndsWith() {
    worker(
        code ->
            code.orchestrator(
                    "parent",
                    ctx ->
                        ctx.complete(ctx.callSubOrchestrator("countdown", 5, String.class).await()))
                .orchestrator(
                    "countdown",
                    ctx -> {
                      int left = ctx.getInput(int.class);
                      if (left == 0) {
                        ctx.complete("lift-off");
                      } else {
                        ctx.continueAsNew(left - 1);
                      }
                    }));

    assertThat(output(start("parent"), String.class)).isEqualTo("lift-off");
  }

  @Test
  void aChildThatIsTerminatedFailsTheParent() {
    String childId = unique("child");
    worker(
        code ->
            code.orchestrator(
                    "parent",
                    ctx -> {
                      try {
                        ctx.callSubOrchestrator("child", null, childId, String.class).await();
                        ctx.complete("ended well");
                      } catch (TaskFailedException e) {
                        ctx.complete("failed");
                      }
                    })
                .orchestrator("child", ctx -> ctx.waitForExternalEvent("never").await()));
    String id = start("parent");
    awaitStart(childId);

    client.terminate(childId, "enough");

    assertThat(output(id, String.class)).isEqualTo("failed");
    assertThat(status(childId)).isEqualTo(OrchestrationRuntimeStatus.TERMINATED);
  }
}
