package dev.perdure.grpc.worker;

import static dev.perdure.grpc.worker.Actions.child;
import static dev.perdure.grpc.worker.Actions.complete;
import static dev.perdure.grpc.worker.Actions.schedule;
import static dev.perdure.grpc.worker.Actions.send;
import static dev.perdure.grpc.worker.Actions.terminate;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.OrchestrationState;
import dev.perdure.grpc.protocol.OrchestrationStatus;
import dev.perdure.grpc.protocol.WorkItem;
import dev.perdure.grpc.worker.FakeWorker.Turn;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Children, and what orchestrations do to others. */
class FamiliesTest {
  private static final OrchestrationStatus TERMINATED =
      OrchestrationStatus.ORCHESTRATION_STATUS_TERMINATED;
  private static final OrchestrationStatus SUSPENDED =
      OrchestrationStatus.ORCHESTRATION_STATUS_SUSPENDED;
  private static final OrchestrationStatus RUNNING =
      OrchestrationStatus.ORCHESTRATION_STATUS_RUNNING;

  private final WorkerServer server = new WorkerServer();
  private final FakeWorker worker = server.worker();

  @AfterEach
  void close() {
    server.close();
  }

  private Map<String, Turn> turns(int count) {
    Map<String, Turn> turns = new HashMap<>();
    for (int i = 0; i < count; i++) {
      Turn turn = worker.turn();
      turns.put(turn.instanceId(), turn);
    }
    return turns;
  }

  @Test
  void aChildReplacesOneThatHasEnded() {
    server.start("kid", "f", "1");
    Turn old = worker.turnAnswered(complete(1, "\"old\""));
    assertThat(server.ended("kid").getOutput().getValue()).isEqualTo("\"old\"");
    server.start("parent", "f", "1");
    worker.turnAnswered(child(0, "child", "kid", "2"));
    Turn kid = worker.turn();
    assertThat(kid.request().getExecutionId()).isNotEqualTo(old.request().getExecutionId());
    assertThat(server.state("kid").getParentInstanceId().getValue()).isEqualTo("parent");
    worker.answer(kid, complete(1, "\"new\""));
    Turn parent = worker.turnAnswered(complete(1, "1"));
    assertThat(parent.only().getSubOrchestrationInstanceCompleted().getResult().getValue())
        .isEqualTo("\"new\"");
  }

  @Test
  void aChildDoesNotReplaceOneThatRuns() {
    server.start("kid", "f", "1");
    worker.turnAnswered();
    server.start("parent", "f", "1");
    worker.turnAnswered(child(0, "child", "kid", "2"));
    Turn parent = worker.turnAnswered(complete(1, "1"));
    var failed = parent.only().getSubOrchestrationInstanceFailed();
    assertThat(failed.getTaskScheduledId()).isEqualTo(0);
    assertThat(failed.getFailureDetails().getErrorType()).contains("AlreadyExists");
    assertThat(failed.getFailureDetails().getErrorMessage()).contains("kid");
    assertThat(server.status("kid")).isEqualTo(RUNNING);
    assertThat(server.state("kid").hasParentInstanceId()).isFalse();
  }

  @Test
  void generationsEndOneAfterTheOther() {
    server.start("g", "f", "1");
    String id = "g";
    for (int i = 0; i < 12; i++) {
      Turn turn = worker.turnAnswered(child(1, "f", "", "1"));
      assertThat(turn.instanceId()).isEqualTo(id);
      id += ":0001";
    }
    worker.turnAnswered(complete(1, "\"deep\""));
    for (int i = 0; i < 12; i++) {
      Turn turn = worker.turn();
      worker.answer(
          turn,
          complete(2, turn.only().getSubOrchestrationInstanceCompleted().getResult().getValue()));
    }
    assertThat(server.ended("g").getOutput().getValue()).isEqualTo("\"deep\"");
  }

  @Test
  void eventsGoToOthersAndToOneself() {
    server.start("done", "f", "1");
    worker.turnAnswered(complete(1, "1"));
    server.start("other", "f", "1");
    worker.turnAnswered();
    server.start("sender", "f", "1");
    worker.turnAnswered(
        send(1, "missing", "e", "1"),
        send(2, "done", "e", "1"),
        send(3, "sender", "mine", "\"m\""),
        send(4, "other", "Yours", "\"y\""));
    Map<String, Turn> turns = turns(2);
    assertThat(turns.get("sender").only().getEventRaised().getName()).isEqualTo("mine");
    assertThat(turns.get("other").only().getEventRaised().getName()).isEqualTo("Yours");
    assertThat(turns.get("sender").past())
        .filteredOn(HistoryEvent::hasEventSent)
        .extracting(e -> e.getEventSent().getInstanceId())
        .containsExactly("missing", "done", "sender", "other");
    worker.answer(turns.get("sender"), send(5, "sender", "late", "1"), complete(6, "1"));
    worker.answer(turns.get("other"), complete(1, "1"));
    assertThat(server.ended("sender").getOutput().getValue()).isEqualTo("1");
  }

  @Test
  void oneMayTerminateAnother() {
    server.start("victim", "f", "1");
    worker.turnAnswered(child(1, "f", "victims-kid", "1"));
    worker.turnAnswered();
    server.start("alone", "f", "1");
    worker.turnAnswered(child(1, "f", "alones-kid", "1"));
    worker.turnAnswered();
    server.start("killer", "f", "1");
    worker.turnAnswered(
        terminate(1, "victim", "\"out\"", true),
        terminate(2, "alone", "\"out\"", false),
        terminate(3, "missing", "\"out\"", true));
    for (String id : List.of("victim", "victims-kid", "alone")) {
      OrchestrationState state = server.ended(id);
      assertThat(state.getOrchestrationStatus()).as(id).isEqualTo(TERMINATED);
      assertThat(state.getOutput().getValue()).isEqualTo("\"out\"");
    }
    assertThat(server.status("alones-kid")).isEqualTo(RUNNING);
    assertThat(server.status("killer")).isEqualTo(RUNNING);
  }

  @Test
  void oneMayTerminateItself() {
    server.start("self", "f", "1");
    worker.turnAnswered(terminate(1, "self", "\"me\"", false));
    OrchestrationState state = server.ended("self");
    assertThat(state.getOrchestrationStatus()).isEqualTo(TERMINATED);
    assertThat(state.getOutput().getValue()).isEqualTo("\"me\"");
  }

  @Test
  void aChildThatIsTerminatedFailsForItsParent() {
    server.start("parent", "f", "1");
    worker.turnAnswered(child(1, "f", "kid", "1"));
    Turn kid = worker.turn();
    server.terminate("kid", "\"x\"", false);
    Turn parent = worker.turnAnswered(complete(2, "1"));
    var failed = parent.only().getSubOrchestrationInstanceFailed();
    assertThat(failed.getFailureDetails().getErrorType()).contains("Terminated");
    assertThat(failed.getFailureDetails().getErrorMessage()).contains("kid");
    worker.answer(kid, complete(1, "\"late\""));
    assertThat(server.state("kid").getOutput().getValue()).isEqualTo("\"x\"");
  }

  @Test
  void terminationReachesAllGenerations() {
    server.start("a", "f", "1");
    worker.turnAnswered(child(1, "f", "b", "1"), child(2, "f", "c", "1"));
    Map<String, Turn> turns = turns(2);
    worker.answer(turns.get("b"), child(1, "f", "d", "1"));
    Turn d = worker.turn();
    // c has its step in hand, d too
    server.terminate("a", "\"t\"", true);
    for (String id : List.of("a", "b", "c", "d")) {
      OrchestrationState state = server.ended(id);
      assertThat(state.getOrchestrationStatus()).as(id).isEqualTo(TERMINATED);
      assertThat(state.getOutput().getValue()).isEqualTo("\"t\"");
    }
    worker.answer(d, complete(1, "1"));
    worker.answer(turns.get("c"), complete(1, "1"));
    assertThat(server.status("d")).isEqualTo(TERMINATED);
    assertThat(server.history("a"))
        .extracting(HistoryEvent::getEventTypeCase)
        .endsWith(
            HistoryEvent.EventTypeCase.EXECUTIONTERMINATED,
            HistoryEvent.EventTypeCase.EXECUTIONCOMPLETED);
  }

  @Test
  void nothingIsSentWhileSuspended() {
    server.start("pause", "f", "1");
    worker.turnAnswered(schedule(1, "act", "1"), child(2, "f", "kid", "1"));
    WorkItem a = worker.item();
    WorkItem b = worker.item();
    WorkItem activity = a.hasActivityRequest() ? a : b;
    WorkItem kid = a.hasActivityRequest() ? b : a;
    server.suspend("pause");
    assertThat(server.status("pause")).isEqualTo(SUSPENDED);
    server.raise("pause", "e", "1");
    worker.answer(activity, "1");
    worker.answer(
        new Turn(kid.getCompletionToken(), kid.getOrchestratorRequest()), complete(1, "1"));
    assertThat(server.ended("kid").getOutput().getValue()).isEqualTo("1");
    server.start("fence", "f", "1");
    assertThat(worker.turnAnswered(complete(1, "1")).instanceId()).isEqualTo("fence");
    assertThat(worker.isIdle()).isTrue();
    server.suspend("pause");
    server.resume("pause");
    server.resume("pause");
    Turn turn = worker.turn();
    assertThat(turn.inbox())
        .extracting(HistoryEvent::getEventTypeCase)
        .containsExactly(
            HistoryEvent.EventTypeCase.EVENTRAISED,
            HistoryEvent.EventTypeCase.TASKCOMPLETED,
            HistoryEvent.EventTypeCase.SUBORCHESTRATIONINSTANCECOMPLETED);
    worker.answer(turn, complete(3, "1"));
    server.suspend("pause"); // it has ended: nothing happens
    assertThat(server.status("pause"))
        .isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_COMPLETED);
  }

  @Test
  void aStepThatWaitsForAWorkerIsTakenBackBySuspending() {
    worker.close();
    WorkerServer.await(() -> server.pool().connected() == 0);
    server.start("queued", "f", "1");
    WorkerServer.await(() -> server.pool().waiting() == 1);
    server.suspend("queued");
    server.start("fence", "f", "1");
    FakeWorker next = server.worker();
    assertThat(next.turnAnswered(complete(1, "1")).instanceId()).isEqualTo("fence");
    assertThat(next.isIdle()).isTrue();
    assertThat(server.status("queued")).isEqualTo(SUSPENDED);
    server.raise("queued", "e", "1");
    server.resume("queued");
    Turn turn = next.turnAnswered(complete(1, "1"));
    assertThat(turn.past()).isEmpty();
    assertThat(turn.inbox()).hasSize(2);
    assertThat(turn.inbox().getFirst().hasExecutionStarted()).isTrue();
    assertThat(server.ended("queued").getOutput().getValue()).isEqualTo("1");
  }

  @Test
  void aStepIsNotSentAgainWhileSuspended() {
    server.start("held", "f", "1");
    Turn first = worker.turn();
    server.suspend("held");
    worker.close();
    WorkerServer.await(() -> server.pool().connected() == 0);
    server.start("fence", "f", "1");
    FakeWorker next = server.worker();
    assertThat(next.turnAnswered(complete(1, "1")).instanceId()).isEqualTo("fence");
    assertThat(next.isIdle()).isTrue();
    server.resume("held");
    Turn again = next.turnAnswered(complete(1, "2"));
    assertThat(again.token()).isNotEqualTo(first.token());
    assertThat(server.ended("held").getOutput().getValue()).isEqualTo("2");
  }

  @Test
  void suspendedOnesCanBeTerminated() {
    server.start("s", "f", "1");
    worker.turnAnswered();
    server.suspend("s");
    server.terminate("s", "\"t\"", false);
    assertThat(server.ended("s").getOrchestrationStatus()).isEqualTo(TERMINATED);
  }

  @Test
  void terminationNeedsNoWorker() {
    worker.close();
    WorkerServer.await(() -> server.pool().connected() == 0);
    server.start("t", "f", "1");
    server.terminate("t", "\"t\"", false);
    assertThat(server.ended("t").getOrchestrationStatus()).isEqualTo(TERMINATED);
    assertThat(server.history("t"))
        .extracting(HistoryEvent::getEventTypeCase)
        .containsExactly(
            HistoryEvent.EventTypeCase.ORCHESTRATORSTARTED,
            HistoryEvent.EventTypeCase.EXECUTIONSTARTED,
            HistoryEvent.EventTypeCase.EXECUTIONTERMINATED,
            HistoryEvent.EventTypeCase.EXECUTIONCOMPLETED);
    assertThat(server.pool().waiting()).isZero();
  }

  @Test
  void childrenHaveIdsThatInstancesCanHave() {
    server.start("parent", "f", "1");
    worker.turnAnswered(child(1, "f", "@counter@kid", "1"), child(2, "f", "x".repeat(2000), "1"));
    Turn turn = worker.turn();
    assertThat(turn.inbox()).allMatch(HistoryEvent::hasSubOrchestrationInstanceFailed);
  }
}
