package dev.perdure.examples.sdk;

import com.microsoft.durabletask.DurableTaskGrpcWorkerBuilder;
import com.microsoft.durabletask.Task;
import com.microsoft.durabletask.TaskActivity;
import com.microsoft.durabletask.TaskActivityFactory;
import com.microsoft.durabletask.TaskCanceledException;
import com.microsoft.durabletask.TaskOrchestration;
import com.microsoft.durabletask.TaskOrchestrationContext;
import com.microsoft.durabletask.TaskOrchestrationFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The orchestrators and activities of the example, as one writes them for any backend. */
final class Functions {
  private Functions() {}

  static void addTo(DurableTaskGrpcWorkerBuilder worker) {
    worker.addOrchestration(orchestration("HelloSequence", Functions::helloSequence));
    worker.addOrchestration(orchestration("FanOut", Functions::fanOut));
    worker.addOrchestration(orchestration("Approval", Functions::approval));
    worker.addActivity(
        activity(
            "SayHello",
            ctx -> {
              work(100);
              return "Hello, " + ctx.getInput(String.class) + "!";
            }));
    worker.addActivity(
        activity(
            "Square",
            ctx -> {
              work(50);
              int number = ctx.getInput(Integer.class);
              return number * number;
            }));
  }

  /** One activity after the other. */
  private static void helloSequence(TaskOrchestrationContext ctx) {
    List<String> greetings = new ArrayList<>();
    for (String city : ctx.getInput(String.class).split(",", -1)) {
      greetings.add(ctx.callActivity("SayHello", city, String.class).await());
    }
    ctx.complete(String.join(" ", greetings));
  }

  /** Many activities at once, and a sum in the end. */
  private static void fanOut(TaskOrchestrationContext ctx) {
    int from = ctx.getInput(Integer.class);
    List<Task<Integer>> squares = new ArrayList<>();
    for (int i = from; i < from + 5; i++) {
      squares.add(ctx.callActivity("Square", i, Integer.class));
    }
    int sum = 0;
    for (int square : ctx.allOf(squares).await()) {
      sum += square;
    }
    ctx.complete("the squares of %d to %d add up to %d".formatted(from, from + 4, sum));
  }

  /** An event from outside, or a timer, whichever comes first. */
  private static void approval(TaskOrchestrationContext ctx) {
    Duration patience = Duration.ofSeconds(ctx.getInput(Integer.class));
    try {
      ctx.complete(ctx.waitForExternalEvent("decision", patience, String.class).await());
    } catch (TaskCanceledException e) {
      ctx.complete("nobody decided within %d s".formatted(patience.toSeconds()));
    }
  }

  /** So that there is time to kill the server. */
  private static void work(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static TaskOrchestrationFactory orchestration(String name, TaskOrchestration code) {
    return new TaskOrchestrationFactory() {
      @Override
      public String getName() {
        return name;
      }

      @Override
      public TaskOrchestration create() {
        return code;
      }
    };
  }

  private static TaskActivityFactory activity(String name, TaskActivity code) {
    return new TaskActivityFactory() {
      @Override
      public String getName() {
        return name;
      }

      @Override
      public TaskActivity create() {
        return code;
      }
    };
  }
}
