package dev.perdure.grpc.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.grpc.GrpcServer;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import io.grpc.ManagedChannel;
import org.junit.jupiter.api.Test;

/** A hub belongs to its program, and outlives the servers over which its workers come. */
class SeveralServersTest {
  private final WorkerServer hub = new WorkerServer();

  private static FakeWorker worker(ManagedChannel channel) {
    return new FakeWorker(channel, GetWorkItemsRequest.getDefaultInstance());
  }

  @Test
  void workersOfOtherServersStayWhenAServerCloses() {
    try (hub;
        FakeWorker stays = hub.worker()) {
      GrpcServer other = hub.newServer();
      ManagedChannel channel = WorkerServer.newChannel(other);
      try (FakeWorker goes = worker(channel)) {
        hub.awaitWorkers(2);
        other.close();
        assertThat(goes.ended()).as("the stream ended in an orderly way").isNull();
        hub.awaitWorkers(1);
      } finally {
        channel.shutdownNow();
      }
      hub.start("a", "Greet", "1");
      FakeWorker.Turn step = stays.turn();
      assertThat(step.instanceId()).isEqualTo("a");
      stays.answer(step, Actions.complete(0, "done"));
    }
  }

  @Test
  void workersMayComeOverTheNextServer() {
    try (hub) {
      hub.newServer().close();
      GrpcServer first = hub.newServer();
      ManagedChannel channel = WorkerServer.newChannel(first);
      try (FakeWorker goes = worker(channel)) {
        hub.awaitWorkers(1);
        first.close();
        assertThat(goes.ended()).isNull();
      } finally {
        channel.shutdownNow();
      }
      GrpcServer next = hub.newServer();
      ManagedChannel again = WorkerServer.newChannel(next);
      try (FakeWorker comes = worker(again)) {
        hub.awaitWorkers(1);
      } finally {
        again.shutdownNow();
        next.close();
      }
    }
  }
}
