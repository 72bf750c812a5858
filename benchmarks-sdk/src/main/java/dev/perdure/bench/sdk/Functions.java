package dev.perdure.bench.sdk;

import com.microsoft.durabletask.DurableTaskGrpcWorkerBuilder;
import com.microsoft.durabletask.Task;
import com.microsoft.durabletask.TaskActivity;
import com.microsoft.durabletask.TaskActivityFactory;
import com.microsoft.durabletask.TaskOrchestration;
import com.microsoft.durabletask.TaskOrchestrationContext;
import com.microsoft.durabletask.TaskOrchestrationFactory;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.List;

/** What the workers run: functions that do next to nothing. */
final class Functions {
  private static final List<String> CITIES =
      List.of("Tokyo", "London", "Seattle", "Amsterdam", "Seoul");

  static final String HELLO5_OUTPUT =
      "Hello, Tokyo Hello, London Hello, Seattle Hello, Amsterdam Hello, Seoul";

  private Functions() {}

  /**
   * Starts a worker, which takes one piece of work after the other, on a thread of its own: a
   * virtual one, unless the property {@code perdure.bench.platformWorkers} is true. A worker waits
   * for each of its calls, and on platform threads those waits cost as much as half of its work.
   */
  static void startWorker(Channel channel) {
    DurableTaskGrpcWorkerBuilder builder = new DurableTaskGrpcWorkerBuilder().grpcChannel(channel);
    orchestrator(builder, "hello5", Functions::hello5);
    orchestrator(builder, "fanOut", Functions::fanOut);
    orchestrator(builder, "sequence", Functions::sequence);
    activity(builder, "sayHello", ctx -> "Hello, " + ctx.getInput(String.class));
    activity(builder, "one", ctx -> 1);
    Thread.Builder threads =
        Boolean.getBoolean("perdure.bench.platformWorkers")
            ? Thread.ofPlatform().daemon()
            : Thread.ofVirtual();
    threads.name("worker").start(builder.build()::startAndBlock);
  }

  private static void hello5(TaskOrchestrationContext context) {
    StringBuilder greetings = new StringBuilder();
    for (String city : CITIES) {
      if (!greetings.isEmpty()) {
        greetings.append(' ');
      }
      greetings.append(context.callActivity("sayHello", city, String.class).await());
    }
    context.complete(greetings.toString());
  }

  private static void fanOut(TaskOrchestrationContext context) {
    List<Task<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < context.getInput(int.class); i++) {
      tasks.add(context.callActivity("one", i, Integer.class));
    }
    context.complete(context.allOf(tasks).await().stream().mapToInt(i -> i).sum());
  }

  private static void sequence(TaskOrchestrationContext context) {
    int length = context.getInput(int.class);
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += context.callActivity("one", i, Integer.class).await();
    }
    context.complete(sum);
  }

  private static void orchestrator(
      DurableTaskGrpcWorkerBuilder builder, String name, TaskOrchestration code) {
    builder.addOrchestration(
        new TaskOrchestrationFactory() {
          @Override
          public String getName() {
            return name;
          }

          @Override
          public TaskOrchestration create() {
            return code;
          }
        });
  }

  private static void activity(
      DurableTaskGrpcWorkerBuilder builder, String name, TaskActivity code) {
    builder.addActivity(
        new TaskActivityFactory() {
          @Override
          public String getName() {
            return name;
          }

          @Override
          public TaskActivity create() {
            return code;
          }
        });
  }
}
