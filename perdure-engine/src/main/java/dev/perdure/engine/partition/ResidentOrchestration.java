package dev.perdure.engine.partition;

import dev.perdure.api.HistoryEvent;
import dev.perdure.engine.UserCode;
import dev.perdure.engine.activity.ActivityWork;
import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.engine.codec.HistoryCodec;
import dev.perdure.engine.instance.CallsInHistory;
import dev.perdure.engine.instance.Instance;
import dev.perdure.engine.instance.InstanceCodec;
import dev.perdure.engine.instance.OpenTask;
import dev.perdure.engine.orchestrator.OrchestratorRun;
import dev.perdure.store.HistoryRow;
import dev.perdure.store.InstanceColumns;
import dev.perdure.store.InstanceKey;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.RowBatch;
import dev.perdure.store.Store;
import dev.perdure.store.TimerRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An orchestration in memory: its state, what of it the store does not have yet, and the session
 * that runs its code, if there is one. Used by the partition's thread only.
 */
final class ResidentOrchestration extends Resident implements ActivityWork.Caller {
  /** The kind of orchestrations in the store's listing. */
  static final int KIND = 0;

  private static final byte[] NOTHING = new byte[0];

  final Instance state;

  // ---- what the store has -------------------------------------------------------------------

  /** Chunks of the current execution's history that were written or are being written. */
  int chunks;

  /** History that is in no chunk yet. */
  private byte[] tail = NOTHING;

  private int tailSize;

  /** The chunk that is being written; null if none is. */
  byte @Nullable [] chunkInFlight;

  /** Histories of earlier executions that the store still has. */
  private final List<RowBatch.DeleteHistory> staleHistories = new ArrayList<>(0);

  /** Whether the instance is to be removed. */
  boolean purged;

  /** Whether it is one of the partition's residents; set by them. */
  boolean inMemory;

  // ---- what runs ----------------------------------------------------------------------------

  /** Runs the code; null if it is not in memory. */
  @Nullable OrchestratorRun session;

  /** Whether a step is under way. */
  boolean stepping;

  /** Bytes that its session keeps while it is at rest. */
  long idleBytes;

  /** Bytes that its run kept for a step of a remote worker when that step began; 0 if none does. */
  long steppingBytes;

  /** Whether it waits for its turn to run a step. */
  boolean queued;

  /** Whether it waits so because a timer or recovery brought it in. */
  boolean broughtIn;

  /** Whether its next step is to be taken as a repetition after a crash. */
  boolean repeating;

  /** Whether the step under way is a repetition after a crash. */
  boolean steppingAgain;

  /**
   * Events for the code that it has not been handed. Null if they are not known here, only in the
   * history.
   */
  @Nullable List<HistoryEvent> pending;

  ResidentOrchestration(Instance state) {
    this.state = state;
  }

  /**
   * Takes events into account: the only way an instance changes, live and in recovery.
   *
   * @param at the log position of the transition
   * @param bytes the encoded events
   * @param historyFrom where in the bytes the history begins: with the last execution's start
   */
  void apply(
      List<? extends HistoryEvent> events, long at, byte[] bytes, int historyFrom, int historyTo) {
    for (int i = 0; i < events.size(); i++) {
      HistoryEvent event = events.get(i);
      if (event instanceof HistoryEvent.ExecutionStarted) {
        beginHistory(state.execution());
        purged = false;
        if (pending != null) {
          pending = new ArrayList<>(2);
        }
      }
      state.apply(event, at);
      if (pending != null && Instance.isDeliverable(event)) {
        pending.add(event);
      }
    }
    appendHistory(bytes, historyFrom, historyTo - historyFrom);
  }

  // ---- rows ---------------------------------------------------------------------------------

  /** Reads a resident back from its row, and from its history what the row leaves to that. */
  static ResidentOrchestration of(InstanceRow row, int partition, Store store) {
    CallsInHistory calls = new CallsInHistory();
    ResidentOrchestration resident = of(row, calls);
    if (!calls.isEmpty()) {
      int[] chunk = {0};
      store.readHistory(
          partition,
          row.id(),
          resident.state.execution(),
          resident.chunks,
          bytes -> calls.look(chunk[0]++, bytes));
      calls.addTo(resident.state);
    }
    return resident;
  }

  /** The state in a row, without the open activities that the row leaves to the history. */
  static Instance stateIn(InstanceRow row) {
    return of(row, new CallsInHistory()).state;
  }

  private static ResidentOrchestration of(InstanceRow row, CallsInHistory calls) {
    byte[] bytes =
        Objects.requireNonNull(row.state(), () -> "Instance " + row.id() + " without its state");
    Decoder in = new Decoder(bytes);
    int chunks = in.integer();
    ResidentOrchestration resident =
        new ResidentOrchestration(InstanceCodec.read(row.id(), row.position(), in, calls));
    resident.chunks = chunks;
    resident.written = InstanceKey.of(row);
    return resident;
  }

  @Override
  String id() {
    return state.id();
  }

  @Override
  void encode(RowBatch rows, Encoder scratch) {
    for (RowBatch.DeleteHistory stale : takeStaleHistories()) {
      rows.deleteHistory(stale.instanceId(), stale.execution(), stale.chunks());
    }
    for (OpenTask.Timer stale : state.takeStaleTimers()) {
      rows.delete(new TimerRow(stale.fireAt(), state.id(), stale.taskId()));
    }
    if (purged) {
      if (written != null) {
        rows.delete(state.id(), written);
        written = null;
      }
      return;
    }
    int chunk = chunks;
    if (hasTail()) {
      rows.put(new HistoryRow(state.id(), state.execution(), chunk, takeTail()));
    }
    for (OpenTask task : state.openTasks()) {
      if (task instanceof OpenTask.Activity activity) {
        activity.storedIn(chunk);
      } else if (task instanceof OpenTask.Timer timer && !timer.stored()) {
        rows.put(new TimerRow(timer.fireAt(), state.id(), timer.taskId()));
        timer.markStored();
      }
    }
    scratch.clear();
    scratch.number(chunks);
    InstanceCodec.write(scratch, state);
    InstanceRow row =
        new InstanceRow(columns(), state.position(), state.isActive(), scratch.toBytes());
    rows.put(row, written);
    written = InstanceKey.of(row);
  }

  private InstanceColumns columns() {
    return new InstanceColumns(
        state.id(),
        KIND,
        HistoryCodec.statusCode(state.status()),
        state.name(),
        state.version(),
        state.createdAt(),
        state.updatedAt(),
        state.completedAt(),
        state.parent() == null ? "" : state.parent().instanceId(),
        state.tags());
  }

  /** A new execution begins: its history begins afresh. */
  private void beginHistory(long oldExecution) {
    if (chunks > 0) {
      staleHistories.add(new RowBatch.DeleteHistory(state.id(), oldExecution, chunks));
      chunks = 0;
    }
    chunkInFlight = null;
    tailSize = 0;
  }

  /** Adds encoded events to the history. */
  private void appendHistory(byte[] events, int offset, int length) {
    if (tail.length - tailSize < length) {
      tail = Arrays.copyOf(tail, Math.max(tailSize + length, Math.max(512, tail.length * 2)));
    }
    System.arraycopy(events, offset, tail, tailSize, length);
    tailSize += length;
  }

  private boolean hasTail() {
    return tailSize > 0;
  }

  /** Takes the history that is in no chunk yet, as the content of the next chunk. */
  private byte[] takeTail() {
    byte[] chunk = Arrays.copyOf(tail, tailSize);
    tail = NOTHING;
    tailSize = 0;
    chunks++;
    chunkInFlight = chunk;
    return chunk;
  }

  /** Histories of earlier executions to delete; forgets them. */
  private List<RowBatch.DeleteHistory> takeStaleHistories() {
    if (staleHistories.isEmpty()) {
      return List.of();
    }
    List<RowBatch.DeleteHistory> taken = List.copyOf(staleHistories);
    staleHistories.clear();
    return taken;
  }

  /** The history as of now. */
  HistorySnapshot history(int partition) {
    List<byte[]> pieces = new ArrayList<>(2);
    int visible = chunks;
    if (chunkInFlight != null) {
      pieces.add(chunkInFlight);
      visible--;
    }
    if (tailSize > 0) {
      pieces.add(Arrays.copyOf(tail, tailSize));
    }
    return new HistorySnapshot(
        partition, state.id(), state.executionId(), state.execution(), visible, pieces);
  }

  /** The instance is removed: its rows are to be deleted. */
  void purge(long at) {
    purged = true;
    state.removed(at);
    beginHistory(state.execution());
  }

  // ---- memory -------------------------------------------------------------------------------

  @Override
  boolean isRemovable() {
    return session == null
        && !dirty
        && !rowInFlight
        && (state.problem() != null || !state.isActive());
  }

  @Override
  @Nullable UserCode code() {
    return session;
  }

  @Override
  String slowStep(String limit, boolean blocks) {
    return "Instance '%s': a step of orchestrator '%s' has run for more than %s. %s"
        .formatted(
            state.id(),
            state.name(),
            limit,
            blocks
                ? "It blocks on something that is not a task of its context; do such work in an"
                    + " activity, and wait with createTimer."
                : "It computes, or never ends; do such work in an activity.");
  }
}
