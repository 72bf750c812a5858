package dev.perdure.engine.partition;

import dev.perdure.api.DataConverter;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.ContinuedAsNew;
import dev.perdure.api.HistoryEvent.EntityLockGranted;
import dev.perdure.api.HistoryEvent.EntityLockRequested;
import dev.perdure.api.HistoryEvent.EntityOperationCalled;
import dev.perdure.api.HistoryEvent.EntityOperationCompleted;
import dev.perdure.api.HistoryEvent.EntityOperationFailed;
import dev.perdure.api.HistoryEvent.EntityOperationSignaled;
import dev.perdure.api.HistoryEvent.EntityUnlockSent;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.HistoryEvent.EventSent;
import dev.perdure.api.HistoryEvent.ExecutionCompleted;
import dev.perdure.api.HistoryEvent.ExecutionRequeued;
import dev.perdure.api.HistoryEvent.ExecutionResumed;
import dev.perdure.api.HistoryEvent.ExecutionRewound;
import dev.perdure.api.HistoryEvent.ExecutionSetAside;
import dev.perdure.api.HistoryEvent.ExecutionStarted;
import dev.perdure.api.HistoryEvent.ExecutionSuspended;
import dev.perdure.api.HistoryEvent.OrchestratorCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.SubOrchestrationFailed;
import dev.perdure.api.HistoryEvent.TaskCompleted;
import dev.perdure.api.HistoryEvent.TaskFailed;
import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.HistoryEvent.TimerCanceled;
import dev.perdure.api.HistoryEvent.TimerCreated;
import dev.perdure.api.HistoryEvent.TimerFired;
import dev.perdure.api.HistoryEvent.WorkRedelivered;
import dev.perdure.api.HubClosedException;
import dev.perdure.api.InstanceAlreadyExistsException;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InvalidInstanceIdException;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.NonRetriable;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.ParentInstance;
import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import dev.perdure.api.StartOptions.IdReusePolicy.Otherwise;
import dev.perdure.engine.ActivityStart;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.InstanceIds;
import dev.perdure.engine.activity.ActivityWork;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.engine.codec.HistoryCodec;
import dev.perdure.engine.entity.TaskAddress;
import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.engine.instance.EntityLocks;
import dev.perdure.engine.instance.Instance;
import dev.perdure.engine.instance.OpenTask;
import dev.perdure.engine.instance.Rewind;
import dev.perdure.engine.orchestrator.OrchestratorRun;
import dev.perdure.engine.orchestrator.SessionConfig;
import dev.perdure.engine.orchestrator.StepResult;
import dev.perdure.engine.worker.Workers;
import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.LogRecord;
import dev.perdure.store.Store;
import dev.perdure.store.StoreException;
import dev.perdure.store.TimerRow;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One partition: takes commands, decides them into events, applies these to its state in memory and
 * appends them to the open batch. What the world may notice waits in the batch until it is durable.
 * In memory the partition runs ahead of the disk; when a commit fails it drops its memory and
 * recovers from the store.
 *
 * <p>All methods are called on the partition's own thread.
 */
final class Partition implements Redeliveries.Hands, Sessions.Owner, Entities.Owner {
  private static final System.Logger LOG = System.getLogger("dev.perdure.partition");

  /** Rows of active instances that recovery reads at once; a hundred take about a millisecond. */
  private static final int RECOVERY_PAGE = 100;

  /** How long a failed partition waits before it tries to recover, at first and at most. */
  private static final long RECOVER_AFTER_MILLIS = 50;

  private static final long RECOVER_AFTER_MILLIS_MAX = 5_000;

  /** How long after a crash the first step of an orchestration is taken for a repeated one. */
  private static final long SUSPICION_MILLIS = 60_000;

  /** A look at everything at least so often, should anything have failed to say when it is due. */
  private static final long TICK_MILLIS_MAX = 1_000;

  /** Timers fired in one go, so that other commands get their turn. */
  private static final int TIMERS_AT_ONCE = 500;

  private final int index;
  private final int partitions;
  private final Store store;
  private final SessionConfig sessionConfig;
  private final DataConverter converter;
  private final EngineOptions options;
  private final PartitionHost host;

  private final LoopMode mode;

  // ---- state, ahead of the disk -------------------------------------------------------------

  private final PartitionLog log;
  private final Residents residents = new Residents();
  private final Outbox outbox = new Outbox();
  private final TimerQueue timers = new TimerQueue();
  private final Checkpoint checkpoint;

  // ---- what is under way --------------------------------------------------------------------

  private final Encoder scratch = new Encoder(4 << 10);
  private final Deque<Message> toSelf = new ArrayDeque<>();
  private final Waiters waiters = new Waiters();
  private final List<ResidentOrchestration> admitted = new ArrayList<>();
  private final Sessions sessions;
  private final Entities entities;

  private final Redeliveries redeliveries;
  private final Liveness liveness;
  private boolean crashed;
  private long suspicionEnds;
  private boolean recoveredBefore;
  private @Nullable String recoveryCursor;
  private boolean recoveryScanning;

  private boolean down = true;
  private @Nullable Throwable downReason;
  private long recoverAt;
  private long recoverWait = RECOVER_AFTER_MILLIS;
  private boolean stopping;
  private @Nullable CompletableFuture<@Nullable Void> stopReply;
  private long stepsCheckedAt;
  private long tickedAt;

  Partition(
      int index,
      Store store,
      SessionConfig sessionConfig,
      EngineOptions options,
      PartitionHost host,
      LoopMode mode) {
    this.index = index;
    this.partitions = store.partitions();
    this.store = store;
    this.sessionConfig = sessionConfig;
    this.converter = sessionConfig.converter();
    this.options = options;
    this.host = host;
    this.mode = mode;
    this.log = new PartitionLog(index, sessionConfig.nanoTime());
    this.checkpoint = new Checkpoint(index, partitions, options, host);
    this.sessions = new Sessions(index, store, sessionConfig, options, host, this);
    this.entities = new Entities(index, store, sessionConfig, options, host, this, log, timers);
    this.redeliveries = new Redeliveries(this, sessionConfig.clock(), options.redeliveriesMax());
    this.liveness =
        new Liveness(
            index,
            store,
            residents,
            entities.residents(),
            timers,
            outbox,
            redeliveries,
            () -> recoveryScanning || mode != LoopMode.RUN,
            mode != LoopMode.RUN);
  }

  // =============================================================================================
  // Batches and commits
  // =============================================================================================

  boolean hasOpenBatch() {
    return log.hasOpenBatch();
  }

  OpenBatch openBatch() {
    return log.openBatch();
  }

  /** Closes the open batch, which the loop is about to commit. */
  OpenBatch closeBatch() {
    checkpoint.logged(log.openBatch().log.size());
    return log.close();
  }

  /** The record of a closed batch; null if it holds effects only. */
  @Nullable LogRecord record(OpenBatch batch) {
    return log.record(batch);
  }

  /** A batch is durable: the world may notice. */
  void committed(OpenBatch batch) {
    log.committed(batch, host);
    recoverWait = RECOVER_AFTER_MILLIS;
    checkpoint.durable(log.durable());
    failIfItThrows(this::handleOwnMessages); // effects may have set something aside
  }

  /** A batch could not be committed: what is in memory is not to be believed any more. */
  void commitFailed(OpenBatch batch, Throwable reason) {
    log.abandon(batch, unknownOutcome(reason));
    fail(reason);
  }

  /** Gives up what is not durable: there will be no more commits. */
  void abandonOpen(Throwable reason) {
    log.abandonOpen(reason);
    waiters.takeAll().forEach(waiter -> waiter.reply().completeExceptionally(reason));
  }

  private static HubClosedException unknownOutcome(Throwable reason) {
    return new HubClosedException(
        ("A commit failed (%s), so it is not known whether the request took effect. The hub recovers"
                + " by itself; ask for the instance's status, then try again.")
            .formatted(reason.getMessage()),
        reason);
  }

  // =============================================================================================
  // Transitions
  // =============================================================================================

  /** Records events of an instance: the only way an instance changes. */
  private void transition(ResidentOrchestration r, List<? extends HistoryEvent> events) {
    scratch.clear();
    int historyFrom = 0;
    for (int i = 0; i < events.size(); i++) {
      HistoryEvent event = events.get(i);
      if (event instanceof ExecutionStarted) {
        historyFrom = scratch.size();
      }
      HistoryCodec.write(scratch, event);
    }
    Encoder entry = log.entry(LogEntry.INSTANCE);
    entry.text(r.state.id());
    entry.number(scratch.size());
    entry.raw(scratch.array(), 0, scratch.size());
    r.apply(events, log.position(), scratch.array(), historyFrom, scratch.size());
    changed(r);
  }

  private void transition(ResidentOrchestration r, HistoryEvent event) {
    transition(r, List.of(event));
  }

  @Override
  public void changed(Resident r) {
    if (!r.dirty) {
      r.dirty = true;
      checkpoint.changed(r);
    }
  }

  @Override
  public void send(Message message) {
    int receiver = InstanceIds.partition(message.target(), partitions);
    if (receiver == index) {
      toSelf.add(message); // handled before this batch is closed, so durable together with it
      return;
    }
    long number = outbox.nextNumber(receiver);
    Encoder out = new Encoder(128);
    Message.write(out, message);
    byte[] bytes = out.toBytes();
    Encoder entry = log.entry(LogEntry.SENT);
    entry.number(receiver);
    entry.number(number);
    entry.bytes(bytes);
    outbox.sent(receiver, new Outbox.Sent(number, message, bytes));
    checkpoint.partitionChanged();
    log.whenDurable(() -> host.post(receiver, new Command.Receive(index, number, message)));
  }

  // =============================================================================================
  // Instances in memory
  // =============================================================================================

  /** An instance that exists; null if there is none. */
  private @Nullable ResidentOrchestration find(String id) {
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
  private @Nullable ResidentOrchestration findReadable(String id) {
    try {
      return find(id);
    } catch (CorruptStoreException | IllegalStateException e) {
      reportUnreadable(id, e);
      return null;
    }
  }

  /** As {@link #findReadable}; null for the id of an entity, which remote code may ask for. */
  private @Nullable ResidentOrchestration findOrchestration(String id) {
    return Entities.isEntity(id) ? null : findReadable(id);
  }

  private static void reportUnreadable(String id, RuntimeException e) {
    LOG.log(
        System.Logger.Level.ERROR,
        "Instance '"
            + id
            + "' cannot be read and is left alone. Restore the hub from a back-up if it is needed.",
        e);
  }

  private @Nullable ResidentOrchestration load(String id) {
    InstanceRow row = store.loadInstance(index, id);
    return row == null ? null : admit(row);
  }

  private ResidentOrchestration admit(InstanceRow row) {
    ResidentOrchestration r = ResidentOrchestration.of(row);
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

  private ResidentOrchestration get(String id) {
    ResidentOrchestration r = find(id);
    if (r == null) {
      throw new InstanceNotFoundException(
          "There is no instance '%s'. It may never have been started, or it was purged."
              .formatted(id));
    }
    return r;
  }

  /** Forgets an instance that the store has completely. */
  private void releaseIfUnused(ResidentOrchestration r) {
    if (r.isRemovable() && r.inMemory) {
      residents.remove(r);
      if (!r.state.status().isTerminal()) {
        host.unfinished(-1);
      }
    }
  }

  /** Forgets what was only looked at. */
  private void releaseAdmitted() {
    if (!admitted.isEmpty()) {
      admitted.forEach(this::releaseIfUnused);
      admitted.clear();
    }
  }

  // =============================================================================================
  // Steps
  // =============================================================================================

  private void stepEnded(Command.StepEnded command) {
    CompletableFuture<@Nullable Void> recorded = command.result().recorded();
    try {
      recordStep(command);
    } catch (RuntimeException | Error e) {
      if (recorded != null) {
        recorded.completeExceptionally(e);
      }
      throw e;
    }
    if (recorded != null) {
      log.reply(recorded, null); // after what it waits for
    }
  }

  private void recordStep(Command.StepEnded command) {
    ResidentOrchestration r = command.instance();
    StepResult result = command.result();
    if (!r.inMemory || !command.session().equals(r.session)) {
      return; // closed meanwhile
    }
    sessions.ended(r);
    Instant now = now();
    List<HistoryEvent> events = result.actions();
    if (result.outcome() instanceof StepResult.Stuck(Problem problem)) {
      setAside(r, problem);
      return;
    }
    events.add(
        new OrchestratorCompleted(now, result.delivered(), result.waitingFor(), result.details()));
    List<Message> terminations = terminations(result);
    switch (result.outcome()) {
      case StepResult.Waiting w -> {
        List<Message> messages = messages(r, events, false);
        removeCanceledTimers(r, events);
        transition(r, events);
        performActions(r, events);
        messages.forEach(this::send);
        tellWaiters(r);
        sessions.park(r);
      }
      case StepResult.Completed(Payload output) -> {
        events.add(new ExecutionCompleted(now, OrchestrationStatus.COMPLETED, output, null));
        end(r, events);
      }
      case StepResult.Failed(FailureDetails failure, Payload output) -> {
        events.add(new ExecutionCompleted(now, OrchestrationStatus.FAILED, output, failure));
        end(r, events);
      }
      case StepResult.Terminated(Payload output) -> {
        events.add(new ExecutionCompleted(now, OrchestrationStatus.TERMINATED, output, null));
        end(r, events);
      }
      case StepResult.ContinueAsNew next -> continueAsNew(r, events, next, now);
      case StepResult.Stuck s -> throw new IllegalStateException("handled above");
    }
    terminations.forEach(this::send);
  }

  private static List<Message> terminations(StepResult result) {
    if (result.terminations().isEmpty()) {
      return List.of();
    }
    List<Message> messages = new ArrayList<>(result.terminations().size());
    for (StepResult.Termination t : result.terminations()) {
      messages.add(new Message.TerminateOther(t.instanceId(), t.output(), t.recursive()));
    }
    return messages;
  }

  /**
   * Activities called in the last step of an execution. Workers start theirs so, to be run once the
   * step is durable, without anybody who hears of their end; code in this host is told that it
   * should wait.
   */
  private void startUnawaited(ResidentOrchestration r, List<HistoryEvent> events) {
    for (HistoryEvent event : events) {
      if (!(event instanceof TaskScheduled call)) {
        continue;
      }
      if (sessions.isRemote(r) && sessionConfig.isRemoteActivity(call.name())) {
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

  /** Records the last events of an execution, and tells everybody. */
  private void end(ResidentOrchestration r, List<HistoryEvent> events) {
    startUnawaited(r, events);
    List<Message> messages = messages(r, events, true);
    closeTimers(r);
    transition(r, events);
    messages.forEach(this::send);
    ended(r);
  }

  private void ended(ResidentOrchestration r) {
    sessions.close(r);
    host.unfinished(-1);
    notifyParent(r);
    tellWaiters(r);
  }

  private void notifyParent(ResidentOrchestration r) {
    ParentInstance parent = r.state.parent();
    if (parent == null) {
      return;
    }
    FailureDetails failure =
        switch (r.state.status()) {
          case COMPLETED -> null;
          case FAILED -> r.state.failure();
          case TERMINATED ->
              new FailureDetails(
                  "dev.perdure.OrchestrationTerminated",
                  "Orchestration '%s' was terminated.".formatted(r.state.id()),
                  null,
                  null,
                  true);
          case PENDING, RUNNING, SUSPENDED ->
              throw new IllegalStateException("It has not ended: " + r.state.status());
        };
    tellParent(parent, r.state.id(), failure == null ? r.state.output() : null, failure);
  }

  private void continueAsNew(
      ResidentOrchestration r,
      List<HistoryEvent> events,
      StepResult.ContinueAsNew next,
      Instant now) {
    List<HistoryEvent> missed = r.pending == null ? List.of() : r.pending;
    startUnawaited(r, events);
    closeTimers(r);
    sessions.close(r);
    List<HistoryEvent> all = new ArrayList<>(events);
    all.add(new ContinuedAsNew(now, next.input()));
    all.add(
        new ExecutionStarted(
            now,
            r.state.name(),
            Objects.requireNonNullElse(next.version(), r.state.version()),
            host.newExecutionId(),
            next.input(),
            r.state.parent(),
            null,
            Objects.requireNonNullElse(next.tags(), r.state.tags()),
            r.state.traceContext()));
    all.addAll(next.unprocessed());
    // What it sends to itself comes before what came while it did, such as events that it was given
    // and has not taken.
    List<HistoryEvent> others = new ArrayList<>(events.size());
    for (HistoryEvent event : events) {
      if (event instanceof EventSent sent && sent.instanceId().equals(r.state.id())) {
        all.add(new EventRaised(now, sent.name(), sent.payload()));
      } else {
        others.add(event);
      }
    }
    for (HistoryEvent event : missed) {
      if (event instanceof EventRaised raised) {
        all.add(raised);
      }
    }
    r.pending = new ArrayList<>(2);
    List<Message> messages = messages(r, others, true);
    transition(r, all);
    messages.forEach(this::send);
    tellWaiters(r); // whoever waits for it to begin
    sessions.stepIfNeeded(r);
  }

  /** Takes an instance whose code cannot go on out of the way, or fails it if that is wanted. */
  @Override
  public void setAside(ResidentOrchestration r, Problem problem) {
    sessions.close(r);
    if (problem.kind() == Problem.Kind.NONDETERMINISM
        && options.onNonDeterminism() == EngineOptions.OnNonDeterminism.FAIL) {
      FailureDetails failure =
          new FailureDetails(
              "dev.perdure.api.NonDeterminismException", problem.message(), null, null, true);
      List<HistoryEvent> events = new ArrayList<>(1);
      events.add(new ExecutionCompleted(now(), OrchestrationStatus.FAILED, null, failure));
      end(r, events);
      return;
    }
    LOG.log(System.Logger.Level.ERROR, "Set aside: {0}", problem.message());
    transition(r, new ExecutionSetAside(now(), problem));
  }

  // ---- what the code asked for --------------------------------------------------------------

  private void performActions(ResidentOrchestration r, List<HistoryEvent> events) {
    for (int i = 0; i < events.size(); i++) {
      switch (events.get(i)) {
        case TaskScheduled e -> dispatch(r, e.taskId());
        case TimerCreated e -> setTimer(r, e.taskId());
        default -> {}
      }
    }
  }

  /**
   * What a step has to say to others. Made before the step is recorded, while it is still known
   * which locks are held.
   *
   * @param last whether the execution ends with this step; its locks are then released
   */
  private static List<Message> messages(
      ResidentOrchestration r, List<HistoryEvent> events, boolean last) {
    List<Message> messages = new ArrayList<>(0);
    EntityLocks locks = r.state.locks();
    for (int i = 0; i < events.size(); i++) {
      switch (events.get(i)) {
        case SubOrchestrationCreated e -> messages.add(startChild(r, e));
        case EventSent e -> messages.add(new Message.Event(e.instanceId(), e.name(), e.payload()));
        case EntityOperationCalled e -> messages.add(callEntity(r, e));
        case EntityOperationSignaled e ->
            messages.add(
                new Message.CallEntity(
                    e.instanceId(), e.operation(), e.input(), null, e.scheduledTime()));
        case EntityLockRequested e -> {
          locks = new EntityLocks(e.taskId(), 0, e.lockSet(), false);
          messages.add(new Message.LockEntity(address(r, e.taskId()), e.lockSet(), 0));
        }
        case EntityUnlockSent e -> {
          addReleases(r, locks, messages);
          locks = null;
        }
        default -> {}
      }
    }
    if (last) {
      addReleases(r, locks, messages);
    }
    return messages;
  }

  private static void addReleases(
      ResidentOrchestration r, @Nullable EntityLocks locks, List<Message> messages) {
    if (locks == null) {
      return;
    }
    TaskAddress owner = address(r, locks.taskId());
    if (locks.granted()) {
      for (String entityId : locks.lockSet()) {
        messages.add(new Message.UnlockEntity(entityId, owner));
      }
    } else {
      messages.add(new Message.WithdrawLock(owner, locks.lockSet(), 0));
    }
  }

  private static TaskAddress address(ResidentOrchestration r, int taskId) {
    return new TaskAddress(r.state.id(), r.state.executionId(), taskId);
  }

  private static Message.CallEntity callEntity(ResidentOrchestration r, EntityOperationCalled e) {
    return new Message.CallEntity(
        e.instanceId(), e.operation(), e.input(), address(r, e.taskId()), e.scheduledTime());
  }

  private static Message.StartChild startChild(ResidentOrchestration r, SubOrchestrationCreated e) {
    return new Message.StartChild(
        e.instanceId(),
        e.name(),
        e.version(),
        e.input(),
        e.tags(),
        parentTask(r, e.taskId()),
        e.traceContext());
  }

  private static ParentInstance parentTask(ResidentOrchestration r, int taskId) {
    return new ParentInstance(
        r.state.id(), r.state.executionId(), r.state.name(), r.state.version(), taskId);
  }

  @Override
  public void dispatch(ResidentOrchestration r, int taskId) {
    if (!(r.state.openTask(taskId) instanceof OpenTask.Activity task) || task.isDispatched()) {
      return;
    }
    task.markDispatched();
    ActivityWork work = work(r, task);
    if (options.activityStart() == ActivityStart.PIPELINED
        && !work.redelivered()
        && !work.isRemote()) {
      host.stepping(1); // its result may go into the commit that its schedule waits for
      host.dispatch(work);
    } else {
      log.whenDurable(() -> host.dispatch(work));
    }
  }

  private ActivityWork work(ResidentOrchestration r, OpenTask.Activity task) {
    return new ActivityWork(
        index,
        r.state.id(),
        r.state.executionId(),
        r.state.execution(),
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
            r.state.version(),
            sessionConfig.isRemoteActivity(task.name())),
        r);
  }

  private void setTimer(ResidentOrchestration r, int taskId) {
    if (r.state.openTask(taskId) instanceof OpenTask.Timer timer) {
      timers.add(row(r, timer));
    }
  }

  private static TimerRow row(ResidentOrchestration r, OpenTask.Timer timer) {
    return new TimerRow(timer.fireAt(), r.state.id(), timer.taskId());
  }

  private void removeCanceledTimers(ResidentOrchestration r, List<HistoryEvent> events) {
    for (int i = 0; i < events.size(); i++) {
      if (events.get(i) instanceof TimerCanceled canceled
          && r.state.openTask(canceled.taskId()) instanceof OpenTask.Timer timer) {
        timers.remove(row(r, timer));
      }
    }
  }

  private void closeTimers(ResidentOrchestration r) {
    for (OpenTask task : r.state.openTasks()) {
      if (task instanceof OpenTask.Timer timer) {
        timers.remove(row(r, timer));
      }
    }
  }

  // =============================================================================================
  // Commands
  // =============================================================================================

  /**
   * Takes a command. Never throws: what goes wrong is told to whoever waits, or ends in recovery.
   */
  void handle(Command command) {
    if (down && !(command instanceof Command.Stop)) {
      handleWhileDown(command);
      return;
    }
    if (mode == LoopMode.LOOK && !isQuestion(command)) {
      if (command instanceof Command.Request<?> request) {
        request
            .reply()
            .completeExceptionally(
                new InvalidInstanceStateException(
                    "The hub is only being looked at; nothing in it can be changed."));
      }
      return;
    }
    long before = log.position();
    try {
      switch (command) {
        case Command.StepEnded c -> stepEnded(c);
        case Command.ActivityEnded c -> activityEnded(c);
        case Command.ActivityParked c -> activityParked(c);
        case Command.Start c -> start(c);
        case Command.Receive c -> receive(c);
        case Command.Acknowledge c -> acknowledge(c);
        case Command.Resend c -> resend(c.receiver());
        case Command.RaiseEvent c -> raiseEvent(c);
        case Command.Suspend c -> suspend(c);
        case Command.Terminate c -> terminate(c);
        case Command.Rewind c -> rewind(c);
        case Command.Requeue c -> {
          if (Entities.isEntity(c.instanceId())) {
            entities.requeue(c);
          } else {
            requeue(c);
          }
        }
        case Command.SignalEntities c -> entities.signal(c);
        case Command.EntityBatchEnded c -> entities.ended(c);
        case Command.GetEntity c -> entities.getEntity(c);
        case Command.GetLockOwner c -> entities.getLockOwner(c);
        case Command.ReleaseLock c -> entities.releaseLock(c);
        case Command.PurgeEntity c -> entities.purge(c);
        case Command.IsUnderWay c -> log.reply(c.reply(), isUnderWay(c.task()));
        case Command.Purge c -> purge(c);
        case Command.GetStatus c -> status(c);
        case Command.Await c -> await(c);
        case Command.CancelAwait c -> waiters.forgetCancelled(c.instanceId());
        case Command.GetHistory c -> log.reply(c.reply(), get(c.instanceId()).history(index));
        case Command.Explain c -> {
          if (Entities.isEntity(c.instanceId())) {
            entities.explain(c);
          } else {
            explain(c);
          }
        }
        case Command.Audit c -> log.reply(c.reply(), liveness.look(c.instanceIds()));
        case Command.AuditWaits c -> log.reply(c.reply(), liveness.known(c.waits()));
        case Command.ListInMemory c -> log.reply(c.reply(), inMemory());
        case Command.Checkpoint c -> checkpoint.request(c.reply());
        case Command.RowsWritten c -> rowsWritten(c);
        case Command.Stop c -> stop(c);
      }
      handleOwnMessages();
      releaseAdmitted();
    } catch (RuntimeException | Error e) {
      // A request that changed nothing was refused, and that is all. Anything else may be half done
      // in memory, or would be lost with this command: only the log is to be believed.
      if (command instanceof Command.Request<?> request && log.position() == before) {
        log.refuse(request.reply(), e);
      } else {
        if (command instanceof Command.Request<?> request) {
          request.reply().completeExceptionally(e);
        }
        LOG.log(
            System.Logger.Level.ERROR,
            "Partition " + index + ": " + command.getClass().getSimpleName() + " failed",
            e);
        fail(e);
      }
    }
  }

  private static boolean isQuestion(Command command) {
    return command instanceof Command.Explain
        || command instanceof Command.GetStatus
        || command instanceof Command.GetHistory
        || command instanceof Command.GetEntity
        || command instanceof Command.GetLockOwner
        || command instanceof Command.IsUnderWay
        || command instanceof Command.Audit
        || command instanceof Command.AuditWaits
        || command instanceof Command.ListInMemory;
  }

  private List<String> inMemory() {
    List<String> ids = new ArrayList<>(residents.ids());
    ids.addAll(entities.residents().keySet());
    return ids;
  }

  private void handleWhileDown(Command command) {
    if (command instanceof Command.Await c && !stopping) {
      waiters.add(c); // asked again later
    } else if (command instanceof Command.CancelAwait c) {
      waiters.forgetCancelled(c.instanceId());
    } else if (command instanceof Command.Request<?> request) {
      request
          .reply()
          .completeExceptionally(
              new HubClosedException(
                  "Partition %d is recovering (%s). Nothing was done; try again."
                      .formatted(index, downReason == null ? "starting" : downReason.getMessage()),
                  downReason));
    }
    if (command instanceof Command.ActivityEnded c) {
      activityOver(c.work());
    }
    if (command instanceof Command.StepEnded c && c.result().recorded() != null) {
      c.result().recorded().complete(null); // the step counts no more
    }
    // Everything else is done again once the partition has recovered.
  }

  private void start(Command.Start c) {
    ResidentOrchestration r = c.idIsNew() ? null : lookup(c.instanceId());
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
    begin(
        r,
        c.instanceId(),
        new ExecutionStarted(
            now(),
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

  private @Nullable ResidentOrchestration lookup(String id) {
    ResidentOrchestration r = residents.get(id);
    return r != null ? r : load(id);
  }

  /** Ends what runs of an instance that is about to be replaced by a new one of the same id. */
  private void discard(ResidentOrchestration r) {
    if (r.state.status().isTerminal()) {
      return;
    }
    List<HistoryEvent> events = new ArrayList<>(1);
    events.add(new ExecutionCompleted(now(), OrchestrationStatus.TERMINATED, null, null));
    List<Command.Await> waitOn = waiters.takeById(r.state.id());
    end(r, events);
    waitOn.forEach(waiters::add);
  }

  private void begin(@Nullable ResidentOrchestration existing, String id, ExecutionStarted event) {
    ResidentOrchestration r =
        existing == null ? new ResidentOrchestration(new Instance(id)) : existing;
    r.pending = new ArrayList<>(2);
    transition(r, event);
    residents.add(r); // not before: what cannot be recorded must not be seen either
    host.unfinished(1);
    setTimer(r, Instance.SCHEDULED_START);
    sessions.stepIfNeeded(r);
  }

  private void activityOver(ActivityWork work) {
    if (work.isRemote()) {
      return;
    }
    if (work.redelivered()) {
      redeliveries.ended();
    } else if (options.activityStart() == ActivityStart.PIPELINED) {
      host.stepping(-1);
    }
  }

  private void activityEnded(Command.ActivityEnded c) {
    ActivityWork work = c.work();
    activityOver(work);
    ResidentOrchestration r = caller(work);
    if (r == null || openTask(r, work) == null) {
      return; // nobody waits for it any more
    }
    HistoryEvent event =
        c.failure() == null
            ? new TaskCompleted(now(), work.taskId(), c.result())
            : new TaskFailed(now(), work.taskId(), c.failure());
    transition(r, event);
    sessions.stepIfNeeded(r);
  }

  /** The instance that called an activity; null if it does not exist any more. */
  private @Nullable ResidentOrchestration caller(ActivityWork work) {
    return work.caller() instanceof ResidentOrchestration r && r.inMemory && !r.purged
        ? r
        : findReadable(work.instanceId());
  }

  private void activityParked(Command.ActivityParked c) {
    ResidentOrchestration r = caller(c.work());
    OpenTask.Activity task = r == null ? null : openTask(r, c.work());
    if (r != null && task != null) {
      task.takeBack();
      if (r.state.problem() == null) {
        setAside(r, c.problem());
      }
    }
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

  private void raiseEvent(Command.RaiseEvent c) {
    ResidentOrchestration r = unfinished(c.instanceId(), "take an event");
    transition(r, new EventRaised(now(), c.name(), c.payload()));
    sessions.stepIfNeeded(r);
    log.reply(c.reply(), null);
  }

  private ResidentOrchestration unfinished(String id, String what) {
    ResidentOrchestration r = get(id);
    if (r.state.status().isTerminal()) {
      throw new InvalidInstanceStateException(
          "Instance '%s' cannot %s: it has ended (%s).".formatted(id, what, r.state.status()));
    }
    return r;
  }

  private void suspend(Command.Suspend c) {
    ResidentOrchestration r =
        unfinished(c.instanceId(), c.suspend() ? "be suspended" : "be resumed");
    boolean suspended = r.state.status() == OrchestrationStatus.SUSPENDED;
    if (suspended != c.suspend()) {
      transition(
          r,
          c.suspend()
              ? new ExecutionSuspended(now(), c.reason())
              : new ExecutionResumed(now(), c.reason()));
      if (c.suspend()) {
        sessions.recall(r);
      } else {
        sessions.release(r);
      }
      sessions.stepIfNeeded(r);
      tellWaiters(r);
    }
    log.reply(c.reply(), null);
  }

  private void terminate(Command.Terminate c) {
    terminate(unfinished(c.instanceId(), "be terminated"), c.reason(), c.output(), c.recursive());
    log.reply(c.reply(), null);
  }

  private void terminate(
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
    List<HistoryEvent> events = new ArrayList<>(1);
    events.add(new ExecutionCompleted(now(), OrchestrationStatus.TERMINATED, output, null));
    end(r, events);
    children.forEach(this::send);
  }

  private void rewind(Command.Rewind c) {
    ResidentOrchestration r = get(c.instanceId());
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
    rewind(r, c.plan(), c.failedChildren());
    log.reply(c.reply(), null);
  }

  private void rewind(ResidentOrchestration r, ExecutionRewound plan, List<String> failedChildren) {
    host.unfinished(1);
    transition(r, plan);
    for (HistoryEvent task : plan.reopened()) {
      switch (task) {
        case TaskScheduled e -> dispatch(r, e.taskId());
        case TimerCreated e -> setTimer(r, e.taskId());
        case SubOrchestrationCreated e ->
            send(
                new Message.RewindChild(
                    e.instanceId(),
                    parentTask(r, e.taskId()),
                    plan.reason(),
                    failedChildren.contains(e.instanceId()),
                    startChild(r, e)));
        case EntityOperationCalled e -> send(callEntity(r, e));
        default -> {}
      }
    }
    sessions.stepIfNeeded(r);
  }

  private void requeue(Command.Requeue c) {
    ResidentOrchestration r = unfinished(c.instanceId(), "be requeued");
    if (r.state.problem() == null) {
      throw new InvalidInstanceStateException(
          "Instance '%s' cannot be requeued: it was not set aside.".formatted(c.instanceId()));
    }
    transition(r, new ExecutionRequeued(now(), c.reason()));
    resumeWork(r);
    log.reply(c.reply(), null);
  }

  private void purge(Command.Purge c) {
    List<ResidentOrchestration> gone = new ArrayList<>();
    for (Command.Purge.Target target : c.targets()) {
      String id = target.instanceId();
      ResidentOrchestration r = find(id);
      if (r == null || !target.isMeant(r.state)) {
        continue; // gone, or replaced since it was looked for
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
        changed(r);
      }
    }
    log.reply(c.reply(), gone.size());
  }

  // ---- questions ----------------------------------------------------------------------------

  private void status(Command.GetStatus c) {
    ResidentOrchestration r = find(c.instanceId());
    log.reply(c.reply(), r == null ? null : metadata(r, c.payloads()));
  }

  private OrchestrationMetadata metadata(ResidentOrchestration r, boolean payloads) {
    return Metadata.of(r.state, payloads, converter);
  }

  private void await(Command.Await c) {
    if (c.reply().isDone()) {
      return; // given up before it was looked at
    }
    ResidentOrchestration r = c.byId() ? find(c.instanceId()) : get(c.instanceId());
    if (r != null && c.isReached(r.state)) {
      log.reply(c.reply(), metadata(r, true));
    } else if (stopping) {
      throw new HubClosedException(
          "The hub is being closed. The instance goes on when it is opened again.");
    } else {
      waiters.add(c);
    }
  }

  private void tellWaiters(ResidentOrchestration r) {
    waiters.takeThere(r, waiter -> log.reply(waiter.reply(), metadata(r, true)));
  }

  private void explain(Command.Explain c) {
    ResidentOrchestration r = get(c.instanceId());
    log.reply(c.reply(), new Explanations(r.state, r.stepping, code(r), mode != LoopMode.RUN));
  }

  private Explanations.Code code(ResidentOrchestration r) {
    OrchestratorRun run = r.session;
    String left = run == null && !r.state.status().isTerminal() ? sessions.leftAt(r) : null;
    return new Explanations.Code(
        run == null ? left : run.location(),
        run == null || r.stepping ? taskId -> null : run::tries,
        run == null ? "" : run.progress(),
        task -> activityObstacle(task, r.state.version()));
  }

  /** Why no worker runs an activity; null if one may. */
  private @Nullable String activityObstacle(OpenTask.Activity task, String callerVersion) {
    Workers workers = sessionConfig.workers();
    return workers != null && sessionConfig.isRemoteActivity(task.name())
        ? workers.obstacle(
            FunctionKind.ACTIVITY,
            task.name(),
            task.version().isEmpty() ? callerVersion : task.version())
        : null;
  }

  private boolean isUnderWay(TaskAddress task) {
    ResidentOrchestration r = find(task.instanceId());
    return r != null
        && !r.state.status().isTerminal()
        && r.state.executionId().equals(task.executionId());
  }

  // ---- messages -----------------------------------------------------------------------------

  private void receive(Command.Receive c) {
    long expected = outbox.received(c.sender()) + 1;
    if (c.number() > expected) {
      return; // one before it was lost with this partition's memory; it will be sent again
    }
    if (c.number() == expected) {
      Encoder entry = log.entry(LogEntry.RECEIVED);
      entry.number(c.sender());
      entry.number(c.number());
      outbox.received(c.sender(), c.number());
      checkpoint.partitionChanged();
      handleMessage(c.message());
    }
    log.acknowledge(c.sender(), outbox.received(c.sender()));
  }

  private void acknowledge(Command.Acknowledge c) {
    if (outbox.acknowledged(c.receiver(), c.upTo())) {
      Encoder entry = log.entry(LogEntry.ACKNOWLEDGED);
      entry.number(c.receiver());
      entry.number(c.upTo());
      checkpoint.partitionChanged();
    }
  }

  private void resend(int receiver) {
    outbox.forEachUnacknowledged(
        receiver,
        (number, message) ->
            log.whenDurable(
                () -> host.post(receiver, new Command.Receive(index, number, message))));
  }

  /**
   * Messages to instances of this partition are part of the batch in which they were sent: they are
   * handled before it is closed.
   */
  private void handleOwnMessages() {
    while (!toSelf.isEmpty()) {
      handleMessage(toSelf.poll());
    }
  }

  private void handleMessage(Message message) {
    switch (message) {
      case Message.StartChild m -> startChild(m);
      case Message.ChildEnded m -> childEnded(m);
      case Message.Event m -> {
        ResidentOrchestration r = findOrchestration(m.target());
        if (r != null && !r.state.status().isTerminal()) {
          transition(r, new EventRaised(now(), m.name(), m.payload()));
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
      case Message.TerminateChild m -> {
        ResidentOrchestration r = findReadable(m.target());
        if (r != null && !r.state.status().isTerminal() && isChildOf(r, m.parentExecutionId())) {
          Payload output =
              m.output() == null && m.reason() != null
                  ? converter.toPayload(m.reason())
                  : m.output();
          terminate(r, m.reason(), output, true);
        }
      }
      case Message.TerminateOther m -> {
        ResidentOrchestration r = findOrchestration(m.target());
        if (r != null && !r.state.status().isTerminal()) {
          terminate(r, null, m.output(), m.recursive());
        }
      }
      case Message.RewindChild m -> rewindChild(m);
      case Message.CallEntity m -> entities.receive(m);
      case Message.LockEntity m -> entities.lock(m);
      case Message.UnlockEntity m -> entities.unlock(m);
      case Message.WithdrawLock m -> entities.withdraw(m);
      case Message.EntityAnswered m -> entityAnswered(m);
      case Message.LocksGranted m -> locksGranted(m);
      case Message.StartByEntity m -> startByEntity(m);
    }
  }

  /** An orchestration whose execution waits for this very task; null if it does not any more. */
  private @Nullable ResidentOrchestration waitingFor(
      TaskAddress task, Class<? extends OpenTask> kind) {
    ResidentOrchestration r = findReadable(task.instanceId());
    return r != null
            && r.state.executionId().equals(task.executionId())
            && kind.isInstance(r.state.openTask(task.taskId()))
        ? r
        : null;
  }

  private void entityAnswered(Message.EntityAnswered m) {
    ResidentOrchestration r = waitingFor(m.caller(), OpenTask.EntityCall.class);
    if (r != null) {
      transition(
          r,
          m.failure() == null
              ? new EntityOperationCompleted(now(), m.caller().taskId(), m.result())
              : new EntityOperationFailed(now(), m.caller().taskId(), m.failure()));
      sessions.stepIfNeeded(r);
    }
  }

  private void locksGranted(Message.LocksGranted m) {
    ResidentOrchestration r = waitingFor(m.owner(), OpenTask.Lock.class);
    if (r != null) { // if not, it has given them up, and that is on its way
      transition(r, new EntityLockGranted(now(), m.owner().taskId()));
      sessions.stepIfNeeded(r);
    }
  }

  private void startByEntity(Message.StartByEntity m) {
    try {
      InstanceIds.check(m.target(), sessionConfig.instanceIdCharsMax());
    } catch (InvalidInstanceIdException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "An entity asked for orchestration ''{0}''. Nothing was started: {1}",
          m.name(),
          e.getMessage());
      return;
    }
    ResidentOrchestration existing;
    try {
      existing = lookup(m.target());
    } catch (CorruptStoreException | IllegalStateException e) {
      reportUnreadable(m.target(), e);
      return;
    }
    if (existing != null && !existing.purged && !existing.state.status().isTerminal()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "An entity asked for orchestration ''{0}'' under the id ''{1}'', where one is under way"
              + " (''{2}''). Nothing was started.",
          m.name(),
          m.target(),
          existing.state.name());
      return;
    }
    begin(
        existing,
        m.target(),
        new ExecutionStarted(
            now(),
            m.name(),
            m.version(),
            host.newExecutionId(),
            m.input(),
            null,
            m.scheduledStart(),
            m.tags(),
            m.traceContext()));
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

  private void startChild(Message.StartChild m) {
    try {
      InstanceIds.check(m.target(), sessionConfig.instanceIdCharsMax());
    } catch (InvalidInstanceIdException e) {
      childCannotStart(m, e); // asked for by remote code; code of this host hears of it earlier
      return;
    }
    ResidentOrchestration existing;
    try {
      existing = lookup(m.target());
    } catch (CorruptStoreException | IllegalStateException e) {
      reportUnreadable(m.target(), e);
      childCannotStart(m, e);
      return;
    }
    if (existing != null && !existing.purged && !existing.state.status().isTerminal()) {
      childCannotStart(
          m,
          new InstanceAlreadyExistsException(
              "Sub-orchestration '%s' cannot start: an instance of that id is under way (%s)."
                  .formatted(m.target(), existing.state.name())));
      return;
    }
    begin(
        existing,
        m.target(),
        new ExecutionStarted(
            now(),
            m.name(),
            m.version(),
            host.newExecutionId(),
            m.input(),
            m.parent(),
            null,
            m.tags(),
            m.traceContext()));
  }

  private void childCannotStart(Message.StartChild m, RuntimeException why) {
    tellParent(m.parent(), m.target(), null, refusal(why));
  }

  private void tellParent(
      ParentInstance parent,
      String childId,
      @Nullable Payload result,
      @Nullable FailureDetails failure) {
    send(
        new Message.ChildEnded(
            parent.instanceId(), parent.executionId(), parent.taskId(), childId, result, failure));
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

  private void childEnded(Message.ChildEnded m) {
    ResidentOrchestration r = findReadable(m.target());
    if (r == null
        || !r.state.executionId().equals(m.parentExecutionId())
        || !(r.state.openTask(m.taskId()) instanceof OpenTask.SubOrchestration call)
        || (m.childId() != null && !m.childId().equals(call.instanceId()))) {
      return; // nobody waits for it any more
    }
    transition(
        r,
        m.failure() == null
            ? new SubOrchestrationCompleted(now(), m.taskId(), m.result())
            : new SubOrchestrationFailed(now(), m.taskId(), m.failure()));
    sessions.stepIfNeeded(r);
  }

  private void rewindChild(Message.RewindChild m) {
    ResidentOrchestration r;
    try {
      r = find(m.target());
    } catch (CorruptStoreException | IllegalStateException e) {
      reportUnreadable(m.target(), e);
      tellParent(m.parent(), m.target(), null, refusal(e));
      return;
    }
    boolean ofAnotherCall =
        r != null
            && r.state.status().isTerminal()
            && isChildOf(r, m.parent().executionId())
            && !isOf(m.parent(), r);
    if (m.again() != null && (r == null || ofAnotherCall)) {
      startChild(m.again()); // it was purged, or a later call of the parent's has used its id again
      return;
    }
    if (r == null || !isOf(m.parent(), r)) {
      tellParent(
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
    if (r.state.status() != OrchestrationStatus.FAILED || !m.rewindIfFailed()) {
      notifyParent(r);
      return;
    }
    // Planning reads the whole history on this thread. Rewinds are rare; what is done elsewhere
    // could get lost in a crash after the message was taken, and the parent would wait for ever.
    List<HistoryEvent> history;
    try {
      history = r.history(index).read(store);
    } catch (CorruptStoreException | IllegalStateException e) {
      reportUnreadable(m.target(), e);
      notifyParent(r); // it stays failed, and its parent knows
      return;
    }
    ExecutionRewound plan = Rewind.plan(history, m.reason(), now());
    if (Rewind.refusal(history, plan) != null) {
      notifyParent(r); // it stays failed, and its parent knows
      return;
    }
    rewind(r, plan, Rewind.failedChildren(history, plan));
  }

  // =============================================================================================
  // Time
  // =============================================================================================

  @Override
  public Instant now() {
    return sessionConfig.clock().instant();
  }

  /** Does what time asks for: timers, checkpoints, evictions. Returns whether there is more. */
  boolean tick(long now) {
    if (mode == LoopMode.LOOK) {
      return false;
    }
    if (now < tickedAt) {
      clockWentBack(tickedAt - now);
    }
    tickedAt = now;
    if (down) {
      if (now >= recoverAt && !stopping) {
        recover();
      }
      return false;
    }
    boolean more = false;
    try {
      if (mode == LoopMode.RUN) {
        more = fireTimers(now);
        more |= timers.fetch(now, (after, limit) -> store.scanTimers(index, after, limit));
      }
      if (hasRecoveryWork()) {
        recoverSome();
        more |= hasRecoveryWork();
      }
      more |= checkpoint.tick(now, log.position(), log.epoch(), this::partitionRow, outbox);
      checkpoint.durable(log.durable());
      if (now - stepsCheckedAt >= 250) {
        stepsCheckedAt = now;
        sessions.check();
        entities.check(now);
      }
      handleOwnMessages();
      releaseAdmitted();
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "Partition " + index + " failed", e);
      fail(e);
    }
    return more;
  }

  /** What was to be done some time after now still is; timers go by what the clock says. */
  private void clockWentBack(long millis) {
    recoverAt -= millis;
    suspicionEnds -= millis;
    stepsCheckedAt -= millis;
    checkpoint.clockWentBack(millis);
  }

  /** Has operations of entities run; called when everything that has come was handled. */
  void runEntities() {
    if (!down) {
      failIfItThrows(
          () -> {
            entities.beginReady();
            handleOwnMessages();
          });
    }
  }

  private void failIfItThrows(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "Partition " + index + " failed", e);
      fail(e);
    }
  }

  /** When there is something to do next, in milliseconds since 1970. */
  long nextTickAt(long now) {
    if (mode == LoopMode.LOOK) {
      return Long.MAX_VALUE;
    }
    if (now < tickedAt) {
      return now; // the clock went back
    }
    if (down) {
      return stopping ? Long.MAX_VALUE : recoverAt;
    }
    if (hasRecoveryWork()) {
      return now;
    }
    long next = checkpoint.nextAt(now);
    if (mode == LoopMode.RUN) {
      next = Math.min(next, timers.nextAt());
    }
    next = Math.min(next, tickedAt + TICK_MILLIS_MAX);
    return sessions.isEmpty() && entities.isAtRest() ? next : Math.min(next, stepsCheckedAt + 250);
  }

  private boolean fireTimers(long now) {
    if (stopping) {
      return false;
    }
    for (int i = 0; i < TIMERS_AT_ONCE; i++) {
      TimerRow due = timers.takeDue(now);
      if (due == null) {
        return false;
      }
      if (Entities.isEntity(due.instanceId())) {
        entities.timerDue(due);
        continue;
      }
      ResidentOrchestration r = findReadable(due.instanceId());
      if (r != null
          && r.state.openTask(due.taskId()) instanceof OpenTask.Timer timer
          && timer.fireAt() == due.dueAt()) {
        transition(r, new TimerFired(now(), due.taskId()));
        sessions.stepIfNeeded(r);
      }
    }
    return true;
  }

  // =============================================================================================
  // Checkpoints
  // =============================================================================================

  private byte[] partitionRow() {
    // Where nothing is run, a crash before that is still what the next host must know of.
    boolean clean = stopping && !(mode == LoopMode.RECORD && crashed);
    return PartitionRow.encode(log.position(), clean, outbox);
  }

  private void rowsWritten(Command.RowsWritten c) {
    if (c.batch().epoch() != log.epoch()) {
      return; // from before a recovery
    }
    if (c.failure() != null) {
      fail(c.failure());
      return;
    }
    for (Resident resident : c.batch().residents()) {
      resident.rowInFlight = false;
      switch (resident) {
        case ResidentOrchestration r -> written(r);
        case ResidentEntity e -> entities.written(e);
      }
    }
    checkpoint.written(c.batch(), sessionConfig.clock().millis());
    if (stopReply != null && checkpoint.isIdle()) {
      if (checkpoint.hasChanges()) {
        checkpoint.hurry(); // such as an acknowledgement that came since; nobody waits for the time
      } else {
        stopReply.complete(null);
        stopReply = null;
      }
    }
  }

  private void written(ResidentOrchestration r) {
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
    releaseIfUnused(r);
  }

  private void stop(Command.Stop c) {
    stopping = true;
    HubClosedException closed =
        new HubClosedException("The hub was closed. The instance goes on when it is opened again.");
    waiters.takeAll().forEach(waiter -> waiter.reply().completeExceptionally(closed));
    for (ResidentOrchestration r : List.copyOf(residents.all())) {
      sessions.close(r);
    }
    entities.abandonRunning();
    if (down) {
      c.reply().complete(null);
      return;
    }
    stopReply = c.reply();
    checkpoint.partitionChanged();
    checkpoint.hurry();
  }

  // =============================================================================================
  // Recovery
  // =============================================================================================

  /** Drops the memory; only the store is to be believed. */
  private void fail(Throwable reason) {
    LOG.log(
        System.Logger.Level.ERROR,
        "Partition {0} drops its memory and recovers: {1}",
        index,
        reason.toString());
    down = true;
    downReason = reason;
    recoverAt = sessionConfig.clock().millis() + recoverWait;
    recoverWait = Math.min(recoverWait * 2, RECOVER_AFTER_MILLIS_MAX);
    for (ResidentOrchestration r : residents.all()) {
      sessions.close(r);
      if (!r.state.status().isTerminal()) {
        host.unfinished(-1);
      }
    }
    HubClosedException unknown = unknownOutcome(reason);
    log.abandonOpen(unknown);
    toSelf.clear();
    checkpoint.clear(unknown);
    residents.clear();
    timers.clear();
    sessions.clear();
    entities.clear();
    redeliveries.clear();
    admitted.clear();
    if (stopReply != null) {
      stopReply.complete(null);
      stopReply = null;
    }
  }

  /** Builds the state from rows and log, and takes up what was under way. */
  void recover() {
    try {
      long epoch = mode == LoopMode.LOOK ? 0 : store.acquire(index, options.hostName());
      outbox.clear();
      StateReader.Found found =
          new StateReader(index, store, residents, entities.residents(), outbox, checkpoint).read();
      log.reset(epoch, found.lastPosition());
      // A failed commit is no crash: the host lives, so nothing that it runs has killed it.
      crashed = found.crashed() && !recoveredBefore;
      suspicionEnds = sessionConfig.clock().millis() + SUSPICION_MILLIS;
      recoveredBefore = true;
    } catch (RuntimeException e) {
      downReason = e;
      recoverAt = sessionConfig.clock().millis() + recoverWait;
      recoverWait = Math.min(recoverWait * 2, RECOVER_AFTER_MILLIS_MAX);
      if (recoverWait == RECOVER_AFTER_MILLIS_MAX || e instanceof StoreException) {
        LOG.log(System.Logger.Level.ERROR, "Partition " + index + " cannot recover yet", e);
      }
      residents.clear();
      entities.clear();
      checkpoint.clear(e); // it knows what was read so far
      return;
    }
    down = false;
    downReason = null;
    if (mode == LoopMode.LOOK) {
      return;
    }
    try {
      if (mode == LoopMode.RUN) {
        recoveryScanning = true;
        recoveryCursor = null;
        log.entry(LogEntry.OPENED);
        checkpoint.partitionChanged();
        takeUpWork();
      }
      deliverMessages();
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "Partition " + index + " failed while it recovered", e);
      fail(e);
    }
  }

  private void takeUpWork() {
    for (ResidentOrchestration r : List.copyOf(residents.all())) {
      if (r.purged) {
        continue;
      }
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
    entities.takeUp();
  }

  private void deliverMessages() {
    for (int other = 0; other < partitions; other++) {
      if (other != index) {
        resend(other);
        host.post(other, new Command.Resend(index));
      }
    }
    handleOwnMessages();
    waiters.takeAll().forEach(waiter -> host.post(index, waiter));
  }

  /** Looks at some more of the instances that had work under way. */
  private void recoverSome() {
    redeliveries.handOut();
    if (!recoveryScanning || !hasRoomToRecover()) {
      return; // what has not been looked at costs no memory yet
    }
    List<InstanceRow> page = store.scanActive(index, recoveryCursor, RECOVERY_PAGE);
    for (InstanceRow row : page) {
      if (!residents.contains(row.id())) {
        try {
          if (row.columns().kind() == ResidentEntity.KIND) {
            entities.recover(row);
          } else {
            admit(row);
          }
        } catch (CorruptStoreException | IllegalStateException e) {
          reportUnreadable(row.id(), e);
        }
      }
    }
    if (page.isEmpty()) {
      recoveryScanning = false;
    } else {
      recoveryCursor = page.getLast().id();
    }
  }

  private boolean hasRecoveryWork() {
    return !stopping && ((recoveryScanning && hasRoomToRecover()) || redeliveries.hasWork());
  }

  private boolean hasRoomToRecover() {
    return redeliveries.hasRoom() && entities.hasRoom();
  }

  /** Takes up the work of an instance that memory knew of and that was lost with it. */
  private void kick(ResidentOrchestration r) {
    if (mode != LoopMode.RUN || r.state.status().isTerminal()) {
      return;
    }
    Problem problem = r.state.problem();
    if (problem != null) {
      boolean mayHaveBeenPutRight =
          recoveryScanning
              && (problem.kind() == Problem.Kind.UNREADABLE
                  || problem.kind() == Problem.Kind.NONDETERMINISM
                  || problem.kind() == Problem.Kind.FUNCTION_NOT_FOUND);
      if (!mayHaveBeenPutRight) {
        return;
      }
      transition(r, new ExecutionRequeued(now(), "the host was started"));
    }
    resumeWork(r);
  }

  private void resumeWork(ResidentOrchestration r) {
    List<Integer> activities = new ArrayList<>(2);
    for (OpenTask task : r.state.openTasks()) {
      if (task instanceof OpenTask.Activity activity && !activity.isDispatched()) {
        activities.add(task.taskId());
      }
    }
    for (int taskId : activities) {
      if (crashed && !isRemoteActivity(r, taskId)) {
        redeliveries.addActivity(r, taskId);
      } else {
        dispatch(r, taskId);
      }
    }
    if (r.state.needsStep() && !r.stepping) {
      if (crashed && !sessions.isRemote(r)) {
        redeliveries.addStep(r);
      } else {
        sessions.stepIfNeeded(r);
      }
    }
  }

  private boolean isRemoteActivity(ResidentOrchestration r, int taskId) {
    return r.state.openTask(taskId) instanceof OpenTask.Activity task
        && sessionConfig.isRemoteActivity(task.name());
  }

  // ---- the owner of sessions ------------------------------------------------------------------

  /**
   * After a crash, whatever begins from the cold may be what killed the host: a timer or a message
   * brings it back at every start, before anything of it is durable. So its count goes first.
   */
  @Override
  public boolean defers(ResidentOrchestration r) {
    if (r.session != null || r.steppingAgain || !isSuspicious() || sessions.isRemote(r)) {
      return false;
    }
    redeliveries.addStep(r);
    return true;
  }

  @Override
  public boolean isSuspicious() {
    return crashed && sessionConfig.clock().millis() <= suspicionEnds;
  }

  @Override
  public void repeatLater(String entityId) {
    redeliveries.addEntity(entityId);
  }

  @Override
  public boolean repeatEntity(String entityId, int timesMax) {
    return entities.repeat(entityId, timesMax);
  }

  @Override
  public boolean takesSteps() {
    return mode == LoopMode.RUN && !down && !stopping;
  }

  @Override
  public void evicted(ResidentOrchestration r) {
    releaseIfUnused(r);
  }

  @Override
  public void repetitionEnded() {
    redeliveries.ended();
  }

  // ---- hands for redeliveries ---------------------------------------------------------------

  @Override
  public boolean isStillHere(ResidentOrchestration r) {
    return r.inMemory;
  }

  @Override
  public @Nullable ResidentOrchestration inMemory(String instanceId) {
    return residents.get(instanceId);
  }

  @Override
  public void record(ResidentOrchestration r, WorkRedelivered event) {
    transition(r, event);
  }

  @Override
  public void whenDurable(Effect effect) {
    log.whenDurable(effect);
  }

  @Override
  public void step(ResidentOrchestration r) {
    sessions.stepIfNeeded(r);
  }

  // ---- figures ------------------------------------------------------------------------------

  /** Whether nothing happens here until a timer is due or something comes from outside. */
  boolean isAtRest(long now) {
    return !down
        && !log.hasOpenBatch()
        && sessions.isAtRest()
        && entities.isAtRest()
        && toSelf.isEmpty()
        && outbox.unacknowledged() == 0
        && !hasRecoveryWork()
        && timers.nextAt() > now;
  }

  /** When the next timer is due, in milliseconds since 1970; the largest number for none. */
  long nextTimerAt() {
    return timers.earliest((after, limit) -> store.scanTimers(index, after, limit));
  }

  int residentsInMemory() {
    return residents.size() + entities.inMemory();
  }

  boolean isDown() {
    return down;
  }

  @Nullable Throwable downReason() {
    return downReason;
  }

  // ---- for tests that break something ---------------------------------------------------------

  TimerQueue timers() {
    return timers;
  }

  Outbox outbox() {
    return outbox;
  }

  @Nullable ResidentOrchestration resident(String id) {
    return residents.get(id);
  }

  @Nullable ResidentEntity residentEntity(String id) {
    return entities.residents().get(id);
  }
}
