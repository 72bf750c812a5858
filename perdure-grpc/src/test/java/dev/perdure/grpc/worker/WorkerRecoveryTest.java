package dev.perdure.grpc.worker;

import static dev.perdure.grpc.worker.Actions.child;
import static dev.perdure.grpc.worker.Actions.complete;
import static dev.perdure.grpc.worker.Actions.continueAsNew;
import static dev.perdure.grpc.worker.Actions.schedule;
import static dev.perdure.grpc.worker.Actions.send;
import static dev.perdure.grpc.worker.Actions.signal;
import static dev.perdure.grpc.worker.Actions.time;
import static dev.perdure.grpc.worker.Actions.timer;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.StringValue;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import dev.perdure.grpc.protocol.CreateInstanceRequest;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.OrchestrationStatus;
import dev.perdure.grpc.protocol.OrchestrationTraceContext;
import dev.perdure.grpc.protocol.OrchestratorAction;
import dev.perdure.grpc.protocol.ScheduleTaskAction;
import dev.perdure.grpc.protocol.TaskFailureDetails;
import dev.perdure.grpc.protocol.TraceContext;
import dev.perdure.grpc.protocol.WorkItem;
import dev.perdure.grpc.worker.FakeWorker.Turn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The server is closed and opened again on the same store. */
class WorkerRecoveryTest {
  private final WorkerServer server = new WorkerServer();

  @AfterEach
  void close() {
    server.close();
  }

  private FakeWorker restart() {
    server.restart();
    return server.worker();
  }

  private static List<ByteString> encoded(List<HistoryEvent> events) {
    return events.stream().map(HistoryEvent::toByteString).toList();
  }

  @Test
  void thePastIsTheSameByteForByte() {
    FakeWorker worker = server.worker();
    server.start(
        CreateInstanceRequest.newBuilder()
            .setInstanceId("one")
            .setName("f")
            .setVersion(StringValue.of("1"))
            .setInput(StringValue.of(""))
            .putTags("only", "one"));
    OrchestratorAction traced =
        OrchestratorAction.newBuilder()
            .setId(1)
            .setScheduleTask(
                ScheduleTaskAction.newBuilder()
                    .setName("act")
                    .setVersion(StringValue.of("v"))
                    .putTags("k", "v")
                    .setParentTraceContext(
                        TraceContext.newBuilder()
                            .setTraceParent(
                                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                            .setTraceState(StringValue.of("x=y"))))
            .build();
    Timestamp fraction = time(Instant.now().minusSeconds(3).plusNanos(123_456));
    OrchestrationTraceContext trace =
        OrchestrationTraceContext.newBuilder().setSpanStartTime(time(Instant.now())).build();
    Turn turn = worker.turn();
    List<HistoryEvent> told = new ArrayList<>(turn.events());
    worker.answer(
        turn.answer(
                traced,
                timer(2, fraction),
                timer(3, Timestamp.newBuilder().setSeconds(Long.MAX_VALUE).build()),
                child(4, "g", "", "null"),
                send(5, "nobody", "e", "1"),
                signal(
                    6,
                    Actions.signal(
                        "@Counter@a", "add", "1", "3f2504e0-4f89-11d3-9a0c-0305e82c3301")))
            .setOrchestrationTraceContext(trace)
            .setCustomStatus(StringValue.of("\"s\"")));
    TaskFailureDetails failure =
        Actions.failure("E", "m").toBuilder()
            .setStackTrace(StringValue.of(""))
            .setInnerFailure(Actions.failure("C", "n"))
            .putProperties("p", Value.newBuilder().setNumberValue(3).build())
            .build();
    int answered = 0;
    boolean first = true;
    Turn last = null;
    while (answered < 3) {
      WorkItem item = worker.item();
      if (item.hasActivityRequest()) {
        worker.fail(item, failure);
        continue;
      }
      if (item.hasEntityRequestV2()) {
        worker.answer(item, "1", List.of("1"));
        continue;
      }
      Turn next = new Turn(item.getCompletionToken(), item.getOrchestratorRequest());
      if (next.instanceId().equals("one:0004")) {
        worker.answer(next, complete(1, "\"\""));
        continue;
      }
      if (first) {
        assertThat(next.past().subList(0, 2)).isEqualTo(told);
        first = false;
      } else {
        assertThat(next.past().subList(0, told.size())).isEqualTo(told);
      }
      told = new ArrayList<>(next.past());
      told.addAll(next.events());
      answered += next.inbox().size();
      last = next;
      worker.answer(next.answer().setCustomStatus(StringValue.of("\"s\"")));
    }
    assertThat(last.request().getOrchestrationTraceContext()).isEqualTo(trace);
    server.raise("one", "e", "\u00e4");
    Turn warm = worker.turn();
    assertThat(encoded(warm.past())).isEqualTo(encoded(told));
    for (int i = 0; i < 2; i++) {
      FakeWorker again = restart();
      Turn cold = again.turn();
      assertThat(encoded(cold.past())).isEqualTo(encoded(warm.past()));
      assertThat(encoded(cold.inbox())).isEqualTo(encoded(warm.inbox()));
      assertThat(cold.request().getExecutionId()).isEqualTo(warm.request().getExecutionId());
      assertThat(cold.request().getOrchestrationTraceContext()).isEqualTo(trace);
      assertThat(Actions.instant(cold.events().getFirst().getTimestamp()))
          .isAfter(Actions.instant(told.get(told.size() - 2).getTimestamp()).minusMillis(1));
      worker = again;
      assertThat(server.state("one").getCustomStatus().getValue()).isEqualTo("\"s\"");
      if (i == 1) {
        worker.answer(cold, complete(7, "1"));
      }
    }
    assertThat(server.ended("one").getOutput().getValue()).isEqualTo("1");
    List<HistoryEvent> history = server.history("one");
    assertThat(encoded(history.subList(0, told.size()))).isEqualTo(encoded(told));
    assertThat(server.perdure().audit().findings()).isEmpty();
  }

  @Test
  void whatWasUnderWayIsHandedOutAgain() {
    FakeWorker worker = server.worker();
    server.start("begun", "f", "1");
    Turn begun = worker.turn();
    server.start("acting", "f", "1");
    worker.turnAnswered(schedule(1, "act", "1"), child(2, "f", "kid", "1"));
    List<WorkItem> items = List.of(worker.item(), worker.item());
    server.start("done", "f", "1");
    worker.turnAnswered(complete(1, "1"));
    FakeWorker again = restart();
    List<WorkItem> repeated = List.of(again.item(), again.item(), again.item());
    WorkItem activity =
        repeated.stream().filter(WorkItem::hasActivityRequest).findAny().orElseThrow();
    assertThat(activity.getActivityRequest())
        .isEqualTo(
            items.stream()
                .filter(WorkItem::hasActivityRequest)
                .findAny()
                .orElseThrow()
                .getActivityRequest());
    // Answers with tokens of before mean nothing.
    again.answer(begun, complete(1, "\"late\""));
    for (WorkItem item : items) {
      if (item.hasActivityRequest()) {
        again.answer(item, "\"late\"");
      } else {
        again.answer(
            new Turn(item.getCompletionToken(), item.getOrchestratorRequest()),
            complete(1, "\"late\""));
      }
    }
    for (WorkItem item : repeated) {
      if (item.hasOrchestratorRequest()) {
        again.answer(
            new Turn(item.getCompletionToken(), item.getOrchestratorRequest()),
            complete(1, "\"right\""));
      }
    }
    Turn acting = again.turnAnswered();
    assertThat(acting.only().getSubOrchestrationInstanceCompleted().getResult().getValue())
        .isEqualTo("\"right\"");
    again.answer(activity, "\"right\"");
    acting = again.turnAnswered(complete(3, "1"));
    assertThat(acting.only().getTaskCompleted().getResult().getValue()).isEqualTo("\"right\"");
    assertThat(server.ended("begun").getOutput().getValue()).isEqualTo("\"right\"");
    assertThat(again.isIdle()).isTrue();
    assertThat(server.perdure().audit().findings()).isEmpty();
  }

  @Test
  void continuingIsDurable() {
    FakeWorker worker = server.worker();
    server.start("anew", "f", "1");
    worker.turnAnswered(schedule(1, "act", "1"));
    worker.activity();
    server.raise("anew", "e", "1");
    Turn old = worker.turn();
    worker.answer(
        old,
        send(2, "anew", "e", "2"),
        continueAsNew(3, Actions.anew("2").addCarryoverEvents(Actions.raised("e", "1"))));
    Turn warm = worker.turn();
    FakeWorker again = restart();
    Turn cold = again.turn();
    assertThat(cold.past()).isEmpty();
    assertThat(cold.inbox()).isEqualTo(warm.inbox());
    assertThat(cold.inbox()).hasSize(3);
    assertThat(server.status("anew")).isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_RUNNING);
    again.answer(cold, complete(1, "1"));
    assertThat(again.isIdle()).isTrue();
  }

  @Test
  void suspendedOnesStaySo() {
    FakeWorker worker = server.worker();
    server.start("pause", "f", "1");
    worker.turnAnswered(timer(1, time(Instant.now().plusMillis(30))));
    server.suspend("pause");
    server.raise("pause", "e", "1");
    FakeWorker again = restart();
    server.start("fence", "f", "1");
    assertThat(again.turnAnswered(complete(1, "1")).instanceId()).isEqualTo("fence");
    WorkerServer.await(
        () ->
            server.explain("pause").waits().isEmpty()
                || server.explain("pause").waits().stream()
                    .noneMatch(w -> w.kind().equals("timer")));
    server.resume("pause");
    Turn turn = again.turnAnswered(complete(2, "1"));
    assertThat(turn.inbox())
        .extracting(HistoryEvent::getEventTypeCase)
        .containsExactlyInAnyOrder(
            HistoryEvent.EventTypeCase.EVENTRAISED, HistoryEvent.EventTypeCase.TIMERFIRED);
    assertThat(turn.past()).hasSize(3);
  }

  @Test
  void eventsThatCameDuringAStepStayBehindIt() {
    FakeWorker worker = server.worker();
    server.start("mid", "f", "1");
    Turn first = worker.turn();
    server.raise("mid", "e", "1");
    worker.answer(first, schedule(1, "act", "1"));
    List<WorkItem> items = List.of(worker.item(), worker.item());
    Turn warm =
        items.stream()
            .filter(WorkItem::hasOrchestratorRequest)
            .map(i -> new Turn(i.getCompletionToken(), i.getOrchestratorRequest()))
            .findAny()
            .orElseThrow();
    server.raise("mid", "e", "2");
    worker.answer(warm, schedule(2, "act", "2"));
    Turn next = null;
    while (next == null) {
      WorkItem item = worker.item();
      if (item.hasOrchestratorRequest()) {
        next = new Turn(item.getCompletionToken(), item.getOrchestratorRequest());
      }
    }
    FakeWorker again = restart();
    Turn cold = null;
    while (cold == null) {
      WorkItem item = again.item();
      if (item.hasOrchestratorRequest()) {
        cold = new Turn(item.getCompletionToken(), item.getOrchestratorRequest());
      }
    }
    assertThat(encoded(cold.past())).isEqualTo(encoded(next.past()));
    assertThat(encoded(cold.inbox())).isEqualTo(encoded(next.inbox()));
  }

  @Test
  void parkedOnesStayParked() {
    server.start("poison", "f", "1");
    for (int i = 0; i < WorkerServer.LOST_MAX; i++) {
      FakeWorker worker = server.worker();
      worker.turn();
      worker.close();
      WorkerServer.await(() -> server.pool().connected() == 0);
    }
    WorkerServer.await(() -> server.explain("poison").problem() != null);
    FakeWorker again = restart();
    server.start("fence", "f", "1");
    assertThat(again.turnAnswered(complete(1, "1")).instanceId()).isEqualTo("fence");
    assertThat(again.isIdle()).isTrue();
    server.perdure().requeue("poison", "now");
    again.turnAnswered(complete(1, "1"));
    assertThat(server.ended("poison").getOutput().getValue()).isEqualTo("1");
  }
}
