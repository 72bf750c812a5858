package dev.perdure.engine.orchestrator;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of a step.
 *
 * @param actions what the code asked for, as the events that will record it
 * @param delivered how many events of this execution the code has been handed so far
 * @param waitingFor names of external events that the code waits for
 * @param outcome whether the code waits or has ended
 */
public record StepResult(
    List<HistoryEvent> actions, int delivered, List<String> waitingFor, Outcome outcome) {

  /** Whether the code waits or has ended, and how. */
  public sealed interface Outcome {}

  /** The code waits. */
  public record Waiting() implements Outcome {
    static final Waiting INSTANCE = new Waiting();
  }

  /** The code returned. */
  public record Completed(@Nullable Payload output) implements Outcome {}

  /** The code threw. */
  public record Failed(FailureDetails failure) implements Outcome {}

  /** The code wants to begin afresh. */
  public record ContinueAsNew(@Nullable Payload input, List<EventRaised> unprocessed)
      implements Outcome {}

  /** The code cannot go on; nothing of this step counts. */
  public record Stuck(Problem problem) implements Outcome {}
}
