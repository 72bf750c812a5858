package dev.perdure.engine.orchestrator;

import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.Payload;
import dev.perdure.api.TaskOptions;
import org.jspecify.annotations.Nullable;

/** A call of a sub-orchestration. */
final class SubOrchestrationCall<R extends @Nullable Object> extends RetryingCall<R> {
  private final @Nullable Payload input;
  private final TaskOptions options;

  SubOrchestrationCall(
      ContextImpl context,
      OrchestratorSession session,
      String name,
      @Nullable Payload input,
      TaskOptions options,
      PayloadTask<R> task) {
    super(context, session, name, options.retry(), task);
    this.input = input;
    this.options = options;
  }

  @Override
  String kind() {
    return "sub-orchestration";
  }

  @Override
  void ask(int attempt, Attempt waiter) {
    int taskId = waiter.open();
    String id = options.instanceId();
    if (id == null) {
      // The execution id tells children of this execution from those of one it continued from.
      id = "%s:%04x".formatted(context.executionId(), taskId);
    }
    String version = options.version();
    session.act(
        new SubOrchestrationCreated(
            session.timestamp(),
            taskId,
            id,
            name,
            version == null ? context.version() : version,
            input,
            attempt,
            attemptsMax(),
            options.tags(),
            null));
  }
}
