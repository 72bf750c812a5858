package dev.perdure.grpc.worker;

import static dev.perdure.grpc.worker.Actions.complete;
import static dev.perdure.grpc.worker.Actions.schedule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers that go away at an unusual moment, or to which nothing can be sent. */
class LeavingWorkersTest {
  private static final GetWorkItemsRequest.Builder STEPS = WorkerServer.onlySteps("f");
  private static final GetWorkItemsRequest.Builder ACTIVITIES = WorkerServer.onlyActivities("act");

  private final WorkerServer server = new WorkerServer();

  @AfterEach
  void close() {
    server.close();
  }

  /** A worker in this process that throws whatever it is given. */
  private static final class Throwing implements LocalWorker {
    private final CountDownLatch tried = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final boolean error;

    Throwing(boolean error) {
      this.error = error;
    }

    @Override
    public void take(Work work) {
      tried.countDown();
      if (error) {
        throw new StackOverflowError("for the test");
      }
      throw new IllegalStateException("for the test");
    }

    @Override
    public void ended() {
      ended.countDown();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatCannotBeSentGoesToAnother(boolean error) throws Exception {
    FakeWorker steps = server.worker(STEPS);
    Throwing throwing = new Throwing(error);
    var unused = server.pool().connect("throwing", ACTIVITIES.build(), throwing);
    server.start("i", "f", "1");
    steps.turnAnswered(schedule(1, "act", "1"));
    assertThat(throwing.tried.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(throwing.ended.await(30, TimeUnit.SECONDS)).as("it is told").isTrue();
    FakeWorker other = server.worker(ACTIVITIES);
    other.answer(other.activity(), "2");
    steps.turnAnswered(complete(2, "\"done\""));
    assertThat(server.ended("i").getOutput().getValue()).isEqualTo("\"done\"");
  }

  /** The stream of a worker that has left already. */
  private static final class Cancelled extends ServerCallStreamObserver<EncodedWorkItem> {
    @Override
    public void setOnCancelHandler(Runnable handler) {
      handler.run();
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public boolean isCancelled() {
      return true;
    }

    @Override
    public boolean isReady() {
      return false;
    }

    @Override
    public void onNext(EncodedWorkItem item) {
      throw new IllegalStateException("cancelled");
    }

    @Override
    public void onError(Throwable failure) {
      throw new IllegalStateException("cancelled");
    }

    @Override
    public void onCompleted() {
      throw new IllegalStateException("cancelled");
    }

    @Override
    public void setCompression(String compression) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}
  }

  @Test
  void whoLeavesWhileItsHubIsOpenedIsNotConnected() {
    WorkerPool pool = server.pool();
    pool.connect(
        new WorkerIdentity("early", "test", null),
        new WorkerService(),
        STEPS.build(),
        new Cancelled());
    assertThat(pool.connected()).isZero();
    assertThat(pool.obstacle(FunctionKind.ORCHESTRATOR, "f", ""))
        .isEqualTo("no worker is connected");
  }
}
