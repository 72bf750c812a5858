package dev.perdure.grpc.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What workers hear of a server that has nothing for them. Time is virtual. */
class SignsOfLifeTest {
  private final ManualThreads threads = new ManualThreads();
  private final WorkerPool pool = new WorkerPool(threads::now, 5, threads, WorkerPool.Pace.USUAL);

  private int signsInAMinute(String agent) {
    Stream stream = new Stream();
    pool.connect(
        new WorkerIdentity("w", agent, null),
        new WorkerService(),
        GetWorkItemsRequest.getDefaultInstance(),
        stream);
    threads.pass(Duration.ofMinutes(1));
    return stream.signs;
  }

  @Test
  void workersThatTakeSilenceForDeathAfterTenSecondsStay() {
    assertThat(signsInAMinute("durabletask-js/0.4.0 grpc-node-js/1.14.0")).isEqualTo(12);
    assertThat(signsInAMinute("grpc-go/1.75.0")).isEqualTo(12);
    assertThat(signsInAMinute("")).isEqualTo(12);
  }

  @Test
  void workersThatMayWarnOfThemGetAsManyAsProxiesNeed() {
    assertThat(signsInAMinute("grpc-java-netty/1.59.0")).isEqualTo(2);
  }

  /** Counts signs of life. */
  private static final class Stream extends ServerCallStreamObserver<EncodedWorkItem> {
    private int signs;

    @Override
    public void onNext(EncodedWorkItem item) {
      assertThat(item).isSameAs(EncodedWorkItem.PING);
      signs++;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}
  }
}
