package dev.perdure.grpc.worker;

import static dev.perdure.grpc.worker.Actions.call;
import static dev.perdure.grpc.worker.Actions.complete;
import static dev.perdure.grpc.worker.Actions.continueAsNew;
import static dev.perdure.grpc.worker.Actions.fail;
import static dev.perdure.grpc.worker.Actions.failure;
import static dev.perdure.grpc.worker.Actions.lock;
import static dev.perdure.grpc.worker.Actions.signal;
import static dev.perdure.grpc.worker.Actions.text;
import static dev.perdure.grpc.worker.Actions.time;
import static dev.perdure.grpc.worker.Actions.unlock;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.StringValue;
import com.google.protobuf.Timestamp;
import dev.perdure.api.EntityId;
import dev.perdure.grpc.protocol.EntityBatchResult;
import dev.perdure.grpc.protocol.EntityLockGrantedEvent;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.OperationAction;
import dev.perdure.grpc.protocol.OrchestrationState;
import dev.perdure.grpc.protocol.OrchestratorAction;
import dev.perdure.grpc.protocol.SendSignalAction;
import dev.perdure.grpc.protocol.StartNewOrchestrationAction;
import dev.perdure.grpc.protocol.TaskFailureDetails;
import dev.perdure.grpc.protocol.TraceContext;
import dev.perdure.grpc.protocol.WorkItem;
import dev.perdure.grpc.worker.FakeWorker.Turn;
import dev.perdure.testing.LivenessAudit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteEntitiesTest {
  private static final String A = "@counter@a";
  private static final String B = "@counter@b";
  private static final String C = "@counter@c";

  private final WorkerServer server = new WorkerServer();

  /** Takes orchestrations and activities. */
  private final FakeWorker worker = server.worker(GetWorkItemsRequest.newBuilder());

  /** Takes operations of entities. */
  private final FakeWorker entities = server.worker(WorkerServer.onlyEntities("counter"));

  @AfterEach
  void close() {
    server.close();
  }

  private static String id() {
    return UUID.randomUUID().toString();
  }

  private static List<String> operations(WorkItem item) {
    return item.getEntityRequestV2().getOperationRequestsList().stream()
        .map(
            e ->
                e.hasEntityOperationCalled()
                    ? "call " + e.getEntityOperationCalled().getOperation()
                    : "signal " + e.getEntityOperationSignaled().getOperation())
        .toList();
  }

  private String state(String id) {
    return server.entity(id).getEntity().getSerializedState().getValue();
  }

  private boolean locked(String id) {
    return server
        .client()
        .queryEntities(
            dev.perdure.grpc.protocol.QueryEntitiesRequest.newBuilder()
                .setQuery(
                    dev.perdure.grpc.protocol.EntityQuery.newBuilder()
                        .setInstanceIdStartsWith(text(id))
                        .setIncludeTransient(true))
                .build())
        .getEntitiesList()
        .stream()
        .anyMatch(e -> e.hasLockedBy());
  }

  /** Runs so many operations, in one batch or in several, and tells which they were. */
  private List<String> run(int count, String result) {
    List<String> ran = new ArrayList<>();
    while (ran.size() < count) {
      WorkItem item = entities.entity();
      ran.addAll(operations(item));
      entities.answer(item, "1", operations(item).stream().map(operation -> result).toList());
    }
    return ran;
  }

  /** Waits until an operation for later has come to an entity. */
  private void awaitWaiting(String id) {
    awaitWaiting(id, 1);
  }

  private void awaitWaiting(String id, int operations) {
    WorkerServer.await(
        () ->
            server
                .perdure()
                .getEntity(EntityId.parse(id), false)
                .filter(entity -> entity.operationsWaiting() == operations)
                .isPresent());
  }

  // ---- operations -------------------------------------------------------------------------------

  @Test
  void signalsComeInOrderAndAreOneBatch() {
    server.signal("@Counter@a", "first", "1");
    WorkItem first = entities.entity();
    assertThat(first.getEntityRequestV2().getInstanceId()).isEqualTo(A);
    assertThat(first.getEntityRequestV2().getExecutionId()).isNotEmpty();
    assertThat(first.getEntityRequestV2().hasEntityState()).isFalse();
    HistoryEvent event = first.getEntityRequestV2().getOperationRequests(0);
    assertThat(event.getEventId()).isEqualTo(-1);
    assertThat(event.hasTimestamp()).isTrue();
    assertThat(UUID.fromString(event.getEntityOperationSignaled().getRequestId())).isNotNull();
    assertThat(event.getEntityOperationSignaled().getInput().getValue()).isEqualTo("1");
    assertThat(event.getEntityOperationSignaled().getTargetInstanceId().getValue()).isEqualTo(A);
    for (int i = 0; i < 5; i++) {
      server.signal(A, "o" + i, "" + i);
    }
    assertThat(server.entity(A).getExists()).isFalse();
    entities.answer(first, "\"s\"", List.of("1"));
    WorkItem second = entities.entity();
    assertThat(operations(second))
        .containsExactly("signal o0", "signal o1", "signal o2", "signal o3", "signal o4");
    assertThat(second.getEntityRequestV2().getEntityState().getValue()).isEqualTo("\"s\"");
    assertThat(server.entity(A).getEntity().getBacklogQueueSize()).isLessThanOrEqualTo(5);
    // Two have been executed; the others come again.
    entities.answer(second, "\"t\"", List.of("1", "2"));
    WorkItem third = entities.entity();
    assertThat(operations(third)).containsExactly("signal o2", "signal o3", "signal o4");
    assertThat(third.getEntityRequestV2().getEntityState().getValue()).isEqualTo("\"t\"");
    assertThat(state(A)).isEqualTo("\"t\"");
    entities.answer(third, null, List.of("1", "2", "3"));
    WorkerServer.await(() -> !server.entity(A).getExists());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "null", "\"\"", "false"})
  void statesAreKeptUnchanged(String state) {
    server.signal(A, "set", "1");
    entities.answer(entities.entity(), state, List.of("1"));
    server.signal(A, "get", "1");
    WorkItem next = entities.entity();
    assertThat(next.getEntityRequestV2().hasEntityState()).isTrue();
    assertThat(next.getEntityRequestV2().getEntityState().getValue()).isEqualTo(state);
    entities.answer(next, state, List.of("1"));
    assertThat(server.entity(A).getExists()).isTrue();
    assertThat(state(A)).isEqualTo(state);
  }

  @Test
  void callsAreAnsweredAndReplayedUnchanged() {
    server.start("caller", "f", "1");
    String first = id();
    String second = id();
    TaskFailureDetails failure =
        failure("E", "m").toBuilder().setInnerFailure(failure("C", "cause")).build();
    OrchestratorAction[] actions = {
      call(1, "caller", A, "get", "7", first),
      signal(2, Actions.signal(A, "add", "8", id())),
      call(3, "caller", A, "bad", "9", second)
    };
    Turn turn = worker.turnAnswered(actions);
    List<WorkItem> items = new ArrayList<>();
    int done = 0;
    while (done < 3) {
      WorkItem item = entities.entity();
      items.add(item);
      EntityBatchResult.Builder answer =
          EntityBatchResult.newBuilder()
              .setCompletionToken(item.getCompletionToken())
              .setEntityState(text("" + done));
      for (HistoryEvent event : item.getEntityRequestV2().getOperationRequestsList()) {
        done++;
        if (event.hasEntityOperationCalled()) {
          var asked = event.getEntityOperationCalled();
          assertThat(asked.getParentInstanceId().getValue()).isEqualTo("caller");
          assertThat(asked.getParentExecutionId().getValue())
              .isEqualTo(turn.request().getExecutionId().getValue());
          answer.addResults(
              asked.getOperation().equals("bad")
                  ? FakeWorker.failure(failure)
                  : FakeWorker.success("\"r" + asked.getInput().getValue() + "\""));
        } else {
          answer.addResults(FakeWorker.success("1"));
        }
      }
      entities.answer(answer);
    }
    assertThat(items.stream().flatMap(i -> operations(i).stream()))
        .containsExactly("call get", "signal add", "call bad");
    List<HistoryEvent> answers = new ArrayList<>();
    Turn last = null;
    while (answers.size() < 2) {
      if (last != null) {
        worker.answer(last);
      }
      last = worker.turn();
      answers.addAll(last.inbox());
    }
    assertThat(answers.get(0).getEntityOperationCompleted().getRequestId()).isEqualTo(first);
    assertThat(answers.get(0).getEntityOperationCompleted().getOutput().getValue())
        .isEqualTo("\"r7\"");
    assertThat(answers.get(1).getEntityOperationFailed().getRequestId()).isEqualTo(second);
    assertThat(answers.get(1).getEntityOperationFailed().getFailureDetails()).isEqualTo(failure);
    for (int i = 0; i < 3; i++) {
      HistoryEvent event = last.past().get(2 + i);
      assertThat(event.getEventId()).isEqualTo(i + 1);
      var asked = actions[i].getSendEntityMessage();
      if (asked.hasEntityOperationCalled()) {
        assertThat(event.getEntityOperationCalled()).isEqualTo(asked.getEntityOperationCalled());
      } else {
        assertThat(event.getEntityOperationSignaled())
            .isEqualTo(asked.getEntityOperationSignaled());
      }
    }
    List<HistoryEvent> past = last.past();
    List<HistoryEvent> inbox = last.inbox();
    // Read from the store they are the same.
    server.restart();
    FakeWorker again = server.worker();
    Turn cold = again.turn();
    assertThat(cold.past()).isEqualTo(past);
    assertThat(cold.inbox()).isEqualTo(inbox);
    again.answer(cold, complete(4, "1"));
    assertThat(server.ended("caller").getOutput().getValue()).isEqualTo("1");
  }

  @Test
  void aBatchThatFailedComesAgain() {
    server.signal(A, "add", "1");
    WorkItem first = entities.entity();
    entities.answer(
        EntityBatchResult.newBuilder()
            .setCompletionToken(first.getCompletionToken())
            .setFailureDetails(failure("E", "m")));
    WorkItem second = entities.entity();
    assertThat(second.getCompletionToken()).isNotEqualTo(first.getCompletionToken());
    assertThat(operations(second)).isEqualTo(operations(first));
    entities.answer(
        EntityBatchResult.newBuilder()
            .setCompletionToken(second.getCompletionToken())
            .setRequiresState(true));
    WorkItem third = entities.entity();
    entities.abandonEntity(third.getCompletionToken());
    WorkItem fourth = entities.entity();
    entities.answer(third, "\"late\"", List.of("1"));
    entities.answer(fourth, "1", List.of("1"));
    entities.answer(fourth, "2", List.of("1"));
    assertThat(state(A)).isEqualTo("1");
  }

  @Test
  void operationsOfALostWorkerComeAgainAndAreParkedInTheEnd() {
    server.signal(A, "add", "1");
    entities.entity();
    entities.close();
    WorkerServer.await(() -> server.pool().connected() == 1);
    for (int i = 1; i < WorkerServer.LOST_MAX; i++) {
      FakeWorker next = server.worker();
      assertThat(operations(next.entity())).containsExactly("signal add");
      next.close();
      WorkerServer.await(() -> server.pool().connected() == 1);
    }
    WorkerServer.await(() -> server.explain(A).problem() != null);
    assertThat(server.explain(A).summary()).contains("set aside");
    FakeWorker last = server.worker();
    server.perdure().requeue(A, "again");
    last.answer(last.entity(), "1", List.of("1"));
    WorkerServer.await(() -> server.entity(A).getExists());
  }

  @Test
  void operationsMayAskForMore() {
    Instant at = server.now().plusSeconds(3_600);
    server.signal(A, "go", "1");
    WorkItem item = entities.entity();
    entities.answer(
        EntityBatchResult.newBuilder()
            .setCompletionToken(item.getCompletionToken())
            .setEntityState(text("1"))
            .addResults(FakeWorker.success("1"))
            .addActions(
                OperationAction.newBuilder()
                    .setSendSignal(
                        SendSignalAction.newBuilder()
                            .setInstanceId("@Counter@b")
                            .setName("other")
                            .setInput(text("2"))))
            .addActions(
                OperationAction.newBuilder()
                    .setSendSignal(
                        SendSignalAction.newBuilder()
                            .setInstanceId(A)
                            .setName("later")
                            .setScheduledTime(time(at))))
            .addActions(
                OperationAction.newBuilder()
                    .setStartNewOrchestration(
                        StartNewOrchestrationAction.newBuilder()
                            .setName("f")
                            .setVersion(text("3"))
                            .setParentTraceContext(TraceContext.newBuilder().setTraceParent("tp"))
                            .setInput(text("\"i\""))))
            .addActions(
                OperationAction.newBuilder()
                    .setStartNewOrchestration(
                        StartNewOrchestrationAction.newBuilder()
                            .setInstanceId("named")
                            .setName("f"))));
    List<Turn> turns = List.of(worker.turn(), worker.turn());
    Turn named = turns.stream().filter(t -> t.instanceId().equals("named")).findAny().orElseThrow();
    Turn unnamed = turns.get(turns.indexOf(named) == 0 ? 1 : 0);
    assertThat(unnamed.instanceId()).isNotEmpty();
    assertThat(unnamed.only().getExecutionStarted().getVersion().getValue()).isEqualTo("3");
    assertThat(unnamed.only().getExecutionStarted().getInput().getValue()).isEqualTo("\"i\"");
    assertThat(unnamed.only().getExecutionStarted().getParentTraceContext().getTraceParent())
        .isEqualTo("tp");
    WorkItem other = entities.entity();
    assertThat(other.getEntityRequestV2().getInstanceId()).isEqualTo(B);
    assertThat(
            other
                .getEntityRequestV2()
                .getOperationRequests(0)
                .getEntityOperationSignaled()
                .getInput()
                .getValue())
        .isEqualTo("2");
    server.timePassesUntil(at);
    WorkItem later = entities.entity();
    assertThat(operations(later)).containsExactly("signal later");
    assertThat(
            later
                .getEntityRequestV2()
                .getOperationRequests(0)
                .getEntityOperationSignaled()
                .hasInput())
        .isFalse();
  }

  @Test
  void signalsOfOrchestrationsMayBeDelayed() {
    server.start("s", "f", "1");
    Instant at = server.now().plusSeconds(3_600).plusNanos(1234);
    var delayed = Actions.signal(A, "later", "1", id()).setScheduledTime(time(at));
    worker.turnAnswered(signal(1, delayed), signal(2, Actions.signal(A, "now", "1", id())));
    assertThat(run(1, "7")).containsExactly("signal now");
    server.timePassesUntil(at);
    assertThat(run(1, "7")).containsExactly("signal later");
    server.raise("s", "e", "1");
    assertThat(worker.turn().past().get(2).getEntityOperationSignaled()).isEqualTo(delayed.build());
  }

  @Test
  void callsOfOrchestrationsMayBeDelayed() {
    server.start("c", "f", "1");
    Instant at = server.now().plusSeconds(3_600).plusNanos(1234);
    var delayed = Actions.call("c", A, "later", "1", id()).setScheduledTime(time(at));
    worker.turnAnswered(call(1, delayed), signal(2, Actions.signal(A, "now", "1", id())));
    assertThat(run(1, "7")).containsExactly("signal now");
    server.timePassesUntil(at);
    assertThat(run(1, "7")).containsExactly("call later");
    Turn turn = worker.turnAnswered(complete(3, "1"));
    assertThat(turn.past().get(2).getEntityOperationCalled()).isEqualTo(delayed.build());
    assertThat(turn.only().getEntityOperationCompleted().getOutput().getValue()).isEqualTo("7");
  }

  /** A call is due once more after the server was started again, and is no later for it. */
  @Test
  void delayedCallsOutliveTheServer() {
    server.start("c", "f", "1");
    Instant at = server.now().plusSeconds(3_600);
    worker.turnAnswered(
        call(1, Actions.call("c", A, "later", "1", id()).setScheduledTime(time(at))));
    awaitWaiting(A);
    server.restart();
    FakeWorker next = server.worker();
    awaitWaiting(A);
    server.timePassesUntil(at);
    WorkItem later = next.entity();
    assertThat(operations(later)).containsExactly("call later");
    next.answer(later, "1", List.of("7"));
    Turn turn = next.turnAnswered(complete(2, "1"));
    assertThat(turn.only().getEntityOperationCompleted().getOutput().getValue()).isEqualTo("7");
  }

  @Test
  void whoeverWaitsForADelayedCallHearsOfThePurgeOfItsEntity() {
    server.start("c", "f", "1");
    Instant at = Instant.now().plusSeconds(3_600);
    worker.turnAnswered(
        call(1, Actions.call("c", A, "later", "1", id()).setScheduledTime(time(at))));
    awaitWaiting(A);
    LivenessAudit.check(server.perdure());
    server.perdure().purgeEntity(EntityId.parse(A));
    Turn turn = worker.turnAnswered(complete(2, "1"));
    assertThat(turn.only().getEntityOperationFailed().getFailureDetails().getErrorMessage())
        .contains("was purged");
    server.ended("c");
  }

  /** No client could read or remove it. */
  @Test
  void anEntityWhoseIdIsTooLongDoesNotArise() {
    String id = "@counter@" + "k".repeat(300);
    List<OrchestratorAction> asking =
        List.of(
            signal(1, Actions.signal(id, "add", "1", id())),
            call(1, "c", id, "add", "1", id()),
            lock(1, "c", "cs", List.of(A, id)));
    for (OrchestratorAction action : asking) {
      server.start("c" + asking.indexOf(action), "f", "1");
      worker.turnAnswered(action);
      assertThat(server.ended("c" + asking.indexOf(action)).getFailureDetails().getErrorMessage())
          .contains("PD-1005", "309 characters", "256");
    }
    server.signal(A, "go", "1");
    WorkItem item = entities.entity();
    entities.answer(
        EntityBatchResult.newBuilder()
            .setCompletionToken(item.getCompletionToken())
            .addResults(FakeWorker.success("1"))
            .addActions(
                OperationAction.newBuilder()
                    .setSendSignal(
                        SendSignalAction.newBuilder().setInstanceId(id).setName("other"))));
    server.signal(B, "after", "1");
    assertThat(operations(entities.entity())).containsExactly("signal after");
  }

  /** Such as at the largest instant of some language. */
  @Test
  void whatIsToRunFurtherAwayThanAllTimesWaits() {
    server.start("c", "f", "1");
    Timestamp never = Timestamp.newBuilder().setSeconds(Long.MAX_VALUE).build();
    worker.turnAnswered(
        signal(1, Actions.signal(A, "never", "1", id()).setScheduledTime(never)), complete(2, "1"));
    awaitWaiting(A);
    server.signal(A, "now", "1");
    assertThat(run(1, "1")).containsExactly("signal now");
  }

  /** Its caller holds the lock and waits: it must not wait for the lock behind others. */
  @Test
  void aDelayedCallOfTheLockOwnerRunsAtItsTime() {
    server.start("locker", "f", "1");
    worker.turnAnswered(lock(1, "locker", "cs", List.of(A)));
    Turn granted = worker.turn();
    server.signal(A, "other", "1");
    Instant at = server.now().plusSeconds(3_600);
    worker.answer(
        granted, call(2, Actions.call("locker", A, "mine", "1", id()).setScheduledTime(time(at))));
    awaitWaiting(A, 2);
    server.timePassesUntil(at);
    WorkItem mine = entities.entity();
    assertThat(operations(mine)).containsExactly("call mine");
    entities.answer(mine, "1", List.of("1"));
    worker.turnAnswered(unlock(3, "locker", "cs", A), complete(4, "1"));
    WorkItem other = entities.entity();
    assertThat(operations(other)).containsExactly("signal other");
    entities.answer(other, "1", List.of("1"));
  }

  @Test
  void answersToAnOldExecutionAreDropped() {
    server.start("old", "f", "1");
    worker.turnAnswered(call(1, "old", A, "get", "1", id()));
    WorkItem item = entities.entity();
    server.raise("old", "e", "1");
    worker.turnAnswered(continueAsNew(2, "2"));
    String mine = id();
    worker.turnAnswered(call(1, "old", A, "get", "2", mine));
    entities.answer(item, "1", List.of("\"old\""));
    entities.answer(entities.entity(), "1", List.of("\"new\""));
    Turn turn = worker.turnAnswered(complete(2, "1"));
    assertThat(turn.only().getEntityOperationCompleted().getRequestId()).isEqualTo(mine);
    assertThat(turn.only().getEntityOperationCompleted().getOutput().getValue())
        .isEqualTo("\"new\"");
  }

  // ---- locks ------------------------------------------------------------------------------------

  @Test
  void locksKeepOthersOut() {
    server.start("one", "f", "1");
    OrchestratorAction asked = lock(1, "one", "section-1", List.of(A, B));
    worker.turnAnswered(asked);
    Turn granted = worker.turn();
    assertThat(granted.only().getEntityLockGranted().getCriticalSectionId()).isEqualTo("section-1");
    assertThat(granted.past().get(2).getEntityLockRequested())
        .isEqualTo(asked.getSendEntityMessage().getEntityLockRequested());
    server.start("two", "f", "1");
    worker.turnAnswered(lock(1, "two", "section-2", List.of(B)));
    server.signal(A, "wait", "1");
    assertThat(locked(A)).isTrue();
    worker.answer(granted, call(2, "one", A, "mine", "1", id()));
    WorkItem mine = entities.entity();
    assertThat(operations(mine)).containsExactly("call mine");
    entities.answer(mine, "1", List.of("1"));
    assertThat(server.entity(A).getEntity().getLockedBy().getValue()).isEqualTo("one");
    Turn done = worker.turn();
    assertThat(done.only().hasEntityOperationCompleted()).isTrue();
    assertThat(entities.isIdle()).isTrue();
    // As the .NET SDK does it, with the id of the end.
    worker.answer(
        done, unlock(3, "one", "section-1", A), unlock(3, "one", "section-1", B), complete(3, "1"));
    assertThat(server.ended("one").getOutput().getValue()).isEqualTo("1");
    List<HistoryEvent> history = server.history("one");
    assertThat(history.subList(history.size() - 3, history.size()))
        .extracting(HistoryEvent::getEventTypeCase)
        .containsExactly(
            HistoryEvent.EventTypeCase.ENTITYUNLOCKSENT,
            HistoryEvent.EventTypeCase.ENTITYUNLOCKSENT,
            HistoryEvent.EventTypeCase.EXECUTIONCOMPLETED);
    assertThat(operations(entities.entity())).containsExactly("signal wait");
    Turn two = worker.turn();
    assertThat(two.instanceId()).isEqualTo("two");
    assertThat(two.only().getEntityLockGranted().getCriticalSectionId()).isEqualTo("section-2");
    worker.answer(two, unlock(2, "two", "section-2", B));
    WorkerServer.await(() -> !locked(B));
    server.raise("two", "e", "1");
    Turn after = worker.turn();
    assertThat(after.past().getLast().getEntityUnlockSent().getTargetInstanceId().getValue())
        .isEqualTo(B);
    assertThat(after.past().getLast().getEventId()).isEqualTo(2);
    // A second critical section of the same execution.
    worker.answer(after, lock(3, "two", "section-3", List.of("@Counter@b", B)));
    assertThat(worker.turn().only().getEntityLockGranted().getCriticalSectionId())
        .isEqualTo("section-3");
  }

  /** SDKs unlock all entities at once; what they may do is to unlock one after the other. */
  @Test
  void aCriticalSectionGoesOnUntilItsLastEntityIsUnlocked() {
    server.start("one", "f", "1");
    worker.turnAnswered(lock(1, "one", "s1", List.of(A, B)));
    worker.turnAnswered(unlock(2, "one", "s1", A), unlock(3, "one", "s1", A));
    assertThat(locked(B)).isTrue();
    server.start("two", "f", "1");
    worker.turnAnswered(lock(1, "two", "s2", List.of(B)));
    server.raise("one", "e", "1");
    Turn one = worker.turn();
    assertThat(one.instanceId()).as("the other has to wait").isEqualTo("one");
    worker.answer(one, unlock(4, "one", "s1", B));
    Turn two = worker.turn();
    assertThat(two.instanceId()).isEqualTo("two");
    assertThat(two.only().getEntityLockGranted().getCriticalSectionId()).isEqualTo("s2");
    worker.answer(two, complete(2, "1"));
    WorkerServer.await(() -> !locked(A) && !locked(B));
  }

  @Test
  void whichEntitiesAreUnlockedIsKnownAfterARestart() {
    server.start("one", "f", "1");
    worker.turnAnswered(lock(1, "one", "s1", List.of(A, B)));
    worker.turnAnswered(unlock(2, "one", "s1", B));
    server.raise("one", "e", "1");
    worker.turn();
    server.restart();
    server.worker().turnAnswered(unlock(3, "one", "s1", A));
    WorkerServer.await(() -> !locked(A) && !locked(B));
    assertThat(server.perdure().audit().findings()).isEmpty();
  }

  /** The Python SDK does not unlock an entity whose operation its code did not wait for. */
  @Test
  void oneCriticalSectionEndsWhereTheNextBegins() {
    server.start("one", "f", "1");
    worker.turnAnswered(lock(1, "one", "s1", List.of(A, C)));
    Turn granted = worker.turnAnswered(unlock(2, "one", "s1", C), lock(3, "one", "s2", List.of(B)));
    assertThat(granted.only().getEntityLockGranted().getCriticalSectionId()).isEqualTo("s1");
    Turn next = worker.turn();
    assertThat(next.only().getEntityLockGranted())
        .returns("s2", EntityLockGrantedEvent::getCriticalSectionId);
    WorkerServer.await(() -> !locked(A) && !locked(C));
    assertThat(locked(B)).isTrue();
    server.restart();
    FakeWorker other = server.worker();
    assertThat(other.turnAnswered(complete(4, "1")).past()).isEqualTo(next.past());
    WorkerServer.await(() -> !locked(B));
    assertThat(server.perdure().audit().findings()).isEmpty();
  }

  @Test
  void aCriticalSectionThatIsNotReachedDoesNotEnd() throws Exception {
    server.start("holder", "f", "1");
    worker.turnAnswered(lock(1, "holder", "h", List.of(A)));
    worker.turnAnswered();
    server.start("waiter", "f", "1");
    worker.turnAnswered(lock(1, "waiter", "s1", List.of(A)));
    server.raise("waiter", "e", "1");
    Turn waiting = worker.turn();
    assertThatThrownBy(
            () ->
                new Answers(server.pool())
                    .orchestrator(waiting.answer(lock(2, "waiter", "s2", List.of(B))).build())
                    .get(30, TimeUnit.SECONDS))
        .hasMessageContaining("INVALID_ARGUMENT")
        .hasMessageContaining("action #2 asks for locks while those of action #1 are waited for");
    assertThat(locked(B)).isFalse();
  }

  @Test
  void aWrongSectionUnlocksNothing() {
    server.start("one", "f", "1");
    worker.turnAnswered(lock(1, "one", "mine", List.of(A)));
    worker.turnAnswered(unlock(2, "one", "other", A));
    assertThat(locked(A)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"complete", "fail", "terminate", "anew", "action"})
  void locksEndWithTheExecution(String how) {
    server.start("owner", "f", "1");
    worker.turnAnswered(lock(1, "owner", "s", List.of(A, B)));
    server.start("next", "f", "1");
    Turn granted = null;
    for (int i = 0; i < 2; i++) {
      Turn turn = worker.turn();
      if (turn.instanceId().equals("owner")) {
        granted = turn;
      } else {
        worker.answer(turn, lock(1, "next", "n", List.of(A)));
      }
    }
    assertThat(locked(A)).isTrue();
    switch (how) {
      case "complete" -> worker.answer(granted, complete(2, "1"));
      case "fail" -> worker.answer(granted, fail(2, failure("E", "m")));
      case "terminate" -> server.terminate("owner", "1", false);
      case "anew" -> worker.answer(granted, continueAsNew(2, "2"));
      default -> worker.answer(granted, Actions.terminate(2, "owner", "1", false));
    }
    boolean next = false;
    while (!next) {
      Turn turn = worker.turn();
      next = turn.instanceId().equals("next");
      if (next) {
        assertThat(turn.only().getEntityLockGranted().getCriticalSectionId()).isEqualTo("n");
        worker.answer(turn, complete(2, "1"));
      } else {
        worker.answer(turn, complete(1, "1"));
      }
    }
    OrchestrationState state = server.ended("next");
    assertThat(state.getOutput()).isEqualTo(StringValue.of("1"));
    WorkerServer.await(() -> !locked(A) && !locked(B));
  }

  @Test
  void aRequestThatIsGivenUpBlocksNobody() {
    server.start("one", "f", "1");
    worker.turnAnswered(lock(1, "one", "s1", List.of(A)));
    Turn one = worker.turn();
    server.start("two", "f", "1");
    worker.turnAnswered(lock(1, "two", "s2", List.of(A, B)));
    server.signal(A, "behind", "1");
    server.terminate("two", "1", false);
    worker.answer(one, complete(2, "1"));
    assertThat(operations(entities.entity())).containsExactly("signal behind");
    server.signal(B, "free", "1");
    assertThat(operations(entities.entity())).containsExactly("signal free");
  }

  @Test
  void locksSurviveARestart() {
    server.start("one", "f", "1");
    worker.turnAnswered(lock(1, "one", "s1", List.of(A, B)));
    Turn granted = worker.turn();
    server.restart();
    FakeWorker again = server.worker();
    Turn cold = again.turn();
    assertThat(cold.past()).isEqualTo(granted.past());
    assertThat(cold.inbox()).isEqualTo(granted.inbox());
    assertThat(locked(A)).isTrue();
    again.answer(cold, unlock(2, "one", "s1", A), unlock(3, "one", "s1", B));
    WorkerServer.await(() -> !locked(A) && !locked(B));
    assertThat(server.perdure().audit().findings()).isEmpty();
  }
}
