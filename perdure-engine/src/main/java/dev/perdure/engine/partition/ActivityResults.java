package dev.perdure.engine.partition;

import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskFailed;
import dev.perdure.engine.ActivityStart;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.activity.ActivityWork;
import dev.perdure.engine.instance.OpenTask;
import dev.perdure.engine.orchestrator.SessionConfig;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Records how activities have ended. Used by the partition's thread only. */
final class ActivityResults {
  private final SessionConfig config;
  private final EngineOptions options;
  private final PartitionHost host;
  private final RedeliveryQueue redeliveries;
  private final Orchestrations orchestrations;

  ActivityResults(Common common, Orchestrations orchestrations) {
    this.config = common.config();
    this.options = common.options();
    this.host = common.host();
    this.redeliveries = common.redeliveries();
    this.orchestrations = orchestrations;
  }

  /** An activity has run. */
  void ended(Command.ActivityEnded c) {
    ActivityWork work = c.work();
    over(work);
    ResidentOrchestration r = caller(work);
    if (r == null || openTask(r, work) == null) {
      return; // nobody waits for it any more
    }
    HistoryEvent event =
        c.failure() == null
            ? new TaskCompleted(config.now(), work.taskId(), c.result())
            : new TaskFailed(config.now(), work.taskId(), c.failure());
    orchestrations.transition(r, event);
    orchestrations.sessions().stepIfNeeded(r);
  }

  /** An activity is not going to be run. */
  void parked(Command.ActivityParked c) {
    ResidentOrchestration r = caller(c.work());
    OpenTask.Activity task = r == null ? null : openTask(r, c.work());
    if (r != null && task != null) {
      task.takeBack();
      if (r.state.problem() == null) {
        orchestrations.setAside(r, c.problem());
      }
    }
  }

  /** An activity is not under way any more, whether anybody waits for it or not. */
  void over(ActivityWork work) {
    if (work.isRemote()) {
      return;
    }
    if (work.redelivered()) {
      redeliveries.ended(RedeliveryQueue.Work.activity(work));
    } else if (options.activityStart() == ActivityStart.PIPELINED) {
      host.stepping(-1);
    }
  }

  /** The instance that called an activity; null if it does not exist any more. */
  private @Nullable ResidentOrchestration caller(ActivityWork work) {
    return work.caller() instanceof ResidentOrchestration r && r.inMemory && !r.purged
        ? r
        : orchestrations.findReadable(work.instanceId());
  }

  /** The task that waits for some work; null if it does not any more. */
  private static OpenTask.@Nullable Activity openTask(ResidentOrchestration r, ActivityWork work) {
    return r.state.executionId().equals(work.executionId())
            && r.state.openTask(work.taskId()) instanceof OpenTask.Activity task
            && isOf(task, work)
        ? task
        : null;
  }

  /**
   * Whether work belongs to a task. A task that was never recorded, because its commit failed after
   * its activity had been started, may have left its number to another one.
   */
  private static boolean isOf(OpenTask.Activity task, ActivityWork work) {
    return task.name().equals(work.name()) && Objects.equals(task.input(), work.input());
  }
}
