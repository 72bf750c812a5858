package dev.perdure.grpc.worker;

import static dev.perdure.grpc.worker.Actions.complete;
import static dev.perdure.grpc.worker.Actions.schedule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.grpc.GrpcServer;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.WorkItem;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server that closes lets its workers finish what they have in hand, for a while. */
class DrainTest {
  private static final GetWorkItemsRequest.Builder STEPS = WorkerServer.onlySteps("f");
  private static final GetWorkItemsRequest.Builder ACTIVITIES = WorkerServer.onlyActivities("act");

  private final WorkerServer hub = new WorkerServer();
  private final WorkerService service = new WorkerService();

  @AfterEach
  void close() {
    hub.close();
  }

  /** Closes a server, and returns when it has begun with it. */
  private CompletableFuture<Void> beginToClose(GrpcServer server) {
    CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close);
    WorkerServer.await(service::isDraining);
    return closed;
  }

  @Test
  void whatAWorkerHasInHandItMayStillAnswer() throws Exception {
    GrpcServer server = hub.newServer(service, WorkerServer.PATIENCE.multipliedBy(2));
    ManagedChannel channel = WorkerServer.newChannel(server);
    try (FakeWorker steps = hub.worker(channel, STEPS);
        FakeWorker activities = hub.worker(channel, ACTIVITIES)) {
      hub.start("i", "f", "1");
      steps.turnAnswered(schedule(1, "act", "1"), schedule(2, "act", "2"));
      WorkItem one = activities.activity();
      WorkItem two = activities.activity();

      CompletableFuture<Void> closed = beginToClose(server);
      activities.answer(one, "\"one\"");
      assertThat(closed).as("another one is in hand").isNotDone();
      activities.answer(two, "\"two\"");

      closed.get(WorkerServer.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(activities.ended()).as("the stream ended in an orderly way").isNull();
      assertThat(steps.isIdle()).as("it got no more work").isTrue();
    } finally {
      channel.shutdownNow();
    }
    FakeWorker other = hub.worker();
    FakeWorker.Turn next = other.turn();
    assertThat(next.inbox())
        .extracting(event -> event.getTaskCompleted().getResult().getValue())
        .containsExactlyInAnyOrder("\"one\"", "\"two\"");
    other.answer(next, complete(3, "\"done\""));
    assertThat(hub.ended("i").getOutput().getValue()).isEqualTo("\"done\"");
    assertThat(other.isIdle()).as("no activity runs again").isTrue();
  }

  @Test
  void whoeverConnectsMeanwhileGetsNoWork() throws Exception {
    GrpcServer server = hub.newServer(service, WorkerServer.PATIENCE.multipliedBy(2));
    ManagedChannel channel = WorkerServer.newChannel(server);
    try (FakeWorker busy = hub.worker(channel, STEPS)) {
      hub.start("i", "f", "1");
      FakeWorker.Turn step = busy.turn();
      CompletableFuture<Void> closed = beginToClose(server);
      hub.start("j", "f", "1");
      try (FakeWorker late = hub.worker(channel, STEPS)) {
        busy.answer(step, complete(1, "\"done\""));
        closed.get(WorkerServer.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(late.ended()).isNull();
        assertThat(late.isIdle()).isTrue();
      }
    } finally {
      channel.shutdownNow();
    }
    FakeWorker other = hub.worker();
    assertThat(other.turnAnswered(complete(1, "1")).instanceId()).isEqualTo("j");
  }

  @Test
  void whoeverDoesNotAnswerIsNotWaitedForForLong() {
    GrpcServer server = hub.newServer(service, Duration.ofMillis(300));
    ManagedChannel channel = WorkerServer.newChannel(server);
    FakeWorker.Turn lost;
    try (FakeWorker silent = hub.worker(channel, STEPS)) {
      hub.start("i", "f", "1");
      lost = silent.turn();
      server.close();
      assertThat(silent.ended()).isNull();
    } finally {
      channel.shutdownNow();
    }
    FakeWorker other = hub.worker();
    FakeWorker.Turn again = other.turnAnswered(complete(1, "\"done\""));
    assertThat(again.instanceId()).isEqualTo(lost.instanceId());
    assertThat(again.token()).isNotEqualTo(lost.token());
  }
}
