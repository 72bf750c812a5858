package dev.perdure.engine.partition;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.EntityLockGranted;
import dev.perdure.api.HistoryEvent.EntityOperationCompleted;
import dev.perdure.api.HistoryEvent.EntityOperationFailed;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationFailed;
import dev.perdure.api.InstanceAlreadyExistsException;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InvalidInstanceIdException;
import dev.perdure.api.NonRetriable;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.ParentInstance;
import dev.perdure.api.Payload;
import dev.perdure.api.PayloadTooLargeException;
import dev.perdure.engine.InstanceIds;
import dev.perdure.engine.StartSize;
import dev.perdure.engine.entity.TaskAddress;
import dev.perdure.engine.functions.FunctionName;
import dev.perdure.engine.instance.OpenTask;
import dev.perdure.engine.instance.Rewind;
import dev.perdure.engine.orchestrator.SessionConfig;
import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.Store;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Handles what other instances send to orchestrations. Used by the partition's thread only. */
final class OrchestrationMessages {
  private static final System.Logger LOG = System.getLogger("dev.perdure.partition");

  private final int index;
  private final Store store;
  private final SessionConfig config;
  private final PartitionHost host;
  private final Orchestrations orchestrations;
  private final Sessions sessions;

  OrchestrationMessages(Common common, Orchestrations orchestrations) {
    this.index = common.index();
    this.store = common.store();
    this.config = common.config();
    this.host = common.host();
    this.orchestrations = orchestrations;
    this.sessions = orchestrations.sessions();
  }

  void raiseEvent(Message.Event m) {
    ResidentOrchestration r = orchestrations.findOrchestration(m.target());
    if (r != null && !r.state.status().isTerminal()) {
      orchestrations.transition(r, new EventRaised(config.now(), m.name(), m.payload()));
      sessions.stepIfNeeded(r);
    } else {
      LOG.log(
          System.Logger.Level.WARNING,
          "Event ''{0}'' for instance ''{1}'' was dropped: {2}",
          m.name(),
          m.target(),
          r == null ? "there is no such instance" : "it has ended");
    }
  }

  void terminateOther(Message.TerminateOther m) {
    ResidentOrchestration r = orchestrations.findOrchestration(m.target());
    if (r != null && !r.state.status().isTerminal()) {
      orchestrations.terminate(r, null, m.output(), m.recursive());
    }
  }

  // ---- of entities --------------------------------------------------------------------------

  void entityAnswered(Message.EntityAnswered m) {
    ResidentOrchestration r = waitingFor(m.caller(), OpenTask.EntityCall.class);
    if (r != null) {
      orchestrations.transition(
          r,
          m.failure() == null
              ? new EntityOperationCompleted(config.now(), m.caller().taskId(), m.result())
              : new EntityOperationFailed(config.now(), m.caller().taskId(), m.failure()));
      sessions.stepIfNeeded(r);
    }
  }

  void locksGranted(Message.LocksGranted m) {
    ResidentOrchestration r = waitingFor(m.owner(), OpenTask.Lock.class);
    if (r != null) { // if not, it has given them up, and that is on its way
      orchestrations.transition(r, new EntityLockGranted(config.now(), m.owner().taskId()));
      sessions.stepIfNeeded(r);
    }
  }

  /** An orchestration whose execution waits for this very task; null if it does not any more. */
  private @Nullable ResidentOrchestration waitingFor(
      TaskAddress task, Class<? extends OpenTask> kind) {
    ResidentOrchestration r = orchestrations.findReadable(task.instanceId());
    return r != null
            && r.state.executionId().equals(task.executionId())
            && kind.isInstance(r.state.openTask(task.taskId()))
        ? r
        : null;
  }

  void startByEntity(Message.StartByEntity m) {
    RuntimeException refusal =
        start(
            m.target(),
            new ExecutionStarted(
                config.now(),
                m.name(),
                m.version(),
                host.newExecutionId(),
                m.input(),
                null,
                m.scheduledStart(),
                m.tags(),
                m.traceContext()));
    if (refusal != null) {
      LOG.log(
          System.Logger.Level.WARNING,
          "An entity asked for orchestration ''{0}''. Nothing was started: {1}",
          StartSize.shown(m.name()),
          refusal.getMessage());
    }
  }

  /** Starts what another instance asks for; says why, if it cannot be. */
  private @Nullable RuntimeException start(String id, ExecutionStarted event) {
    ResidentOrchestration existing;
    try {
      // Remote code may ask for any id; code of this host has heard of it earlier.
      InstanceIds.check(id, config.instanceIdCharsMax());
      FunctionName.check(event.name());
      StartSize.check(event.name(), event.version(), event.tags(), event.traceContext());
      existing = orchestrations.lookup(id);
    } catch (InvalidInstanceIdException | PayloadTooLargeException | IllegalArgumentException e) {
      return e;
    } catch (CorruptStoreException | IllegalStateException e) {
      UnreadableRows.report(id, e);
      return e;
    }
    if (existing != null && !existing.purged && !existing.state.status().isTerminal()) {
      return new InstanceAlreadyExistsException(
          "Orchestration '%s' cannot start: an instance of that id is under way (%s)."
              .formatted(id, existing.state.name()));
    }
    orchestrations.begin(existing, id, event);
    return null;
  }

  // ---- parents and children -----------------------------------------------------------------

  void startChild(Message.StartChild m) {
    RuntimeException refusal =
        start(
            m.target(),
            new ExecutionStarted(
                config.now(),
                m.name(),
                m.version(),
                host.newExecutionId(),
                m.input(),
                m.parent(),
                null,
                m.tags(),
                m.traceContext()));
    if (refusal != null) {
      orchestrations.tellParent(m.parent(), m.target(), null, refusal(refusal));
    }
  }

  void childEnded(Message.ChildEnded m) {
    ResidentOrchestration r = orchestrations.findReadable(m.target());
    if (r == null
        || !r.state.executionId().equals(m.parentExecutionId())
        || !(r.state.openTask(m.taskId()) instanceof OpenTask.SubOrchestration call)
        || (m.childId() != null && !m.childId().equals(call.instanceId()))) {
      return; // nobody waits for it any more
    }
    orchestrations.transition(
        r,
        m.failure() == null
            ? new SubOrchestrationCompleted(config.now(), m.taskId(), m.result())
            : new SubOrchestrationFailed(config.now(), m.taskId(), m.failure()));
    sessions.stepIfNeeded(r);
  }

  void terminateChild(Message.TerminateChild m) {
    ResidentOrchestration r = orchestrations.findReadable(m.target());
    if (r != null && !r.state.status().isTerminal() && isChildOf(r, m.parentExecutionId())) {
      Payload output =
          m.output() == null && m.reason() != null
              ? config.converter().toPayload(m.reason())
              : m.output();
      orchestrations.terminate(r, m.reason(), output, true);
    }
  }

  void rewindChild(Message.RewindChild m) {
    ResidentOrchestration r;
    try {
      r = orchestrations.find(m.target());
    } catch (CorruptStoreException | IllegalStateException e) {
      UnreadableRows.report(m.target(), e);
      orchestrations.tellParent(m.parent(), m.target(), null, refusal(e));
      return;
    }
    boolean called = r != null && isCalledBy(m, r);
    if (!called && m.again() != null) {
      // It was purged, has never begun, or another one had its id since: the call is made anew,
      // by the rules for any call.
      startChild(m.again());
      return;
    }
    if (r == null || !called) {
      orchestrations.tellParent(
          m.parent(),
          m.target(),
          null,
          refusal(
              new InstanceNotFoundException(
                  "Sub-orchestration '%s' cannot be rewound: another one has its id."
                      .formatted(m.target()))));
      return;
    }
    if (!r.state.status().isTerminal()) {
      return; // still under way: its parent will hear from it
    }
    if (r.state.status() != OrchestrationStatus.FAILED) {
      orchestrations.notifyParent(r);
      return;
    }
    // Planning reads the whole history on this thread. Rewinds are rare; what is done elsewhere
    // could get lost in a crash after the message was taken, and the parent would wait for ever.
    List<HistoryEvent> history;
    try {
      history = r.history(index).read(store);
    } catch (CorruptStoreException | IllegalStateException e) {
      UnreadableRows.report(m.target(), e);
      orchestrations.notifyParent(r); // it stays failed, and its parent knows
      return;
    }
    ExecutionRewound plan = Rewind.plan(history, m.reason(), m.parent().rewinds(), config.now());
    if (Rewind.refusal(history, plan) != null) {
      orchestrations.notifyParent(r); // it stays failed, and its parent knows
      return;
    }
    orchestrations.rewind(r, plan);
  }

  /**
   * Whether an orchestration is the one that the task of a rewound parent calls. The number of the
   * task does not say so alone: workers may have given it to a call that an earlier rewind removed.
   */
  private static boolean isCalledBy(Message.RewindChild m, ResidentOrchestration r) {
    return isOf(m.parent(), r) && (m.again() == null || m.again().name().equals(r.state.name()));
  }

  private static boolean isChildOf(ResidentOrchestration r, String parentExecutionId) {
    ParentInstance parent = r.state.parent();
    return parent != null && parent.executionId().equals(parentExecutionId);
  }

  /** Whether an orchestration was started by this very task. */
  private static boolean isOf(ParentInstance task, ResidentOrchestration r) {
    ParentInstance parent = r.state.parent();
    return isChildOf(r, task.executionId()) && parent != null && parent.taskId() == task.taskId();
  }

  /** Why something was refused; where in the engine is nobody's business. */
  private static FailureDetails refusal(RuntimeException why) {
    return new FailureDetails(
        why.getClass().getName(),
        Objects.requireNonNullElse(why.getMessage(), ""),
        null,
        null,
        why instanceof NonRetriable);
  }
}
