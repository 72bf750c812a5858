package dev.perdure.grpc.worker;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;

/** Where the work of one worker goes. Used by one thread at a time. */
interface WorkSink {
  /** Whether it takes something now; if not, whoever made it says when it does again. */
  boolean isReady();

  /**
   * Passes a piece of work on.
   *
   * @return how many bytes it has on its way; 0 if it does not leave this process
   */
  int send(Item item, WorkRequest request, String token);

  /** Shows that this side is alive. */
  void ping();

  /** Nothing more comes. */
  void end();

  /** Nothing more comes, because of an error of this side. */
  void fail(Throwable cause);

  /** A stream to a worker elsewhere. */
  record Stream(ServerCallStreamObserver<EncodedWorkItem> out) implements WorkSink {
    @Override
    public boolean isReady() {
      return out.isReady();
    }

    @Override
    public int send(Item item, WorkRequest request, String token) {
      EncodedWorkItem encoded = EncodedWorkItem.of(request, token);
      out.onNext(encoded);
      return encoded.size();
    }

    @Override
    public void ping() {
      out.onNext(EncodedWorkItem.PING);
    }

    @Override
    public void end() {
      out.onCompleted();
    }

    @Override
    public void fail(Throwable cause) {
      out.onError(Status.INTERNAL.withCause(cause).asRuntimeException());
    }
  }

  /** A worker in this process. */
  record Local(LocalWorker worker) implements WorkSink {
    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public int send(Item item, WorkRequest request, String token) {
      worker.take(new LocalWorker.Work(item.kind, item.name, item.instanceId, token, request));
      return 0;
    }

    @Override
    public void ping() {}

    @Override
    public void end() {
      worker.ended();
    }

    @Override
    public void fail(Throwable cause) {
      worker.ended();
    }
  }
}
