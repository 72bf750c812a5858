package dev.perdure.sdktests;

import com.microsoft.durabletask.DurableTaskGrpcWorkerBuilder;
import com.microsoft.durabletask.TaskActivity;
import com.microsoft.durabletask.TaskActivityFactory;
import com.microsoft.durabletask.TaskOrchestration;
import com.microsoft.durabletask.TaskOrchestrationFactory;
import java.time.Duration;

/** What a worker of the Java SDK can run: functions by name. */
final class Code {
  private final DurableTaskGrpcWorkerBuilder worker;

  Code(DurableTaskGrpcWorkerBuilder worker) {
    this.worker = worker;
  }

  Code orchestrator(String name, TaskOrchestration code) {
    worker.addOrchestration(
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
    return this;
  }

  Code activity(String name, TaskActivity code) {
    worker.addActivity(
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
    return this;
  }

  /** The SDK makes several timers of a longer one. */
  Code maximumTimerInterval(Duration interval) {
    worker.maximumTimerInterval(interval);
    return this;
  }
}
