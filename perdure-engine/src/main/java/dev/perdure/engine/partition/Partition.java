package dev.perdure.engine.partition;

import dev.perdure.api.HubClosedException;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.orchestrator.SessionConfig;
import dev.perdure.store.LogRecord;
import dev.perdure.store.RowsLostException;
import dev.perdure.store.Store;
import dev.perdure.store.StoreException;
import dev.perdure.store.TimerRow;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One partition: takes commands, has them decided into events, which change its state in memory and
 * are appended to the open batch. What the world may notice waits in the batch until it is durable.
 * In memory the partition runs ahead of the disk; when a commit fails it drops its memory and
 * recovers from the store.
 *
 * <p>All methods are called on the partition's own thread.
 */
final class Partition {
  private static final System.Logger LOG = System.getLogger("dev.perdure.partition");

  /** A look at everything at least so often, should anything have failed to say when it is due. */
  private static final long TICK_MILLIS_MAX = 1_000;

  /** Timers fired in one go, so that other commands get their turn. */
  private static final int TIMERS_AT_ONCE = 500;

  private final int index;
  private final int partitions;
  private final Store store;
  private final SessionConfig config;
  private final EngineOptions options;
  private final PartitionHost host;

  // ---- state, ahead of the disk -------------------------------------------------------------

  private final Situation situation;
  private final PartitionLog log;
  private final Checkpoint checkpoint;
  private final Mail mail;
  private final TimerQueue timers;
  private final RedeliveryQueue redeliveries;
  private final Orchestrations orchestrations;
  private final Entities entities;
  private final EntityRequests entityRequests;
  private final EntityMessages entityMessages;

  // ---- who decides --------------------------------------------------------------------------

  private final Steps steps;
  private final ActivityResults activityResults;
  private final OrchestrationRequests requests;
  private final OrchestrationMessages messages;
  private final ActiveScan activeScan;
  private final Liveness liveness;

  // ---- recovery and time --------------------------------------------------------------------

  /** How often rows of this partition were lost; counted by whatever thread tells. */
  private final AtomicInteger rowLosses = new AtomicInteger();

  /** How many of those had happened before the rows were read again. */
  private int rowLossesRecovered;

  private @Nullable Throwable downReason;
  private final RecoveryPause recoveryPause;
  private @Nullable CompletableFuture<@Nullable Void> stopReply;
  private long stepsCheckedAt;
  private long tickedAt;

  Partition(
      int index,
      Store store,
      SessionConfig config,
      EngineOptions options,
      PartitionHost host,
      LoopMode mode) {
    this.index = index;
    this.partitions = store.partitions();
    this.store = store;
    this.config = config;
    this.options = options;
    this.host = host;
    Common common = Common.of(index, store, config, options, host, mode);
    this.situation = common.situation();
    this.log = common.log();
    this.checkpoint = common.checkpoint();
    this.mail = common.mail();
    this.timers = common.timers();
    this.redeliveries = common.redeliveries();
    this.orchestrations = new Orchestrations(common);
    this.entities = new Entities(common);
    this.entityRequests = new EntityRequests(common, entities);
    this.entityMessages = new EntityMessages(common, entities);
    this.steps = new Steps(common, orchestrations);
    this.activityResults = new ActivityResults(common, orchestrations);
    this.requests = new OrchestrationRequests(common, orchestrations);
    this.messages = new OrchestrationMessages(common, orchestrations);
    this.activeScan = new ActiveScan(common, orchestrations, entities);
    this.recoveryPause = new RecoveryPause(config.clock());
    this.liveness = new Liveness(common, orchestrations.residents(), entities.residents());
  }

  // ---- batches and commits ------------------------------------------------------------------

  boolean hasOpenBatch() {
    return log.hasOpenBatch();
  }

  /** How many bytes wait to be committed. */
  int openBytes() {
    return log.openBytes();
  }

  /** How much was decided that is not in rows yet, in bytes. */
  long unwrittenBytes() {
    return log.openBytes() + checkpoint.unwrittenBytes();
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
    Throwable failure = log.committed(batch, host);
    if (failure != null) {
      fail(failure); // a recovery repeats what the effect was to do
      return;
    }
    recoveryPause.committed();
    failIfItThrows(
        () -> {
          checkpoint.durable(log.durable());
          handleOwnMessages(); // effects may have set something aside
        });
  }

  /** A batch could not be committed: what is in memory is not to be believed any more. */
  void commitFailed(OpenBatch batch, Throwable reason) {
    log.abandon(batch, unknownOutcome(reason));
    fail(reason);
  }

  /** Nobody waits any more for the commit of a batch. */
  void abandon(OpenBatch batch, Throwable reason) {
    log.abandon(batch, reason);
  }

  /** Gives up what is not durable: there will be no more commits, and no more rows. */
  void abandonOpen(Throwable reason) {
    log.abandonOpen(reason);
    checkpoint.abandon(reason);
    orchestrations
        .waiters()
        .takeAll()
        .forEach(waiter -> waiter.reply().completeExceptionally(reason));
  }

  private static HubClosedException unknownOutcome(Throwable reason) {
    return new HubClosedException(
        ("A commit failed (%s), so it is not known whether the request took effect. The hub recovers"
                + " by itself; ask for the instance's status, then try again.")
            .formatted(reason.getMessage()),
        reason);
  }

  // ---- commands and messages ----------------------------------------------------------------

  /**
   * Takes a command. Never throws: what goes wrong is told to whoever waits, or ends in recovery.
   */
  void handle(Command command) {
    if (situation.down && !(command instanceof Command.Stop)) {
      handleWhileDown(command);
      return;
    }
    if (situation.mode() == LoopMode.LOOK && !(command instanceof Command.Question)) {
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
        case Command.StepEnded c -> steps.ended(c);
        case Command.ActivityEnded c -> activityResults.ended(c);
        case Command.ActivityParked c -> activityResults.parked(c);
        case Command.Start c -> requests.start(c);
        case Command.Receive c -> mail.receive(c, this::handleMessage);
        case Command.Acknowledge c -> mail.acknowledge(c);
        case Command.Resend c -> mail.resend(c.receiver());
        case Command.RaiseEvent c -> requests.raiseEvent(c);
        case Command.Suspend c -> requests.suspend(c);
        case Command.Terminate c -> requests.terminate(c);
        case Command.Rewind c -> requests.rewind(c);
        case Command.Requeue c -> {
          if (Entities.isEntity(c.instanceId())) {
            entityRequests.requeue(c);
          } else {
            requests.requeue(c);
          }
        }
        case Command.SignalEntities c -> entityRequests.signal(c);
        case Command.EntityBatchWanted c -> entities.remember(c);
        case Command.EntityBatchEnded c -> entities.ended(c);
        case Command.GetEntity c -> entityRequests.getEntity(c);
        case Command.GetLockOwner c -> entityRequests.getLockOwner(c);
        case Command.ReleaseLock c -> entityRequests.releaseLock(c);
        case Command.PurgeEntity c -> entityRequests.purge(c);
        case Command.IsUnderWay c -> requests.isUnderWay(c);
        case Command.Purge c -> requests.purge(c);
        case Command.GetStatus c -> requests.status(c);
        case Command.Await c -> requests.await(c);
        case Command.CancelAwait c -> orchestrations.waiters().forgetCancelled(c.instanceId());
        case Command.GetHistory c -> requests.history(c);
        case Command.Explain c -> {
          if (Entities.isEntity(c.instanceId())) {
            entityRequests.explain(c);
          } else {
            requests.explain(c);
          }
        }
        case Command.Audit c -> log.reply(c.reply(), liveness.look(c.instanceIds()));
        case Command.AuditWaits c -> log.reply(c.reply(), liveness.known(c.waits()));
        case Command.ListInMemory c -> log.reply(c.reply(), inMemory());
        case Command.Checkpoint c -> checkpoint.request(c.reply());
        case Command.RowsWritten c -> rowsWritten(c);
        case Command.RowsLost c -> {
          if (c.count() > rowLossesRecovered) {
            fail(new RowsLostException(index));
          }
        }
        case Command.Stop c -> stop(c);
      }
      handleOwnMessages();
      orchestrations.releaseAdmitted();
    } catch (RowsLostException e) {
      // As if the partition had heard of it before this command came.
      fail(e);
      handleWhileDown(command);
    } catch (RuntimeException | Error e) {
      // A request that changed nothing was refused, and that is all. Anything else may be half done
      // in memory, or would be lost with this command: only the log is to be believed.
      if (command instanceof Command.Request<?> request && log.position() == before) {
        log.refuse(request.reply(), e);
      } else {
        if (command instanceof Command.Request<?> request) {
          request.reply().completeExceptionally(e);
        }
        fail(e);
        LOG.log(
            System.Logger.Level.ERROR,
            "Partition " + index + ": " + command.getClass().getSimpleName() + " failed",
            e);
      }
    }
  }

  private List<String> inMemory() {
    List<String> ids = new ArrayList<>(orchestrations.residents().ids());
    ids.addAll(entities.residents().ids());
    return ids;
  }

  private void handleWhileDown(Command command) {
    if (command instanceof Command.Await c && !situation.stopping) {
      orchestrations.waiters().add(c); // asked again later
    } else if (command instanceof Command.CancelAwait c) {
      orchestrations.waiters().forgetCancelled(c.instanceId());
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
      activityResults.over(c.work());
    }
    if (command instanceof Command.EntityBatchWanted c) {
      c.then().run(); // nobody waits for it any more
    }
    if (command instanceof Command.StepEnded c && c.result().recorded() != null) {
      c.result().recorded().complete(null); // the step counts no more
    }
    // Everything else is done again once the partition has recovered.
  }

  /**
   * Messages to instances of this partition are part of the batch in which they were sent: they are
   * handled before it is closed.
   */
  private void handleOwnMessages() {
    mail.deliverOwn(this::handleMessage);
  }

  private void handleMessage(Message message) {
    switch (message) {
      case Message.StartChild m -> messages.startChild(m);
      case Message.ChildEnded m -> messages.childEnded(m);
      case Message.Event m -> messages.raiseEvent(m);
      case Message.TerminateChild m -> messages.terminateChild(m);
      case Message.TerminateOther m -> messages.terminateOther(m);
      case Message.RewindChild m -> messages.rewindChild(m);
      case Message.EntityAnswered m -> messages.entityAnswered(m);
      case Message.LocksGranted m -> messages.locksGranted(m);
      case Message.StartByEntity m -> messages.startByEntity(m);
      case Message.CallEntity m -> entityMessages.receive(m);
      case Message.LockEntity m -> entityMessages.lock(m);
      case Message.UnlockEntity m -> entityMessages.unlock(m);
      case Message.WithdrawLock m -> entityMessages.withdraw(m);
    }
  }

  // ---- time ---------------------------------------------------------------------------------

  /** Does what time asks for: timers, checkpoints, evictions. Returns whether there is more. */
  boolean tick(long now) {
    if (situation.mode() == LoopMode.LOOK) {
      return false;
    }
    if (now < tickedAt) {
      clockWentBack(tickedAt - now);
    }
    tickedAt = now;
    if (situation.down) {
      return false;
    }
    boolean more = false;
    try {
      if (takesTimers()) {
        more =
            orchestrations.sessions().bringIn(() -> fireTimers(now))
                || timers.fetch(now, (after, limit) -> store.scanTimers(index, after, limit));
      }
      if (activeScan.hasWork()) {
        more |= orchestrations.sessions().bringIn(activeScan::goOn);
      }
      more |= checkpoint.tick(now, log.position(), log.epoch(), this::partitionRow, mail.outbox());
      checkpoint.durable(log.durable());
      if (now - stepsCheckedAt >= 250) {
        stepsCheckedAt = now;
        orchestrations.sessions().check();
        entities.check();
      }
      handleOwnMessages();
      orchestrations.releaseAdmitted();
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "Partition " + index + " failed", e);
      fail(e);
    }
    return more;
  }

  /** What was to be done some time after now still is; timers go by what the clock says. */
  private void clockWentBack(long millis) {
    recoveryPause.clockWentBack(millis);
    situation.clockWentBack(millis);
    redeliveries.clockWentBack(millis);
    stepsCheckedAt -= millis;
    checkpoint.clockWentBack(millis);
  }

  /** Has operations of entities run; called when everything that has come was handled. */
  void runEntities() {
    if (!situation.down) {
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
      fail(e);
      LOG.log(System.Logger.Level.ERROR, "Partition " + index + " failed", e);
    }
  }

  /** When there is something to do next, in milliseconds since 1970. */
  long nextTickAt(long now) {
    if (situation.mode() == LoopMode.LOOK) {
      return Long.MAX_VALUE;
    }
    if (now < tickedAt) {
      return now; // the clock went back
    }
    if (situation.down) {
      return situation.stopping ? Long.MAX_VALUE : recoveryPause.endsAt();
    }
    if (activeScan.hasWork()) {
      return now;
    }
    long next = checkpoint.nextAt(now);
    if (!situation.stopping) {
      next = Math.min(next, redeliveries.nextAt());
    }
    if (takesTimers()) {
      next = Math.min(next, timers.nextAt());
    }
    next = Math.min(next, tickedAt + TICK_MILLIS_MAX);
    return orchestrations.sessions().isEmpty() && entities.isAtRest()
        ? next
        : Math.min(next, stepsCheckedAt + 250);
  }

  /**
   * Whether those that sleep may be brought in. After a crash they queue with what is handed out
   * again, maybe behind work that takes long. While that queue is full they wait as rows, but no
   * longer than they are suspected.
   */
  private boolean takesTimers() {
    return situation.mode() == LoopMode.RUN
        && orchestrations.sessions().hasRoom()
        && (redeliveries.hasRoom() || !situation.isSuspicious());
  }

  /** Returns whether more may be due. */
  private boolean fireTimers(long now) {
    if (situation.stopping) {
      return false;
    }
    for (int i = 0; i < TIMERS_AT_ONCE; i++) {
      TimerRow due = timers.takeDue(now);
      if (due == null) {
        return false;
      }
      if (Entities.isEntity(due.instanceId())) {
        entities.timerDue(due);
      } else {
        orchestrations.timerDue(due);
      }
    }
    return true;
  }

  // ---- checkpoints --------------------------------------------------------------------------

  private byte[] partitionRow() {
    // Where nothing is run, a crash before that is still what the next host must know of.
    boolean clean =
        situation.stopping && !(situation.mode() == LoopMode.RECORD && situation.crashed);
    return PartitionRow.encode(log.position(), clean, mail.outbox());
  }

  private void rowsWritten(Command.RowsWritten c) {
    if (c.batch().epoch() != log.epoch()) {
      return; // from before a recovery
    }
    if (c.failure() != null) {
      recoveryPause.rowsFailed();
      fail(c.failure());
      return;
    }
    if (c.batch().logStart() >= 0) { // all of a pass
      recoveryPause.rowsWritten();
    }
    for (Resident resident : c.batch().residents()) {
      resident.rowInFlight = false;
      switch (resident) {
        case ResidentOrchestration r -> orchestrations.written(r);
        case ResidentEntity e -> entities.written(e);
      }
    }
    checkpoint.written(c.batch(), config.clock().millis());
    if (stopReply != null && checkpoint.isIdle()) {
      if (checkpoint.hasChanges()) {
        checkpoint.hurry(); // such as an acknowledgement that came since; nobody waits for the time
      } else {
        stopReply.complete(null);
        stopReply = null;
      }
    }
  }

  private void stop(Command.Stop c) {
    situation.stopping = true;
    HubClosedException closed =
        new HubClosedException("The hub was closed. The instance goes on when it is opened again.");
    orchestrations
        .waiters()
        .takeAll()
        .forEach(waiter -> waiter.reply().completeExceptionally(closed));
    orchestrations.closeSessions();
    entities.abandonRunning();
    if (situation.down) {
      c.reply().complete(null);
      return;
    }
    stopReply = c.reply();
    checkpoint.partitionChanged();
    checkpoint.hurry();
  }

  // ---- recovery -----------------------------------------------------------------------------

  /**
   * Drops the memory; only the store is to be believed. It says so at the end: whatever else goes
   * wrong, what was half done must not be committed.
   */
  private void fail(Throwable reason) {
    situation.down = true;
    downReason = reason;
    recoveryPause.begin();
    HubClosedException unknown = unknownOutcome(reason);
    log.abandonOpen(unknown);
    mail.clear();
    checkpoint.clear(unknown);
    orchestrations.clear();
    entities.clear();
    timers.clear();
    redeliveries.clear();
    if (stopReply != null) {
      stopReply.complete(null);
      stopReply = null;
    }
    LOG.log(
        System.Logger.Level.ERROR,
        "Partition {0} drops its memory and recovers: {1}",
        index,
        reason.toString());
  }

  /**
   * A recovery under way.
   *
   * @param epoch under which the partition was taken
   * @param state has its rows, and is to be shown its log
   */
  record Recovery(long epoch, StateReader state) {}

  /**
   * Whether it has dropped its memory and is to recover.
   *
   * @param by in milliseconds since 1970
   */
  boolean isToRecover(long by) {
    return situation.down
        && !situation.stopping
        && situation.mode() != LoopMode.LOOK
        && recoveryPause.endsAt() <= by;
  }

  /** Takes the partition and reads its rows. */
  Recovery beginRecovery() {
    long epoch = situation.mode() == LoopMode.LOOK ? 0 : store.acquire(index, options.hostName());
    rowLossesRecovered = rowLosses.get();
    mail.outbox().clear();
    StateReader state =
        new StateReader(
            index,
            store,
            orchestrations.residents(),
            entities.residents(),
            mail.outbox(),
            checkpoint);
    state.readRows();
    return new Recovery(epoch, state);
  }

  /** Forgets what was read so far, and says so; it is tried again later. */
  void recoveryFailedAgain(Throwable reason) {
    recoveryFailed(reason);
    if (recoveryPause.isLongest()
        || !(reason instanceof RuntimeException)
        || reason instanceof StoreException) {
      LOG.log(System.Logger.Level.ERROR, "Partition " + index + " cannot recover yet", reason);
    }
  }

  /** Forgets what was read so far; it is tried again later. */
  void recoveryFailed(Throwable reason) {
    downReason = reason;
    recoveryPause.begin();
    orchestrations.residents().clear();
    entities.clear();
    checkpoint.clear(reason); // it knows what was read so far
  }

  /** Takes up what was under way, once the log was shown. */
  void endRecovery(Recovery recovery) {
    StateReader.Found found = recovery.state().found();
    log.reset(recovery.epoch(), found.lastPosition());
    situation.recovered(found.crashed());
    situation.down = false;
    downReason = null;
    if (situation.mode() == LoopMode.LOOK) {
      return;
    }
    checkpoint.logged(found.logBytes());
    try {
      if (situation.mode() == LoopMode.RUN) {
        activeScan.begin();
        log.entry(LogEntry.OPENED);
        checkpoint.partitionChanged();
        orchestrations.takeUp();
        entities.takeUp();
      }
      deliverMessages();
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "Partition " + index + " failed while it recovered", e);
      fail(e);
    }
  }

  private void deliverMessages() {
    for (int other = 0; other < partitions; other++) {
      if (other != index) {
        mail.resend(other);
        host.post(other, new Command.Resend(index));
      }
    }
    handleOwnMessages();
    orchestrations.waiters().takeAll().forEach(waiter -> host.post(index, waiter));
  }

  /** Rows were lost; returns how often that has happened. On any thread. */
  int countRowsLost() {
    return rowLosses.incrementAndGet();
  }

  // ---- figures ------------------------------------------------------------------------------

  /** Whether nothing happens here until a timer is due or something comes from outside. */
  boolean isAtRest(long now) {
    return !situation.down
        && !log.hasOpenBatch()
        && orchestrations.sessions().isAtRest()
        && entities.isAtRest()
        && mail.isAtRest()
        && !activeScan.hasWork()
        && timers.nextAt() > now;
  }

  /** When the next timer is due, in milliseconds since 1970; the largest number for none. */
  long nextTimerAt() {
    return timers.earliest((after, limit) -> store.scanTimers(index, after, limit));
  }

  @Nullable Throwable downReason() {
    return downReason;
  }

  // ---- for tests ----------------------------------------------------------------------------

  boolean isDown() {
    return situation.down;
  }

  TimerQueue timers() {
    return timers;
  }

  @Nullable ResidentOrchestration resident(String id) {
    return orchestrations.residents().get(id);
  }

  @Nullable ResidentEntity residentEntity(String id) {
    return entities.residents().get(id);
  }
}
