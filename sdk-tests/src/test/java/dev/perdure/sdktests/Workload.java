package dev.perdure.sdktests;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.durabletask.OrchestrationMetadata;
import com.microsoft.durabletask.OrchestrationRuntimeStatus;
import com.microsoft.durabletask.RetryPolicy;
import com.microsoft.durabletask.Task;
import com.microsoft.durabletask.TaskFailedException;
import com.microsoft.durabletask.TaskOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Orchestrations of every kind, whose results show whether anything has been lost or done twice.
 * Whatever happens to worker, server and network, each has exactly one right outcome.
 *
 * <p>Activities may run more than once when a worker is lost; what they return counts once.
 */
final class Workload {
  /** The orchestrators, all of which take a number. */
  static final List<String> KINDS =
      List.of("chain", "fanOut", "family", "rounds", "sleeper", "stubborn");

  private Workload() {}

  static void register(Code code) {
    code.orchestrator(
            "chain",
            ctx -> {
              int value = ctx.getInput(int.class);
              for (int i = 0; i < 10; i++) {
                value = ctx.callActivity("plusOne", value, int.class).await();
              }
              ctx.complete(value);
            })
        .orchestrator(
            "fanOut",
            ctx -> {
              List<Task<Integer>> tasks = new ArrayList<>();
              for (int i = 0; i < 10; i++) {
                tasks.add(ctx.callActivity("plusOne", i, int.class));
              }
              ctx.complete(
                  ctx.getInput(int.class)
                      + ctx.allOf(tasks).await().stream().mapToInt(i -> i).sum());
            })
        .orchestrator(
            "family",
            ctx -> {
              int value = ctx.getInput(int.class);
              Task<Integer> one = ctx.callSubOrchestrator("chain", value, int.class);
              Task<Integer> two = ctx.callSubOrchestrator("rounds", value, int.class);
              ctx.complete(one.await() + two.await());
            })
        .orchestrator("rounds", ctx -> ctx.complete(rounds(ctx.getInput(int.class) * 100, ctx)))
        .orchestrator(
            "round",
            ctx -> {
              // The number of the round is in the last two digits.
              int value = ctx.callActivity("plusOne", ctx.getInput(int.class), int.class).await();
              if (value % 100 < 5) {
                ctx.continueAsNew(value);
              } else {
                ctx.complete(value);
              }
            })
        .orchestrator(
            "sleeper",
            ctx -> {
              int value = ctx.getInput(int.class);
              for (int i = 0; i < 5; i++) {
                ctx.createTimer(Duration.ofMillis(20)).await();
                value = ctx.callActivity("plusOne", value, int.class).await();
              }
              ctx.complete(value);
            })
        .orchestrator(
            "stubborn",
            ctx -> {
              try {
                ctx.callActivity(
                        "fail",
                        0,
                        new TaskOptions(new RetryPolicy(3, Duration.ofMillis(10))),
                        int.class)
                    .await();
              } catch (TaskFailedException e) {
                ctx.complete(
                    ctx.getInput(int.class) + e.getErrorDetails().getErrorMessage().length());
              }
            })
        .activity(
            "plusOne",
            ctx -> {
              pause();
              return ctx.getInput(int.class) + 1;
            })
        .activity(
            "fail",
            ctx -> {
              pause();
              throw new IllegalStateException("seven..");
            });
  }

  private static int rounds(int value, com.microsoft.durabletask.TaskOrchestrationContext ctx) {
    return ctx.callSubOrchestrator("round", value, int.class).await() % 100;
  }

  /** Work takes a while, so that a kill finds some that has not been done. */
  private static void pause() {
    try {
      Thread.sleep(ThreadLocalRandom.current().nextInt(3));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The only right result of an orchestrator of this kind. */
  static int expected(String kind, int input) {
    return switch (kind) {
      case "chain" -> input + 10;
      case "fanOut" -> input + 55;
      case "family" -> input + 10 + 5;
      case "rounds" -> 5;
      case "sleeper" -> input + 5;
      case "stubborn" -> input + 7;
      default -> throw new IllegalArgumentException(kind);
    };
  }

  static void check(OrchestrationMetadata end, String kind, int input) {
    assertThat(end.getRuntimeStatus())
        .as("%s(%d) as %s: %s", kind, input, end.getInstanceId(), end)
        .isEqualTo(OrchestrationRuntimeStatus.COMPLETED);
    assertThat(end.readOutputAs(int.class))
        .as("output of %s(%d) as %s", kind, input, end.getInstanceId())
        .isEqualTo(expected(kind, input));
  }
}
