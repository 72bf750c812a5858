package dev.perdure.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A stream to a peer, sent by one thread that waits while the peer does not take more. Made by the
 * method that takes the call, before it returns; used by another thread, because the peer's
 * progress is not noticed before that method has returned.
 */
public final class OutStream<T> {
  private final ServerCallStreamObserver<T> out;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Takes over the handlers of a call. */
  public OutStream(ServerCallStreamObserver<T> out) {
    this.out = out;
    out.setOnReadyHandler(this::wake);
    out.setOnCancelHandler(this::wake);
  }

  private void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sends something once the peer takes it.
   *
   * @return whether it was sent; false when the peer has gone away
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public boolean send(T message) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!out.isReady() && !out.isCancelled()) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
    if (out.isCancelled()) {
      return false;
    }
    out.onNext(message);
    return true;
  }

  /** Ends the stream. */
  public void end() {
    out.onCompleted();
  }

  /** Ends the stream with a status. */
  public void fail(Throwable status) {
    out.onError(status);
  }
}
