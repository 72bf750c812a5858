package dev.perdure.http;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Answers requests. Implementations are safe from any thread. */
@FunctionalInterface
public interface Handler {
  /**
   * Answers a request.
   *
   * @return the answer, at once or later. The thread that calls is the request's own and may be
   *     blocked; what is to wait for long should still be returned unfinished, and must not keep
   *     the body of the request
   */
  CompletionStage<Response> handle(Request request);

  /**
   * The answer to a request that is not let in, whatever its body says; null if it may be. Asked
   * before the body is read, which whoever has no key could make the server keep.
   *
   * @param head the request without its body
   */
  default @Nullable Response refusal(Request head) {
    return null;
  }
}
