package dev.perdure.http.durable;

import dev.perdure.api.HubClosedException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.http.Closing;
import dev.perdure.http.Response;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Waits for an orchestration and answers with its output, or, when that takes too long, with the
 * links by which to look after it. No thread is occupied meanwhile.
 */
public final class CompletionWait {
  private static final Executor THREADS =
      task -> Thread.ofVirtual().name("perdure-http-wait").start(task);

  private CompletionWait() {}

  /**
   * Waits.
   *
   * @param timeout how long at most
   * @param closing ends the wait when the server begins to close
   * @param links of the instance
   * @return the output with 200; the status if it ended otherwise; the links with 202 if it has not
   *     ended in time
   */
  public static CompletionStage<Response> completionOrCheckStatus(
      TaskHub hub, Duration timeout, Closing closing, ManagementLinks links) {
    CompletableFuture<OrchestrationMetadata> end = end(hub, links.instanceId());
    closing.limit(end);
    return end.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .handleAsync((instance, failure) -> answer(instance, failure, links), THREADS);
  }

  private static CompletableFuture<OrchestrationMetadata> end(TaskHub hub, String instanceId) {
    try {
      return hub.engine().requests().await(instanceId, true);
    } catch (HubClosedException e) { // since the instance was started
      return CompletableFuture.failedFuture(e);
    }
  }

  private static Response answer(
      @Nullable OrchestrationMetadata instance,
      @Nullable Throwable failure,
      ManagementLinks links) {
    if (instance != null) {
      return ended(instance, links.failureIsServerError());
    }
    Throwable reason = failure == null ? null : Problems.unwrapped(failure);
    if (reason instanceof TimeoutException || reason instanceof HubClosedException) {
      return links.checkStatusResponse(); // it goes on, maybe when its hub is opened again
    }
    throw new CompletionException(failure);
  }

  private static Response ended(OrchestrationMetadata instance, boolean failureIsServerError) {
    return instance.status() == OrchestrationStatus.COMPLETED
        ? Response.json(200, Json.write(json -> Json.stored(json, instance.serializedOutput())))
        : status(instance, failureIsServerError);
  }

  /** The answer to whoever asks for the status of an instance that has ended. */
  static Response status(OrchestrationMetadata instance, boolean failureIsServerError) {
    int status =
        instance.status() == OrchestrationStatus.FAILED && failureIsServerError ? 500 : 200;
    return Response.json(
        status, Json.write(json -> StatusJson.write(json, instance, true, null, false)));
  }
}
