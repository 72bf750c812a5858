package dev.perdure.engine.entity;

import dev.perdure.api.EntityId;
import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.engine.codec.HistoryCodec;
import dev.perdure.engine.entity.EntityEvent.BatchCompleted;
import dev.perdure.engine.entity.EntityEvent.BatchRedelivered;
import dev.perdure.engine.entity.EntityEvent.EntityPurged;
import dev.perdure.engine.entity.EntityEvent.EntityRequeued;
import dev.perdure.engine.entity.EntityEvent.EntitySetAside;
import dev.perdure.engine.entity.EntityEvent.LockAcquired;
import dev.perdure.engine.entity.EntityEvent.LockReleased;
import dev.perdure.engine.entity.EntityEvent.LockWithdrawn;
import dev.perdure.engine.entity.EntityEvent.RequestReceived;
import dev.perdure.engine.entity.EntityEvent.SignalDue;
import dev.perdure.engine.entity.EntityEvent.SignalScheduled;
import dev.perdure.engine.entity.EntityEvent.StateChange;
import dev.perdure.engine.entity.EntityEvent.WithdrawnLockPassed;
import dev.perdure.engine.entity.EntityRequest.LockRequest;
import dev.perdure.engine.entity.EntityRequest.Operation;
import dev.perdure.store.RowBatch;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One entity: its state, its lock, and what waits. {@link #apply} is the only way it changes.
 *
 * <p>An entity with nothing left is forgotten together with its row, and recovery may then find the
 * last part of its log without what came before. Applied to an entity that has nothing, those
 * events lead to nothing again: each says all it means, and takes away no more than there is.
 *
 * <p>Used by the thread of its partition only.
 */
public final class EntityState {
  private static final int FORMAT = 1;

  private final EntityId id;
  private final String instanceId;

  private long createdAt;
  private long modifiedAt;
  private @Nullable Payload state;
  private @Nullable TaskAddress lockOwner;
  private long lockedAt;
  private @Nullable Problem problem;
  private int redeliveries;

  private final OperationQueue queue = new OperationQueue();
  private final Deque<Operation> ahead = new ArrayDeque<>(0);
  private final Map<TaskAddress, Long> lockRequests = new LinkedHashMap<>(0);
  private final TreeMap<Integer, ScheduledSignal> scheduled = new TreeMap<>();

  /** The log position up to which this state is true; -1 before the first event. */
  private long position = -1;

  private final List<ScheduledSignal> staleTimers = new ArrayList<>(0);

  /** An operation that is to run later; most are signals. */
  public static final class ScheduledSignal {
    private final int number;
    private final long dueAt;
    private final Operation operation;
    private boolean stored;

    private ScheduledSignal(int number, long dueAt, Operation operation, boolean stored) {
      this.number = number;
      this.dueAt = dueAt;
      this.operation = operation;
      this.stored = stored;
    }

    /** Tells it from others of the entity. */
    public int number() {
      return number;
    }

    /** When it is due, in milliseconds since 1970. */
    public long dueAt() {
      return dueAt;
    }

    /** What is to run. */
    public Operation operation() {
      return operation;
    }

    /** Whether the store has a row for its timer. */
    public boolean stored() {
      return stored;
    }

    /** Says that the store has a row for its timer. */
    public void markStored() {
      stored = true;
    }
  }

  /** An entity that nobody has heard of. */
  public EntityState(String instanceId) {
    this.instanceId = instanceId;
    this.id = EntityId.parse(instanceId);
  }

  // ---- events -------------------------------------------------------------------------------

  /**
   * Takes an event into account.
   *
   * @param at the log position of the event
   */
  public void apply(EntityEvent event, long at) {
    if (isEmpty()) {
      createdAt = event.timestamp().toEpochMilli();
      modifiedAt = createdAt;
    }
    position = at;
    switch (event) {
      case RequestReceived e -> received(e);
      case SignalScheduled e ->
          scheduled.put(
              e.number(),
              new ScheduledSignal(e.number(), e.dueAt().toEpochMilli(), e.operation(), false));
      case SignalDue e -> {
        ScheduledSignal due = scheduled.remove(e.number());
        if (due != null) {
          forgetTimer(due);
          if (e.ahead()) {
            ahead.add(due.operation());
          } else {
            queue.add(due.operation());
          }
        }
      }
      case BatchCompleted e -> completed(e);
      case LockAcquired e -> {
        queue.remove(1);
        lockRequests.remove(e.owner());
        lockOwner = e.owner();
        lockedAt = e.timestamp().toEpochMilli();
      }
      case LockReleased e -> lockOwner = null;
      case LockWithdrawn e -> lockRequests.remove(e.owner());
      case WithdrawnLockPassed e -> queue.remove(1);
      case EntitySetAside e -> problem = e.problem();
      case EntityRequeued e -> {
        problem = null;
        redeliveries = 0;
      }
      case BatchRedelivered e -> redeliveries = e.count();
      case EntityPurged e -> purged(e);
    }
  }

  private void received(RequestReceived e) {
    switch (e.request()) {
      case Operation operation -> {
        if (e.ahead()) {
          ahead.add(operation);
        } else {
          queue.add(operation);
        }
      }
      case LockRequest request -> {
        lockRequests.put(request.owner(), request.since());
        queue.add(request);
      }
    }
  }

  private void completed(BatchCompleted e) {
    if (e.ahead()) {
      for (int i = 0; i < e.operations(); i++) {
        ahead.poll();
      }
    } else {
      queue.remove(e.operations());
    }
    switch (e.change()) {
      case StateChange.Unchanged c -> {}
      case StateChange.Deleted c -> state = null;
      case StateChange.Replaced c -> state = c.state();
    }
    modifiedAt = e.timestamp().toEpochMilli();
    redeliveries = 0;
  }

  private void purged(EntityPurged e) {
    state = null;
    problem = null;
    redeliveries = 0;
    ahead.clear();
    queue.clear();
    scheduled.values().forEach(this::forgetTimer);
    scheduled.clear();
    e.kept().forEach(queue::add);
    // Usually all of them are kept. Those in a queue that cannot be read are gone.
    Set<TaskAddress> kept = e.kept().stream().map(LockRequest::owner).collect(Collectors.toSet());
    lockRequests.keySet().retainAll(kept);
  }

  private void forgetTimer(ScheduledSignal signal) {
    if (signal.stored()) {
      staleTimers.add(signal);
    }
  }

  // ---- questions ----------------------------------------------------------------------------

  /** Whether nothing is left of it: no state, no lock, and nothing waits. */
  public boolean isEmpty() {
    return state == null
        && lockOwner == null
        && problem == null
        && queue.isEmpty()
        && ahead.isEmpty()
        && scheduled.isEmpty();
  }

  /**
   * Whether nothing happens to it by itself: nothing waits and no lock is held, or it is set aside.
   */
  public boolean isAtRest() {
    return problem != null || (waiting() == 0 && lockOwner == null);
  }

  /** Whether there are operations whose turn it is, as long as code can run. */
  public boolean hasOperationsToRun(LongFunction<byte[]> rows) {
    return !ahead.isEmpty() || (lockOwner == null && head(rows) instanceof Operation);
  }

  /** What waits at the head of the queue; null if nothing does. */
  public @Nullable EntityRequest head(LongFunction<byte[]> rows) {
    if (queue.isEmpty()) {
      return null;
    }
    return queue.first(1, rows).getFirst();
  }

  /** Whether operations go before the others, since whoever holds the lock has sent them. */
  public boolean hasOperationsAhead() {
    return !ahead.isEmpty();
  }

  /**
   * The operations that run next, together.
   *
   * @param most at most so many
   * @param bytesMax bytes of the state and all inputs together, unless it is one operation
   */
  public List<Operation> nextOperations(int most, long bytesMax, LongFunction<byte[]> rows) {
    List<Operation> next = new ArrayList<>();
    if (ahead.isEmpty() && lockOwner != null) {
      return next;
    }
    long bytes = bytes(state);
    for (EntityRequest request : ahead.isEmpty() ? queue.first(most, rows) : ahead) {
      if (next.size() == most || !(request instanceof Operation operation)) {
        break;
      }
      bytes += bytes(operation.input());
      if (!next.isEmpty() && bytes > bytesMax) {
        break;
      }
      next.add(operation);
    }
    return next;
  }

  private static int bytes(@Nullable Payload payload) {
    return payload == null ? 0 : payload.size();
  }

  /** Calls back for everything in the queue; what goes before it is not in it. */
  public void forEachInQueue(LongFunction<byte[]> rows, Consumer<EntityRequest> action) {
    queue.forEach(rows, action);
  }

  /**
   * Whether an operation waits that a task waits for.
   *
   * @param most how many of the queue are looked at; in what is behind them it is taken to be
   */
  public boolean mayHoldOperationOf(TaskAddress caller, int most, LongFunction<byte[]> rows) {
    return ahead.stream().anyMatch(operation -> caller.equals(operation.caller()))
        || scheduled.values().stream().anyMatch(s -> caller.equals(s.operation().caller()))
        || queue.anyMatch(
            most,
            rows,
            request -> request instanceof Operation o && caller.equals(o.caller()),
            true);
  }

  /** Operations that go before the others. */
  public Collection<Operation> operationsAhead() {
    return ahead;
  }

  /**
   * Whether work is under way that only the memory of a host knows: after a crash, recovery has to
   * look at this entity. Timers and messages come by themselves.
   */
  public boolean isActive() {
    return problem != null || !ahead.isEmpty() || (lockOwner == null && !queue.isEmpty());
  }

  /** Whether an operation comes from whoever holds the lock, and is called. */
  public boolean isFromLockOwner(Operation operation) {
    return lockOwner != null
        && operation.caller() != null
        && operation.caller().isOfSameExecution(lockOwner);
  }

  /** Whether a lock request waits and has not been withdrawn. */
  public boolean isLockWanted(TaskAddress owner) {
    return lockRequests.containsKey(owner);
  }

  /** A number for the next scheduled signal. */
  public int nextSignalNumber() {
    return scheduled.isEmpty() ? 0 : scheduled.lastKey() + 1;
  }

  /** A scheduled signal; null if there is none of that number. */
  public @Nullable ScheduledSignal scheduledSignal(int number) {
    return scheduled.get(number);
  }

  /** The scheduled signals, in the order in which they came. */
  public Collection<ScheduledSignal> scheduledSignals() {
    return scheduled.values();
  }

  /** The entity. */
  public EntityId id() {
    return id;
  }

  /** The entity, as an instance id. */
  public String instanceId() {
    return instanceId;
  }

  /** Milliseconds since 1970. */
  public long createdAt() {
    return createdAt;
  }

  /** When operations last ran, in milliseconds since 1970. */
  public long modifiedAt() {
    return modifiedAt;
  }

  /** The state; null for none. */
  public @Nullable Payload state() {
    return state;
  }

  /** About how many bytes of memory it takes that its rows have too: state, and operations. */
  public long bytesInMemory() {
    long bytes = bytes(state) + queue.headBytes();
    for (Operation operation : ahead) {
      bytes += bytes(operation.input());
    }
    return bytes;
  }

  /** The task that holds the lock; null if none does. */
  public @Nullable TaskAddress lockOwner() {
    return lockOwner;
  }

  /** When the lock was taken, in milliseconds since 1970. */
  public long lockedAt() {
    return lockedAt;
  }

  /** Lock requests that wait and when each came, in the order in which they came. */
  public Map<TaskAddress, Long> lockRequests() {
    return lockRequests;
  }

  /** How many operations and lock requests wait, scheduled ones included. */
  public long waiting() {
    return queue.size() + ahead.size() + scheduled.size();
  }

  /** Why it was set aside; null if it was not. */
  public @Nullable Problem problem() {
    return problem;
  }

  /** How often operations were under way when a host died. */
  public int redeliveries() {
    return redeliveries;
  }

  /** The log position up to which this state is true. */
  public long position() {
    return position;
  }

  // ---- stored form --------------------------------------------------------------------------

  /** Adds rows for what the state refers to, and deletes those that it does not any more. */
  public void checkpoint(RowBatch rows) {
    queue.checkpoint(rows, instanceId);
  }

  /** The rows of the last {@link #checkpoint} have been written. */
  public void written() {
    queue.written();
  }

  /** Scheduled signals whose timers have rows in the store but are not set any more. */
  public List<ScheduledSignal> takeStaleTimers() {
    if (staleTimers.isEmpty()) {
      return List.of();
    }
    List<ScheduledSignal> taken = List.copyOf(staleTimers);
    staleTimers.clear();
    return taken;
  }

  /** Appends the state. Timers are written as stored: their rows go with the state. */
  public void write(Encoder out) {
    out.tag(FORMAT);
    out.number(createdAt);
    out.number(modifiedAt);
    out.payload(state);
    out.bool(lockOwner != null);
    if (lockOwner != null) {
      lockOwner.write(out);
      out.number(lockedAt);
    }
    out.bool(problem != null);
    if (problem != null) {
      HistoryCodec.problem(out, problem);
    }
    out.number(redeliveries);
    queue.write(out);
    out.number(ahead.size());
    ahead.forEach(operation -> EntityCodec.write(out, operation));
    out.number(lockRequests.size());
    lockRequests.forEach(
        (owner, since) -> {
          owner.write(out);
          out.number(since);
        });
    out.number(scheduled.size());
    for (ScheduledSignal signal : scheduled.values()) {
      out.number(signal.number());
      out.number(signal.dueAt());
      EntityCodec.write(out, signal.operation());
    }
  }

  /**
   * Reads a state.
   *
   * @param position the log position up to which it is true
   */
  public static EntityState read(String instanceId, long position, Decoder in) {
    int format = in.tag();
    if (format != FORMAT) {
      throw new IllegalStateException(
          ("Entity '%s' is stored in format %d, which this version of Perdure does not know. Use the"
                  + " version that wrote it, or a newer one.")
              .formatted(instanceId, format));
    }
    EntityState entity = new EntityState(instanceId);
    entity.createdAt = in.number();
    entity.modifiedAt = in.number();
    entity.state = in.payload();
    if (in.bool()) {
      entity.lockOwner = TaskAddress.read(in);
      entity.lockedAt = in.number();
    }
    if (in.bool()) {
      entity.problem = HistoryCodec.problem(in);
    }
    entity.redeliveries = in.integer();
    entity.queue.read(in);
    int operationsAhead = in.integer();
    for (int i = 0; i < operationsAhead; i++) {
      entity.ahead.add(EntityCodec.readOperation(in));
    }
    int requests = in.integer();
    for (int i = 0; i < requests; i++) {
      entity.lockRequests.put(TaskAddress.read(in), in.number());
    }
    int signals = in.integer();
    for (int i = 0; i < signals; i++) {
      int number = in.integer();
      long dueAt = in.number();
      entity.scheduled.put(
          number, new ScheduledSignal(number, dueAt, EntityCodec.readOperation(in), true));
    }
    entity.position = position;
    return entity;
  }

  @Override
  public String toString() {
    return "EntityState[%s, %d waiting, created %s]"
        .formatted(instanceId, waiting(), Instant.ofEpochMilli(createdAt));
  }
}
