package dev.perdure.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * A call whose work begins on another thread, after the method that took the call has returned. Its
 * handlers, which a call takes only before that, can be set later; what happened meanwhile is made
 * up for.
 */
final class LateCall<A> extends ServerCallStreamObserver<A> {
  private final ServerCallStreamObserver<A> call;

  // Guarded by this.
  private @Nullable Runnable onReady;
  private @Nullable Runnable onCancel;
  private boolean wasReady;

  /** Takes over the handlers of a call. In the method that takes the call. */
  LateCall(ServerCallStreamObserver<A> call) {
    this.call = call;
    call.setOnReadyHandler(this::ready);
    call.setOnCancelHandler(this::cancelled);
  }

  private void ready() {
    Runnable handler;
    synchronized (this) {
      wasReady = true;
      handler = onReady;
    }
    if (handler != null) {
      handler.run();
    }
  }

  private void cancelled() {
    Runnable handler;
    synchronized (this) {
      handler = onCancel;
    }
    if (handler != null) {
      handler.run();
    }
  }

  @Override
  public void setOnReadyHandler(Runnable handler) {
    boolean missed;
    synchronized (this) {
      onReady = handler;
      missed = wasReady;
    }
    if (missed) {
      handler.run();
    }
  }

  @Override
  public void setOnCancelHandler(Runnable handler) {
    synchronized (this) {
      onCancel = handler;
    }
    if (call.isCancelled()) {
      handler.run();
    }
  }

  @Override
  public boolean isReady() {
    return call.isReady();
  }

  @Override
  public boolean isCancelled() {
    return call.isCancelled();
  }

  @Override
  public void onNext(A answer) {
    call.onNext(answer);
  }

  @Override
  public void onError(Throwable failure) {
    call.onError(failure);
  }

  @Override
  public void onCompleted() {
    call.onCompleted();
  }

  @Override
  public void setCompression(String compression) {
    call.setCompression(compression);
  }

  @Override
  public void setMessageCompression(boolean enable) {
    call.setMessageCompression(enable);
  }

  @Override
  public void disableAutoInboundFlowControl() {
    call.disableAutoInboundFlowControl();
  }

  @Override
  public void request(int count) {
    call.request(count);
  }
}
