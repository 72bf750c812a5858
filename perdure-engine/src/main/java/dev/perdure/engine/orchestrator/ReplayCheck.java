package dev.perdure.engine.orchestrator;

import dev.perdure.api.DataConverter;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.Problem;
import dev.perdure.engine.functions.FunctionRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Replays a history against the code there is now, without a hub: nothing that the code asks for
 * happens. Finds what an engine would find when it takes up the instance, before it does.
 */
public final class ReplayCheck {
  private ReplayCheck() {}

  /**
   * What came of a replay.
   *
   * @param problem why the instance would be set aside; null if it would go on
   * @param codeLocation the line of code at which it waits; null if there is a problem, if the code
   *     has ended, or if the line is not the user's
   */
  public record Result(@Nullable Problem problem, @Nullable String codeLocation) {}

  /**
   * Replays a history.
   *
   * @param instanceId whose history, for messages
   * @param history all events of one execution, from its start
   * @param patience how long the code may run without waiting; a debugger needs more
   * @return whether it would go on, and where it waits
   * @throws IllegalArgumentException if the history does not begin with the start of an execution
   * @throws IllegalStateException if the code runs for longer than that
   */
  public static Result run(
      FunctionRegistry functions,
      DataConverter converter,
      String instanceId,
      List<HistoryEvent> history,
      Duration patience) {
    CompletableFuture<StepResult> end = new CompletableFuture<>();
    OrchestratorSession session =
        begin(
            functions,
            converter,
            instanceId,
            history,
            Thread.ofVirtual().name("perdure-orchestrator").factory(),
            InstantSource.system(),
            end);
    try {
      StepResult result = end.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return switch (result.outcome()) {
        case StepResult.Stuck(Problem problem) -> new Result(problem, null);
        // What the session has told it did on its own thread, which waits now and goes no further.
        case StepResult.Waiting waits -> new Result(null, CodeLocation.of(session.stack()));
        default -> new Result(null, null);
      };
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "The code of '%s' has run for %s without waiting for anything, at %s."
              .formatted(instanceId, patience, CodeLocation.of(session.stack())),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("The replay of '%s' was interrupted.".formatted(instanceId));
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      session.close();
    }
  }

  /**
   * Replays a history on threads of the caller's choice, and tells what came of it: {@link
   * StepResult.Stuck} if the instance would be set aside. The actions are those that the history
   * does not hold; there are none where every event of it had been handled.
   *
   * @param history all events of one execution, from its start
   * @param threads makes the thread that the code runs on
   * @param clock stamps the actions
   * @return completed on the thread of the code; never, if the code does not come to a wait
   * @throws IllegalArgumentException if the history does not begin with the start of an execution
   */
  public static CompletableFuture<StepResult> start(
      FunctionRegistry functions,
      DataConverter converter,
      String instanceId,
      List<HistoryEvent> history,
      ThreadFactory threads,
      InstantSource clock) {
    CompletableFuture<StepResult> end = new CompletableFuture<>();
    OrchestratorSession session =
        begin(functions, converter, instanceId, history, threads, clock, end);
    return end.whenComplete((result, failure) -> session.close());
  }

  private static OrchestratorSession begin(
      FunctionRegistry functions,
      DataConverter converter,
      String instanceId,
      List<HistoryEvent> history,
      ThreadFactory threads,
      InstantSource clock,
      CompletableFuture<StepResult> end) {
    if (history.isEmpty() || !(history.getFirst() instanceof HistoryEvent.ExecutionStarted)) {
      throw new IllegalArgumentException(
          "The history of '%s' does not begin with ExecutionStarted, so it cannot be replayed."
              .formatted(instanceId));
    }
    SessionConfig config =
        new SessionConfig(
            functions,
            converter,
            clock,
            System::nanoTime,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            threads,
            null);
    OrchestratorSession session =
        new OrchestratorSession(
            config, instanceId, () -> history, (ended, result) -> end.complete(result));
    session.start(List.of());
    return session;
  }
}
