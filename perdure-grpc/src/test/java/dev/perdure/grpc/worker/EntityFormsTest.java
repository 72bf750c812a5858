package dev.perdure.grpc.worker;

import static dev.perdure.grpc.worker.Actions.call;
import static dev.perdure.grpc.worker.Actions.complete;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.grpc.GrpcServer;
import dev.perdure.grpc.protocol.EntityBatchRequest;
import dev.perdure.grpc.protocol.OperationRequest;
import dev.perdure.grpc.protocol.WorkItem;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Operations of entities in the older of the protocol's two forms. */
class EntityFormsTest {
  private static final String A = "@counter@a";

  private final WorkerServer hub = new WorkerServer();
  private final GrpcServer older =
      hub.newServer(new WorkerService(EntityForm.V1), Duration.ofSeconds(2));
  private final ManagedChannel channel = WorkerServer.newChannel(older);
  private final FakeWorker entities = hub.worker(channel, WorkerServer.onlyEntities("counter"));

  @AfterEach
  void close() {
    entities.close();
    channel.shutdownNow();
    older.close();
    hub.close();
  }

  private WorkItem next() {
    WorkItem item = entities.item();
    assertThat(item.hasEntityRequest()).as("%s", item).isTrue();
    assertThat(item.getCompletionToken()).isNotEmpty();
    return item;
  }

  @Test
  void signalsComeInOrderWithTheState() {
    hub.signal(A, "add", "1");
    WorkItem first = next();
    EntityBatchRequest request = first.getEntityRequest();
    assertThat(request.getInstanceId()).isEqualTo(A);
    assertThat(request.hasEntityState()).isFalse();
    OperationRequest only = request.getOperations(0);
    assertThat(only.getOperation()).isEqualTo("add");
    assertThat(only.getInput().getValue()).isEqualTo("1");
    assertThat(UUID.fromString(only.getRequestId())).isNotNull();

    hub.signal(A, "add", "2");
    hub.signal(A, "reset", "null");
    entities.answer(first, "1", List.of("1"));
    WorkItem second = next();
    assertThat(second.getEntityRequest().getEntityState().getValue()).isEqualTo("1");
    assertThat(second.getEntityRequest().getOperationsList())
        .extracting(OperationRequest::getOperation)
        .containsExactly("add", "reset");
    entities.answer(second, "0", List.of("3", "0"));
    WorkerServer.await(() -> hub.entity(A).getEntity().getSerializedState().getValue().equals("0"));
  }

  @Test
  void whoeverCallsGetsTheResult() {
    try (FakeWorker steps = hub.worker(channel, WorkerServer.onlySteps("f"))) {
      hub.start("i", "f", "1");
      steps.turnAnswered(call(1, "i", A, "get", "5", UUID.randomUUID().toString()));
      WorkItem item = next();
      assertThat(item.getEntityRequest().getOperations(0).getInput().getValue()).isEqualTo("5");
      entities.answer(item, "1", List.of("\"result\""));
      FakeWorker.Turn turn = steps.turn();
      assertThat(turn.only().getEntityOperationCompleted().getOutput().getValue())
          .isEqualTo("\"result\"");
      steps.answer(turn, complete(2, "1"));
      hub.ended("i");
    }
  }
}
