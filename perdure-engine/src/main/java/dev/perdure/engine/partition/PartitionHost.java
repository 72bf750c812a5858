package dev.perdure.engine.partition;

import dev.perdure.engine.activity.ActivityWork;
import dev.perdure.engine.entity.EntityWork;
import dev.perdure.engine.entity.RunningBatch;
import java.util.List;

/** What a partition needs of the host around it. */
interface PartitionHost {
  /** Hands a command to a partition, wherever it is. */
  void post(int partition, Command command);

  /** Runs an activity. Throws if it can have no thread; then it has not begun. */
  void dispatch(ActivityWork work);

  /** Does not run activities any more that still wait for their turn. */
  void withdraw(List<ActivityWork> unwanted);

  /**
   * Runs operations of an entity, and posts {@link Command.EntityBatchEnded}. Throws if they can
   * have no thread; then they have not begun.
   */
  RunningBatch run(EntityWork work);

  /**
   * Writes rows in the background, in the order of calls, and posts {@link Command.RowsWritten}.
   */
  void writeRows(CheckpointBatch batch);

  /** A step has begun or ended; commits wait a moment for steps under way. */
  void stepping(int change);

  /** Orchestrations in memory that have not ended became more or fewer. */
  void unfinished(int change);

  /** Makes the id of an execution. */
  String newExecutionId();
}
