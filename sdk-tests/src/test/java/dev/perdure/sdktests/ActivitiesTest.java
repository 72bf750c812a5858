package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.durabletask.FailureDetails;
import com.microsoft.durabletask.OrchestrationMetadata;
import com.microsoft.durabletask.OrchestrationRuntimeStatus;
import com.microsoft.durabletask.Task;
import com.microsoft.durabletask.TaskFailedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ActivitiesTest extends SdkTest {
  @Test
  void tenActivitiesOneAfterTheOther() {
    AtomicInteger executions = new AtomicInteger();
    worker(
        code ->
            code.orchestrator(
                    "chain",
                    ctx -> {
                      int value = ctx.getInput(int.class);
                      for (int i = 0; i < 10; i++) {
                        value = ctx.callActivity("plusOne", value, int.class).await();
                      }
                      ctx.complete(value);
                    })
                .activity(
                    "plusOne",
                    ctx -> {
                      executions.incrementAndGet();
                      return ctx.getInput(int.class) + 1;
                    }));

    assertThat(output(start("chain", 100), int.class)).isEqualTo(110);
    assertThat(executions).hasValue(10);
  }

  @Test
  void aFanOutGetsEachResultInItsPlace() {
    AtomicInteger executions = new AtomicInteger();
    worker(
        code ->
            code.orchestrator(
                    "fanOut",
                    ctx -> {
                      List<Task<String>> tasks = new ArrayList<>();
                      for (int i = 0; i < 30; i++) {
                        tasks.add(ctx.callActivity("text", i, String.class));
                      }
                      ctx.complete(ctx.allOf(tasks).await());
                    })
                .activity(
                    "text",
                    ctx -> {
                      executions.incrementAndGet();
                      return "number " + ctx.getInput(int.class);
                    }));

    List<Object> output = outputs(start("fanOut"));

    assertThat(output).isEqualTo(IntStream.range(0, 30).mapToObj(i -> "number " + i).toList());
    assertThat(executions).hasValue(30);
  }

  @Test
  void activitiesOfOneTurnRunOnAllWorkersAtOnce() {
    awaitWorkers(0); // those of the test before may still be on their way out
    CountDownLatch together = new CountDownLatch(3);
    // A worker of this SDK runs one thing at a time: three that meet are three workers.
    for (int i = 0; i < 3; i++) {
      worker(
          code ->
              code.orchestrator(
                      "meet",
                      ctx ->
                          ctx.complete(
                              ctx.allOf(
                                      List.of(
                                          ctx.callActivity("arrive", boolean.class),
                                          ctx.callActivity("arrive", boolean.class),
                                          ctx.callActivity("arrive", boolean.class)))
                                  .await()))
                  .activity(
                      "arrive",
                      ctx -> {
                        together.countDown();
                        return await(together);
                      }));
    }

    awaitWorkers(3); // who comes later gets nothing of what was given to others

    assertThat(outputs(start("meet"))).isEqualTo(List.of(true, true, true));
  }

  @Test
  void aTurnMayStartManyThingsOfEveryKind() {
    Map<String, Integer> executions = new ConcurrentHashMap<>();
    worker(
        code ->
            code.orchestrator(
                    "main",
                    ctx -> {
                      List<Task<Integer>> tasks = new ArrayList<>();
                      List<Task<Void>> timers = new ArrayList<>();
                      for (int i = 0; i < 30; i++) {
                        tasks.add(ctx.callActivity("same", i, int.class));
                        timers.add(ctx.createTimer(Duration.ofMillis(10 * (i % 5))));
                        tasks.add(ctx.callSubOrchestrator("child", i, int.class));
                      }
                      int sum = ctx.allOf(tasks).await().stream().mapToInt(i -> i).sum();
                      ctx.allOf(timers).await();
                      ctx.complete(sum);
                    })
                .orchestrator("child", ctx -> ctx.complete(1000 * ctx.getInput(int.class)))
                .activity(
                    "same",
                    ctx -> {
                      int i = ctx.getInput(int.class);
                      executions.merge("activity " + i, 1, Integer::sum);
                      return i;
                    }));

    int sum = IntStream.range(0, 30).sum();
    assertThat(output(start("main"), int.class)).isEqualTo(1001 * sum);
    assertThat(executions).hasSize(30).allSatisfy((name, times) -> assertThat(times).isOne());
  }

  @Test
  void dozensOfInstancesAtOnceGetTheirOwnResults() throws Exception {
    for (int i = 0; i < 2; i++) {
      worker(
          code ->
              code.orchestrator(
                      "chain",
                      ctx -> {
                        int value = ctx.getInput(int.class);
                        for (int step = 0; step < 5; step++) {
                          value = ctx.callActivity("plusOne", value, int.class).await();
                        }
                        ctx.complete(value);
                      })
                  .activity("plusOne", ctx -> ctx.getInput(int.class) + 1));
    }

    List<Integer> outputs = Concurrently.run(60, i -> output(start("chain", 10 * i), int.class));

    assertThat(outputs).isEqualTo(IntStream.range(0, 60).mapToObj(i -> 10 * i + 5).toList());
  }

  @Test
  void aFailureReachesTheOrchestratorWithAllThatIsKnownOfIt() {
    worker(
        code ->
            code.orchestrator(
                    "main",
                    ctx -> {
                      try {
                        ctx.callActivity("fail", "unlucky").await();
                        ctx.complete("no failure");
                      } catch (TaskFailedException e) {
                        FailureDetails details = e.getErrorDetails();
                        ctx.complete(
                            List.of(
                                e.getTaskName(),
                                e.getTaskId(),
                                details.getErrorType(),
                                details.getErrorMessage(),
                                details.isCausedBy(IllegalStateException.class),
                                details.isCausedBy(IllegalArgumentException.class),
                                details.getStackTrace().contains("ActivitiesTest")));
                      }
                    })
                .activity(
                    "fail",
                    ctx -> {
                      throw new IllegalStateException("I am " + ctx.getInput(String.class));
                    }));

    assertThat(outputs(start("main")))
        .isEqualTo(
            List.of(
                "fail", 0, "java.lang.IllegalStateException", "I am unlucky", true, false, true));
  }

  @Test
  void aFailureThatNobodyHandlesFailsTheOrchestration() {
    worker(
        code ->
            code.orchestrator("main", ctx -> ctx.callActivity("fail").await())
                .activity(
                    "fail",
                    ctx -> {
                      throw new IllegalStateException("no luck");
                    }));

    OrchestrationMetadata end = end(start("main"));

    assertThat(end.getRuntimeStatus()).isEqualTo(OrchestrationRuntimeStatus.FAILED);
    FailureDetails details = end.getFailureDetails();
    assertThat(details.getErrorType()).isEqualTo(TaskFailedException.class.getName());
    assertThat(details.getErrorMessage()).contains("'fail'", "#0", "no luck");
    assertThat(details.getStackTrace()).contains("TaskOrchestrationExecutor");
  }

  @Test
  void anExceptionOfTheOrchestratorFailsIt() {
    worker(
        code ->
            code.orchestrator(
                "main",
                ctx -> {
                  throw new UnsupportedOperationException("not today");
                }));

    OrchestrationMetadata end = end(start("main"));

    assertThat(end.getRuntimeStatus()).isEqualTo(OrchestrationRuntimeStatus.FAILED);
    assertThat(end.getFailureDetails().getErrorMessage()).isEqualTo("not today");
    assertThat(end.getFailureDetails().isCausedBy(UnsupportedOperationException.class)).isTrue();
  }

  @Test
  void anActivityThatNoWorkerKnowsFails() {
    worker(
        code ->
            code.orchestrator(
                "main",
                ctx -> {
                  try {
                    ctx.callActivity("unheardOf").await();
                  } catch (TaskFailedException e) {
                    ctx.complete(e.getErrorDetails().getErrorMessage());
                  }
                }));

    assertThat(output(start("main"), String.class)).contains("'unheardOf'", "registered");
  }

  @Test
  void anOrchestratorThatNoWorkerKnowsFailsAndStopsNobody() {
    worker(code -> code.orchestrator("known", ctx -> ctx.complete("fine")));
    String unknown = start("unheardOf");
    String known = start("known");

    assertThat(end(unknown).getRuntimeStatus()).isEqualTo(OrchestrationRuntimeStatus.FAILED);
    assertThat(output(known, String.class)).isEqualTo("fine");
  }

  @Test
  void noResultIsAResult() {
    worker(
        code ->
            code.orchestrator(
                    "main",
                    ctx -> {
                      String nothing = ctx.callActivity("nothing", null, String.class).await();
                      ctx.complete(nothing == null ? "nothing" : "something");
                    })
                .activity("nothing", ctx -> ctx.getInput(String.class)));

    assertThat(output(start("main"), String.class)).isEqualTo("nothing");
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
