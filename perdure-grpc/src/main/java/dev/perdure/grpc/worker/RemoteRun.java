package dev.perdure.grpc.worker;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.StringValue;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.Problem;
import dev.perdure.engine.EngineOptions;
import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.engine.orchestrator.OrchestratorRun;
import dev.perdure.engine.orchestrator.StepResult;
import dev.perdure.engine.worker.RemoteOrchestration;
import dev.perdure.grpc.history.AnswerReader;
import dev.perdure.grpc.history.WorkerView;
import dev.perdure.grpc.protocol.OrchestrationTraceContext;
import dev.perdure.grpc.protocol.OrchestratorAction;
import dev.perdure.grpc.protocol.OrchestratorEntityParameters;
import dev.perdure.grpc.protocol.OrchestratorRequest;
import dev.perdure.grpc.protocol.OrchestratorResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An orchestration whose steps are taken by workers that replay its history. It keeps what every
 * step is sent with, so that a step costs no more than a copy. Safe from any thread.
 */
final class RemoteRun implements OrchestratorRun {
  private static final System.Logger LOG = System.getLogger("dev.perdure.worker");

  /** Past events that a worker fetches by itself, if it can, once there are so many bytes. */
  private static final int STREAMED_BYTES_MIN = 1 << 20;

  /** It does so too if there are fewer, but they would make the request larger than this. */
  private static final int REQUEST_BYTES_MAX = 3 << 20;

  /** Says that there are entities; their messages keep their order, so no window is needed. */
  private static final OrchestratorEntityParameters ENTITIES =
      OrchestratorEntityParameters.newBuilder()
          .setEntityMessageReorderWindow(Duration.getDefaultInstance())
          .build();

  private enum State {
    /** No step is due. */
    IDLE,
    /** A step waits for a worker; more events may become part of it. */
    DUE,
    /** A worker has begun with the step, or some worker had. */
    SENT,
    CLOSED
  }

  private final WorkerPool pool;
  private final RemoteOrchestration which;
  private final Listener listener;
  private final InstantSource clock;
  private WorkerView view;

  /** Held by the one that reads the history. Taken before the monitor, never with it. */
  private final ReentrantLock reader = new ReentrantLock();

  /** Reads the history; null once the view has it. */
  private @Nullable Supplier<List<HistoryEvent>> unread;

  private State state = State.IDLE;
  private @Nullable Step step;

  /** Whether the step must not be handed out again, and whether it would have been. */
  private boolean onHold;

  private boolean heldBack;

  /** Events that are not in the history that is to be read. */
  private final List<HistoryEvent> meanwhile = new ArrayList<>(0);

  private volatile long startedNanos;

  /**
   * What the requests of most steps begin with; null until the first. Used by one sender at a time.
   */
  private volatile @Nullable ByteString usualHead;

  /** Gives the line at which the code waits after its last step, if its worker can tell. */
  private Supplier<@Nullable String> location = () -> null;

  RemoteRun(WorkerPool pool, RemoteOrchestration which, Listener listener, InstantSource clock) {
    this.pool = pool;
    this.which = which.withoutHistory();
    this.unread = which.coldHistory();
    this.listener = listener;
    this.clock = clock;
    this.view = newView();
  }

  private WorkerView newView() {
    return new WorkerView(which.instanceId(), which.customStatus());
  }

  // ---- the engine's side ----------------------------------------------------------------------

  @Override
  public void start(List<HistoryEvent> firstEvents) {
    step(firstEvents);
  }

  /**
   * Reads the history, if that was not done; the step is over if it cannot be read. One thread does
   * it, others wait for it. The monitor is free meanwhile: the pool asks for it with its lock.
   */
  private void read() {
    reader.lock();
    try {
      Supplier<List<HistoryEvent>> history;
      synchronized (this) {
        history = step == null ? null : unread;
      }
      if (history == null) {
        return; // done by another worker's thread, or nobody wants it any more
      }
      WorkerView restored = newView();
      restored.restore(history.get());
      synchronized (this) {
        restored.add(meanwhile);
        meanwhile.clear();
        view = restored;
        unread = null;
      }
    } catch (RuntimeException | Error e) {
      synchronized (this) {
        if (step == null) {
          return; // nobody wants it any more
        }
      }
      LOG.log(
          System.Logger.Level.ERROR,
          "The history of instance '" + which.instanceId() + "' cannot be read",
          e);
      stuck(StepResult.Stuck.unreadable(which.instanceId(), e));
    } finally {
      reader.unlock();
    }
  }

  private synchronized Step makeDue() {
    state = State.DUE;
    location = () -> null;
    onHold = false;
    heldBack = false;
    Step due = new Step();
    step = due;
    return due;
  }

  @Override
  public void step(List<HistoryEvent> newEvents) {
    startedNanos = pool.nanoTime();
    Step due;
    synchronized (this) {
      if (state == State.CLOSED) {
        return;
      }
      add(newEvents);
      due = makeDue();
    }
    pool.submit(due);
  }

  private void add(List<HistoryEvent> events) {
    if (unread == null) {
      view.add(events);
    } else {
      meanwhile.addAll(events);
    }
  }

  @Override
  public synchronized boolean extend(List<HistoryEvent> moreEvents) {
    if (state != State.DUE) {
      return false;
    }
    add(moreEvents);
    return true;
  }

  @Override
  public synchronized long keptBytes() {
    return view.pastBytes();
  }

  @Override
  public void close() {
    Step due;
    synchronized (this) {
      state = State.CLOSED;
      due = step;
      step = null;
    }
    if (due != null) {
      pool.forget(due);
    }
  }

  @Override
  public void hold(boolean held) {
    Step due;
    synchronized (this) {
      onHold = held;
      due = step;
      if (due == null || (!held && !heldBack)) {
        return;
      }
      heldBack = false;
    }
    if (held) {
      pool.holdBack(due);
    } else {
      pool.submit(due);
    }
  }

  @Override
  public synchronized boolean isQueued() {
    return state == State.DUE;
  }

  @Override
  public long startedNanos() {
    return startedNanos;
  }

  @Override
  public StackTraceElement[] stack() {
    return new StackTraceElement[0];
  }

  @Override
  public @Nullable String location() {
    Supplier<@Nullable String> known;
    synchronized (this) {
      known = location;
    }
    return known.get();
  }

  @Override
  public Thread.State threadState() {
    return Thread.State.RUNNABLE;
  }

  @Override
  public String progress() {
    Step due;
    synchronized (this) {
      due = step;
    }
    return due == null ? "" : pool.progress(due);
  }

  private void stuck(StepResult.Stuck why) {
    end(new StepResult(List.of(), 0, List.of(), why));
  }

  private void end(StepResult result) {
    synchronized (this) {
      if (state == State.CLOSED) {
        if (result.recorded() != null) {
          result.recorded().complete(null);
        }
        return;
      }
      state = State.IDLE;
      step = null;
    }
    listener.stepEnded(this, result);
  }

  // ---- one step -------------------------------------------------------------------------------

  /** The step that is due. */
  final class Step extends Item {
    /** Bytes of all parts of an answer: as many as a step may have, if there is the memory. */
    private static final long PARTS_BYTES_MAX =
        Math.min(EngineOptions.STEP_BYTES_MAX, Runtime.getRuntime().maxMemory() / 4);

    private final TreeMap<Integer, OrchestratorResponse> parts = new TreeMap<>();
    private long partsOf;
    private long partsBytes;
    private WorkerView.@Nullable Step lastSent;

    Step() {
      super(FunctionKind.ORCHESTRATOR, which.name(), which.version(), which.instanceId(), 0);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the very same step
    boolean isVoid() {
      synchronized (RemoteRun.this) {
        return step != this;
      }
    }

    @Override
    void leftUnanswered() {
      synchronized (RemoteRun.this) {
        parts.clear();
        partsBytes = 0;
      }
    }

    @Override
    boolean isHeldBack() {
      synchronized (RemoteRun.this) {
        heldBack |= onHold;
        return onHold;
      }
    }

    @Override
    @Nullable WorkRequest toSend(long number, Connection to) {
      WorkerView.Step content;
      OrchestrationTraceContext trace;
      synchronized (RemoteRun.this) {
        if (isVoid() || number != delivery) {
          return null; // over, or given to another worker since
        }
        state = State.SENT;
        content = view.begin(clock.millis());
        lastSent = content;
        leftUnanswered();
        partsOf = number;
        trace = view.trace();
      }
      boolean streamed = to.fetchesHistories() && isLong(content);
      return new WorkRequest.Step(
          streamed ? head(true, trace) : usualHead(trace),
          streamed ? ByteString.EMPTY : content.past(),
          content.events());
    }

    private static boolean isLong(WorkerView.Step content) {
      int past = content.past().size();
      return past >= STREAMED_BYTES_MIN
          || (past > 0 && past + content.events().size() > REQUEST_BYTES_MAX);
    }

    private ByteString usualHead(@Nullable OrchestrationTraceContext trace) {
      if (trace != null) {
        return head(false, trace);
      }
      ByteString known = usualHead;
      if (known == null) {
        known = head(false, null);
        usualHead = known;
      }
      return known;
    }

    private ByteString head(boolean streamed, @Nullable OrchestrationTraceContext trace) {
      OrchestratorRequest.Builder head =
          OrchestratorRequest.newBuilder()
              .setInstanceId(which.instanceId())
              .setExecutionId(StringValue.of(which.executionId()))
              .setEntityParameters(ENTITIES)
              .setRequiresHistoryStreaming(streamed);
      if (trace != null) {
        head.setOrchestrationTraceContext(trace);
      }
      return head.build().toByteString();
    }

    /** The events before this step, as fields of a request; empty if it was not sent. */
    ByteString past() {
      synchronized (RemoteRun.this) {
        return lastSent == null ? ByteString.EMPTY : lastSent.past();
      }
    }

    String executionId() {
      return which.executionId();
    }

    /**
     * Takes a part of an answer.
     *
     * @return whether the answer is complete
     */
    @SuppressWarnings("deprecation") // SDKs in the field cut their answers into parts
    boolean addPart(long number, OrchestratorResponse part) {
      synchronized (RemoteRun.this) {
        if (number != partsOf) {
          return false; // of another delivery than the last that was sent
        }
        if (!parts.isEmpty() && !parts.lastEntry().getValue().getIsPartial()) {
          return true; // complete already; the same answer came again before it was taken
        }
        int index =
            part.hasChunkIndex()
                ? part.getChunkIndex().getValue()
                : parts.isEmpty() ? 0 : parts.lastKey() + 1;
        if (parts.putIfAbsent(index, part) == null) {
          partsBytes += part.getSerializedSize();
        }
        return !part.getIsPartial() || partsBytes > PARTS_BYTES_MAX;
      }
    }

    /**
     * The answer is complete.
     *
     * @param recorded is completed when what came of it is durable
     * @param whereItWaits gives the line at which the code waits now
     * @throws AnswerReader.InvalidAnswerException if it cannot be; nothing has changed
     */
    void answered(
        CompletableFuture<@Nullable Void> recorded, Supplier<@Nullable String> whereItWaits) {
      StepResult result;
      synchronized (RemoteRun.this) {
        if (isVoid() || parts.isEmpty()) {
          recorded.complete(null);
          return;
        }
        if (partsBytes > PARTS_BYTES_MAX) {
          leftUnanswered();
          throw new IllegalArgumentException(
              "its parts have more than %,d bytes together".formatted(PARTS_BYTES_MAX));
        }
        List<OrchestratorAction> actions = new ArrayList<>();
        OrchestrationTraceContext trace = null;
        for (OrchestratorResponse part : parts.values()) {
          actions.addAll(part.getActionsList());
          if (trace == null && part.hasOrchestrationTraceContext()) {
            trace = part.getOrchestrationTraceContext();
          }
        }
        OrchestratorResponse last = parts.lastEntry().getValue();
        leftUnanswered();
        result =
            AnswerReader.read(
                which.instanceId(),
                view,
                Instant.ofEpochMilli(clock.millis()),
                actions,
                last,
                trace,
                recorded);
        location = whereItWaits;
      }
      end(result);
    }

    @Override
    boolean isUnread() {
      synchronized (RemoteRun.this) {
        return unread != null && !isVoid();
      }
    }

    @Override
    void read(Runnable then) {
      RemoteRun.this.read();
      then.run();
    }

    @Override
    boolean isLarge() {
      synchronized (RemoteRun.this) {
        return view.bytes() > LARGE_BYTES;
      }
    }

    @Override
    void park(String why) {
      stuck(
          new StepResult.Stuck(
              new Problem(
                  Problem.Kind.POISON,
                  ("Instance '%s': %s%s. It is not tried again. Find out what the step does, then requeue"
                          + " or terminate the instance.")
                      .formatted(
                          which.instanceId(),
                          why,
                          keptBytes() < 3 << 20
                              ? ""
                              : " (its history has %d bytes; many SDKs take messages of 4 MiB at most)"
                                  .formatted(keptBytes())))));
    }

    @Override
    String noun() {
      return "its next step";
    }

    @Override
    String describe() {
      return "a step of instance '%s' (%s)".formatted(instanceId, name);
    }
  }

  @Override
  public String toString() {
    return "RemoteRun[" + which.instanceId() + "]";
  }
}
