package dev.perdure.engine.partition;

import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.ExecutionRequeued;
import dev.perdure.api.HistoryEvent.ExecutionResumed;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.ExecutionSuspended;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.InstanceAlreadyExistsException;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.StartOptions.IdReusePolicy.Otherwise;
import dev.perdure.engine.entity.TaskAddress;
import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.engine.instance.OpenTask;
import dev.perdure.engine.orchestrator.OrchestratorRun;
import dev.perdure.engine.orchestrator.SessionConfig;
import dev.perdure.engine.worker.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Does what clients ask for with orchestrations. Used by the partition's thread only. */
final class OrchestrationRequests {
  private final int index;
  private final SessionConfig config;
  private final PartitionHost host;
  private final Situation situation;
  private final PartitionLog log;
  private final Checkpoint checkpoint;
  private final RedeliveryQueue redeliveries;
  private final Orchestrations orchestrations;
  private final Sessions sessions;
  private final Waiters waiters;

  OrchestrationRequests(Common common, Orchestrations orchestrations) {
    this.index = common.index();
    this.config = common.config();
    this.host = common.host();
    this.situation = common.situation();
    this.log = common.log();
    this.checkpoint = common.checkpoint();
    this.redeliveries = common.redeliveries();
    this.orchestrations = orchestrations;
    this.sessions = orchestrations.sessions();
    this.waiters = orchestrations.waiters();
  }

  void start(Command.Start c) {
    ResidentOrchestration r = c.idIsNew() ? null : orchestrations.lookup(c.instanceId());
    if (r != null && !r.purged) {
      OrchestrationStatus status = r.state.status();
      if (!c.idReuse().replaceable().contains(status)) {
        if (c.idReuse().otherwise() == Otherwise.IGNORE) {
          log.reply(c.reply(), c.instanceId());
          return;
        }
        throw new InstanceAlreadyExistsException(
            ("An instance '%s' exists (%s, status %s) and the id-reuse policy does not replace it."
                    + " Choose another id, or another policy.")
                .formatted(c.instanceId(), r.state.name(), status));
      }
      discard(r);
    }
    orchestrations.begin(
        r,
        c.instanceId(),
        new ExecutionStarted(
            config.now(),
            c.name(),
            c.version(),
            host.newExecutionId(),
            c.input(),
            null,
            c.scheduledStart(),
            c.tags(),
            c.traceContext()));
    log.whenDurable(new Effect.Reply<>(c.reply(), c.instanceId()));
  }

  /**
   * Ends what runs of an instance that is about to be replaced by a new one of the same id, its
   * sub-orchestrations included: the new one may want to start some of the same ids.
   */
  private void discard(ResidentOrchestration r) {
    if (r.state.status().isTerminal()) {
      return;
    }
    List<Command.Await> waitOn = waiters.takeById(r.state.id());
    orchestrations.terminate(r, null, null, true);
    waitOn.forEach(waiters::add);
  }

  void raiseEvent(Command.RaiseEvent c) {
    ResidentOrchestration r = orchestrations.unfinished(c.instanceId(), "take an event");
    orchestrations.transition(r, new EventRaised(config.now(), c.name(), c.payload()));
    sessions.stepIfNeeded(r);
    log.reply(c.reply(), null);
  }

  void suspend(Command.Suspend c) {
    ResidentOrchestration r =
        orchestrations.unfinished(c.instanceId(), c.suspend() ? "be suspended" : "be resumed");
    boolean suspended = r.state.status() == OrchestrationStatus.SUSPENDED;
    if (suspended != c.suspend()) {
      orchestrations.transition(
          r,
          c.suspend()
              ? new ExecutionSuspended(config.now(), c.reason())
              : new ExecutionResumed(config.now(), c.reason()));
      if (c.suspend()) {
        sessions.recall(r);
      } else {
        sessions.release(r);
      }
      sessions.stepIfNeeded(r);
      orchestrations.tellWaiters(r);
    }
    log.reply(c.reply(), null);
  }

  void terminate(Command.Terminate c) {
    orchestrations.terminate(
        orchestrations.unfinished(c.instanceId(), "be terminated"),
        c.reason(),
        c.output(),
        c.recursive());
    log.reply(c.reply(), null);
  }

  void rewind(Command.Rewind c) {
    ResidentOrchestration r = orchestrations.get(c.instanceId());
    if (r.state.status() != OrchestrationStatus.FAILED) {
      throw new InvalidInstanceStateException(
          "Instance '%s' cannot be rewound: its status is %s, not FAILED."
              .formatted(c.instanceId(), r.state.status()));
    }
    if (!r.state.executionId().equals(c.executionId()) || r.state.events() != c.events()) {
      throw new InvalidInstanceStateException(
          "Instance '%s' changed while its rewind was being prepared. Try again."
              .formatted(c.instanceId()));
    }
    orchestrations.rewind(r, c.plan());
    log.reply(c.reply(), null);
  }

  void requeue(Command.Requeue c) {
    ResidentOrchestration r = orchestrations.unfinished(c.instanceId(), "be requeued");
    if (r.state.problem() == null) {
      throw new InvalidInstanceStateException(
          "Instance '%s' cannot be requeued: it was not set aside.".formatted(c.instanceId()));
    }
    orchestrations.transition(r, new ExecutionRequeued(config.now(), c.reason()));
    orchestrations.resumeWork(r);
    log.reply(c.reply(), null);
  }

  void purge(Command.Purge c) {
    List<ResidentOrchestration> gone = new ArrayList<>();
    for (Command.Purge.Target target : c.targets()) {
      String id = target.instanceId();
      ResidentOrchestration r =
          c.skipUnfinished() ? orchestrations.findReadable(id) : orchestrations.find(id);
      if (r == null || !target.isMeant(r.state)) {
        continue; // gone, or replaced since it was looked for, or damaged
      }
      if (!r.state.status().isTerminal()) {
        if (c.skipUnfinished()) {
          continue;
        }
        throw Command.Purge.refusal(id, r.state.status());
      }
      gone.add(r);
    }
    if (!gone.isEmpty()) {
      log.entry(LogEntry.PURGED).texts(gone.stream().map(r -> r.state.id()).toList());
      for (ResidentOrchestration r : gone) {
        r.purge(log.position());
        checkpoint.changed(r);
      }
    }
    log.reply(c.reply(), gone.size());
  }

  // ---- questions ----------------------------------------------------------------------------

  void status(Command.GetStatus c) {
    ResidentOrchestration r = orchestrations.find(c.instanceId());
    log.reply(c.reply(), r == null ? null : orchestrations.metadata(r, c.payloads()));
  }

  void await(Command.Await c) {
    if (c.reply().isDone()) {
      return; // given up before it was looked at
    }
    ResidentOrchestration r =
        c.byId() ? orchestrations.find(c.instanceId()) : orchestrations.get(c.instanceId());
    if (r != null && c.isReached(r.state)) {
      log.reply(c.reply(), orchestrations.metadata(r, true));
    } else if (situation.stopping) {
      throw new HubClosedException(
          "The hub is being closed. The instance goes on when it is opened again.");
    } else {
      waiters.add(c);
    }
  }

  void history(Command.GetHistory c) {
    log.reply(c.reply(), orchestrations.get(c.instanceId()).history(index));
  }

  void explain(Command.Explain c) {
    ResidentOrchestration r = orchestrations.get(c.instanceId());
    log.reply(
        c.reply(),
        new Explanations(r.state, r.stepping, code(r), situation.mode() != LoopMode.RUN));
  }

  private Explanations.Code code(ResidentOrchestration r) {
    OrchestratorRun run = r.session;
    String left = run == null && !r.state.status().isTerminal() ? sessions.leftAt(r) : null;
    return new Explanations.Code(
        run == null ? left : run.location(),
        run == null || r.stepping ? taskId -> null : run::tries,
        r.repeating ? RedeliveryQueue.WAITS : run == null ? "" : run.progress(),
        task ->
            redeliveries.holds(r, task.taskId())
                ? RedeliveryQueue.WAITS
                : activityObstacle(task, r.state.version()));
  }

  /** Why no worker runs an activity; null if one may. */
  private @Nullable String activityObstacle(OpenTask.Activity task, String callerVersion) {
    Workers workers = config.workers();
    return workers != null && config.isRemoteActivity(task.name())
        ? workers.obstacle(
            FunctionKind.ACTIVITY,
            task.name(),
            Objects.requireNonNullElse(task.version(), callerVersion))
        : null;
  }

  void isUnderWay(Command.IsUnderWay c) {
    log.reply(c.reply(), isUnderWay(c.task()));
  }

  private boolean isUnderWay(TaskAddress task) {
    ResidentOrchestration r = orchestrations.find(task.instanceId());
    return r != null
        && !r.state.status().isTerminal()
        && r.state.executionId().equals(task.executionId());
  }
}
