package dev.perdure.engine.orchestrator;

import dev.perdure.api.DurableHttpRequest;
import dev.perdure.api.DurableHttpResponse;
import dev.perdure.api.TaskOptions;
import dev.perdure.engine.http.HttpActivity;
import dev.perdure.engine.http.HttpPolling;

/**
 * A durable HTTP call: each request is an activity, each wait before the next poll of a 202 answer
 * a timer.
 */
final class HttpCall {
  private final ContextImpl context;
  private final OrchestratorSession session;
  private final TaskImpl<DurableHttpResponse> result;

  HttpCall(ContextImpl context, OrchestratorSession session) {
    this.context = context;
    this.session = session;
    this.result = new TaskImpl<>(session);
  }

  TaskImpl<DurableHttpResponse> start(DurableHttpRequest request) {
    TaskOptions options =
        request.retry() == null ? TaskOptions.NONE : TaskOptions.retry(request.retry());
    TaskImpl<DurableHttpResponse> attempt =
        context.activity(
            HttpActivity.NAME, HttpActivity.Wire.of(request), options, DurableHttpResponse.class);
    attempt.onEnd(() -> answered(request, attempt));
    return result;
  }

  private void answered(DurableHttpRequest request, TaskImpl<DurableHttpResponse> attempt) {
    if (result.isDone()) {
      return; // cancelled meanwhile
    }
    result.endWith(
        () -> {
          DurableHttpResponse answer = attempt.get();
          HttpPolling.next(request, answer, session.now())
              .ifPresentOrElse(this::pollLater, () -> result.complete(answer));
        });
  }

  private void pollLater(HttpPolling.Poll poll) {
    context
        .timer(session.now().plus(poll.delay()))
        .onEnd(
            () -> {
              if (!result.isDone()) {
                result.endWith(() -> start(poll.request()));
              }
            });
  }
}
