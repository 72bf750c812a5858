package dev.perdure.engine.partition;

import dev.perdure.api.DataConverter;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.HistoryEvent.ExecutionRequeued;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.HistoryEvent.ExecutionSetAside;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCanceled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.HistoryEvent.TimerFired;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.NonDeterminismException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.ParentInstance;
import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import dev.perdure.engine.ActivityStart;
import dev.perdure.engine.EngineFailures;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.activity.ActivityWork;
import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.engine.codec.HistoryCodec;
import dev.perdure.engine.instance.Instance;
import dev.perdure.engine.instance.OpenTask;
import dev.perdure.engine.orchestrator.SessionConfig;
import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.Store;
import dev.perdure.store.TimerRow;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The orchestrations of a partition: those in memory, and the few ways in which they change,
 * whoever asks for it. Used by the partition's thread only.
 */
final class Orchestrations {
  private static final System.Logger LOG = System.getLogger("dev.perdure.partition");

  private final int index;
  private final Store store;
  private final SessionConfig config;
  private final DataConverter converter;
  private final EngineOptions options;
  private final PartitionHost host;
  private final Situation situation;
  private final PartitionLog log;
  private final Checkpoint checkpoint;
  private final Mail mail;
  private final TimerQueue timers;
  private final RedeliveryQueue redeliveries;
  private final Residents residents;
  private final Sessions sessions;
  private final Waiters waiters = new Waiters();
  private final List<ResidentOrchestration> admitted = new ArrayList<>();
  private final Encoder scratch = new Encoder(4 << 10);

  Orchestrations(Common common) {
    this.index = common.index();
    this.store = common.store();
    this.config = common.config();
    this.converter = config.converter();
    this.options = common.options();
    this.host = common.host();
    this.situation = common.situation();
    this.log = common.log();
    this.checkpoint = common.checkpoint();
    this.mail = common.mail();
    this.timers = common.timers();
    this.redeliveries = common.redeliveries();
    this.residents = new Residents(host);
    this.sessions = new Sessions(common, residents);
  }

  Residents residents() {
    return residents;
  }

  Sessions sessions() {
    return sessions;
  }

  /** Those who wait for an instance to begin or to end. */
  Waiters waiters() {
    return waiters;
  }

  // ---- in memory ----------------------------------------------------------------------------

  /** An instance that exists; null if there is none. */
  @Nullable ResidentOrchestration find(String id) {
    ResidentOrchestration r = residents.get(id);
    if (r == null) {
      r = load(id);
    }
    return r == null || r.purged ? null : r;
  }

  /**
   * An instance that exists and can be read; null if not. One damaged row must not keep a whole
   * partition from its work.
   */
  @Nullable ResidentOrchestration findReadable(String id) {
    try {
      return find(id);
    } catch (CorruptStoreException | IllegalStateException e) {
      UnreadableRows.report(id, e);
      return null;
    }
  }

  /** As {@link #findReadable}; null for the id of an entity, which remote code may ask for. */
  @Nullable ResidentOrchestration findOrchestration(String id) {
    return Entities.isEntity(id) ? null : findReadable(id);
  }

  /** An instance that exists; it is an error if there is none. */
  ResidentOrchestration get(String id) {
    ResidentOrchestration r = find(id);
    if (r == null) {
      throw new InstanceNotFoundException(
          "There is no instance '%s'. It may never have been started, or it was purged."
              .formatted(id));
    }
    return r;
  }

  /** An instance that exists and has not ended; {@code what} it is wanted for says the refusal. */
  ResidentOrchestration unfinished(String id, String what) {
    ResidentOrchestration r = get(id);
    if (r.state.status().isTerminal()) {
      throw new InvalidInstanceStateException(
          "Instance '%s' cannot %s: it has ended (%s).".formatted(id, what, r.state.status()));
    }
    return r;
  }

  /** An instance that exists or was purged a moment ago; null if there is none. */
  @Nullable ResidentOrchestration lookup(String id) {
    ResidentOrchestration r = residents.get(id);
    return r != null ? r : load(id);
  }

  private @Nullable ResidentOrchestration load(String id) {
    InstanceRow row = store.loadInstance(index, id);
    return row == null ? null : admit(row);
  }

  private ResidentOrchestration admit(InstanceRow row) {
    ResidentOrchestration r = ResidentOrchestration.of(row, index, store);
    residents.add(r);
    admitted.add(r);
    if (!r.state.status().isTerminal()) {
      host.unfinished(1);
    }
    if (row.active()) {
      kick(r);
    }
    return r;
  }

  /** Forgets what was only looked at. */
  void releaseAdmitted() {
    if (!admitted.isEmpty()) {
      admitted.forEach(residents::release);
      admitted.clear();
    }
  }

  /** Rows of an instance have been written. */
  void written(ResidentOrchestration r) {
    r.chunkInFlight = null;
    if (r.purged) {
      if (!r.dirty) {
        residents.remove(r);
      }
      return;
    }
    for (OpenTask task : r.state.openTasks()) {
      if (task instanceof OpenTask.Timer timer && timer.stored()) {
        timers.stored(row(r, timer));
      }
    }
    residents.release(r);
  }

  /** Takes all code out of memory; what it waits for stays. */
  void closeSessions() {
    for (ResidentOrchestration r : List.copyOf(residents.all())) {
      sessions.close(r);
    }
  }

  /** Drops the memory. */
  void clear() {
    for (ResidentOrchestration r : residents.all()) {
      sessions.close(r);
      if (!r.state.status().isTerminal()) {
        host.unfinished(-1);
      }
    }
    residents.clear();
    sessions.clear();
    admitted.clear();
  }

  // ---- transitions --------------------------------------------------------------------------

  /** Records events of an instance: the only way an instance changes. */
  void transition(ResidentOrchestration r, List<? extends HistoryEvent> events) {
    scratch.clear();
    int historyFrom = 0;
    for (int i = 0; i < events.size(); i++) {
      HistoryEvent event = events.get(i);
      if (event instanceof ExecutionStarted) {
        historyFrom = scratch.size();
      }
      HistoryCodec.write(scratch, event);
    }
    assert readsAs(events) : "what is replayed is not what was seen: " + events;
    Encoder entry = log.entry(LogEntry.INSTANCE);
    entry.text(r.state.id());
    entry.number(scratch.size());
    entry.raw(scratch.array(), 0, scratch.size());
    r.apply(events, log.position(), scratch.array(), historyFrom, scratch.size());
    checkpoint.changed(r);
  }

  /** Whether events that code is handed now are those that it will be handed in a replay. */
  private boolean readsAs(List<? extends HistoryEvent> events) {
    Decoder in = new Decoder(scratch.toBytes());
    for (HistoryEvent event : events) {
      if (!HistoryCodec.read(in).equals(event)) {
        return false;
      }
    }
    return true;
  }

  void transition(ResidentOrchestration r, HistoryEvent event) {
    transition(r, List.of(event));
  }

  /** Begins an execution, in the place of an instance of the same id if there is one. */
  void begin(@Nullable ResidentOrchestration existing, String id, ExecutionStarted event) {
    ResidentOrchestration r =
        existing == null ? new ResidentOrchestration(new Instance(id)) : existing;
    r.pending = new ArrayList<>(2);
    transition(r, event);
    residents.add(r); // not before: what cannot be recorded must not be seen either
    host.unfinished(1);
    setTimer(r, Instance.SCHEDULED_START);
    sessions.stepIfNeeded(r);
  }

  // ---- ends ---------------------------------------------------------------------------------

  /** Records the last events of an execution, and tells everybody. */
  void end(ResidentOrchestration r, List<HistoryEvent> events) {
    startUnawaited(r, events);
    List<Message> messages = StepMessages.messages(r, events, true);
    closeTimers(r);
    transition(r, events);
    messages.forEach(mail::send);
    ended(r);
  }

  /**
   * Activities called in the last step of an execution. Workers start theirs so, to be run once the
   * step is durable, without anybody who hears of their end; code in this host is told that it
   * should wait.
   */
  void startUnawaited(ResidentOrchestration r, List<HistoryEvent> events) {
    for (HistoryEvent event : events) {
      if (!(event instanceof TaskScheduled call)) {
        continue;
      }
      if (sessions.isRemote(r) && config.isRemoteActivity(call.name())) {
        ActivityWork work = work(r, Instance.activity(call));
        log.whenDurable(() -> host.dispatch(work));
      } else {
        LOG.log(
            System.Logger.Level.WARNING,
            "Instance ''{0}'': orchestrator ''{1}'' called activity ''{2}'' and ended without waiting"
                + " for it. The activity is not run; await its task.",
            r.state.id(),
            r.state.name(),
            call.name());
      }
    }
  }

  private void ended(ResidentOrchestration r) {
    sessions.close(r);
    host.unfinished(-1);
    notifyParent(r);
    tellWaiters(r);
  }

  /** Tells the parent how an orchestration has ended; nobody if it has none. */
  void notifyParent(ResidentOrchestration r) {
    ParentInstance parent = r.state.parent();
    if (parent == null) {
      return;
    }
    FailureDetails failure =
        switch (r.state.status()) {
          case COMPLETED -> null;
          case FAILED -> r.state.failure();
          case TERMINATED -> EngineFailures.orchestrationTerminated(r.state.id());
          case PENDING, RUNNING, SUSPENDED ->
              throw new IllegalStateException("It has not ended: " + r.state.status());
        };
    tellParent(parent, r.state.id(), failure == null ? r.state.output() : null, failure);
  }

  /** Tells a parent how its sub-orchestration has ended, or why it could not begin. */
  void tellParent(
      ParentInstance parent,
      String childId,
      @Nullable Payload result,
      @Nullable FailureDetails failure) {
    mail.send(
        new Message.ChildEnded(
            parent.instanceId(), parent.executionId(), parent.taskId(), childId, result, failure));
  }

  /** Ends an orchestration, and its sub-orchestrations if that is wanted. */
  void terminate(
      ResidentOrchestration r,
      @Nullable String reason,
      @Nullable Payload output,
      boolean recursive) {
    List<Message> children = new ArrayList<>(0);
    if (recursive) {
      for (OpenTask task : r.state.openTasks()) {
        if (task instanceof OpenTask.SubOrchestration child) {
          children.add(
              new Message.TerminateChild(
                  child.instanceId(), r.state.executionId(), reason, output));
        }
      }
    }
    withdrawActivities(r);
    List<HistoryEvent> events = new ArrayList<>(1);
    events.add(new ExecutionCompleted(config.now(), OrchestrationStatus.TERMINATED, output, null));
    end(r, events);
    children.forEach(mail::send);
  }

  /**
   * Once what is recorded next is durable, activities that still wait for their turn are not run.
   */
  private void withdrawActivities(ResidentOrchestration r) {
    List<ActivityWork> unwanted = new ArrayList<>(0);
    for (OpenTask task : r.state.openTasks()) {
      if (task instanceof OpenTask.Activity activity && activity.isDispatched()) {
        unwanted.add(work(r, activity));
      }
    }
    if (!unwanted.isEmpty()) {
      log.whenDurable(() -> host.withdraw(unwanted));
    }
  }

  /** Takes an instance whose code cannot go on out of the way, or fails it if that is wanted. */
  void setAside(ResidentOrchestration r, Problem problem) {
    sessions.close(r);
    if (problem.kind() == Problem.Kind.NONDETERMINISM
        && options.onNonDeterminism() == EngineOptions.OnNonDeterminism.FAIL) {
      List<HistoryEvent> events = new ArrayList<>(1);
      events.add(
          new ExecutionCompleted(
              config.now(), OrchestrationStatus.FAILED, null, nonDeterminism(problem)));
      end(r, events);
      return;
    }
    LOG.log(System.Logger.Level.ERROR, "Set aside: {0}", problem.message());
    transition(r, new ExecutionSetAside(config.now(), problem));
  }

  /** Has no stack trace: it would show where in the engine this was found, not the user's code. */
  private static FailureDetails nonDeterminism(Problem problem) {
    NonDeterminismException error = new NonDeterminismException(problem.message());
    return new FailureDetails(
        error.getClass().getName(), String.valueOf(error.getMessage()), null, null, true);
  }

  /** Answers those who wait for what an orchestration has reached by now. */
  void tellWaiters(ResidentOrchestration r) {
    waiters.takeThere(r, waiter -> log.reply(waiter.reply(), metadata(r, true)));
  }

  /** What a client sees of an orchestration. */
  OrchestrationMetadata metadata(ResidentOrchestration r, boolean payloads) {
    return Metadata.of(r.state, payloads, converter);
  }

  // ---- work and timers ----------------------------------------------------------------------

  /** Has an activity run, unless that has been done. */
  void dispatch(ResidentOrchestration r, int taskId) {
    if (!(r.state.openTask(taskId) instanceof OpenTask.Activity task) || task.isDispatched()) {
      return;
    }
    task.markDispatched();
    ActivityWork work = work(r, task);
    if (options.activityStart() == ActivityStart.PIPELINED
        && !work.redelivered()
        && !work.isRemote()) {
      host.dispatch(work);
      host.stepping(1); // its result may go into the commit that its schedule waits for
    } else {
      log.whenDurable(() -> host.dispatch(work));
    }
  }

  private ActivityWork work(ResidentOrchestration r, OpenTask.Activity task) {
    return new ActivityWork(
        index,
        r.state.id(),
        r.state.executionId(),
        task.taskId(),
        task.firstTaskId(),
        task.attempt(),
        task.name(),
        task.input(),
        task.redeliveries() > 0,
        new ActivityWork.Call(
            task.version(),
            task.tags(),
            task.traceContext(),
            r.state.publicExecutionId(),
            r.state.version(),
            config.isRemoteActivity(task.name())),
        r);
  }

  /** Has a timer fire when it is due, if it is open. */
  void setTimer(ResidentOrchestration r, int taskId) {
    if (r.state.openTask(taskId) instanceof OpenTask.Timer timer) {
      timers.add(row(r, timer));
    }
  }

  /** The time of a timer has come. */
  void timerDue(TimerRow due) {
    ResidentOrchestration r = findReadable(due.instanceId());
    if (r != null
        && r.state.openTask(due.taskId()) instanceof OpenTask.Timer timer
        && timer.fireAt() == due.dueAt()) {
      transition(r, new TimerFired(config.now(), due.taskId()));
      sessions.stepIfNeeded(r);
    }
  }

  /** Timers that the events cancel do not fire. */
  void removeCanceledTimers(ResidentOrchestration r, List<HistoryEvent> events) {
    for (int i = 0; i < events.size(); i++) {
      if (events.get(i) instanceof TimerCanceled canceled
          && r.state.openTask(canceled.taskId()) instanceof OpenTask.Timer timer) {
        timers.remove(row(r, timer));
      }
    }
  }

  /** No timer of the orchestration fires any more. */
  void closeTimers(ResidentOrchestration r) {
    for (OpenTask task : r.state.openTasks()) {
      if (task instanceof OpenTask.Timer timer) {
        timers.remove(row(r, timer));
      }
    }
  }

  private static TimerRow row(ResidentOrchestration r, OpenTask.Timer timer) {
    return new TimerRow(timer.fireAt(), r.state.id(), timer.taskId());
  }

  // ---- rewinding and recovery ---------------------------------------------------------------

  /** Carries out the plan of a rewind. */
  void rewind(ResidentOrchestration r, ExecutionRewound plan) {
    host.unfinished(1);
    transition(r, plan);
    for (HistoryEvent task : plan.reopened()) {
      switch (task) {
        case TaskScheduled e -> dispatch(r, e.taskId());
        case TimerCreated e -> setTimer(r, e.taskId());
        case SubOrchestrationCreated e ->
            mail.send(
                new Message.RewindChild(
                    e.instanceId(),
                    StepMessages.parentTask(r, e.taskId()),
                    plan.reason(),
                    StepMessages.startChild(r, e)));
        case EntityOperationCalled e -> mail.send(StepMessages.callEntity(r, e));
        default -> {}
      }
    }
    sessions.stepIfNeeded(r);
  }

  /**
   * Takes up all orchestrations that recovery has read. Of those in the log many may have nothing
   * to do and be in the store completely, since the log is cut long after rows are written.
   */
  void takeUp() {
    for (ResidentOrchestration r : List.copyOf(residents.all())) {
      if (r.purged) {
        continue;
      }
      admitted.add(r);
      if (!r.state.status().isTerminal()) {
        host.unfinished(1);
      }
      for (OpenTask task : r.state.openTasks()) {
        if (task instanceof OpenTask.Timer timer && !timer.stored()) {
          timers.add(row(r, timer));
        }
      }
      kick(r);
    }
  }

  /** An instance that recovery has to look at, unless somebody has before. */
  void recover(String id, Function<String, InstanceRow> rows) {
    if (!residents.contains(id)) {
      admit(rows.apply(id));
    }
  }

  /** Takes up the work of an instance that memory knew of and that was lost with it. */
  private void kick(ResidentOrchestration r) {
    if (situation.mode() != LoopMode.RUN || r.state.status().isTerminal()) {
      return;
    }
    Problem problem = r.state.problem();
    if (problem != null) {
      boolean mayHaveBeenPutRight =
          situation.scanning
              && !situation.started
              && (problem.kind() == Problem.Kind.UNREADABLE
                  || problem.kind() == Problem.Kind.NONDETERMINISM
                  || problem.kind() == Problem.Kind.FUNCTION_NOT_FOUND);
      if (!mayHaveBeenPutRight) {
        return;
      }
      transition(r, new ExecutionRequeued(config.now(), "the host was started"));
    }
    resumeWork(r);
  }

  /** Hands out the work that is open and that nobody does: after a crash one after the other. */
  void resumeWork(ResidentOrchestration r) {
    List<Integer> activities = new ArrayList<>(2);
    for (OpenTask task : r.state.openTasks()) {
      if (task instanceof OpenTask.Activity activity && !activity.isDispatched()) {
        activities.add(task.taskId());
      }
    }
    for (int taskId : activities) {
      if (situation.crashed && !isRemoteActivity(r, taskId)) {
        redeliveries.addActivity(r, taskId);
      } else {
        dispatch(r, taskId);
      }
    }
    if (r.state.needsStep() && !r.stepping) {
      if (situation.crashed && !sessions.isRemote(r)) {
        redeliveries.addStep(r);
      } else {
        sessions.stepIfNeeded(r);
      }
    }
  }

  private boolean isRemoteActivity(ResidentOrchestration r, int taskId) {
    return r.state.openTask(taskId) instanceof OpenTask.Activity task
        && config.isRemoteActivity(task.name());
  }
}
