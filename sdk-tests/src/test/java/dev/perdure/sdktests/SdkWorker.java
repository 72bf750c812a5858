package dev.perdure.sdktests;

import com.microsoft.durabletask.DurableTaskGrpcWorker;
import com.microsoft.durabletask.DurableTaskGrpcWorkerBuilder;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.util.function.Consumer;

/**
 * A worker of the Java SDK, on a connection and a thread of its own. Closing it is sudden, as when
 * a machine loses its power: what it was doing is left undone.
 */
final class SdkWorker implements AutoCloseable {
  private final ManagedChannel channel;
  private final Thread thread;

  private SdkWorker(ManagedChannel channel, DurableTaskGrpcWorker worker) {
    this.channel = channel;
    this.thread = Thread.ofPlatform().daemon().name("worker").unstarted(worker::startAndBlock);
  }

  static SdkWorker start(int port, Consumer<Code> code) {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    DurableTaskGrpcWorkerBuilder builder = new DurableTaskGrpcWorkerBuilder().grpcChannel(channel);
    code.accept(new Code(builder));
    SdkWorker worker = new SdkWorker(channel, builder.build());
    worker.thread.start();
    return worker;
  }

  /** False once the SDK's loop has ended, which it does only when it is closed or fails. */
  boolean isRunning() {
    return thread.isAlive();
  }

  @Override
  public void close() throws InterruptedException {
    channel.shutdownNow();
    // The first interrupt may hit an activity, the second the pause before the next attempt.
    for (int i = 0; thread.isAlive(); i++) {
      if (i == 500) {
        throw new AssertionError("A worker does not end");
      }
      thread.interrupt();
      thread.join(20);
    }
  }
}
