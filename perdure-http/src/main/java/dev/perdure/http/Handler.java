package dev.perdure.http;

import java.util.concurrent.CompletionStage;

/** Answers requests. Implementations are safe from any thread. */
@FunctionalInterface
public interface Handler {
  /**
   * Answers a request.
   *
   * @return the answer, at once or later. The thread that calls is the request's own and may be
   *     blocked; what is to wait for long should still be returned unfinished
   */
  CompletionStage<Response> handle(Request request);
}
