package dev.perdure.engine.orchestrator;

import dev.perdure.api.HistoryEvent.TaskScheduled;
import dev.perdure.api.Payload;
import dev.perdure.api.RetryPolicy;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A call of an activity. */
final class ActivityCall<R extends @Nullable Object> extends RetryingCall<R> {
  private final @Nullable Payload input;
  private int firstTaskId;

  ActivityCall(
      ContextImpl context,
      OrchestratorSession session,
      String name,
      @Nullable Payload input,
      @Nullable RetryPolicy policy,
      PayloadTask<R> task) {
    super(context, session, name, policy, task);
    this.input = input;
  }

  @Override
  String kind() {
    return "activity";
  }

  @Override
  void ask(int attempt, Attempt waiter) {
    int taskId = waiter.open();
    if (attempt == 1) {
      firstTaskId = session.idWithoutRewinds(taskId);
    }
    session.act(
        new TaskScheduled(
            session.timestamp(),
            taskId,
            name,
            input,
            firstTaskId,
            attempt,
            attemptsMax(),
            null,
            Map.of(),
            null));
  }
}
