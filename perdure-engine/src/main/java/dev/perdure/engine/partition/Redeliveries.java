package dev.perdure.engine.partition;

import dev.perdure.api.HistoryEvent.WorkRedelivered;
import dev.perdure.api.Problem;
import dev.perdure.engine.instance.Instance;
import dev.perdure.engine.instance.OpenTask;
import dev.perdure.engine.orchestrator.SessionConfig;

/**
 * Hands out again what may have been under way when a host died. That this is about to happen is
 * made durable first and counted, once by each host, so that work which kills its host is noticed
 * and set aside.
 */
final class Redeliveries {
  private final SessionConfig config;
  private final int timesMax;
  private final PartitionLog log;
  private final RedeliveryQueue queue;
  private final Orchestrations orchestrations;
  private final Entities entities;

  Redeliveries(Common common, Orchestrations orchestrations, Entities entities) {
    this.config = common.config();
    this.timesMax = common.options().redeliveriesMax();
    this.log = common.log();
    this.queue = common.redeliveries();
    this.orchestrations = orchestrations;
    this.entities = entities;
  }

  /** Hands out as much as may be under way. */
  void handOut() {
    while (true) {
      RedeliveryQueue.Work next = queue.next(now());
      if (next == null) {
        return;
      }
      if (next.taskId() == RedeliveryQueue.ENTITY) {
        if (entities.repeat(next.instanceId(), timesMax)) {
          queue.began(next, now());
        }
        continue;
      }
      ResidentOrchestration r = orchestrations.residents().get(next.instanceId());
      if (r == null) {
        continue;
      }
      if (next.taskId() == RedeliveryQueue.STEP) {
        step(r); // of whatever execution it is in by now: its next step waits for this turn
        continue;
      }
      if (!r.state.executionId().equals(next.executionId()) || r.state.problem() != null) {
        continue;
      }
      if (r.state.openTask(next.taskId()) instanceof OpenTask.Activity task
          && !task.isDispatched()) {
        activity(r, task);
      }
    }
  }

  private long now() {
    return config.clock().millis();
  }

  private void step(ResidentOrchestration r) {
    if (!r.state.needsStep() || r.stepping) {
      r.repeating = false;
      return;
    }
    RedeliveryQueue.Work step = RedeliveryQueue.Work.step(r);
    if (!queue.isCounted(step)) {
      int count = r.state.stepRedeliveries() + 1;
      if (count > timesMax) {
        r.repeating = false;
        orchestrations.setAside(r, poison(r, "a step of its orchestrator"));
        return;
      }
      orchestrations.transition(
          r, new WorkRedelivered(config.now(), Instance.SCHEDULED_START, count));
    }
    queue.began(step, now());
    log.whenDurable(
        () -> {
          queue.counted(step);
          r.repeating = false;
          if (r.inMemory && !r.stepping && r.state.needsStep()) {
            r.steppingAgain = true;
            orchestrations.sessions().stepIfNeeded(r);
            if (r.stepping) {
              return; // its end gives back the place
            }
            r.steppingAgain = false;
          }
          queue.ended(step);
        });
  }

  private void activity(ResidentOrchestration r, OpenTask.Activity task) {
    RedeliveryQueue.Work activity = RedeliveryQueue.Work.activity(r, task.taskId());
    if (!queue.isCounted(activity)) {
      int count = task.redeliveries() + 1;
      if (count > timesMax) {
        orchestrations.setAside(
            r, poison(r, "activity '%s' (#%d)".formatted(task.name(), task.taskId())));
        return;
      }
      orchestrations.transition(r, new WorkRedelivered(config.now(), task.taskId(), count));
      log.whenDurable(() -> queue.counted(activity));
    }
    queue.began(activity, now());
    orchestrations.dispatch(r, task.taskId());
  }

  private Problem poison(ResidentOrchestration r, String what) {
    return new Problem(
        Problem.Kind.POISON,
        ("Instance '%s': %s was under way each of the last %d times a host died, and may have killed"
                + " it. It is not tried again. Find out what it does, then requeue or terminate the"
                + " instance.")
            .formatted(r.state.id(), what, timesMax));
  }
}
