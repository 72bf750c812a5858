package dev.perdure.grpc.worker;

import static dev.perdure.grpc.worker.Actions.child;
import static dev.perdure.grpc.worker.Actions.complete;
import static dev.perdure.grpc.worker.Actions.fail;
import static dev.perdure.grpc.worker.Actions.failure;
import static dev.perdure.grpc.worker.Actions.schedule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.grpc.protocol.CreateInstanceRequest;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.HistoryEvent.EventTypeCase;
import dev.perdure.grpc.protocol.OrchestrationIdReusePolicy;
import dev.perdure.grpc.protocol.OrchestrationState;
import dev.perdure.grpc.protocol.OrchestrationStatus;
import dev.perdure.grpc.protocol.PurgeInstancesRequest;
import dev.perdure.grpc.protocol.RestartInstanceRequest;
import dev.perdure.grpc.protocol.RewindInstanceRequest;
import dev.perdure.grpc.protocol.WorkItem;
import dev.perdure.grpc.worker.FakeWorker.Turn;
import dev.perdure.store.ForwardingStore;
import dev.perdure.store.LogRecord;
import dev.perdure.store.Store;
import dev.perdure.store.StoreException;
import dev.perdure.store.memory.MemoryStore;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Instances that are replaced, rewound or purged under a worker's hands; commits that fail. */
class UpheavalsTest {
  private static final WorkerPool.Pace PACE =
      new WorkerPool.Pace(Duration.ofSeconds(30), Duration.ofMillis(20), Duration.ofMillis(500));

  /** A store of which a commit fails when told so. */
  private static final class FailingStore extends ForwardingStore {
    final AtomicBoolean failNext = new AtomicBoolean();

    FailingStore(Store store) {
      super(store);
    }

    @Override
    public void commit(List<LogRecord> records, CommitCallback callback) {
      if (failNext.getAndSet(false)) {
        callback.committed(new StoreException("PD-0000", "on purpose", null));
      } else {
        super.commit(records, callback);
      }
    }
  }

  private final FailingStore store = new FailingStore(new MemoryStore(1));
  private final WorkerServer server =
      new WorkerServer(FunctionRegistry.builder().build(), PACE, store);
  private final FakeWorker worker = server.worker();

  @AfterEach
  void close() {
    server.close();
  }

  // ---- replaced ---------------------------------------------------------------------------------

  @Test
  void answersForAReplacedInstanceDoNotCount() {
    server.start("id", "f", "\"old\"");
    worker.turnAnswered(schedule(1, "act", "1"), child(2, "f", "kid", "1"));
    List<WorkItem> items = List.of(worker.item(), worker.item());
    server.raise("id", "e", "1");
    Turn old = worker.turn();
    OrchestrationIdReusePolicy.Builder policy = OrchestrationIdReusePolicy.newBuilder();
    for (OrchestrationStatus status : OrchestrationStatus.values()) {
      if (status != OrchestrationStatus.UNRECOGNIZED
          && status != OrchestrationStatus.ORCHESTRATION_STATUS_CONTINUED_AS_NEW) {
        policy.addReplaceableStatus(status);
      }
    }
    server.start(
        CreateInstanceRequest.newBuilder()
            .setInstanceId("id")
            .setName("f")
            .setInput(Actions.text("\"new\""))
            .setOrchestrationIdReusePolicy(policy));
    Turn fresh = worker.turn();
    assertThat(fresh.past()).isEmpty();
    assertThat(fresh.only().getExecutionStarted().getInput().getValue()).isEqualTo("\"new\"");
    worker.answer(old, complete(3, "\"late\""));
    worker.answer(fresh, schedule(1, "act", "1"), child(2, "f", "kid2", "1"));
    for (WorkItem item : items) {
      if (item.hasActivityRequest()) {
        worker.answer(item, "\"late\"");
      } else {
        worker.answer(
            new Turn(item.getCompletionToken(), item.getOrchestratorRequest()),
            complete(1, "\"late\""));
      }
    }
    for (int i = 0; i < 2; i++) {
      WorkItem item = worker.item();
      if (item.hasActivityRequest()) {
        worker.answer(item, "\"right\"");
      }
    }
    Turn next = worker.turnAnswered(complete(3, "1"));
    assertThat(next.only().getTaskCompleted().getResult().getValue()).isEqualTo("\"right\"");
    assertThat(server.ended("id").getOutput().getValue()).isEqualTo("1");
  }

  @Test
  void anInstanceMayBePurgedAndRestarted() {
    server.start("id", "f", "\"i\"");
    Turn old = worker.turn();
    server.terminate("id", "1", false);
    var unused =
        server
            .client()
            .purgeInstances(PurgeInstancesRequest.newBuilder().setInstanceId("id").build());
    worker.answer(old, complete(1, "\"late\""));
    assertThat(server.state("id").getInstanceId()).isEmpty();
    server.start("id", "f", "\"i\"");
    worker.turnAnswered(complete(1, "\"one\""));
    assertThat(server.ended("id").getOutput().getValue()).isEqualTo("\"one\"");
    var restarted =
        server
            .client()
            .restartInstance(RestartInstanceRequest.newBuilder().setInstanceId("id").build());
    assertThat(restarted.getInstanceId()).isEqualTo("id");
    Turn again = worker.turn();
    assertThat(again.only().getExecutionStarted().getInput().getValue()).isEqualTo("\"i\"");
    assertThat(again.request().getExecutionId()).isNotEqualTo(old.request().getExecutionId());
    worker.answer(again, complete(1, "\"two\""));
    assertThat(server.ended("id").getOutput().getValue()).isEqualTo("\"two\"");
  }

  // ---- rewound ----------------------------------------------------------------------------------

  private void rewind(String id) {
    var unused =
        server
            .client()
            .rewindInstance(RewindInstanceRequest.newBuilder().setInstanceId(id).build());
  }

  private static String executionId(Turn turn) {
    return turn.request().getExecutionId().getValue();
  }

  @Test
  void whatFailedIsDoneAgainAndLeavesNoTrace() {
    server.start("r", "f", "1");
    worker.turnAnswered(schedule(1, "good", "1"));
    worker.answer(worker.activity(), "\"g\"");
    worker.turnAnswered(schedule(2, "bad", "1"));
    worker.fail(worker.activity(), failure("E", "m"));
    Turn failed = worker.turnAnswered(fail(3, failure("E", "m")));
    assertThat(server.ended("r").getOrchestrationStatus())
        .isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_FAILED);
    Set<String> executions = new HashSet<>(Set.of(executionId(failed)));
    for (int i = 0; i < 2; i++) {
      rewind("r");
      String execution = server.state("r").getExecutionId().getValue();
      assertThat(execution).matches("[0-9a-f]{32}");
      assertThat(executions.add(execution)).as("%s is new", execution).isTrue();
      assertThat(server.status("r")).isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_RUNNING);
      assertThat(server.state("r").hasFailureDetails()).isFalse();
      WorkItem again = again(2);
      assertThat(again.getActivityRequest().getName()).isEqualTo("bad");
      assertThat(again.getActivityRequest().getOrchestrationInstance().getExecutionId().getValue())
          .isEqualTo(execution);
      if (i == 0) {
        worker.fail(again, failure("E", "m"));
        Turn turn = worker.turn();
        assertThat(turn.inbox()).last().matches(HistoryEvent::hasTaskFailed);
        worker.answer(turn, fail(3, failure("E", "m")));
        assertThat(server.ended("r").getOrchestrationStatus())
            .isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_FAILED);
      } else {
        worker.answer(again, "\"b\"");
      }
    }
    Turn last = worker.turn();
    assertThat(last.inbox()).last().matches(e -> e.getTaskCompleted().getTaskScheduledId() == 2);
    assertThat(last.past())
        .extracting(HistoryEvent::getEventTypeCase)
        .doesNotContain(
            EventTypeCase.TASKFAILED,
            EventTypeCase.EXECUTIONCOMPLETED,
            EventTypeCase.EXECUTIONREWOUND);
    assertThat(last.past().stream().filter(HistoryEvent::hasTaskScheduled))
        .extracting(HistoryEvent::getEventId)
        .containsExactly(1, 2);
    assertThat(last.past().stream().filter(HistoryEvent::hasTaskCompleted)).hasSize(1);
    assertThat(last.past().subList(2, 5)).isEqualTo(failed.past().subList(2, 5));
    assertThat(executionId(last)).isEqualTo(server.state("r").getExecutionId().getValue());
    HistoryEvent started = last.past().get(1);
    assertThat(started.getExecutionStarted().getOrchestrationInstance().getExecutionId().getValue())
        .isEqualTo(executionId(last));
    server.restart();
    FakeWorker next = server.worker();
    Turn cold = next.turn();
    assertThat(cold.past()).isEqualTo(last.past());
    assertThat(cold.inbox()).isEqualTo(last.inbox());
    assertThat(executionId(cold)).isEqualTo(executionId(last));
    next.answer(cold, complete(3, "1"));
    assertThat(server.ended("r").getOutput().getValue()).isEqualTo("1");
    assertThat(server.perdure().audit().findings()).isEmpty();
  }

  /** The activity that is run again; a step without news may come before it. */
  private WorkItem again(int taskId) {
    while (true) {
      WorkItem item = worker.item();
      if (item.hasActivityRequest()) {
        assertThat(item.getActivityRequest().getTaskId()).isEqualTo(taskId);
        return item;
      }
      Turn turn = new Turn(item.getCompletionToken(), item.getOrchestratorRequest());
      assertThat(turn.events()).isNotEmpty();
      worker.answer(turn);
    }
  }

  @Test
  void failedChildrenAreRewoundWithTheirParents() {
    server.start("p", "f", "1");
    worker.turnAnswered(child(1, "f", "kid", "1"));
    worker.turnAnswered(schedule(1, "bad", "1"));
    worker.fail(worker.activity(), failure("E", "m"));
    worker.turnAnswered(fail(2, failure("E", "m")));
    worker.turnAnswered(fail(2, failure("E", "m")));
    OrchestrationState failed = server.ended("p");
    assertThat(failed.getOrchestrationStatus())
        .isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_FAILED);
    rewind("p");
    String execution = server.state("p").getExecutionId().getValue();
    assertThat(execution).isNotEqualTo(failed.getExecutionId().getValue());
    worker.answer(again(1), "1");
    Turn kid = worker.turnAnswered(complete(2, "\"k\""));
    assertThat(kid.instanceId()).isEqualTo("kid");
    assertThat(parentExecutionId(kid)).isEqualTo(execution);
    Turn parent = worker.turnAnswered(complete(2, "1"));
    assertThat(parent.inbox())
        .last()
        .matches(
            e -> e.getSubOrchestrationInstanceCompleted().getResult().getValue().equals("\"k\""));
    OrchestrationState state = server.ended("p");
    assertThat(state.getOutput().getValue()).isEqualTo("1");
  }

  @Test
  void anActivityIsHandedOutThoughAWorkerHasOneThatHadItsIdBeforeARewind() {
    server.start("r", "f", "1");
    worker.turnAnswered(schedule(1, "bad", "1"));
    worker.fail(worker.activity(), failure("E", "m"));
    worker.turnAnswered(schedule(2, "left", "1"), fail(3, failure("E", "m")));
    assertThat(worker.activity().getActivityRequest().getName()).isEqualTo("left");
    server.ended("r");
    rewind("r");
    worker.answer(again(1), "1");
    worker.turnAnswered(schedule(2, "right", "1"));
    WorkItem right = worker.activity();
    assertThat(right.getActivityRequest().getName()).isEqualTo("right");
    worker.answer(right, "\"done\"");
    worker.turnAnswered(complete(3, "1"));
    assertThat(server.ended("r").getOutput().getValue()).isEqualTo("1");
  }

  private static String parentExecutionId(Turn turn) {
    return turn.past().stream()
        .filter(HistoryEvent::hasExecutionStarted)
        .map(e -> e.getExecutionStarted().getParentInstance().getOrchestrationInstance())
        .findFirst()
        .orElseThrow()
        .getExecutionId()
        .getValue();
  }

  @Test
  void childrenAreToldTheExecutionOfTheirParentThatHasThemRun() {
    server.start("p", "f", "1");
    worker.turnAnswered(schedule(1, "bad", "1"));
    worker.fail(worker.activity(), failure("E", "m"));
    worker.turnAnswered(fail(2, failure("E", "m")));
    server.ended("p");
    rewind("p");
    String rewound = server.state("p").getExecutionId().getValue();
    worker.answer(again(1), "1");
    worker.turnAnswered(child(2, "f", "kid", "1"));
    Turn first = worker.turnAnswered(schedule(1, "act", "1"));
    assertThat(
            first.inbox().stream()
                .filter(HistoryEvent::hasExecutionStarted)
                .map(e -> e.getExecutionStarted().getParentInstance().getOrchestrationInstance())
                .map(o -> o.getExecutionId().getValue()))
        .containsExactly(rewound);
    worker.fail(worker.activity(), failure("E", "m"));
    worker.turnAnswered(fail(2, failure("E", "m")));
    worker.turnAnswered(fail(3, failure("E", "m")));
    server.ended("p");

    rewind("kid"); // by itself: its parent is what it was
    worker.fail(again(1), failure("E", "m"));
    Turn alone = worker.turnAnswered(fail(2, failure("E", "m")));
    assertThat(parentExecutionId(alone)).isEqualTo(rewound);
    server.ended("kid");

    rewind("p");
    String twice = server.state("p").getExecutionId().getValue();
    assertThat(twice).isNotEqualTo(rewound);
    worker.answer(again(1), "1");
    Turn again = worker.turn();
    assertThat(again.instanceId()).isEqualTo("kid");
    assertThat(parentExecutionId(again)).isEqualTo(twice);
    server.restart();
    FakeWorker next = server.worker();
    Turn cold = next.turn();
    assertThat(cold.past()).isEqualTo(again.past());
    next.answer(cold, complete(2, "\"k\""));
    next.turnAnswered(complete(3, "1"));
    assertThat(server.ended("p").getOutput().getValue()).isEqualTo("1");
    assertThat(server.perdure().audit().findings()).isEmpty();
  }

  // ---- commits that fail ------------------------------------------------------------------------

  @Test
  void aStepThatCannotBeRecordedIsTakenAgain() {
    server.start("c", "f", "1");
    Turn turn = worker.turn();
    store.failNext.set(true);
    assertThatThrownBy(() -> worker.answer(turn, schedule(1, "act", "1")))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
    Turn again = worker.turn();
    assertThat(again.token()).isNotEqualTo(turn.token());
    assertThat(again.past()).isEmpty();
    assertThat(again.inbox()).isEqualTo(turn.inbox());
    worker.answer(turn, complete(1, "\"late\""));
    worker.answer(again, schedule(1, "act", "1"));
    worker.answer(worker.activity(), "1");
    Turn last = worker.turnAnswered(complete(2, "1"));
    assertThat(last.past()).hasSize(3);
    assertThat(server.ended("c").getOutput().getValue()).isEqualTo("1");
  }

  @Test
  void operationsThatCannotBeRecordedAreRunAgain() {
    server.signal("@counter@a", "add", "1");
    WorkItem first = worker.entity();
    store.failNext.set(true);
    worker.answer(first, "1", List.of("1"));
    WorkItem second = worker.entity();
    assertThat(second.getEntityRequestV2().hasEntityState()).isFalse();
    worker.answer(second, "2", List.of("1"));
    WorkerServer.await(() -> server.entity("@counter@a").getExists());
    assertThat(server.entity("@counter@a").getEntity().getSerializedState().getValue())
        .isEqualTo("2");
    assertThat(worker.isIdle()).isTrue();
  }

  @Test
  void resultsThatCannotBeRecordedAreMadeAgain() {
    server.start("c", "f", "1");
    worker.turnAnswered(schedule(1, "act", "1"));
    WorkItem activity = worker.activity();
    store.failNext.set(true);
    worker.answer(activity, "1");
    WorkItem again = worker.item();
    while (again.hasOrchestratorRequest()) {
      again = worker.item(); // a step that was made of the result before it was lost
    }
    worker.answer(again, "2");
    Turn turn = worker.turnAnswered(complete(2, "1"));
    assertThat(turn.only().getTaskCompleted().getResult().getValue()).isEqualTo("2");
    assertThat(server.pool().underWay()).isZero();
  }

  @Test
  void whatWasInHandWhenACommitFailedIsGivenOutOnce() {
    server.start("a", "f", "1");
    worker.turnAnswered(schedule(1, "act", "1"));
    WorkItem activity = worker.activity();
    server.start("b", "f", "1");
    Turn b = worker.turn();
    store.failNext.set(true);
    assertThatThrownBy(() -> server.raise("a", "e", "1"))
        .isInstanceOf(StatusRuntimeException.class);
    // The partition has forgotten what it knew of workers; what they answer counts all the same.
    worker.answer(activity, "1");
    worker.answer(b, complete(1, "1"));
    boolean bDone = false;
    boolean aDone = false;
    while (!aDone || !bDone) {
      WorkItem item = worker.item();
      if (item.hasActivityRequest()) {
        worker.answer(item, "1");
        continue;
      }
      Turn turn = new Turn(item.getCompletionToken(), item.getOrchestratorRequest());
      List<HistoryEvent> results =
          turn.inbox().stream().filter(HistoryEvent::hasTaskCompleted).toList();
      assertThat(results).hasSizeLessThanOrEqualTo(1);
      if (turn.instanceId().equals("b")) {
        worker.answer(turn, complete(1, "1"));
        bDone = true;
      } else if (!results.isEmpty()) {
        worker.answer(turn, complete(2, "1"));
        aDone = true;
      } else {
        worker.answer(turn);
      }
    }
    assertThat(server.ended("a").getOutput().getValue()).isEqualTo("1");
    assertThat(server.ended("b").getOutput().getValue()).isEqualTo("1");
  }
}
