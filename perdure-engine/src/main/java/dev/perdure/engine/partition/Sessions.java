package dev.perdure.engine.partition;

import dev.perdure.api.HistoryEvent;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.orchestrator.OrchestratorSession;
import dev.perdure.engine.orchestrator.SessionConfig;
import dev.perdure.store.Store;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs the code of a partition's orchestrations: which of them take a step now, and which stay in
 * memory while they wait. Used by the partition's thread only.
 */
final class Sessions {
  /**
   * Steps under way at once, over all partitions. More would not run sooner, they would only take
   * memory: each is a thread with its stack.
   */
  private static final int STEPS_AT_ONCE = 512;

  private static final int STEPS_AT_ONCE_MIN = 8;

  /** Every so many turns go to an orchestration that has not begun, if others want all of them. */
  private static final int BEGINNING_TURN = 8;

  /** What sessions need of the partition. */
  interface Owner {
    /** Whether steps may begin: not while it is down or being stopped. */
    boolean takesSteps();

    /** Whether the owner takes care that this step is taken later. */
    boolean defers(ResidentOrchestration r);

    /** The very same object is still in memory. */
    boolean isStillHere(ResidentOrchestration r);

    /** The code of an orchestration was taken out of memory. */
    void evicted(ResidentOrchestration r);

    /** A step that was a repetition after a crash has ended. */
    void repetitionEnded();
  }

  private final int partition;
  private final Store store;
  private final SessionConfig config;
  private final PartitionHost host;
  private final Owner owner;
  private final int stepsMax;
  private final int warmMax;
  private final long warmIdleNanos;

  private final StepWatch steps;
  private final LinkedHashSet<ResidentOrchestration> idle = new LinkedHashSet<>();
  private final Deque<ResidentOrchestration> goingOn = new ArrayDeque<>();
  private final Deque<ResidentOrchestration> beginning = new ArrayDeque<>();
  private long turns;

  Sessions(
      int partition,
      Store store,
      SessionConfig config,
      EngineOptions options,
      PartitionHost host,
      Owner owner) {
    this.partition = partition;
    this.store = store;
    this.config = config;
    this.host = host;
    this.owner = owner;
    int warm = options.warmOrchestrationsMax();
    this.stepsMax = Math.max(STEPS_AT_ONCE_MIN, STEPS_AT_ONCE / store.partitions());
    this.warmMax = warm == 0 ? 0 : Math.max(1, warm / store.partitions());
    this.warmIdleNanos = options.warmIdle().toNanos();
    this.steps = new StepWatch(options.stepWarning(), config.nanoTime());
  }

  /** Whether none is in memory. */
  boolean isEmpty() {
    return steps.isEmpty() && idle.isEmpty();
  }

  /** Whether no step is under way, and none waits for its turn. */
  boolean isAtRest() {
    return steps.isEmpty() && goingOn.isEmpty() && beginning.isEmpty();
  }

  /** Forgets all of them, whose sessions have been closed. */
  void clear() {
    idle.clear();
    steps.clear();
    goingOn.clear();
    beginning.clear();
  }

  /** Has an orchestration take a step, now or when it is its turn, if there is anything to do. */
  void stepIfNeeded(ResidentOrchestration r) {
    if (r.stepping || r.queued || !owner.takesSteps() || !r.state.needsStep() || owner.defers(r)) {
      return;
    }
    idle.remove(r);
    if (steps.running() < stepsMax) {
      begin(r);
    } else {
      r.queued = true;
      (r.state.delivered() > 0 ? goingOn : beginning).add(r);
    }
  }

  /**
   * Runs steps that wait for their turn: what has begun goes before what has not, so that it is
   * finished and gone, but not always, or hubs that are never at rest would begin nothing.
   */
  private void beginQueued() {
    while (owner.takesSteps() && steps.running() < stepsMax) {
      turns++;
      boolean fresh = goingOn.isEmpty() || (turns % BEGINNING_TURN == 0 && !beginning.isEmpty());
      ResidentOrchestration r = fresh ? beginning.poll() : goingOn.poll();
      if (r == null) {
        return;
      }
      r.queued = false;
      if (owner.isStillHere(r) && !r.stepping && r.state.needsStep()) {
        begin(r);
      }
    }
  }

  private void begin(ResidentOrchestration r) {
    r.stepping = true;
    host.stepping(1);
    steps.began(r);
    List<HistoryEvent> events = r.pending;
    r.pending = new ArrayList<>(2);
    if (r.session != null) {
      r.session.step(events == null ? List.of() : events);
      return;
    }
    boolean fromTheStart = r.state.delivered() == 0 && events != null;
    String id = r.state.id();
    OrchestratorSession session =
        new OrchestratorSession(
            config,
            id,
            fromTheStart ? null : historyOf(r),
            (s, result) -> host.post(partition, new Command.StepEnded(id, s, result)));
    r.session = session;
    session.start(fromTheStart && events != null ? events : List.of());
  }

  /** Reads the history as it is now; on the session's thread, not on this one. */
  private Supplier<List<HistoryEvent>> historyOf(ResidentOrchestration r) {
    HistorySnapshot snapshot = r.history(partition);
    return () -> snapshot.read(store);
  }

  /** A step has ended, or nobody waits for its end any more. */
  void ended(ResidentOrchestration r) {
    r.stepping = false;
    host.stepping(-1);
    steps.ended(r);
    if (r.steppingAgain) {
      r.steppingAgain = false;
      owner.repetitionEnded();
    }
    beginQueued();
  }

  /** An orchestration waits; it stays in memory as long as there is room. */
  void park(ResidentOrchestration r) {
    if (r.state.needsStep()) {
      stepIfNeeded(r);
      return;
    }
    idle.add(r);
    if (idle.size() > warmMax) {
      evict(idle.iterator().next());
    }
  }

  private void evict(ResidentOrchestration r) {
    close(r);
    owner.evicted(r);
  }

  /** Takes an orchestration's code out of memory, whatever it does. */
  void close(ResidentOrchestration r) {
    OrchestratorSession session = r.session;
    if (session != null) {
      session.close();
      r.session = null;
    }
    if (r.stepping) {
      ended(r);
    }
    idle.remove(r);
    r.pending = null;
  }

  /** Looks after steps that take long and orchestrations that have waited long. */
  void check() {
    steps.check();
    beginQueued();
    long oldest = config.nanoTime().getAsLong() - warmIdleNanos;
    while (!idle.isEmpty()) {
      ResidentOrchestration r = idle.iterator().next();
      @Nullable OrchestratorSession session = r.session;
      if (session == null || session.startedNanos() > oldest) {
        return;
      }
      evict(r);
    }
  }
}
