package dev.perdure.grpc.worker;

import static dev.perdure.grpc.worker.Actions.call;
import static dev.perdure.grpc.worker.Actions.complete;
import static dev.perdure.grpc.worker.Actions.lock;
import static dev.perdure.grpc.worker.Actions.unlock;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.EntityId;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.grpc.protocol.EntityRequest;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.WorkItem;
import dev.perdure.grpc.worker.FakeWorker.Turn;
import dev.perdure.store.CorruptStoreException;
import dev.perdure.store.ForwardingStore;
import dev.perdure.store.InstanceRow;
import dev.perdure.store.memory.MemoryStore;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Operations that wait for a worker for long, or are many, are forgotten in memory together with
 * their entity, and read again when a worker takes them.
 */
class ForgottenOperationsTest {
  private static final String A = "@box@a";
  private static final String B = "@box@b";

  /** As long as an entity stays in memory that nothing happens to, and longer. */
  private static final Duration LONG = Duration.ofMinutes(10);

  private final AtomicInteger loads = new AtomicInteger();
  private final Set<String> damaged = ConcurrentHashMap.newKeySet();
  private final WorkerServer server =
      new WorkerServer(
          FunctionRegistry.builder().build(),
          WorkerPool.Pace.USUAL,
          new ForwardingStore(new MemoryStore(1)) {
            @Override
            public @Nullable InstanceRow loadInstance(int partition, String id) {
              if (damaged.contains(id)) {
                throw new CorruptStoreException("the row of " + id + " is damaged", null);
              }
              if (EntityId.isEntityId(id)) {
                loads.incrementAndGet();
              }
              return super.loadInstance(partition, id);
            }
          });

  @AfterEach
  void close() {
    server.close();
  }

  /** Time passes until what waits at an entity has been forgotten, and its worker is waited for. */
  private void forget(String entity) {
    server.timePassesUntil(server.now().plus(LONG));
    WorkerServer.await(() -> isForgotten(entity));
  }

  private boolean isForgotten(String entity) {
    return server
        .explain(entity)
        .summary()
        .contains("waits for a worker to take its operations: no worker is connected");
  }

  /** A worker is given exactly these operations, and runs them. */
  private static void run(FakeWorker worker, String... expected) {
    WorkItem item = worker.entity();
    assertThat(operations(item)).containsExactly(expected);
    worker.answer(item, "1", Collections.nCopies(expected.length, "1"));
  }

  private static List<String> operations(WorkItem item) {
    return item.getEntityRequestV2().getOperationRequestsList().stream()
        .map(ForgottenOperationsTest::operation)
        .toList();
  }

  private static String operation(HistoryEvent event) {
    return event.hasEntityOperationCalled()
        ? event.getEntityOperationCalled().getOperation()
        : event.getEntityOperationSignaled().getOperation();
  }

  @Test
  void aWorkerGetsThemWithWhatHasComeSince() {
    server.signal(A, "first", "1");
    server.signal(A, "second", "2");
    forget(A);
    server.signal(A, "third", "3");

    FakeWorker worker = server.worker();
    WorkItem item = worker.entity();
    assertThat(operations(item)).containsExactly("first", "second", "third");
    worker.answer(item, "\"full\"", List.of("1", "1", "1"));
    server.signal(A, "fourth", "4");
    WorkItem next = worker.entity();
    EntityRequest request = next.getEntityRequestV2();
    assertThat(request.getEntityState().getValue()).isEqualTo("\"full\"");
    assertThat(operations(next)).containsExactly("fourth");
    worker.answer(next, "\"full\"", List.of("1"));
  }

  @Test
  void theyCanBeForgottenAgain() {
    server.signal(A, "first", "1");
    forget(A);
    server.signal(A, "second", "2");
    forget(A);
    server.restart();
    forget(A);
    FakeWorker worker = server.worker();
    run(worker, "first", "second");
  }

  @Test
  void aWorkerThatGoesAwayLosesNoneOfThem() {
    server.signal(A, "first", "1");
    forget(A);
    FakeWorker lost = server.worker();
    assertThat(operations(lost.entity())).containsExactly("first");
    lost.close();
    server.awaitWorkers(0);
    forget(A);
    FakeWorker worker = server.worker();
    run(worker, "first");
  }

  @Test
  void whatAWorkerGivesBackIsForgottenToo() {
    server.signal(A, "first", "1");
    FakeWorker first = server.worker();
    first.abandonEntity(first.entity().getCompletionToken());
    first.close();
    server.awaitWorkers(0);
    forget(A);
    server.signal(A, "second", "2");
    FakeWorker worker = server.worker();
    run(worker, "first", "second");
  }

  @Test
  void whatIsPurgedIsNotHandedOut() {
    server.signal(A, "first", "1");
    forget(A);
    assertThat(server.perdure().purgeEntity(EntityId.parse(A))).isTrue();
    FakeWorker worker =
        server.worker(GetWorkItemsRequest.newBuilder().setMaxConcurrentEntityWorkItems(1));
    server.signal(A, "second", "2");
    run(worker, "second");
  }

  @Test
  void operationsOfALockOwnerGoFirst() {
    String owner = "owner";
    FakeWorker orchestrators = server.worker(GetWorkItemsRequest.newBuilder());
    server.start(owner, "f", "1");
    String section = UUID.randomUUID().toString();
    orchestrators.turnAnswered(lock(1, owner, section, List.of(A)));
    Turn locked = orchestrators.turn();
    assertThat(locked.only().hasEntityLockGranted()).isTrue();
    server.signal(A, "later", "1");
    orchestrators.answer(locked, call(2, owner, A, "now", "1", UUID.randomUUID().toString()));
    WorkerServer.await(
        () -> server.perdure().getEntity(EntityId.parse(A)).orElseThrow().operationsWaiting() == 2);
    orchestrators.close();
    server.awaitWorkers(0);
    forget(A);

    FakeWorker worker = server.worker();
    run(worker, "now");
    Turn last = worker.turn();
    worker.answer(last, unlock(3, owner, section, A), complete(4, "1"));
    run(worker, "later");
    server.ended(owner);
  }

  @Test
  void oneThatCannotBeReadTakesNoRoomOfAWorker() {
    server.signal(A, "first", "1");
    server.signal(B, "first", "1");
    forget(A);
    forget(B);
    damaged.add(A);
    server.timePassesUntil(server.now().plus(LONG));
    WorkerServer.await(() -> !isReadable(A));

    FakeWorker worker =
        server.worker(GetWorkItemsRequest.newBuilder().setMaxConcurrentEntityWorkItems(1));
    WorkItem item = worker.entity();
    assertThat(item.getEntityRequestV2().getInstanceId()).isEqualTo(B);
    worker.answer(item, "1", List.of("1"));
    WorkerServer.await(() -> server.pool().underWay() == 0 && server.pool().waiting() == 0);

    damaged.clear();
    server.restart();
    worker = server.worker();
    item = worker.entity();
    assertThat(item.getEntityRequestV2().getInstanceId()).isEqualTo(A);
    worker.answer(item, "1", List.of("1"));
  }

  private boolean isReadable(String entity) {
    try {
      server.explain(entity);
      return true;
    } catch (RuntimeException unreadable) {
      return false;
    }
  }

  @Test
  void thoseOfManyEntitiesAreNotAllInMemory() {
    int entities = 30;
    String input = "\"" + "x".repeat(1 << 20) + "\"";
    for (int i = 0; i < entities; i++) {
      server.signal("@box@" + i, "fill", input);
    }
    server.restart();
    WorkerServer.await(() -> server.pool().waiting() == entities);
    WorkerServer.await(() -> isForgotten("@box@0"));
    loads.set(0);

    FakeWorker worker = server.worker();
    Set<String> filled = new HashSet<>();
    for (int i = 0; i < entities; i++) {
      WorkItem item = worker.entity();
      EntityRequest request = item.getEntityRequestV2();
      filled.add(request.getInstanceId());
      assertThat(
              request
                  .getOperationRequests(0)
                  .getEntityOperationSignaled()
                  .getInput()
                  .getValue()
                  .length())
          .isEqualTo(input.length());
      worker.answer(item, "1", List.of("1"));
    }
    assertThat(filled).hasSize(entities);
    assertThat(loads).hasValueBetween(entities / 2, entities);
  }
}
