package dev.perdure.engine.partition;

import dev.perdure.api.EntityId;
import dev.perdure.api.FailureDetails;
import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.engine.entity.EntityBatch;
import dev.perdure.engine.entity.EntityCodec;
import dev.perdure.engine.entity.EntityEvent;
import dev.perdure.engine.entity.EntityEvent.BatchCompleted;
import dev.perdure.engine.entity.EntityEvent.BatchRedelivered;
import dev.perdure.engine.entity.EntityEvent.EntityRequeued;
import dev.perdure.engine.entity.EntityEvent.EntitySetAside;
import dev.perdure.engine.entity.EntityEvent.LockAcquired;
import dev.perdure.engine.entity.EntityEvent.LockReleased;
import dev.perdure.engine.entity.EntityEvent.RequestReceived;
import dev.perdure.engine.entity.EntityEvent.SignalDue;
import dev.perdure.engine.entity.EntityEvent.SignalScheduled;
import dev.perdure.engine.entity.EntityEvent.WithdrawnLockPassed;
import dev.perdure.engine.entity.EntityRequest.LockRequest;
import dev.perdure.engine.entity.EntityRequest.Operation;
import dev.perdure.engine.entity.EntityState.ScheduledSignal;
import dev.perdure.engine.entity.EntityWork;
import dev.perdure.engine.entity.RunningBatch;
import dev.perdure.engine.entity.TaskAddress;
import dev.perdure.engine.orchestrator.SessionConfig;
import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.Store;
import dev.perdure.store.TimerRow;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The entities of a partition: takes what is sent to them, has their operations run, one batch at a
 * time for each, and passes locks on. Used by the partition's thread only.
 *
 * <p>Operations run as soon as they are there in memory, possibly before it is durable that they
 * came. What they lead to is recorded after that, and noticed by nobody before both are durable.
 */
final class Entities {
  private static final System.Logger LOG = System.getLogger("dev.perdure.entity");

  /** Operations of one batch; more make a larger commit and save nothing. */
  private static final int OPERATIONS_AT_ONCE = 1_000;

  /** The most bytes that workers elsewhere are sent together; many take messages of 4 MiB. */
  private static final long REMOTE_BATCH_BYTES_MAX = 3 << 20;

  /** Entities that may wait for their turn before recovery looks at further ones. */
  private static final int RECOVERED_AHEAD_MAX = 2_560;

  /** Bytes that may wait for their turn before it does. */
  private static final long RECOVERED_AHEAD_BYTES_MAX = 8 << 20;

  private final int partition;
  private final Store store;
  private final SessionConfig config;
  private final PartitionHost host;
  private final Situation situation;
  private final PartitionLog log;
  private final Checkpoint checkpoint;
  private final Mail mail;
  private final RedeliveryQueue redeliveries;
  private final TimerQueue timers;
  private final StepWatch watch;
  private final Encoder scratch = new Encoder(1 << 10);
  private final int batchesMax;
  private final EntityResidents residents;
  private final Deque<ResidentEntity> ready = new ArrayDeque<>();
  private long readyBytes;

  Entities(Common common) {
    this.partition = common.index();
    this.store = common.store();
    this.config = common.config();
    this.host = common.host();
    this.situation = common.situation();
    this.log = common.log();
    this.checkpoint = common.checkpoint();
    this.mail = common.mail();
    this.redeliveries = common.redeliveries();
    this.timers = common.timers();
    EngineOptions options = common.options();
    this.watch = new StepWatch(options.stepWarning(), config.nanoTime());
    this.batchesMax = Math.ceilDiv(options.entityBatchesMax(), store.partitions());
    this.residents =
        new EntityResidents(
            partition,
            store,
            config.clock(),
            options.warmOrchestrationsMax() / store.partitions(),
            options.warmIdle().toMillis());
  }

  // ---- in memory ----------------------------------------------------------------------------

  EntityResidents residents() {
    return residents;
  }

  /**
   * An entity, made if there is none; null if what is stored of it cannot be read. One damaged row
   * must not keep a whole partition from its work.
   */
  @Nullable ResidentEntity findReadableOrNew(String id) {
    try {
      return residents.findOrNew(id);
    } catch (CorruptStoreException | IllegalStateException unreadable) {
      UnreadableRows.report(id, unreadable);
      return null;
    }
  }

  /** Forgets everything, whatever runs. */
  void clear() {
    abandonRunning();
    residents.clear();
    ready.clear();
    readyBytes = 0;
    watch.clear();
  }

  /** Whatever runs is not waited for any more. */
  void abandonRunning() {
    for (ResidentEntity e : residents.all()) {
      if (e.running != null) {
        over(e);
      }
    }
    residents.abandonWaiting();
  }

  /** Whether nothing runs and nothing waits to run. */
  boolean isAtRest() {
    return watch.isEmpty() && ready.isEmpty();
  }

  /** Looks after operations that take long, and after memory. */
  void check() {
    watch.check();
    residents.evict();
  }

  // ---- transitions --------------------------------------------------------------------------

  /** Records an event of an entity: the only way an entity changes. */
  void record(ResidentEntity e, EntityEvent event) {
    scratch.clear();
    EntityCodec.write(scratch, event);
    Encoder entry = log.entry(LogEntry.ENTITY);
    entry.text(e.id());
    entry.number(scratch.size());
    entry.raw(scratch.array(), 0, scratch.size());
    e.state.apply(event, log.position());
    e.lastUsedMillis = event.timestamp().toEpochMilli();
    checkpoint.changed(e);
  }

  /** Does what is possible: passes locks on, and has operations run. */
  void advance(ResidentEntity e) {
    if (e.running != null) {
      return; // its end leads here again
    }
    try {
      while (!e.state.hasOperationsAhead()
          && e.state.lockOwner() == null
          && e.state.head(residents.rows(e.id())) instanceof LockRequest request) {
        passLock(e, request);
      }
      if (canRun(e) && !e.queued && !e.repeating) {
        e.queued = true;
        e.readyBytes = e.bytes();
        readyBytes += e.readyBytes;
        ready.add(e);
      }
    } catch (CorruptStoreException | IllegalStateException unreadable) {
      queueUnreadable(e, unreadable);
    }
  }

  private boolean canRun(ResidentEntity e) {
    return e.state.problem() == null && e.state.hasOperationsToRun(residents.rows(e.id()));
  }

  /** Whether operations can run; if what waits cannot be read, the entity is set aside. */
  private boolean canRunReadable(ResidentEntity e) {
    try {
      return canRun(e);
    } catch (CorruptStoreException | IllegalStateException unreadable) {
      queueUnreadable(e, unreadable);
      return false;
    }
  }

  private void queueUnreadable(ResidentEntity e, RuntimeException cause) {
    if (e.state.problem() == null) {
      setAside(
          e,
          new Problem(
              Problem.Kind.UNREADABLE,
              ("Entity '%s': its queue of operations cannot be read: %s. Nothing was changed. It is"
                      + " tried again at the next start; restore the hub from a back-up, or purge the"
                      + " entity.")
                  .formatted(e.id(), cause)));
    }
  }

  // ---- operations ---------------------------------------------------------------------------

  /** An operation has come: it runs when it is its turn, or when its time has come. */
  void receive(
      ResidentEntity e,
      String name,
      @Nullable Payload input,
      @Nullable TaskAddress caller,
      @Nullable Instant at) {
    Instant now = config.now();
    Operation operation = new Operation(now.toEpochMilli(), name, input, caller);
    if (at != null && at.isAfter(now)) {
      int number = e.state.nextSignalNumber();
      record(e, new SignalScheduled(now, number, operation, at));
      setTimer(e, number);
      return;
    }
    record(e, new RequestReceived(now, operation, e.state.isFromLockOwner(operation)));
    advance(e);
  }

  private void setTimer(ResidentEntity e, int number) {
    ScheduledSignal signal = e.state.scheduledSignal(number);
    if (signal != null) {
      timers.add(e.timerRow(signal));
    }
  }

  /** The time of a scheduled signal has come. */
  void timerDue(TimerRow due) {
    ResidentEntity e = findReadableOrNew(due.instanceId());
    if (e == null) {
      return;
    }
    ScheduledSignal signal = e.state.scheduledSignal(due.taskId());
    if (signal != null && signal.dueAt() == due.dueAt()) {
      boolean ahead = e.state.isFromLockOwner(signal.operation());
      record(e, new SignalDue(config.now(), due.taskId(), ahead));
      advance(e);
    }
  }

  // ---- running ------------------------------------------------------------------------------

  /** Has operations run of entities whose turn it is. */
  void beginReady() {
    while (situation.takesSteps()) {
      ResidentEntity e = ready.peek();
      if (e == null || (watch.running() >= batchesMax && !isRemote(e))) {
        break;
      }
      ready.remove();
      readyBytes -= e.readyBytes;
      e.queued = false;
      if (residents.holds(e) && e.running == null && canRunReadable(e)) {
        begin(e);
      }
      if (residents.hasReadMuch()) {
        residents.evict();
      }
    }
  }

  private boolean isRemote(ResidentEntity e) {
    return config.isRemoteEntity(EntityId.parse(e.id()).name());
  }

  private void begin(ResidentEntity e) {
    boolean remote = isRemote(e);
    if (!e.proved && !e.runningAgain && !remote && situation.isSuspicious()) {
      e.repeating = true;
      redeliveries.addEntity(e.id());
      return;
    }
    EntityWork work;
    try {
      work = nextWork(e, remote);
    } catch (CorruptStoreException | IllegalStateException unreadable) {
      if (e.runningAgain) {
        e.runningAgain = false;
        redeliveries.ended(RedeliveryQueue.Work.entity(e.id()));
      }
      queueUnreadable(e, unreadable);
      return;
    }
    e.runningAhead = e.state.hasOperationsAhead();
    e.runningElsewhere = remote;
    e.running = host.run(work);
    if (remote) { // counted once they have begun: there may be no thread for them
      residents.hasRead(e);
    } else {
      host.stepping(1);
      watch.began(e);
    }
  }

  private EntityWork nextWork(ResidentEntity e, boolean remote) {
    List<Operation> operations =
        e.state.nextOperations(
            OPERATIONS_AT_ONCE,
            remote ? REMOTE_BATCH_BYTES_MAX : Long.MAX_VALUE,
            residents.rows(e.id()));
    return new EntityWork(partition, e.state.id(), e.state.state(), operations, config.now());
  }

  /** A worker has been found for operations that were forgotten while they waited for one. */
  void remember(Command.EntityBatchWanted c) {
    try {
      if (!c.batch().isAbandoned()) {
        remember(c.batch());
      }
    } finally {
      c.then().run(); // whatever happens: the worker keeps room for them
    }
  }

  private void remember(RunningBatch batch) {
    String id = batch.entity().instanceId();
    ResidentEntity e;
    try {
      e = residents.find(id);
    } catch (CorruptStoreException | IllegalStateException unreadable) {
      UnreadableRows.report(id, unreadable);
      residents.abandonWaiting(id);
      return;
    }
    if (e == null || !batch.equals(e.running)) {
      batch.abandon();
      return;
    }
    try {
      batch.remember(nextWork(e, true));
    } catch (CorruptStoreException | IllegalStateException unreadable) {
      over(e);
      queueUnreadable(e, unreadable);
    }
  }

  /** What ran has ended, or is not waited for any more. */
  void over(ResidentEntity e) {
    RunningBatch batch = e.running;
    if (batch != null) {
      batch.abandon();
    }
    e.running = null;
    if (!e.runningElsewhere) {
      host.stepping(-1);
      watch.ended(e);
    }
    if (e.runningAgain) {
      e.runningAgain = false;
      redeliveries.ended(RedeliveryQueue.Work.entity(e.id()));
    }
  }

  /** Operations have run. */
  void ended(Command.EntityBatchEnded c) {
    ResidentEntity e = residents.get(c.batch().entity().instanceId());
    if (e == null || !c.batch().equals(e.running)) {
      return; // given up meanwhile
    }
    boolean ahead = e.runningAhead;
    over(e);
    switch (c.outcome()) {
      case EntityBatch.Stuck(Problem problem) -> setAside(e, problem);
      case EntityBatch.Completed outcome -> {
        e.proved = true;
        completed(e, c.batch().work().operations(), ahead, outcome);
        advance(e);
      }
    }
  }

  private void completed(
      ResidentEntity e, List<Operation> operations, boolean ahead, EntityBatch.Completed outcome) {
    List<EntityBatch.Result> results = outcome.results();
    record(e, new BatchCompleted(config.now(), results.size(), ahead, outcome.change()));
    int failed = 0;
    FailureDetails firstFailure = null;
    String firstFailed = "";
    for (int i = 0; i < results.size(); i++) {
      EntityBatch.Result result = results.get(i);
      Operation operation = operations.get(i);
      if (operation.caller() != null) {
        mail.send(
            new Message.EntityAnswered(operation.caller(), result.result(), result.failure()));
      } else if (result.failure() != null) {
        if (failed++ == 0) {
          firstFailure = result.failure();
          firstFailed = operation.name();
        }
      }
    }
    for (EntityBatch.Action action : outcome.actions()) {
      mail.send(
          switch (action) {
            case EntityBatch.Action.Signal a ->
                new Message.CallEntity(a.entityId(), a.operation(), a.input(), null, a.at());
            case EntityBatch.Action.Start a ->
                new Message.StartByEntity(
                    a.instanceId(),
                    a.name(),
                    a.version(),
                    a.input(),
                    a.tags(),
                    a.scheduledStart(),
                    a.traceContext());
          });
    }
    if (firstFailure != null) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Entity ''{0}'': signaled operation ''{1}'' failed, and nobody waits for it: {2}{3}",
          e.id(),
          firstFailed,
          firstFailure,
          failed == 1 ? "" : " (and " + (failed - 1) + " more signals of this batch)");
    }
  }

  private void setAside(ResidentEntity e, Problem problem) {
    LOG.log(System.Logger.Level.ERROR, "Set aside: {0}", problem.message());
    record(e, new EntitySetAside(config.now(), problem));
    advance(e); // locks do not need code
  }

  // ---- after a crash ------------------------------------------------------------------------

  /** Takes up all entities that recovery has read. */
  void takeUp() {
    List.copyOf(residents.all()).forEach(this::kick);
  }

  /** Takes up an entity that recovery has found. */
  private void kick(ResidentEntity e) {
    e.takenUp = true;
    for (ScheduledSignal signal : e.state.scheduledSignals()) {
      if (!signal.stored()) {
        timers.add(e.timerRow(signal));
      }
    }
    Problem problem = e.state.problem();
    if (problem != null && problem.kind() != Problem.Kind.POISON && !situation.started) {
      record(e, new EntityRequeued(config.now(), "the host was started"));
    }
    advance(e);
  }

  /** Whether there is room for further entities that recovery finds. */
  boolean hasRoom() {
    return ready.size() < RECOVERED_AHEAD_MAX && readyBytes < RECOVERED_AHEAD_BYTES_MAX;
  }

  /**
   * Takes up an entity that recovery has to look at. Somebody may have looked at it, and so brought
   * it into memory, before its turn came.
   */
  void recover(String id, Function<String, InstanceRow> rows) {
    if (residents.isWaiting(id)) {
      return; // the log had told of it, and it has been forgotten since
    }
    ResidentEntity e = residents.get(id);
    if (e == null) {
      e = residents.read(rows.apply(id));
    }
    if (!e.takenUp) {
      kick(e);
    }
  }

  /**
   * Runs operations that may have been under way when a host died, unless that has happened too
   * often. Returns whether they are about to run; {@link RedeliveryQueue#ended} is called in the
   * end.
   */
  boolean repeat(String entityId, int timesMax) {
    ResidentEntity e = residents.get(entityId);
    if (e == null) {
      return false;
    }
    if (e.running != null || !canRunReadable(e)) {
      e.repeating = false;
      return false;
    }
    RedeliveryQueue.Work batch = RedeliveryQueue.Work.entity(entityId);
    if (!redeliveries.isCounted(batch)) {
      int count = e.state.redeliveries() + 1;
      if (count > timesMax) {
        e.repeating = false;
        setAside(e, poison(entityId, timesMax));
        return false;
      }
      record(e, new BatchRedelivered(config.now(), count));
    }
    log.whenDurable(
        () -> {
          redeliveries.counted(batch);
          e.repeating = false;
          if (residents.holds(e)
              && e.running == null
              && situation.takesSteps()
              && canRunReadable(e)) {
            e.runningAgain = true;
            begin(e);
          } else {
            redeliveries.ended(batch);
          }
        });
    return true;
  }

  private static Problem poison(String entityId, int timesMax) {
    return new Problem(
        Problem.Kind.POISON,
        ("Entity '%s': its operations were under way each of the last %d times a host died, and"
                + " may have killed it. They are not tried again. Find out what the first of"
                + " them does, then requeue or purge the entity.")
            .formatted(entityId, timesMax));
  }

  // ---- locks --------------------------------------------------------------------------------

  private void passLock(ResidentEntity e, LockRequest request) {
    if (!e.state.isLockWanted(request.owner())) {
      record(e, new WithdrawnLockPassed(config.now()));
      return;
    }
    record(e, new LockAcquired(config.now(), request.owner()));
    int next = request.position() + 1;
    mail.send(
        next < request.lockSet().size()
            ? new Message.LockEntity(request.owner(), request.lockSet(), next)
            : new Message.LocksGranted(request.owner()));
  }

  /** Releases a lock. Returns whether it was held by that owner. */
  boolean release(ResidentEntity e, TaskAddress lockOwner) {
    if (!lockOwner.equals(e.state.lockOwner())) {
      return false;
    }
    record(e, new LockReleased(config.now()));
    advance(e);
    return true;
  }

  // ---- rows ---------------------------------------------------------------------------------

  /** The rows of an entity have been written. */
  void written(ResidentEntity e) {
    e.state.written();
    for (ScheduledSignal signal : e.state.scheduledSignals()) {
      if (signal.stored()) {
        timers.stored(e.timerRow(signal));
      }
    }
    residents.written(e);
  }

  /** Whether an id is that of an entity. */
  static boolean isEntity(String instanceId) {
    return EntityId.isEntityId(instanceId);
  }
}
