package dev.perdure.grpc.worker;

import static dev.perdure.grpc.worker.Actions.anew;
import static dev.perdure.grpc.worker.Actions.child;
import static dev.perdure.grpc.worker.Actions.complete;
import static dev.perdure.grpc.worker.Actions.continueAsNew;
import static dev.perdure.grpc.worker.Actions.raised;
import static dev.perdure.grpc.worker.Actions.schedule;
import static dev.perdure.grpc.worker.Actions.send;
import static dev.perdure.grpc.worker.Actions.time;
import static dev.perdure.grpc.worker.Actions.timer;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import dev.perdure.grpc.protocol.CreateInstanceRequest;
import dev.perdure.grpc.protocol.ExecutionStartedEvent;
import dev.perdure.grpc.protocol.GetInstanceRequest;
import dev.perdure.grpc.protocol.GetInstanceResponse;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.OrchestrationState;
import dev.perdure.grpc.protocol.OrchestrationStatus;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc;
import dev.perdure.grpc.protocol.TraceContext;
import dev.perdure.grpc.protocol.WorkItem;
import dev.perdure.grpc.worker.FakeWorker.Turn;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ContinueAsNewTurnsTest {
  private final WorkerServer server = new WorkerServer();
  private final FakeWorker worker = server.worker();

  @AfterEach
  void close() {
    server.close();
  }

  private static List<String> events(Turn turn) {
    return turn.inbox().stream()
        .filter(HistoryEvent::hasEventRaised)
        .map(e -> e.getEventRaised().getName() + "=" + e.getEventRaised().getInput().getValue())
        .toList();
  }

  @Test
  void whoWaitsForTheBeginningIsToldWhenTheFirstStepContinuesAsNew() throws Exception {
    server.start("one", "f", "1");
    Turn first = worker.turn();
    Future<GetInstanceResponse> begun =
        TaskHubSidecarServiceGrpc.newFutureStub(server.channel())
            .waitForInstanceStart(GetInstanceRequest.newBuilder().setInstanceId("one").build());
    assertThat(server.state("one").getOrchestrationStatus())
        .isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_PENDING);
    worker.answer(first, continueAsNew(1, "2"));
    worker.turn(); // is not answered
    assertThat(begun.get(30, TimeUnit.SECONDS).getOrchestrationState().getOrchestrationStatus())
        .isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_RUNNING);
    server.perdure().waitForStart("one", WorkerServer.PATIENCE);
  }

  @Test
  void theNextExecutionBeginsAfresh() {
    TraceContext trace = TraceContext.newBuilder().setTraceParent("tp").build();
    server.start(
        CreateInstanceRequest.newBuilder()
            .setInstanceId("one")
            .setName("f")
            .setVersion(StringValue.of("1"))
            .setInput(StringValue.of("1"))
            .setParentTraceContext(trace)
            .putTags("a", "1"));
    Turn first = worker.turn();
    worker.answer(
        first
            .answer(continueAsNew(1, anew("2")), timer(5, time(Instant.now())))
            .setCustomStatus(StringValue.of("\"old\"")));
    Turn second = worker.turn();
    assertThat(second.past()).isEmpty();
    ExecutionStartedEvent started = second.only().getExecutionStarted();
    assertThat(started.getInput().getValue()).isEqualTo("2");
    assertThat(started.getVersion().getValue()).isEqualTo("1");
    assertThat(started.getTagsMap()).isEqualTo(Map.of("a", "1"));
    assertThat(started.getParentTraceContext()).isEqualTo(trace);
    assertThat(second.request().getExecutionId().getValue())
        .matches("[0-9a-f]{32}")
        .isNotEqualTo(first.request().getExecutionId().getValue());
    assertThat(started.getOrchestrationInstance().getExecutionId())
        .isEqualTo(second.request().getExecutionId());
    assertThat(second.request().hasOrchestrationTraceContext()).isFalse();
    OrchestrationState state = server.state("one");
    assertThat(state.getOrchestrationStatus())
        .isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_RUNNING);
    assertThat(state.getInput().getValue()).isEqualTo("2");
    assertThat(state.hasCustomStatus()).as("the next step reports it anew").isFalse();
    worker.answer(
        second, continueAsNew(1, anew("3").setNewVersion(StringValue.of("2")).putTags("b", "2")));
    Turn third = worker.turnAnswered(complete(1, "3"));
    assertThat(third.only().getExecutionStarted().getVersion().getValue()).isEqualTo("2");
    assertThat(third.only().getExecutionStarted().getTagsMap()).isEqualTo(Map.of("b", "2"));
    OrchestrationState end = server.ended("one");
    assertThat(end.getVersion().getValue()).isEqualTo("2");
    assertThat(end.getCreatedTimestamp()).isEqualTo(state.getCreatedTimestamp());
    assertThat(end.hasCustomStatus()).isFalse();
  }

  @Test
  void tagsThatAreTooLongForAStartAreSoForTheNextExecution() {
    server.start("one", "f", "1");

    worker.answer(worker.turn(), continueAsNew(1, anew("2").putTags("k", "v".repeat(32 << 10))));

    OrchestrationState end = server.ended("one");
    assertThat(end.getOrchestrationStatus())
        .isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_FAILED);
    assertThat(end.getFailureDetails().getErrorMessage()).contains("PD-1002", "tags");
  }

  @Test
  void eventsComeOnceAndInOrder() {
    server.start("events", "f", "1");
    server.raise("events", "e", "1");
    server.raise("events", "e", "2");
    Turn first = worker.turn();
    List<String> came = new ArrayList<>(events(first));
    while (came.size() < 2) { // both may have come in time for the first step
      worker.answer(first);
      first = worker.turn();
      came.addAll(events(first));
    }
    server.raise("events", "e", "5");
    server.raise("events", "e", "6");
    worker.answer(
        first,
        send(3, "events", "e", "4"),
        continueAsNew(
            4,
            anew("2").addCarryoverEvents(raised("e", "2")).addCarryoverEvents(raised("e", "3"))));
    Turn second = worker.turn();
    assertThat(events(second)).containsExactly("e=2", "e=3", "e=4", "e=5", "e=6");
    server.raise("events", "e", "7");
    worker.answer(second, continueAsNew(1, "3"));
    Turn third = worker.turn();
    assertThat(events(third)).containsExactly("e=7");
    worker.answer(third, complete(1, "1"));
    assertThat(server.ended("events").getOutput().getValue()).isEqualTo("1");
  }

  /** As SDKs do that send what they have not taken to themselves. */
  @Test
  void eventsThatWereNotShownYetComeAfterThoseThatAreSentBack() {
    String a = "a".repeat(3 << 19);
    String b = "b".repeat(3 << 19);
    server.start("large", "f", "1");
    Turn first = worker.turn();
    server.raise("large", "e", a);
    server.raise("large", "e", b);
    worker.answer(first);
    Turn second = worker.turn();
    assertThat(events(second)).as("no step is shown both").containsExactly("e=" + a);

    worker.answer(second, send(1, "large", "e", a), continueAsNew(2, "2"));

    Turn third = worker.turn();
    assertThat(events(third)).containsExactly("e=" + a);
    worker.answer(third);
    assertThat(events(worker.turn())).containsExactly("e=" + b);
    server.terminate("large", "1", false);
  }

  @Test
  void noEventIsLostWhenEveryExecutionTakesOne() {
    server.start("many", "f", "0");
    for (int i = 0; i < 10; i++) {
      server.raise("many", "e", "" + i);
    }
    List<String> taken = new ArrayList<>();
    while (taken.size() < 10) {
      Turn turn = worker.turn();
      List<HistoryEvent> all = new ArrayList<>(turn.past());
      all.addAll(turn.inbox());
      List<HistoryEvent> raised = all.stream().filter(HistoryEvent::hasEventRaised).toList();
      if (raised.isEmpty()) {
        worker.answer(turn);
        continue;
      }
      taken.add(raised.getFirst().getEventRaised().getInput().getValue());
      worker.answer(
          turn,
          continueAsNew(
              1, anew("" + taken.size()).addAllCarryoverEvents(raised.subList(1, raised.size()))));
    }
    assertThat(taken).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    Turn last = worker.turnAnswered(complete(1, "1"));
    assertThat(events(last)).isEmpty();
  }

  @Test
  void answersToTheOldExecutionAreDropped() {
    server.start("late", "f", "1");
    worker.turnAnswered(
        schedule(1, "act", "1"),
        child(2, "child", "kid", "1"),
        timer(3, time(Instant.now().plusSeconds(60))));
    WorkItem activity = null;
    Turn kid = null;
    for (int i = 0; i < 2; i++) {
      WorkItem item = worker.item();
      if (item.hasActivityRequest()) {
        activity = item;
      } else {
        kid = new Turn(item.getCompletionToken(), item.getOrchestratorRequest());
      }
    }
    server.raise("late", "e", "1");
    worker.turnAnswered(continueAsNew(4, "2"));
    // The new execution waits for tasks of the same numbers.
    worker.turnAnswered(
        schedule(1, "act", "1"),
        child(2, "child", "kid2", "1"),
        timer(3, time(Instant.now().plusSeconds(60))));
    WorkItem again = null;
    for (int i = 0; i < 2; i++) {
      WorkItem item = worker.item();
      if (item.hasActivityRequest()) {
        again = item;
      }
    }
    worker.answer(activity, "\"old\"");
    worker.answer(kid, complete(1, "\"old\""));
    assertThat(server.ended("kid").getOutput().getValue()).isEqualTo("\"old\"");
    worker.answer(again, "\"new\"");
    Turn turn = worker.turnAnswered(complete(5, "1"));
    assertThat(turn.only().getTaskCompleted().getResult().getValue()).isEqualTo("\"new\"");
  }

  @Test
  void aChildMayBeginAfresh() {
    server.start("parent", "f", "1");
    worker.turnAnswered(child(7, "child", "kid", "1"));
    Turn first = worker.turnAnswered(continueAsNew(1, "2"));
    Turn second = worker.turn();
    assertThat(second.only().getExecutionStarted().getParentInstance())
        .isEqualTo(first.only().getExecutionStarted().getParentInstance());
    worker.answer(second, complete(1, "\"end\""));
    Turn parent = worker.turnAnswered(complete(8, "1"));
    assertThat(parent.only().getSubOrchestrationInstanceCompleted().getTaskScheduledId())
        .isEqualTo(7);
    assertThat(parent.only().getSubOrchestrationInstanceCompleted().getResult().getValue())
        .isEqualTo("\"end\"");
  }

  @Test
  void suspendedDuringItsLastStepItStaysSuspended() {
    server.start("pause", "f", "1");
    Turn turn = worker.turn();
    server.suspend("pause");
    worker.answer(turn, continueAsNew(1, "2"));
    assertThat(server.status("pause"))
        .isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_SUSPENDED);
    assertThat(worker.isIdle()).isTrue();
    server.resume("pause");
    assertThat(server.status("pause")).isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_RUNNING);
    worker.turnAnswered(complete(1, "1"));
    assertThat(server.ended("pause").getOutput().getValue()).isEqualTo("1");
  }

  @Test
  void theScheduledStartIsKnownAfterItAndIsNotWaitedForAgain() {
    Instant at = server.now().plusSeconds(3_600).truncatedTo(ChronoUnit.MILLIS);
    server.start(
        CreateInstanceRequest.newBuilder()
            .setInstanceId("later")
            .setName("f")
            .setScheduledStartTimestamp(time(at)));
    server.timePassesUntil(at);
    Turn first = worker.turn();
    assertThat(first.only().getExecutionStarted().getScheduledStartTimestamp()).isEqualTo(time(at));
    assertThat(server.state("later").getScheduledStartTimestamp()).isEqualTo(time(at));
    worker.answer(first, continueAsNew(1, "2"));
    Turn second = worker.turnAnswered(complete(1, "1"));
    assertThat(second.only().getExecutionStarted().hasScheduledStartTimestamp()).isFalse();
    assertThat(server.ended("later").getScheduledStartTimestamp()).isEqualTo(time(at));
  }

  @Test
  void terminationDuringItWins() {
    server.start("stop", "f", "1");
    Turn turn = worker.turn();
    server.terminate("stop", "\"no\"", false);
    worker.answer(turn, continueAsNew(1, "2"));
    OrchestrationState state = server.ended("stop");
    assertThat(state.getOrchestrationStatus())
        .isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_TERMINATED);
    assertThat(state.getOutput().getValue()).isEqualTo("\"no\"");
  }

  @Test
  void activitiesCalledInTheLastStepAreRunAndNobodyHearsOfThem() {
    server.start("ends", "f", "1");
    worker.turnAnswered(schedule(1, "tidy", "7"), complete(2, "1"));
    WorkItem tidy = worker.activity();
    assertThat(tidy.getActivityRequest().getInput().getValue()).isEqualTo("7");
    worker.answer(tidy, "done");
    server.ended("ends");
    server.start("goes-on", "f", "1");
    Turn first = worker.turn();
    worker.answer(first, schedule(1, "tidy", "8"), continueAsNew(2, "2"));
    WorkItem one = worker.item();
    WorkItem two = worker.item();
    WorkItem again = one.hasActivityRequest() ? one : two;
    WorkItem step = one.hasActivityRequest() ? two : one;
    assertThat(again.getActivityRequest().getInput().getValue()).isEqualTo("8");
    worker.answer(again, "done");
    worker.answer(
        new Turn(step.getCompletionToken(), step.getOrchestratorRequest()), complete(1, "3"));
    assertThat(server.ended("goes-on").getOutput().getValue()).isEqualTo("3");
  }
}
