package dev.perdure.grpc;

import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.Payload;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Calls that are answered when an instance has got somewhere. They occupy no threads. */
final class Waits {
  /** Answers up to this size are sent by the thread of the engine that has them. */
  private static final int SMALL_BYTES = 16 << 10;

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
        reply.whenComplete(
            (metadata, failure) -> {
              open.remove(number);
              if (out.isCancelled()) {
                return;
              }
              if (failure != null) {
                out.onError(Statuses.of(what, failure));
              } else if (isSmall(metadata)) {
                answer(what, metadata, out, toAnswer); // cheaper than to wake another thread
              } else {
                executor.execute(() -> answer(what, metadata, out, toAnswer));
              }
            });
    if (closed) {
      close();
    }
  }

  private static <T> void answer(
      String what,
      OrchestrationMetadata metadata,
      ServerCallStreamObserver<T> out,
      Function<OrchestrationMetadata, T> toAnswer) {
    try {
      out.onNext(toAnswer.apply(metadata));
      out.onCompleted();
    } catch (RuntimeException e) {
      out.onError(Statuses.of(what, e));
    }
  }

  private static boolean isSmall(OrchestrationMetadata metadata) {
    return bytes(metadata.serializedInput())
            + bytes(metadata.serializedOutput())
            + bytes(metadata.serializedCustomStatus())
        <= SMALL_BYTES;
  }

  private static long bytes(@Nullable Payload payload) {
    return payload == null ? 0 : payload.size();
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
