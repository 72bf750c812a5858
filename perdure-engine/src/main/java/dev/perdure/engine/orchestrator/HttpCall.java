package dev.perdure.engine.orchestrator;

import dev.perdure.api.DurableHttpRequest;
import dev.perdure.api.DurableHttpResponse;

final class HttpCall {
  private final OrchestratorSession session;

  HttpCall(ContextImpl context, OrchestratorSession session, DurableHttpRequest request) {
    this.session = session;
  }

  TaskImpl<DurableHttpResponse> start() {
    return new TaskImpl<>(session);
  }
}
