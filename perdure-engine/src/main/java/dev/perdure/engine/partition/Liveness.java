package dev.perdure.engine.partition;

import dev.perdure.api.AuditReport.Finding;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.ParentInstance;
import dev.perdure.api.Problem;
import dev.perdure.engine.InstanceIds;
import dev.perdure.engine.entity.EntityRequest.LockRequest;
import dev.perdure.engine.entity.EntityState;
import dev.perdure.engine.entity.EntityState.ScheduledSignal;
import dev.perdure.engine.entity.TaskAddress;
import dev.perdure.engine.instance.EntityLocks;
import dev.perdure.engine.instance.Instance;
import dev.perdure.engine.instance.OpenTask;
import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.Store;
import dev.perdure.store.TimerRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether what a partition holds will be woken, as far as the partition can tell. Nothing is
 * taken into memory, nothing is changed. Used by the partition's thread only.
 */
final class Liveness {
  /** Open tasks, and scheduled signals, that are looked at of one instance; some milliseconds. */
  private static final int TASKS_MAX = 10_000;

  /** Operations of an entity's queue that are searched; some milliseconds too. */
  private static final int OPERATIONS_MAX = 10_000;

  /** Things looked at in one go, so that other commands get their turn. */
  private static final int THINGS_AT_ONCE = 2_000;

  private final int partition;
  private final Store store;
  private final Residents residents;
  private final EntityResidents entities;
  private final TimerQueue timers;
  private final Outbox outbox;
  private final RedeliveryQueue redeliveries;
  private final Situation situation;

  Liveness(Common common, Residents residents, EntityResidents entities) {
    this.partition = common.index();
    this.store = common.store();
    this.residents = residents;
    this.entities = entities;
    this.timers = common.timers();
    this.outbox = common.mail().outbox();
    this.redeliveries = common.redeliveries();
    this.situation = common.situation();
  }

  /** Whether instances that were active may still have to be taken up. */
  private boolean isRecovering() {
    return situation.scanning || isInspecting();
  }

  /** Whether nothing is taken up here at all: then it is the next host that must find it. */
  private boolean isInspecting() {
    return situation.mode() != LoopMode.RUN;
  }

  // ---- the first part: what each instance waits for -------------------------------------------

  private static final class Look {
    private int orchestrations;
    private int entities;
    private int things;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Finding> notes = new ArrayList<>();
    private final List<AuditWait> waits = new ArrayList<>();
  }

  /** Looks at instances, as many as can be looked at in one go. */
  Command.Audit.Answer look(List<String> ids) {
    Look look = new Look();
    int handled = 0;
    while (handled < ids.size() && look.things < THINGS_AT_ONCE) {
      String id = ids.get(handled++);
      look.things++;
      try {
        if (Entities.isEntity(id)) {
          entity(id, look);
        } else {
          orchestration(id, look);
        }
      } catch (CorruptStoreException | IllegalStateException unreadable) {
        look.findings.add(
            new Finding(id, "unreadable", "what is stored of it cannot be read", null));
      }
    }
    return new Command.Audit.Answer(
        handled, look.orchestrations, look.entities, look.findings, look.notes, look.waits);
  }

  private void orchestration(String id, Look look) {
    ResidentOrchestration r = residents.get(id);
    boolean inMemory = r != null;
    boolean takenUpLater = false;
    if (r == null || (isInspecting() && !r.dirty)) {
      InstanceRow row = store.loadInstance(partition, id);
      if (row == null) {
        return;
      }
      r = ResidentOrchestration.of(row, partition, store);
      inMemory = false;
      takenUpLater = row.active() && isRecovering();
    } else if (isInspecting()) {
      takenUpLater = true; // it is in the log, and whoever reads the log takes it up
    }
    Instance state = r.state;
    if (r.purged || !state.exists() || state.status().isTerminal()) {
      return;
    }
    look.orchestrations++;
    if (state.problem() != null) {
      look.notes.add(setAside(id, state.problem(), state.updatedAt()));
      return;
    }
    if (state.status() == OrchestrationStatus.SUSPENDED) {
      look.notes.add(
          new Finding(id, "suspended", "is suspended; it goes on when it is resumed", null));
    }
    if (state.needsStep()) {
      if (!r.stepping && !r.queued && !r.repeating && !takenUpLater) {
        look.findings.add(
            finding(state, "step", "has events to handle, and no step is about to run", null));
      }
    } else if (state.openTasks().isEmpty()
        && state.waitingFor().isEmpty()
        && !r.stepping
        && state.status() != OrchestrationStatus.SUSPENDED) {
      look.findings.add(
          finding(state, "nothing", "waits for nothing that is recorded", at(state.updatedAt())));
    }
    int left = TASKS_MAX;
    for (OpenTask task : state.openTasks()) {
      if (left-- == 0) {
        return;
      }
      look.things++;
      task(r, task, inMemory, takenUpLater, look);
    }
  }

  private void task(
      ResidentOrchestration r, OpenTask task, boolean inMemory, boolean takenUpLater, Look look) {
    Instance state = r.state;
    Instant since = at(task.since());
    TaskAddress address = new TaskAddress(state.id(), state.executionId(), task.taskId());
    switch (task) {
      case OpenTask.Activity a -> {
        String what = "activity '%s' (#%d)".formatted(a.name(), a.taskId());
        if (a.isDispatched()) {
          Finding lost =
              finding(
                  state,
                  "activity",
                  what + " was handed out, and nothing runs or will run it",
                  since);
          look.waits.add(new AuditWait.Activity(address, lost));
        } else if (!takenUpLater && !redeliveries.holds(r, a.taskId())) {
          look.findings.add(finding(state, "activity", what + " was never handed out", since));
        }
      }
      case OpenTask.Timer t -> {
        boolean start = t.taskId() == Instance.SCHEDULED_START;
        TimerRow row = new TimerRow(t.fireAt(), state.id(), t.taskId());
        if (!isSet(row, inMemory && !t.stored())) {
          look.findings.add(
              finding(
                  state,
                  start ? "start" : "timer",
                  "%s, due %s, is not set"
                      .formatted(
                          start ? "its scheduled start" : "timer (#%d)".formatted(t.taskId()),
                          at(t.fireAt())),
                  since));
        }
      }
      case OpenTask.SubOrchestration s ->
          look.waits.add(
              new AuditWait.Child(
                  address,
                  s.instanceId(),
                  finding(
                      state,
                      "sub-orchestration",
                      "sub-orchestration '%s' (#%d) is neither under way for it nor on its way"
                          .formatted(s.instanceId(), s.taskId()),
                      since)));
      case OpenTask.EntityCall c ->
          look.waits.add(
              new AuditWait.Call(
                  address,
                  c.entityId(),
                  finding(
                      state,
                      "entity",
                      "operation '%s' (#%d) neither waits at entity '%s' nor is on its way"
                          .formatted(c.operation(), c.taskId(), c.entityId()),
                      since)));
      case OpenTask.Lock l ->
          look.waits.add(
              new AuditWait.Lock(
                  address,
                  l.lockSet(),
                  finding(
                      state,
                      "lock",
                      "its wish (#%d) to lock %s neither waits at one of them nor is on its way"
                          .formatted(l.taskId(), l.lockSet()),
                      since)));
    }
  }

  private void entity(String id, Look look) {
    ResidentEntity e = entities.get(id);
    boolean inMemory = e != null;
    boolean takenUpLater = false;
    if (e == null || (isInspecting() && !e.dirty)) {
      InstanceRow row = store.loadInstance(partition, id);
      if (row == null) {
        return;
      }
      e = ResidentEntity.of(row);
      inMemory = false;
      takenUpLater = row.active() && isRecovering();
    } else if (isInspecting()) {
      takenUpLater = true;
    } else if (!e.takenUp && isRecovering()) {
      takenUpLater = true; // somebody looked at it before its turn came
    }
    EntityState state = e.state;
    if (state.isEmpty()) {
      return;
    }
    look.entities++;
    LongFunction<byte[]> rows = entities.rows(id);
    boolean moves =
        e.running != null || e.queued || e.repeating || takenUpLater || entities.isWaiting(id);
    if (state.problem() != null) {
      look.notes.add(setAside(id, state.problem(), state.modifiedAt()));
    } else if (!moves && state.hasOperationsToRun(rows)) {
      look.findings.add(
          new Finding(id, "operation", "has operations to run, and none is about to run", null));
    }
    if (!moves
        && state.lockOwner() == null
        && !state.hasOperationsAhead()
        && state.head(rows) instanceof LockRequest wish) {
      look.findings.add(
          new Finding(
              id,
              "lock",
              "could be locked by '%s' (#%d), which waits for it, and is not"
                  .formatted(wish.owner().instanceId(), wish.owner().taskId()),
              at(wish.since())));
    }
    TaskAddress owner = state.lockOwner();
    if (owner != null) {
      look.waits.add(
          new AuditWait.Held(
              owner,
              id,
              new Finding(
                  id,
                  "lock",
                  "is locked by '%s' (#%d), which does not hold it any more, and will not release it"
                      .formatted(owner.instanceId(), owner.taskId()),
                  at(state.lockedAt()))));
    }
    signals(e, inMemory, look);
  }

  private void signals(ResidentEntity e, boolean inMemory, Look look) {
    int left = TASKS_MAX;
    for (ScheduledSignal signal : e.state.scheduledSignals()) {
      if (left-- == 0) {
        return;
      }
      look.things++;
      if (!isSet(e.timerRow(signal), inMemory && !signal.stored())) {
        look.findings.add(
            new Finding(
                e.id(),
                "timer",
                "scheduled operation '%s', due %s, is not set"
                    .formatted(signal.operation().name(), at(signal.dueAt())),
                at(signal.operation().since())));
      }
    }
  }

  /**
   * Whether a timer will fire.
   *
   * @param onlyInLog whether there is no row yet, and whoever reads the log sets it
   */
  private boolean isSet(TimerRow timer, boolean onlyInLog) {
    if (isInspecting()) {
      return onlyInLog || TimerQueue.hasRow(timer, this::scanTimers);
    }
    return timers.knows(timer, this::scanTimers);
  }

  private List<TimerRow> scanTimers(@Nullable TimerRow after, int limit) {
    return store.scanTimers(partition, after, limit);
  }

  private static Finding setAside(String id, Problem problem, long since) {
    return new Finding(
        id,
        "set-aside",
        "was set aside (%s): %s".formatted(problem.kind(), problem.message()),
        at(since));
  }

  private static Finding finding(
      Instance state, String kind, String description, @Nullable Instant since) {
    return new Finding(state.id(), kind, description, since);
  }

  private static Instant at(long millis) {
    return Instant.ofEpochMilli(millis);
  }

  // ---- the second part: what others wait for --------------------------------------------------

  /** Which of some waits this partition knows of, so that they will be answered. */
  Set<AuditWait> known(Collection<AuditWait> waits) {
    Set<TaskAddress> onTheirWay = new HashSet<>();
    outbox.forEachUnacknowledged(message -> addTask(message, onTheirWay));
    Set<AuditWait> known = new HashSet<>();
    for (AuditWait wait : waits) {
      if (onTheirWay.contains(wait.task()) || isKnown(wait)) {
        known.add(wait);
      }
    }
    return known;
  }

  private static void addTask(Message message, Set<TaskAddress> to) {
    switch (message) {
      case Message.StartChild m -> to.add(address(m.parent()));
      case Message.RewindChild m -> to.add(address(m.parent()));
      case Message.ChildEnded m ->
          to.add(new TaskAddress(m.target(), m.parentExecutionId(), m.taskId()));
      case Message.CallEntity m -> {
        if (m.caller() != null) {
          to.add(m.caller());
        }
      }
      case Message.EntityAnswered m -> to.add(m.caller());
      case Message.LockEntity m -> to.add(m.owner());
      case Message.LocksGranted m -> to.add(m.owner());
      case Message.UnlockEntity m -> to.add(m.owner());
      case Message.WithdrawLock m -> to.add(m.owner());
      case Message.Event m -> {}
      case Message.TerminateChild m -> {}
      case Message.TerminateOther m -> {}
      case Message.StartByEntity m -> {}
    }
  }

  private static TaskAddress address(ParentInstance parent) {
    return new TaskAddress(parent.instanceId(), parent.executionId(), parent.taskId());
  }

  private boolean isKnown(AuditWait wait) {
    try {
      return switch (wait) {
        case AuditWait.Activity w -> false;
        case AuditWait.Child w -> isHere(w.childId()) && isChildUnderWay(w);
        case AuditWait.Call w -> isHere(w.entityId()) && isWaiting(w);
        case AuditWait.Lock w ->
            w.lockSet().stream().anyMatch(entity -> isHere(entity) && isWanted(w, entity));
        case AuditWait.Held w -> isHere(w.task().instanceId()) && isHolder(w);
      };
    } catch (CorruptStoreException | IllegalStateException unreadable) {
      return true; // that is reported where it is found
    }
  }

  private boolean isHere(String id) {
    return InstanceIds.partition(id, store.partitions()) == partition;
  }

  private boolean isChildUnderWay(AuditWait.Child wait) {
    ResidentOrchestration child = peek(wait.childId());
    return child != null
        && child.state.parent() != null
        && address(child.state.parent()).equals(wait.task());
  }

  private boolean isWaiting(AuditWait.Call wait) {
    ResidentEntity e = peekEntity(wait.entityId());
    return e != null
        && e.state.mayHoldOperationOf(wait.task(), OPERATIONS_MAX, entities.rows(wait.entityId()));
  }

  private boolean isWanted(AuditWait.Lock wait, String entityId) {
    ResidentEntity e = peekEntity(entityId);
    return e != null && e.state.isLockWanted(wait.task());
  }

  private boolean isHolder(AuditWait.Held wait) {
    ResidentOrchestration r = peek(wait.task().instanceId());
    if (r == null || !r.state.executionId().equals(wait.task().executionId())) {
      return false;
    }
    EntityLocks locks = r.state.locks();
    return locks != null
        && locks.taskId() == wait.task().taskId()
        && locks.lockSet().contains(wait.entityId());
  }

  /** An orchestration that has not ended; null if there is none. It is not taken into memory. */
  private @Nullable ResidentOrchestration peek(String id) {
    ResidentOrchestration r = residents.get(id);
    if (r == null) {
      InstanceRow row = store.loadInstance(partition, id);
      r = row == null ? null : ResidentOrchestration.of(row, partition, store);
    }
    return r == null || r.purged || !r.state.exists() || r.state.status().isTerminal() ? null : r;
  }

  private @Nullable ResidentEntity peekEntity(String id) {
    ResidentEntity e = entities.get(id);
    if (e == null) {
      InstanceRow row = store.loadInstance(partition, id);
      e = row == null ? null : ResidentEntity.of(row);
    }
    return e;
  }
}
