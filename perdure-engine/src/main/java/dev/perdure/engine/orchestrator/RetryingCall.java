package dev.perdure.engine.orchestrator;

import dev.perdure.api.FailureDetails;
import dev.perdure.api.Payload;
import dev.perdure.api.RetryContext;
import dev.perdure.api.RetryPolicy;
import dev.perdure.api.TaskFailedException;
import dev.perdure.engine.instance.Tries;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A call of an activity or a sub-orchestration, tried again by its policy: each attempt is a task
 * in the history, each wait in between a timer.
 */
abstract class RetryingCall<R extends @Nullable Object> {
  final ContextImpl context;
  final OrchestratorSession session;
  final String name;
  private final @Nullable RetryPolicy policy;
  private final PayloadTask<R> task;
  private final Instant firstAttemptAt;
  private int attempt;
  private int taskId;

  RetryingCall(
      ContextImpl context,
      OrchestratorSession session,
      String name,
      @Nullable RetryPolicy policy,
      PayloadTask<R> task) {
    this.context = context;
    this.session = session;
    this.name = name;
    this.policy = policy;
    this.task = task;
    this.firstAttemptAt = session.now();
  }

  /** Asks for one attempt, as a new task. */
  abstract void ask(int attempt, Attempt waiter);

  /** What sort of call it is, for a person. */
  abstract String kind();

  /** Which attempt it is that is under way or has failed last; null if there is but one. */
  private @Nullable Tries tries() {
    return attemptsMax() == 0 ? null : new Tries(kind(), name, taskId, attempt, attemptsMax());
  }

  /** Attempts in all that the policy allows; 0 if it is tried but once. */
  final int attemptsMax() {
    return policy == null || policy.maxAttempts() == 1 ? 0 : policy.maxAttempts();
  }

  final PayloadTask<R> start() {
    attempt++;
    Attempt waiter = new Attempt();
    ask(attempt, waiter);
    return task;
  }

  /** Gets what comes back for one attempt. */
  final class Attempt implements OrchestratorSession.Waiter {
    /** Opens the attempt's task in the session. */
    int open() {
      taskId = session.open(this);
      return taskId;
    }

    @Override
    public @Nullable Tries tries() {
      return RetryingCall.this.tries();
    }

    @Override
    public void completed(@Nullable Payload result) {
      task.completeWith(result);
    }

    @Override
    public void failed(FailureDetails failure) {
      if (!task.isDone()) { // else it was cancelled meanwhile: nobody wants another attempt
        task.endWith(() -> failOrTryAgain(failure));
      }
    }

    private void failOrTryAgain(FailureDetails failure) {
      if (policy == null || !shouldRetry(failure)) {
        task.fail(new TaskFailedException(name, taskId, failure));
        return;
      }
      Duration wait = policy.intervalAfter(attempt);
      if (wait.isZero()) {
        start();
      } else {
        Instant then = session.now().plus(wait);
        context.timer(then, RetryingCall.this::tries).onEnd(RetryingCall.this::startUnlessDone);
      }
    }
  }

  private void startUnlessDone() {
    if (!task.isDone()) {
      task.endWith(this::start);
    }
  }

  private boolean shouldRetry(FailureDetails failure) {
    if (policy == null || failure.nonRetriable() || attempt >= policy.maxAttempts()) {
      return false;
    }
    Duration elapsed = Duration.between(firstAttemptAt, session.now());
    if (policy.timeout() != null
        && elapsed.plus(policy.intervalAfter(attempt)).compareTo(policy.timeout()) > 0) {
      return false;
    }
    return policy.handler() == null
        || policy.handler().shouldRetry(new RetryContext(context, attempt, failure, elapsed));
  }
}
