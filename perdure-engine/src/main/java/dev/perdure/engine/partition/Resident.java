package dev.perdure.engine.partition;

import dev.perdure.engine.UserCode;
import dev.perdure.engine.codec.Encoder;
import dev.perdure.store.InstanceKey;
import dev.perdure.store.RowBatch;
import org.jspecify.annotations.Nullable;

/**
 * An instance in memory, and what of it the store does not have yet. Used by the partition's thread
 * only.
 */
abstract sealed class Resident permits ResidentOrchestration, ResidentEntity {
  /** Where the row stands in the indexes; null if there is no row. */
  @Nullable InstanceKey written;

  /** Whether the state is ahead of the row that was written last, or is being written. */
  boolean dirty;

  /** Whether a row is being written. */
  boolean rowInFlight;

  /** Whether the step under way has been reported for taking long. */
  boolean stepReported;

  /** The instance id. */
  abstract String id();

  /** Adds the rows that say what is known now, and deletes those that do not any more. */
  abstract void encode(RowBatch rows, Encoder scratch);

  /** Whether nothing is lost by forgetting it: the store has everything, and nothing runs. */
  abstract boolean isRemovable();

  /** The code of the step under way; null if there is none. */
  abstract @Nullable UserCode code();

  /** Says in words that the step under way takes longer than it should. */
  abstract String slowStep(String limit, boolean blocks);
}
