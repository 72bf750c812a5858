package dev.perdure.engine.entity;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import dev.perdure.api.TraceContext;
import dev.perdure.engine.entity.EntityEvent.StateChange;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What came of running operations. */
public sealed interface EntityBatch {
  /**
   * Operations have run, the first of those that were to; the others are to run later.
   *
   * @param results one for each that has run
   * @param change what became of the state
   * @param actions what they asked for, in order
   */
  record Completed(List<Result> results, StateChange change, List<Action> actions)
      implements EntityBatch {}

  /** No operation can run; nothing of this batch counts. */
  record Stuck(Problem problem) implements EntityBatch {}

  /**
   * How an operation ended.
   *
   * @param result what it returned
   * @param failure what it threw; it then changed nothing
   */
  record Result(@Nullable Payload result, @Nullable FailureDetails failure) {}

  /** Something an operation asked for. */
  sealed interface Action {
    /** An operation for an entity. */
    record Signal(String entityId, String operation, @Nullable Payload input, @Nullable Instant at)
        implements Action {}

    /**
     * An orchestration to start.
     *
     * @param traceContext the trace that the start belongs to; null if there is none
     */
    record Start(
        String instanceId,
        String name,
        String version,
        @Nullable Payload input,
        Map<String, String> tags,
        @Nullable Instant scheduledStart,
        @Nullable TraceContext traceContext)
        implements Action {}
  }
}
