package dev.perdure.engine.entity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.Encoder;
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
import dev.perdure.engine.entity.EntityState.ScheduledSignal;
import dev.perdure.store.HistoryRow;
import dev.perdure.store.RowBatch;
import dev.perdure.store.TimerRow;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What happens to one entity, by chance but never what its partition would not decide, next to the
 * plainest account of it: lists of what waits.
 */
final class EntityLife {
  static final String ID = "@thing@a";

  /** All that ever happened. The position of an event is its place. */
  final List<EntityEvent> events = new ArrayList<>();

  EntityState state = new EntityState(ID);

  // ---- the plain account ------------------------------------------------------------------------

  private final Deque<EntityRequest> queue = new ArrayDeque<>();
  private final Deque<EntityRequest> ahead = new ArrayDeque<>();
  private final Map<Integer, SignalScheduled> scheduled = new TreeMap<>();
  private final Map<TaskAddress, Long> wanted = new LinkedHashMap<>();
  private Payload content;
  private TaskAddress lockOwner;
  private Problem problem;
  private int redeliveries;

  /** Operations under way, and whether they are those that go before the others. */
  private int running;

  private boolean runningAhead;

  // ---- rows -------------------------------------------------------------------------------------

  private final Map<Long, byte[]> chunks = new HashMap<>();
  private final TreeSet<TimerRow> timers = new TreeSet<>();
  private byte[] row;
  private long rowPosition = -1;

  private final Random random;
  private long now = 1_000;
  private int made;

  EntityLife(long seed) {
    random = new Random(seed);
  }

  byte[] chunk(long number) {
    byte[] bytes = chunks.get(number);
    assertThat(bytes).as("chunk %d, of %s", number, chunks.keySet()).isNotNull();
    return bytes;
  }

  boolean isOver() {
    return queue.isEmpty()
        && ahead.isEmpty()
        && scheduled.isEmpty()
        && content == null
        && lockOwner == null
        && problem == null;
  }

  private Instant now() {
    return Instant.ofEpochMilli(now);
  }

  private void happened(EntityEvent event) {
    state.apply(event, events.size());
    events.add(event);
  }

  // ---- what can happen --------------------------------------------------------------------------

  /** Something happens; when nothing more is to come, only what leads to an end. */
  void step(boolean moreIsToCome) {
    now += random.nextInt(3);
    switch (random.nextInt(moreIsToCome ? 20 : 12)) {
      case 0, 1 -> begin();
      case 2, 3, 4 -> end(moreIsToCome);
      case 5, 6 -> passLock();
      case 7 -> release();
      case 8 -> withdraw();
      case 9 -> signalDue();
      case 10 -> requeue();
      case 11 -> {
        if (!moreIsToCome || random.nextInt(10) == 0) {
          purge();
        }
      }
      case 12, 13, 14 -> receive();
      case 15 -> schedule();
      case 16, 17 -> wishToLock();
      case 18 -> redeliver();
      default -> {
        if (random.nextInt(5) == 0) {
          setAside();
        }
      }
    }
  }

  private Operation operation() {
    int number = made++;
    byte[] input = new byte[random.nextInt(20) == 0 ? random.nextInt(20_000) : random.nextInt(30)];
    random.nextBytes(input);
    return new Operation(
        now,
        "op" + number,
        input.length == 0 ? null : Payload.of(input),
        random.nextInt(3) == 0 ? null : task(number));
  }

  /** One of few orchestrations, so that it is often the one that holds the lock. */
  private TaskAddress task(int number) {
    return new TaskAddress("o" + random.nextInt(3), "e" + random.nextInt(2), number);
  }

  private void receive() {
    Operation operation = operation();
    boolean first =
        lockOwner != null
            && operation.caller() != null
            && operation.caller().instanceId().equals(lockOwner.instanceId())
            && operation.caller().executionId().equals(lockOwner.executionId());
    assertThat(state.isFromLockOwner(operation)).isEqualTo(first);
    (first ? ahead : queue).add(operation);
    happened(new RequestReceived(now(), operation, first));
  }

  private void schedule() {
    Operation operation = operation();
    int number = state.nextSignalNumber();
    SignalScheduled event =
        new SignalScheduled(now(), number, operation, now().plusMillis(random.nextInt(5)));
    assertThat(scheduled.put(number, event)).as("number %d is free", number).isNull();
    happened(event);
  }

  private void signalDue() {
    if (!scheduled.isEmpty()) {
      SignalScheduled due = any(scheduled.values());
      scheduled.remove(due.number());
      boolean first = state.isFromLockOwner(due.operation());
      (first ? ahead : queue).add(due.operation());
      happened(new SignalDue(now(), due.number(), first));
    }
  }

  private void wishToLock() {
    int number = made++;
    LockRequest request = new LockRequest(now, task(number), List.of(ID, "@thing@b"), 0);
    queue.add(request);
    wanted.put(request.owner(), now);
    happened(new RequestReceived(now(), request, false));
  }

  private void passLock() {
    if (running == 0
        && ahead.isEmpty()
        && lockOwner == null
        && queue.peek() instanceof LockRequest request) {
      queue.remove();
      assertThat(state.isLockWanted(request.owner()))
          .isEqualTo(wanted.containsKey(request.owner()));
      if (wanted.remove(request.owner()) == null) {
        happened(new WithdrawnLockPassed(now()));
      } else {
        lockOwner = request.owner();
        happened(new LockAcquired(now(), request.owner()));
      }
    }
  }

  private void release() {
    if (lockOwner != null) {
      lockOwner = null;
      happened(new LockReleased(now()));
    }
  }

  private void withdraw() {
    if (!wanted.isEmpty()) {
      TaskAddress owner = any(wanted.keySet());
      wanted.remove(owner);
      happened(new LockWithdrawn(now(), owner));
    }
  }

  private boolean canRun() {
    return problem == null
        && running == 0
        && (!ahead.isEmpty() || (lockOwner == null && queue.peek() instanceof Operation));
  }

  private void begin() {
    if (canRun()) {
      List<Operation> next =
          state.nextOperations(1 + random.nextInt(20), Long.MAX_VALUE, this::chunk);
      runningAhead = state.hasOperationsAhead();
      running = next.size();
      assertThat(running).isPositive();
      assertThat(List.<EntityRequest>copyOf(next))
          .isEqualTo((runningAhead ? ahead : queue).stream().limit(running).toList());
    }
  }

  private void end(boolean moreIsToCome) {
    if (running == 0) {
      return;
    }
    int count = 1 + random.nextInt(running);
    running = 0;
    for (int i = 0; i < count; i++) {
      (runningAhead ? ahead : queue).remove();
    }
    StateChange change =
        switch (random.nextInt(moreIsToCome ? 4 : 2)) {
          case 0 -> new StateChange.Deleted();
          case 1 -> new StateChange.Unchanged();
          default -> new StateChange.Replaced(Payload.of("state " + made++));
        };
    switch (change) {
      case StateChange.Deleted c -> content = null;
      case StateChange.Unchanged c -> {}
      case StateChange.Replaced c -> content = c.state();
    }
    redeliveries = 0;
    happened(new BatchCompleted(now(), count, runningAhead, change));
  }

  private void redeliver() {
    if (canRun()) {
      happened(new BatchRedelivered(now(), ++redeliveries));
    }
  }

  private void setAside() {
    if (problem == null && (running > 0 || canRun())) {
      running = 0;
      problem = new Problem(Problem.Kind.UNREADABLE, "no " + made++);
      happened(new EntitySetAside(now(), problem));
    }
  }

  private void requeue() {
    if (problem != null) {
      problem = null;
      redeliveries = 0;
      happened(new EntityRequeued(now(), null));
    }
  }

  private void purge() {
    if (state.isEmpty()) {
      return;
    }
    running = 0;
    content = null;
    problem = null;
    redeliveries = 0;
    ahead.clear();
    scheduled.clear();
    queue.removeIf(Operation.class::isInstance);
    List<LockRequest> kept = new ArrayList<>();
    state.forEachInQueue(
        this::chunk,
        request -> {
          if (request instanceof LockRequest lock) {
            kept.add(lock);
          }
        });
    assertThat(kept).isEqualTo(List.copyOf(queue));
    happened(new EntityPurged(now(), kept));
  }

  private <T> T any(Collection<T> all) {
    return all.stream().skip(random.nextInt(all.size())).findFirst().orElseThrow();
  }

  // ---- checkpoint and crash ---------------------------------------------------------------------

  /** Writes rows, as a partition does for an entity that has changed. */
  void checkpoint() {
    RowBatch rows = new RowBatch();
    for (ScheduledSignal stale : state.takeStaleTimers()) {
      rows.delete(new TimerRow(stale.dueAt(), ID, stale.number()));
    }
    state.checkpoint(rows);
    for (ScheduledSignal signal : state.scheduledSignals()) {
      if (!signal.stored()) {
        rows.put(new TimerRow(signal.dueAt(), ID, signal.number()));
        signal.markStored();
      }
    }
    for (TimerRow timer : rows.deletedTimers()) {
      assertThat(timers.remove(timer)).as("what is deleted was there").isTrue();
    }
    timers.addAll(rows.timers());
    rows.deletedHistory().forEach(delete -> chunks.remove(delete.execution()));
    for (HistoryRow put : rows.history()) {
      assertThat(chunks.put(put.execution(), put.events())).isNull();
    }
    rowPosition = state.position();
    row = null;
    if (!state.isEmpty()) {
      Encoder out = new Encoder(16);
      state.write(out);
      row = out.toBytes();
    } else {
      assertThat(chunks).as("nothing is left: no row of its queue is").isEmpty();
    }
    state.written();
    assertThat(timers)
        .containsExactlyElementsOf(
            new TreeSet<>(
                scheduled.values().stream()
                    .map(s -> new TimerRow(s.dueAt().toEpochMilli(), ID, s.number()))
                    .toList()));
  }

  /**
   * The memory is gone. The log is there, from where nobody knows: if there is a row, it says what
   * of the log it has seen; if there is none, any end of what came before may be found again.
   */
  void crash() {
    running = 0;
    int from;
    if (row == null) {
      state = new EntityState(ID);
      from = random.nextInt((int) rowPosition + 2);
    } else {
      state = EntityState.read(ID, rowPosition, new Decoder(row));
      from = (int) rowPosition + 1;
    }
    for (int i = from; i < events.size(); i++) {
      state.apply(events.get(i), i);
    }
  }

  /** Everything that can be asked of the state is what it should be. */
  void check() {
    List<EntityRequest> waiting = new ArrayList<>();
    state.forEachInQueue(this::chunk, waiting::add);
    assertThat(waiting).isEqualTo(List.copyOf(queue));
    assertThat(List.copyOf(state.operationsAhead())).isEqualTo(List.copyOf(ahead));
    assertThat(state.head(this::chunk)).isEqualTo(queue.peek());
    assertThat(state.scheduledSignals())
        .extracting(ScheduledSignal::number)
        .containsExactlyElementsOf(scheduled.keySet());
    for (ScheduledSignal signal : state.scheduledSignals()) {
      SignalScheduled event = scheduled.get(signal.number());
      assertThat(signal.dueAt()).isEqualTo(event.dueAt().toEpochMilli());
      assertThat(signal.operation()).isEqualTo(event.operation());
    }
    assertThat(state.waiting()).isEqualTo(queue.size() + ahead.size() + scheduled.size());
    assertThat(List.copyOf(state.lockRequests().entrySet()))
        .isEqualTo(List.copyOf(wanted.entrySet()));
    assertThat(state.state()).isEqualTo(content);
    assertThat(state.lockOwner()).isEqualTo(lockOwner);
    assertThat(state.problem()).isEqualTo(problem);
    assertThat(state.redeliveries()).isEqualTo(redeliveries);
    assertThat(state.isEmpty()).isEqualTo(isOver());
    boolean toRun = !ahead.isEmpty() || (lockOwner == null && queue.peek() instanceof Operation);
    assertThat(state.hasOperationsToRun(this::chunk)).isEqualTo(toRun);
    assertThat(state.nextOperations(1, Long.MAX_VALUE, this::chunk)).hasSize(toRun ? 1 : 0);
    assertThat(state.isActive())
        .isEqualTo(problem != null || !ahead.isEmpty() || (lockOwner == null && !queue.isEmpty()));
    if (state.position() >= 0 || !isOver()) { // if not, there was neither a row nor a log of it
      assertThat(state.position()).isEqualTo(events.size() - 1);
    }
  }
}
