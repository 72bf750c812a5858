package dev.perdure.engine.partition;

import dev.perdure.api.HistoryEvent;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.orchestrator.OrchestratorRun;
import dev.perdure.engine.orchestrator.OrchestratorSession;
import dev.perdure.engine.orchestrator.SessionConfig;
import dev.perdure.engine.orchestrator.StepResult;
import dev.perdure.engine.worker.RemoteOrchestration;
import dev.perdure.engine.worker.Workers;
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

  /**
   * While so many that timers or recovery brought in wait for their turn, in each partition, no
   * more are: as rows they cost no memory. Others that wait do not count, or a partition that is
   * never at rest would fire no timer.
   */
  private static final int BROUGHT_IN_MAX = 1_024;

  /** Every so many turns go to an orchestration that has not begun, if others want all of them. */
  private static final int BEGINNING_TURN = 8;

  /**
   * Bytes of histories that remote orchestrations keep ready to be sent: an eighth of the memory
   * for those at rest, shared by the partitions, and as much for those with a step that a worker
   * has or that waits for one.
   */
  private static final long KEPT_BYTES = Runtime.getRuntime().maxMemory() / 8;

  private final int partition;
  private final Store store;
  private final SessionConfig config;
  private final PartitionHost host;
  private final Situation situation;
  private final RedeliveryQueue redeliveries;
  private final Residents residents;
  private final int stepsMax;
  private final int warmMax;
  private final long warmIdleNanos;

  private final StepWatch steps;

  private final EvictedLines evictedLines;

  private final LinkedHashSet<ResidentOrchestration> idle = new LinkedHashSet<>();
  private final long keptBytesMax;
  private long idleBytes;
  private long steppingBytes;
  private final Deque<ResidentOrchestration> goingOn = new ArrayDeque<>();
  private final Deque<ResidentOrchestration> beginning = new ArrayDeque<>();
  private long turns;

  /** Whether timers or recovery bring orchestrations in now, and how many of them wait. */
  private boolean bringingIn;

  private int broughtIn;

  Sessions(Common common, Residents residents) {
    this.partition = common.index();
    this.store = common.store();
    this.config = common.config();
    this.host = common.host();
    this.situation = common.situation();
    this.redeliveries = common.redeliveries();
    this.residents = residents;
    EngineOptions options = common.options();
    int warm = options.warmOrchestrationsMax();
    this.stepsMax = Math.max(STEPS_AT_ONCE_MIN, STEPS_AT_ONCE / store.partitions());
    this.warmMax = warm == 0 ? 0 : Math.max(1, warm / store.partitions());
    this.warmIdleNanos = options.warmIdle().toNanos();
    this.keptBytesMax = KEPT_BYTES / store.partitions();
    this.evictedLines = new EvictedLines(store.partitions(), config.nanoTime());
    this.steps = new StepWatch(options.stepWarning(), config.nanoTime());
  }

  /** Whether none is in memory. */
  boolean isEmpty() {
    return steps.isEmpty() && idle.isEmpty();
  }

  /** Whether orchestrations may be taken into memory that nobody asks for just now. */
  boolean hasRoom() {
    return broughtIn < BROUGHT_IN_MAX;
  }

  /** Whether no step is under way, and none waits for its turn. */
  boolean isAtRest() {
    return steps.isEmpty() && goingOn.isEmpty() && beginning.isEmpty();
  }

  /** Forgets all of them, whose sessions have been closed. */
  void clear() {
    idle.clear();
    idleBytes = 0;
    steppingBytes = 0;
    steps.clear();
    goingOn.clear();
    beginning.clear();
    broughtIn = 0;
  }

  /** Brings in orchestrations that nobody asks for just now; see {@link #hasRoom}. */
  <T> T bringIn(Supplier<T> action) {
    bringingIn = true;
    try {
      return action.get();
    } finally {
      bringingIn = false;
    }
  }

  /** Has an orchestration take a step, now or when it is its turn, if there is anything to do. */
  void stepIfNeeded(ResidentOrchestration r) {
    if (r.stepping) {
      extendStep(r);
      return;
    }
    if (r.queued || !situation.takesSteps() || !r.state.needsStep() || isDeferred(r)) {
      return;
    }
    unpark(r);
    if (steps.running() < stepsMax || isRemote(r)) {
      begin(r);
    } else {
      r.queued = true;
      if (bringingIn) {
        r.broughtIn = true;
        broughtIn++;
      }
      (r.state.delivered() > 0 ? goingOn : beginning).add(r);
    }
  }

  /**
   * After a crash, whatever begins from the cold may be what killed the host: a timer or a message
   * brings it back at every start, before anything of it is durable. So its count goes first, and
   * it is taken up later.
   */
  private boolean isDeferred(ResidentOrchestration r) {
    if (r.session != null || r.steppingAgain || !situation.isSuspicious() || isRemote(r)) {
      return false;
    }
    redeliveries.addStep(r);
    return true;
  }

  /** What has come since is part of a step that no remote worker has begun with. */
  private static void extendStep(ResidentOrchestration r) {
    OrchestratorRun run = r.session;
    List<HistoryEvent> more = r.pending;
    if (run != null && more != null && !more.isEmpty() && run.extend(more)) {
      r.pending = new ArrayList<>(2);
    }
  }

  /**
   * Runs steps that wait for their turn: what has begun goes before what has not, so that it is
   * finished and gone, but not always, or hubs that are never at rest would begin nothing.
   */
  private void beginQueued() {
    while (situation.takesSteps() && steps.running() < stepsMax) {
      turns++;
      boolean fresh = goingOn.isEmpty() || (turns % BEGINNING_TURN == 0 && !beginning.isEmpty());
      ResidentOrchestration r = fresh ? beginning.poll() : goingOn.poll();
      if (r == null) {
        return;
      }
      r.queued = false;
      if (r.broughtIn) {
        r.broughtIn = false;
        broughtIn--;
      }
      if (r.inMemory && !r.stepping) {
        if (r.state.needsStep()) {
          begin(r);
        } else if (r.session != null) {
          park(r); // it was suspended while it waited for its turn
        }
      }
    }
  }

  /** Whether the code is run by remote workers: then its steps take no thread of this host. */
  boolean isRemote(ResidentOrchestration r) {
    return config.isRemoteOrchestrator(r.state.name(), r.state.version());
  }

  private void begin(ResidentOrchestration r) {
    dropIfTooMuchIsKept(r);
    List<HistoryEvent> events = r.pending;
    r.pending = new ArrayList<>(2);
    boolean goesOn = r.session != null;
    boolean fromTheStart = !goesOn && r.state.delivered() == 0 && events != null;
    OrchestratorRun run = r.session;
    if (run == null) {
      run = newRun(r, fromTheStart);
      r.session = run;
    }
    r.stepping = true;
    if (run instanceof OrchestratorSession) {
      host.stepping(1);
      steps.began(r);
    }
    if (goesOn) {
      run.step(events == null ? List.of() : events);
    } else {
      run.start(fromTheStart && events != null ? events : List.of());
    }
  }

  /**
   * Where many steps wait for workers, all that their histories take would be kept. Those beyond
   * the limit begin from the cold: what they need is read again when a worker has them.
   */
  private void dropIfTooMuchIsKept(ResidentOrchestration r) {
    long kept = r.session == null ? 0 : r.session.keptBytes();
    if (kept > 0 && steppingBytes > 0 && steppingBytes + kept > keptBytesMax) {
      close(r);
    } else {
      r.steppingBytes = kept;
      steppingBytes += kept;
    }
  }

  private OrchestratorRun newRun(ResidentOrchestration r, boolean fromTheStart) {
    String id = r.state.id();
    @Nullable Supplier<List<HistoryEvent>> history = fromTheStart ? null : historyOf(r);
    String executionId = r.state.executionId();
    OrchestratorRun.Listener listener =
        new OrchestratorRun.Listener() {
          @Override
          public void stepEnded(OrchestratorRun run, StepResult result) {
            host.post(partition, new Command.StepEnded(r, run, result));
          }

          @Override
          public void left(int delivered, Supplier<@Nullable String> location) {
            evictedLines.add(id, executionId, delivered, location);
          }
        };
    Workers workers = config.workers();
    return workers != null && isRemote(r)
        ? workers.orchestrator(
            new RemoteOrchestration(
                id,
                r.state.publicExecutionId(),
                r.state.name(),
                r.state.version(),
                r.state.customStatus(),
                history),
            listener)
        : new OrchestratorSession(config, id, history, listener);
  }

  /** The line at which an orchestration waits that is not in memory; null if it is not known. */
  @Nullable String leftAt(ResidentOrchestration r) {
    return evictedLines.get(r.state.id(), r.state.executionId(), r.state.delivered());
  }

  /** Reads the history as it is now; on the session's thread, not on this one. */
  private Supplier<List<HistoryEvent>> historyOf(ResidentOrchestration r) {
    HistorySnapshot snapshot = r.history(partition);
    return () -> snapshot.read(store);
  }

  /** A step has ended, or nobody waits for its end any more. */
  void ended(ResidentOrchestration r) {
    r.stepping = false;
    steppingBytes -= r.steppingBytes;
    r.steppingBytes = 0;
    if (r.session instanceof OrchestratorSession) {
      host.stepping(-1);
      steps.ended(r);
    }
    if (r.steppingAgain) {
      r.steppingAgain = false;
      redeliveries.ended(RedeliveryQueue.Work.step(r));
    }
    beginQueued();
  }

  /** Takes back a step that no remote worker has begun with; it is taken again when it may be. */
  void recall(ResidentOrchestration r) {
    OrchestratorRun run = r.session;
    if (r.stepping && run != null && !(run instanceof OrchestratorSession)) {
      if (run.isQueued()) {
        close(r);
      } else {
        run.hold(true);
      }
    }
  }

  /** The opposite of {@link #recall}. */
  void release(ResidentOrchestration r) {
    if (r.session != null) {
      r.session.hold(false);
    }
  }

  /** An orchestration waits; it stays in memory as long as there is room. */
  void park(ResidentOrchestration r) {
    if (r.state.needsStep()) {
      stepIfNeeded(r);
      return;
    }
    idle.add(r);
    r.idleBytes = r.session == null ? 0 : r.session.keptBytes();
    idleBytes += r.idleBytes;
    while (idle.size() > warmMax || (idleBytes > keptBytesMax && !idle.isEmpty())) {
      evict(idle.iterator().next());
    }
  }

  private void unpark(ResidentOrchestration r) {
    if (idle.remove(r)) {
      idleBytes -= r.idleBytes;
    }
  }

  private void evict(ResidentOrchestration r) {
    close(r);
    residents.release(r);
  }

  /** Takes an orchestration's code out of memory, whatever it does. */
  void close(ResidentOrchestration r) {
    OrchestratorRun run = r.session;
    if (run != null) {
      run.close();
    }
    if (r.stepping) {
      ended(r);
    }
    r.session = null;
    unpark(r);
    r.pending = null;
  }

  /** Looks after steps that take long and orchestrations that have waited long. */
  void check() {
    steps.check();
    beginQueued();
    long oldest = config.nanoTime().getAsLong() - warmIdleNanos;
    while (!idle.isEmpty()) {
      ResidentOrchestration r = idle.iterator().next();
      @Nullable OrchestratorRun session = r.session;
      if (session == null || session.startedNanos() > oldest) {
        return;
      }
      evict(r);
    }
  }
}
