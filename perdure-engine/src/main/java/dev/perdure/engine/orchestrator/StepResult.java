package dev.perdure.engine.orchestrator;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.EventRaised;
import dev.perdure.api.Payload;
import dev.perdure.api.Problem;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What came of a step.
 *
 * @param actions what the code asked for, as the events that will record it
 * @param delivered how many events of this execution the code has been handed so far
 * @param waitingFor names of external events that the code waits for
 * @param outcome whether the code waits or has ended
 * @param details what the protocol of a remote worker has to know of this step; null for none
 * @param terminations other orchestrations to end
 * @param recorded is completed when all of it is durable, or counts no more; null if nobody asks
 */
public record StepResult(
    List<HistoryEvent> actions,
    int delivered,
    List<String> waitingFor,
    Outcome outcome,
    @Nullable Payload details,
    List<Termination> terminations,
    @Nullable CompletableFuture<@Nullable Void> recorded) {

  /** What came of a step of code in this host. */
  public StepResult(
      List<HistoryEvent> actions, int delivered, List<String> waitingFor, Outcome outcome) {
    this(actions, delivered, waitingFor, outcome, null, List.of(), null);
  }

  /**
   * An orchestration to end.
   *
   * @param output what it ends with
   * @param recursive whether its children are ended too
   */
  public record Termination(String instanceId, @Nullable Payload output, boolean recursive) {}

  /** Whether the code waits or has ended, and how. */
  public sealed interface Outcome {}

  /** The code waits. */
  public record Waiting() implements Outcome {
    /** There are no two kinds of waiting. */
    public static final Waiting INSTANCE = new Waiting();
  }

  /** The code returned. */
  public record Completed(@Nullable Payload output) implements Outcome {}

  /**
   * The code threw.
   *
   * @param output what it answered all the same
   */
  public record Failed(FailureDetails failure, @Nullable Payload output) implements Outcome {
    /** The code threw, and that is all. */
    public Failed(FailureDetails failure) {
      this(failure, null);
    }
  }

  /** The code ended itself as if it had been terminated. */
  public record Terminated(@Nullable Payload output) implements Outcome {}

  /**
   * The code wants to begin afresh.
   *
   * @param unprocessed events that it leaves to the next execution
   * @param notShown events that had come and were not shown to it; they come after what it sends to
   *     itself
   * @param version the version to go on with; null for the same
   * @param tags the tags to go on with; null for the same
   */
  public record ContinueAsNew(
      @Nullable Payload input,
      List<EventRaised> unprocessed,
      List<EventRaised> notShown,
      @Nullable String version,
      @Nullable Map<String, String> tags)
      implements Outcome {
    /** Begins afresh with the same version and tags. */
    public ContinueAsNew(@Nullable Payload input, List<EventRaised> unprocessed) {
      this(input, unprocessed, List.of(), null, null);
    }
  }

  /** The code cannot go on; nothing of this step counts. */
  public record Stuck(Problem problem) implements Outcome {
    /** The code cannot be where it was, since its history cannot be read. */
    public static Stuck unreadable(String instanceId, Throwable why) {
      return new Stuck(
          new Problem(
              Problem.Kind.UNREADABLE,
              "The history of instance '%s' cannot be read: %s. Nothing was changed. It is tried again at the next start; restore the hub from a back-up, or terminate the instance."
                  .formatted(instanceId, why)));
    }
  }
}
