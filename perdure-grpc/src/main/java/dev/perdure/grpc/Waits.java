package dev.perdure.grpc;

import dev.perdure.api.OrchestrationMetadata;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** Calls that are answered when an instance has got somewhere. They occupy no threads. */
final class Waits {
  private final Executor executor;
  private final Map<Long, CompletableFuture<OrchestrationMetadata>> open =
      new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private volatile boolean closed;

  Waits(Executor executor) {
    this.executor = executor;
  }

  /** Answers a call with what comes, unless the caller has gone away by then. */
  <T> void answer(
      String what,
      CompletableFuture<OrchestrationMetadata> reply,
      ServerCallStreamObserver<T> out,
      Function<OrchestrationMetadata, T> toAnswer) {
    long number = numbers.incrementAndGet();
    open.put(number, reply);
    out.setOnCancelHandler(() -> reply.cancel(false));
    CompletableFuture<OrchestrationMetadata> unused =
        reply.whenCompleteAsync(
            (metadata, failure) -> {
              open.remove(number);
              if (out.isCancelled()) {
                return;
              }
              if (failure != null) {
                out.onError(Statuses.of(what, failure));
                return;
              }
              try {
                out.onNext(toAnswer.apply(metadata));
                out.onCompleted();
              } catch (RuntimeException e) {
                out.onError(Statuses.of(what, e));
              }
            },
            executor);
    if (closed) {
      close();
    }
  }

  /** Answers all of them that the server closes. */
  void close() {
    closed = true;
    for (CompletableFuture<OrchestrationMetadata> reply : List.copyOf(open.values())) {
      reply.completeExceptionally(
          Status.UNAVAILABLE
              .withDescription("The server is being closed. The instance goes on; wait again.")
              .asRuntimeException());
    }
  }
}
