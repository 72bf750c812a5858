package dev.perdure.grpc.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.grpc.protocol.CompleteTaskResponse;
import dev.perdure.grpc.protocol.EntityBatchResult;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.OrchestrationState;
import dev.perdure.grpc.protocol.OrchestrationStatus;
import dev.perdure.grpc.protocol.OrchestratorAction;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc.TaskHubSidecarServiceStub;
import dev.perdure.grpc.protocol.WorkItem;
import dev.perdure.grpc.worker.FakeWorker.Turn;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Many orchestrations, and workers that come and go, give work back and answer twice. */
class WorkerStressTest {
  private static final int ORCHESTRATIONS = 500;
  private static final int ACTIVITIES = 5;
  private static final int WORKERS = 8;

  private final AtomicInteger losses = new AtomicInteger();

  /** What the orchestrator asks for: activities, then one call of an entity, then the end. */
  private static List<OrchestratorAction> replay(Turn turn) {
    List<HistoryEvent> all = new ArrayList<>(turn.past());
    all.addAll(turn.events());
    TreeSet<Integer> results = new TreeSet<>();
    boolean scheduled = false;
    boolean called = false;
    String counted = null;
    for (HistoryEvent event : all) {
      if (event.hasTaskScheduled()) {
        scheduled = true;
      } else if (event.hasTaskCompleted()) {
        if (!results.add(Integer.valueOf(event.getTaskCompleted().getResult().getValue()))) {
          throw new AssertionError("Twice in " + turn);
        }
      } else if (event.hasEntityOperationCalled()) {
        called = true;
      } else if (event.hasEntityOperationCompleted()) {
        counted = event.getEntityOperationCompleted().getOutput().getValue();
      }
    }
    List<OrchestratorAction> actions = new ArrayList<>();
    if (!scheduled) {
      for (int i = 0; i < ACTIVITIES; i++) {
        actions.add(Actions.schedule(i, "act", "" + i));
      }
    } else if (results.size() == ACTIVITIES && !called) {
      actions.add(
          Actions.call(
              ACTIVITIES,
              turn.instanceId(),
              "@counter@" + (turn.instanceId().hashCode() & 3),
              "add",
              "1",
              UUID.nameUUIDFromBytes(
                      turn.instanceId().getBytes(java.nio.charset.StandardCharsets.UTF_8))
                  .toString()));
    } else if (counted != null) {
      actions.add(Actions.complete(ACTIVITIES + 1, results.toString()));
    }
    return actions;
  }

  private final class Unreliable {
    private final WorkerServer server;
    private final Random random;
    private final TaskHubSidecarServiceStub calls;
    private final StreamObserver<CompleteTaskResponse> ignored =
        new StreamObserver<>() {
          @Override
          public void onNext(CompleteTaskResponse value) {}

          @Override
          public void onError(Throwable t) {
            failures.add(t.toString());
          }

          @Override
          public void onCompleted() {}
        };
    private FakeWorker worker;

    Unreliable(WorkerServer server, long seed) {
      this.server = server;
      this.random = new Random(seed);
      this.calls = TaskHubSidecarServiceGrpc.newStub(server.channel());
      connect();
    }

    private void connect() {
      FakeWorker next =
          server.connect(GetWorkItemsRequest.newBuilder().setMaxConcurrentEntityWorkItems(4));
      worker = next;
      next.handle(item -> handle(next, item));
    }

    private synchronized void handle(FakeWorker from, WorkItem item) {
      int luck = calm.get() ? 99 : random.nextInt(100);
      if (luck < 2 && losses.get() < 150) {
        losses.incrementAndGet();
        from.close();
        if (from == worker) {
          Thread.ofVirtual().start(this::connect);
        }
        return;
      }
      if (luck < 5) {
        giveBack(from, item);
        return;
      }
      int times = luck < 15 ? 2 : 1;
      for (int i = 0; i < times; i++) {
        answer(item);
      }
    }

    private void giveBack(FakeWorker from, WorkItem item) {
      Thread.ofVirtual()
          .start(
              () -> {
                if (item.hasOrchestratorRequest()) {
                  from.abandonTurn(item.getCompletionToken());
                } else if (item.hasActivityRequest()) {
                  from.abandonActivity(item.getCompletionToken());
                } else {
                  from.abandonEntity(item.getCompletionToken());
                }
              });
    }

    private void answer(WorkItem item) {
      if (item.hasOrchestratorRequest()) {
        Turn turn = new Turn(item.getCompletionToken(), item.getOrchestratorRequest());
        calls.completeOrchestratorTask(
            turn.answer(replay(turn).toArray(OrchestratorAction[]::new)).build(), ignored);
      } else if (item.hasActivityRequest()) {
        calls.completeActivityTask(
            FakeWorker.answerTo(item).setResult(item.getActivityRequest().getInput()).build(),
            ignored);
      } else {
        int state =
            item.getEntityRequestV2().hasEntityState()
                ? Integer.parseInt(item.getEntityRequestV2().getEntityState().getValue())
                : 0;
        EntityBatchResult.Builder answer =
            EntityBatchResult.newBuilder().setCompletionToken(item.getCompletionToken());
        int operations = item.getEntityRequestV2().getOperationRequestsCount();
        int done = operations > 1 && random.nextInt(4) == 0 ? operations - 1 : operations;
        for (int i = 0; i < done; i++) {
          answer.addResults(FakeWorker.success("" + ++state));
        }
        calls.completeEntityTask(answer.setEntityState(Actions.text("" + state)).build(), ignored);
      }
    }
  }

  private final AtomicBoolean calm = new AtomicBoolean();
  private final Set<String> failures = ConcurrentHashMap.newKeySet();

  @Test
  void everyOneEndsOnceAndRight() {
    try (WorkerServer server =
        new WorkerServer(
            FunctionRegistry.builder().build(),
            new WorkerPool.Pace(
                Duration.ofSeconds(1), Duration.ofMillis(5), Duration.ofMillis(50)))) {
      long seed = System.nanoTime();
      List<Unreliable> workers = new ArrayList<>();
      for (int i = 0; i < WORKERS; i++) { // another seed every time; a failure names what is wrong
        workers.add(new Unreliable(server, seed + i));
      }
      for (int i = 0; i < ORCHESTRATIONS; i++) {
        server.start("i" + i, "f", "1");
      }
      for (int i = 0; i < ORCHESTRATIONS; i++) {
        String id = "i" + i;
        WorkerServer.await(
            () -> {
              OrchestrationStatus status = server.status(id);
              if (server.explain(id).problem() != null) {
                server.perdure().requeue(id, "went on by hand");
              }
              for (int e = 0; e < 4; e++) {
                requeueEntity(server, "@counter@" + e);
              }
              return status == OrchestrationStatus.ORCHESTRATION_STATUS_COMPLETED;
            });
        OrchestrationState state = server.state(id);
        assertThat(state.getOutput().getValue()).isEqualTo("[0, 1, 2, 3, 4]");
      }
      calm.set(true);
      int counted = 0;
      for (int e = 0; e < 4; e++) {
        counted +=
            Integer.parseInt(
                server.entity("@counter@" + e).getEntity().getSerializedState().getValue());
      }
      assertThat(counted).isEqualTo(ORCHESTRATIONS);
      WorkerServer.await(() -> server.pool().underWay() == 0 && server.pool().waiting() == 0);
      assertThat(failures).isEmpty();
      assertThat(server.perdure().audit().findings()).isEmpty();
      assertThat(workers).hasSize(WORKERS);
    }
  }

  @Test
  void everyOneEndsThoughTheServerIsStartedAgain() {
    try (WorkerServer server =
        new WorkerServer(
            FunctionRegistry.builder().build(),
            new WorkerPool.Pace(
                Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1)))) {
      calm.set(true);
      for (int round = 0; round < 4; round++) {
        List<Unreliable> workers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          workers.add(new Unreliable(server, i));
        }
        for (int i = 0; i < 50; i++) {
          server.start("i" + round + "-" + i, "f", "1");
        }
        assertThat(workers).hasSize(3);
        server.restart();
      }
      Unreliable last = new Unreliable(server, 7);
      for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 50; i++) {
          OrchestrationState state = server.ended("i" + round + "-" + i);
          assertThat(state.getOutput().getValue()).isEqualTo("[0, 1, 2, 3, 4]");
        }
      }
      int counted = 0;
      for (int e = 0; e < 4; e++) {
        counted +=
            Integer.parseInt(
                server.entity("@counter@" + e).getEntity().getSerializedState().getValue());
      }
      assertThat(counted).isEqualTo(200);
      assertThat(last.worker.isIdle()).isTrue();
      WorkerServer.await(() -> server.pool().underWay() == 0 && server.pool().waiting() == 0);
      assertThat(server.perdure().audit().findings()).isEmpty();
    }
  }

  private static void requeueEntity(WorkerServer server, String id) {
    try {
      if (server.explain(id).problem() != null) {
        server.perdure().requeue(id, "went on by hand");
      }
    } catch (dev.perdure.api.InstanceNotFoundException notYet) {
      // Nobody has called it.
    }
  }
}
