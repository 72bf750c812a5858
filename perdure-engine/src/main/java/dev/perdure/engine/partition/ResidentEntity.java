package dev.perdure.engine.partition;

import dev.perdure.engine.UserCode;
import dev.perdure.engine.codec.Decoder;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.engine.entity.EntityState;
import dev.perdure.engine.entity.EntityState.ScheduledSignal;
import dev.perdure.engine.entity.RunningBatch;
import dev.perdure.store.InstanceColumns;
import dev.perdure.store.InstanceKey;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.RowBatch;
import dev.perdure.store.TimerRow;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An entity in memory. Used by the partition's thread only. */
final class ResidentEntity extends Resident {
  /** The kind of entities in the store's listing. */
  static final int KIND = 1;

  /** The statuses of entities in the store's listing; apart from those of orchestrations. */
  static final int STATUS_WITH_STATE = 64;

  static final int STATUS_WITHOUT_STATE = 65;

  final EntityState state;

  // ---- what runs ----------------------------------------------------------------------------

  /** Operations under way; null if there are none. */
  @Nullable RunningBatch running;

  /** Whether a remote worker runs them. */
  boolean runningElsewhere;

  /** Whether the operations under way are those that go before the others. */
  boolean runningAhead;

  /** Whether it waits for its turn to run operations. */
  boolean queued;

  /** About how many bytes it had in memory when it began to. */
  long readyBytes;

  /** Whether its next operations are to be taken as a repetition after a crash. */
  boolean repeating;

  /** Whether the operations under way are a repetition after a crash. */
  boolean runningAgain;

  /** Whether recovery has seen to it that its work goes on. */
  boolean takenUp;

  /** Whether operations have run since the host was started: they are not what kills it. */
  boolean proved;

  /** When something last happened to it, in milliseconds since 1970. */
  long lastUsedMillis;

  ResidentEntity(EntityState state) {
    this.state = state;
  }

  /** Reads a resident back from its row. */
  static ResidentEntity of(InstanceRow row) {
    byte[] bytes =
        Objects.requireNonNull(row.state(), () -> "Entity " + row.id() + " without its state");
    ResidentEntity resident =
        new ResidentEntity(EntityState.read(row.id(), row.position(), new Decoder(bytes)));
    resident.written = InstanceKey.of(row);
    return resident;
  }

  @Override
  String id() {
    return state.instanceId();
  }

  @Override
  void encode(RowBatch rows, Encoder scratch) {
    for (ScheduledSignal stale : state.takeStaleTimers()) {
      rows.delete(timerRow(stale));
    }
    state.checkpoint(rows);
    if (state.isEmpty()) {
      if (written != null) {
        rows.delete(id(), written);
        written = null;
      }
      return;
    }
    for (ScheduledSignal signal : state.scheduledSignals()) {
      if (!signal.stored()) {
        rows.put(timerRow(signal));
        signal.markStored();
      }
    }
    scratch.clear();
    state.write(scratch);
    InstanceRow row =
        new InstanceRow(columns(), state.position(), state.isActive(), scratch.toBytes());
    rows.put(row, written);
    written = InstanceKey.of(row);
  }

  /** About how many bytes of memory it takes that its rows have too. */
  long bytes() {
    return state.bytesInMemory();
  }

  TimerRow timerRow(ScheduledSignal signal) {
    return new TimerRow(signal.dueAt(), id(), signal.number());
  }

  private InstanceColumns columns() {
    return new InstanceColumns(
        id(),
        KIND,
        state.state() != null ? STATUS_WITH_STATE : STATUS_WITHOUT_STATE,
        state.id().name(),
        "",
        state.createdAt(),
        state.modifiedAt(),
        0,
        "",
        Map.of());
  }

  @Override
  boolean isRemovable() {
    return running == null && isStored() && (state.problem() != null || !state.isActive());
  }

  /** Whether its rows say all that is known, and it does not wait for its turn. */
  boolean isStored() {
    return !queued && !repeating && !dirty && !rowInFlight;
  }

  @Override
  @Nullable UserCode code() {
    return running;
  }

  @Override
  String slowStep(String limit, boolean blocks) {
    return "Entity '%s': operation '%s' has run for more than %s. %s"
        .formatted(
            id(),
            running == null ? "?" : running.currentOperation(),
            limit,
            blocks
                ? "It blocks, and nothing else can be done with this entity meanwhile; have it start"
                    + " an orchestration whose activities do such work."
                : "It computes, or never ends, and nothing else can be done with this entity"
                    + " meanwhile.");
  }
}
