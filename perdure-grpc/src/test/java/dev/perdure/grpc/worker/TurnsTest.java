package dev.perdure.grpc.worker;

import static dev.perdure.grpc.worker.Actions.child;
import static dev.perdure.grpc.worker.Actions.complete;
import static dev.perdure.grpc.worker.Actions.completeWithout;
import static dev.perdure.grpc.worker.Actions.continueAsNew;
import static dev.perdure.grpc.worker.Actions.fail;
import static dev.perdure.grpc.worker.Actions.instant;
import static dev.perdure.grpc.worker.Actions.schedule;
import static dev.perdure.grpc.worker.Actions.text;
import static dev.perdure.grpc.worker.Actions.time;
import static dev.perdure.grpc.worker.Actions.timer;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Int32Value;
import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.StringValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import dev.perdure.api.Explanation;
import dev.perdure.grpc.protocol.CompleteOrchestrationAction;
import dev.perdure.grpc.protocol.CreateInstanceRequest;
import dev.perdure.grpc.protocol.CreateSubOrchestrationAction;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.HistoryEvent.EventTypeCase;
import dev.perdure.grpc.protocol.OrchestrationState;
import dev.perdure.grpc.protocol.OrchestrationStatus;
import dev.perdure.grpc.protocol.OrchestrationTraceContext;
import dev.perdure.grpc.protocol.OrchestratorAction;
import dev.perdure.grpc.protocol.ScheduleTaskAction;
import dev.perdure.grpc.protocol.TaskFailureDetails;
import dev.perdure.grpc.protocol.TraceContext;
import dev.perdure.grpc.protocol.WorkItem;
import dev.perdure.grpc.worker.FakeWorker.Turn;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TurnsTest {
  private final WorkerServer server = new WorkerServer();
  private final FakeWorker worker = server.worker();

  @AfterEach
  void close() {
    server.close();
  }

  private static List<String> kinds(List<HistoryEvent> events) {
    return events.stream().map(e -> e.getEventTypeCase() + "(" + e.getEventId() + ")").toList();
  }

  private static Instant clock(Turn turn) {
    HistoryEvent first = turn.events().getFirst();
    assertThat(first.getEventTypeCase()).isEqualTo(EventTypeCase.ORCHESTRATORSTARTED);
    assertThat(first.getEventId()).isEqualTo(-1);
    return instant(first.getTimestamp());
  }

  @Test
  void theFirstStepBeginsTheExecution() {
    server.start(
        CreateInstanceRequest.newBuilder()
            .setInstanceId("one")
            .setName("f")
            .setVersion(StringValue.of("1.5"))
            .setInput(StringValue.of("[1, 2]"))
            .setScheduledStartTimestamp(Timestamp.getDefaultInstance())
            .putTags("a", "b")
            .setParentTraceContext(TraceContext.newBuilder().setTraceParent("00-1-2-01")));
    Turn turn = worker.turn();
    assertThat(turn.past()).isEmpty();
    assertThat(kinds(turn.events()))
        .containsExactly("ORCHESTRATORSTARTED(-1)", "EXECUTIONSTARTED(-1)");
    assertThat(clock(turn)).isAfter(Instant.now().minusSeconds(60));
    HistoryEvent started = turn.only();
    assertThat(started.hasTimestamp()).isTrue();
    String execution =
        started.getExecutionStarted().getOrchestrationInstance().getExecutionId().getValue();
    assertThat(execution).matches("[0-9a-f]{32}");
    assertThat(turn.request().getExecutionId().getValue()).isEqualTo(execution);
    assertThat(started.getExecutionStarted().getName()).isEqualTo("f");
    assertThat(started.getExecutionStarted().getVersion().getValue()).isEqualTo("1.5");
    assertThat(started.getExecutionStarted().getInput().getValue()).isEqualTo("[1, 2]");
    assertThat(started.getExecutionStarted().getTagsMap()).isEqualTo(Map.of("a", "b"));
    assertThat(started.getExecutionStarted().hasParentInstance()).isFalse();
    assertThat(started.getExecutionStarted().getParentTraceContext().getTraceParent())
        .isEqualTo("00-1-2-01");
    assertThat(turn.request().getEntityParameters().hasEntityMessageReorderWindow()).isTrue();
    assertThat(server.status("one")).isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_PENDING);
    worker.answer(turn);
    assertThat(server.status("one")).isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_RUNNING);
  }

  private String waitOf(String id) {
    return server.explain(id).waits().getFirst().toString();
  }

  /** Workers do not say that they try again; it is to be seen in what they ask for. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void explainCountsTheAttemptsOfAWorkerThatTriesAgain(boolean idsAreUsedAgain) {
    int second = idsAreUsedAgain ? 1 : 3;
    int third = idsAreUsedAgain ? 1 : 5;
    server.start("again", "f", "1");
    worker.turnAnswered(schedule(1, "act", "1"));
    assertThat(waitOf("again")).startsWith("activity 'act' (#1), since ");
    worker.fail(worker.activity(), Actions.failure("E", "first"));
    worker.turnAnswered(timer(2, time(Instant.now())));
    worker.turnAnswered(schedule(second, "act", "1"));
    assertThat(waitOf("again")).startsWith("activity 'act' (#%d, attempt 2)".formatted(second));
    worker.fail(worker.activity(), Actions.failure("E", "second"));
    worker.turnAnswered(timer(4, time(Instant.now())));
    worker.turnAnswered(schedule(third, "act", "1"));
    assertThat(waitOf("again")).startsWith("activity 'act' (#%d, attempt 3)".formatted(third));
    worker.fail(worker.activity(), Actions.failure("E", "third"));
    worker.turnAnswered(timer(6, time(Instant.now().plusSeconds(3600))));
    assertThat(waitOf("again"))
        .startsWith("timer (#6), since ")
        .endsWith("; set when attempt 3 of activity 'act' (#%d) failed".formatted(third));
    assertThat(server.explain("again").codeHint())
        .isEqualTo("the line of code is known to the worker alone, which runs it");
  }

  @Test
  void explainSaysNothingOfAttemptsWhereNothingTellsThatThereAreSome() {
    server.start("once", "f", "1");
    worker.turnAnswered(schedule(1, "act", "1"));
    worker.fail(worker.activity(), Actions.failure("E", "first"));
    worker.turnAnswered(timer(2, time(Instant.now().plusSeconds(3600))));
    assertThat(waitOf("once")).endsWith("; set when activity 'act' (#1) failed");

    server.start("children", "f", "1");
    worker.turnAnswered(child(1, "kid", "kid-1", "1"));
    worker.turnAnswered(fail(1, Actions.failure("E", "child")));
    worker.turnAnswered(timer(2, time(Instant.now())));
    worker.turnAnswered(child(3, "kid", "kid-2", "1"), schedule(4, "other", "1"));
    assertThat(server.explain("children").waits())
        .extracting(Explanation.Wait::description)
        .containsExactlyInAnyOrder(
            "sub-orchestration 'kid' with id 'kid-2' (#3, attempt 2)", "activity 'other' (#4)");
  }

  @Test
  void aChildIsToldTheVersionOfItsParent() {
    server.start(
        CreateInstanceRequest.newBuilder()
            .setInstanceId("parent")
            .setName("f")
            .setVersion(text("1.5")));
    worker.turnAnswered(child(1, "child", "kid", "1"));
    Turn kid = worker.turnAnswered(continueAsNew(1, "2"));
    Turn again = worker.turnAnswered(complete(1, "1"));
    for (Turn turn : List.of(kid, again)) {
      assertThat(turn.only().getExecutionStarted().getParentInstance().getVersion().getValue())
          .isEqualTo("1.5");
      assertThat(turn.only().getExecutionStarted().getVersion().getValue()).isEmpty();
    }
    worker.turnAnswered(complete(2, "1"));
    server.ended("parent");
  }

  /** The Go SDK does so if it is told to take a few events in a step. */
  @Test
  void aWorkerMayLeaveEventsForTheNextStep() {
    server.start("slow", "f", "1");
    Turn first = worker.turn();
    for (int i = 1; i <= 3; i++) {
      server.raise("slow", "e", "" + i);
    }
    worker.answer(first);
    Turn all = worker.turn();
    assertThat(all.inbox()).hasSize(3);
    worker.answer(all.answer().setNumEventsProcessed(Int32Value.of(1)));
    Turn rest = worker.turn();
    assertThat(rest.past().subList(2, 4)).isEqualTo(all.events().subList(0, 2));
    assertThat(rest.inbox()).isEqualTo(all.inbox().subList(1, 3));
    server.restart();
    FakeWorker next = server.worker();
    Turn again = next.turn();
    assertThat(again.past()).isEqualTo(rest.past());
    assertThat(again.inbox()).isEqualTo(rest.inbox());
    next.answer(again.answer(complete(1, "1")).setNumEventsProcessed(Int32Value.of(0)));
    server.ended("slow");
  }

  private static final String LARGE = "\"" + "x".repeat(900_000) + "\"";

  /** Six events of 900 KB, which have come before the first step is answered. */
  private Turn manyLargeEvents(String id) {
    server.start(id, "f", "1");
    Turn first = worker.turn();
    for (int i = 1; i <= 6; i++) {
      server.raise(id, "e" + i, LARGE);
    }
    return first;
  }

  private static List<String> names(List<HistoryEvent> events) {
    return events.stream()
        .filter(HistoryEvent::hasEventRaised)
        .map(event -> event.getEventRaised().getName())
        .toList();
  }

  /** Many SDKs take messages of 4 MiB at most. */
  @Test
  void whatHasNoRoomInAStepIsLeftForTheNext() {
    worker.answer(manyLargeEvents("large"));
    Turn two = worker.turn();
    assertThat(names(two.inbox())).containsExactly("e1", "e2");
    worker.answer(two, timer(1, time(Instant.now().plusSeconds(3600))));
    Turn four = worker.turn();
    assertThat(names(four.past())).containsExactly("e1", "e2");
    assertThat(names(four.inbox())).containsExactly("e3", "e4");
    assertThat(clock(four)).isAfter(clock(two));
    server.restart();
    FakeWorker next = server.worker();
    Turn again = next.turn();
    assertThat(names(again.past())).containsExactly("e1", "e2");
    assertThat(names(again.inbox())).containsExactly("e3", "e4");
    next.answer(again);
    Turn six = next.turn();
    assertThat(names(six.past())).containsExactly("e1", "e2", "e3", "e4");
    assertThat(names(six.inbox())).containsExactly("e5", "e6");
    next.answer(six);
    server.raise("large", "e7", "1");
    Turn last = next.turn();
    assertThat(names(last.inbox())).containsExactly("e7");
    next.answer(last, complete(2, "1"));
    server.ended("large");
  }

  @Test
  void aStepHasOneEventHoweverLargeItIs() {
    server.start("huge", "f", "1");
    Turn first = worker.turn();
    server.raise("huge", "e1", "\"" + "x".repeat(3_000_000) + "\"");
    server.raise("huge", "e2", "1");
    worker.answer(first);
    assertThat(names(worker.turnAnswered().inbox())).containsExactly("e1");
    assertThat(names(worker.turnAnswered(complete(1, "1")).inbox())).containsExactly("e2");
    server.ended("huge");
  }

  @Test
  void whatAStepHadNoRoomForGoesToTheNextExecution() {
    worker.answer(manyLargeEvents("anew"));
    Turn two = worker.turn();
    worker.answer(
        two,
        continueAsNew(
            1, Actions.anew("2").addCarryoverEvents(two.inbox().get(1)))); // takes the first of two
    List<String> came = new ArrayList<>();
    while (came.size() < 5) {
      Turn turn = worker.turnAnswered();
      came.addAll(names(turn.inbox()));
    }
    assertThat(came).containsExactly("e2", "e3", "e4", "e5", "e6");
  }

  @Test
  void anExecutionMayEndWithoutHavingSeenAll() {
    worker.answer(manyLargeEvents("early"));
    worker.turnAnswered(complete(1, "\"done\""));
    assertThat(server.ended("early").getOutput().getValue()).isEqualTo("\"done\"");
    assertThat(names(server.history("early"))).containsExactly("e1", "e2");
  }

  /** The example of the specification. */
  @Test
  void aHistoryIsWhatWasSentAndAnswered() {
    server.start("example", "f", "1");
    List<HistoryEvent> told = new ArrayList<>();
    Turn first = worker.turnAnswered(schedule(1, "act", "\"x\""));
    told.addAll(first.events());
    WorkItem activity = worker.activity();
    assertThat(activity.getActivityRequest().getTaskId()).isEqualTo(1);
    assertThat(activity.getActivityRequest().getInput().getValue()).isEqualTo("\"x\"");
    assertThat(activity.getActivityRequest().getOrchestrationInstance().getExecutionId().getValue())
        .isEqualTo(first.request().getExecutionId().getValue());
    worker.answer(activity, "2");
    Turn second = worker.turnAnswered(timer(2, time(Instant.now().plusMillis(20))));
    assertThat(second.past().subList(0, 2)).isEqualTo(told);
    assertThat(kinds(second.past().subList(2, 3))).containsExactly("TASKSCHEDULED(1)");
    assertThat(second.only().getTaskCompleted().getTaskScheduledId()).isEqualTo(1);
    Turn third = worker.turnAnswered(child(3, "child", "", "3"));
    assertThat(third.past().subList(0, 3)).isEqualTo(second.past());
    assertThat(third.past().subList(3, 5)).isEqualTo(second.events());
    assertThat(third.only().getTimerFired().getTimerId()).isEqualTo(2);
    Turn childTurn = worker.turn();
    assertThat(childTurn.instanceId()).isEqualTo("example:0003");
    var parent = childTurn.only().getExecutionStarted().getParentInstance();
    assertThat(parent.getTaskScheduledId()).isEqualTo(3);
    assertThat(parent.getName().getValue()).isEqualTo("f");
    assertThat(parent.getVersion().getValue()).isEmpty();
    assertThat(parent.getOrchestrationInstance().getInstanceId()).isEqualTo("example");
    assertThat(parent.getOrchestrationInstance().getExecutionId().getValue())
        .isEqualTo(first.request().getExecutionId().getValue());
    worker.answer(childTurn, complete(1, "\"child\""));
    Turn fourth = worker.turn();
    assertThat(fourth.past().subList(0, 6)).isEqualTo(third.past());
    assertThat(fourth.only().getSubOrchestrationInstanceCompleted().getResult().getValue())
        .isEqualTo("\"child\"");
    worker.answer(fourth, complete(4, "\"done\""));
    List<HistoryEvent> history = server.history("example");
    assertThat(kinds(history))
        .containsExactly(
            "ORCHESTRATORSTARTED(-1)",
            "EXECUTIONSTARTED(-1)",
            "TASKSCHEDULED(1)",
            "ORCHESTRATORSTARTED(-1)",
            "TASKCOMPLETED(-1)",
            "TIMERCREATED(2)",
            "ORCHESTRATORSTARTED(-1)",
            "TIMERFIRED(-1)",
            "SUBORCHESTRATIONINSTANCECREATED(3)",
            "ORCHESTRATORSTARTED(-1)",
            "SUBORCHESTRATIONINSTANCECOMPLETED(-1)",
            "EXECUTIONCOMPLETED(4)");
    assertThat(history.subList(0, 9)).isEqualTo(fourth.past());
    assertThat(history.subList(9, 11)).isEqualTo(fourth.events());
    assertThat(history).allMatch(HistoryEvent::hasTimestamp);
    OrchestrationState state = server.ended("example");
    assertThat(state.getOutput().getValue()).isEqualTo("\"done\"");
    assertThat(state.hasCompletedTimestamp()).isTrue();
  }

  @Test
  void theClockOfEveryStepIsLater() {
    server.start("clock", "f", "1");
    Turn turn = worker.turn();
    Instant last = Instant.EPOCH;
    for (int i = 1; i <= 40; i++) {
      Instant now = clock(turn);
      assertThat(now).isAfterOrEqualTo(last.plusMillis(1));
      assertThat(now).isEqualTo(now.truncatedTo(ChronoUnit.MILLIS));
      last = now;
      server.raise("clock", "e", "1");
      worker.answer(turn);
      turn = worker.turn();
    }
  }

  @Test
  void timersFireAfterTheirTimeAndReturnIt() {
    server.start("timers", "f", "1");
    Turn first = worker.turn();
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    List<Timestamp> times =
        List.of(
            time(now.minusSeconds(5).plusNanos(123_456_789)),
            time(clock(first)),
            time(now.plusMillis(20).plusNanos(100)),
            time(now.plusMillis(20).plusNanos(999_999)),
            time(now.plusMillis(40)),
            Timestamp.getDefaultInstance());
    OrchestratorAction[] actions = new OrchestratorAction[times.size()];
    for (int i = 0; i < actions.length; i++) {
      actions[i] = timer(i + 1, times.get(i));
    }
    worker.answer(first, actions);
    int fired = 0;
    while (fired < times.size()) {
      Turn turn = worker.turn();
      Instant clock = clock(turn);
      for (HistoryEvent event : turn.inbox()) {
        Timestamp wanted = times.get(event.getTimerFired().getTimerId() - 1);
        assertThat(event.getTimerFired().getFireAt()).isEqualTo(wanted);
        assertThat(clock)
            .isAfterOrEqualTo(instant(wanted).truncatedTo(ChronoUnit.MILLIS).plusMillis(1));
        assertThat(instant(event.getTimestamp())).isAfterOrEqualTo(instant(wanted));
        assertThat(Instant.now()).isAfterOrEqualTo(instant(wanted));
        fired++;
      }
      for (HistoryEvent event : turn.past()) {
        if (event.hasTimerCreated()) {
          assertThat(event.getTimerCreated().getFireAt())
              .isEqualTo(times.get(event.getEventId() - 1));
        }
      }
      worker.answer(turn);
    }
  }

  @Test
  void timersMayBeFarAway() {
    server.start("far", "f", "1");
    worker.turnAnswered(
        timer(1, Timestamp.newBuilder().setSeconds(Long.MAX_VALUE).setNanos(999_999_999).build()),
        timer(2, Timestamp.newBuilder().setSeconds(253_402_300_799L).setNanos(5).build()),
        timer(3, Timestamp.newBuilder().setSeconds(Long.MIN_VALUE).build()));
    Turn turn = worker.turn();
    assertThat(turn.only().getTimerFired().getTimerId()).isEqualTo(3);
    assertThat(turn.past().get(2).getTimerCreated().getFireAt().getSeconds())
        .isEqualTo(Long.MAX_VALUE);
    worker.answer(turn, complete(4, "1"));
    assertThat(server.ended("far").getOutput().getValue()).isEqualTo("1");
  }

  @Test
  void actionsAreRecordedByIdWithTheEndLast() {
    server.start("order", "f", "1");
    worker.turnAnswered(
        schedule(3, "c", "3"),
        schedule(1, "a", "1"),
        timer(2, time(Instant.now().plusSeconds(60))));
    server.raise("order", "e", "1");
    List<WorkItem> items = List.of(worker.item(), worker.item(), worker.item());
    WorkItem step = items.stream().filter(WorkItem::hasOrchestratorRequest).findAny().orElseThrow();
    Turn turn = new Turn(step.getCompletionToken(), step.getOrchestratorRequest());
    assertThat(kinds(turn.past().subList(2, 5)))
        .containsExactly("TASKSCHEDULED(1)", "TIMERCREATED(2)", "TASKSCHEDULED(3)");
    worker.answer(turn, complete(-1, "1"), Actions.send(9, "nobody", "e", "1"));
    assertThat(server.ended("order").getOutput().getValue()).isEqualTo("1");
    List<HistoryEvent> history = server.history("order");
    assertThat(kinds(history.subList(history.size() - 2, history.size())))
        .containsExactly("EVENTSENT(9)", "EXECUTIONCOMPLETED(-1)");
  }

  /** As the Python SDK tries again. */
  @Test
  void idsMayBeUsedAgain() {
    server.start("again", "f", "1");
    worker.turnAnswered(schedule(1, "act", "1"));
    worker.fail(worker.activity(), Actions.failure("E", "first"));
    worker.turnAnswered(timer(2, time(Instant.now())));
    worker.turnAnswered(schedule(1, "act", "1"));
    worker.answer(worker.activity(), "\"second\"");
    Turn turn = worker.turn();
    assertThat(turn.only().getTaskCompleted().getTaskScheduledId()).isEqualTo(1);
    assertThat(kinds(turn.past()))
        .containsExactly(
            "ORCHESTRATORSTARTED(-1)",
            "EXECUTIONSTARTED(-1)",
            "TASKSCHEDULED(1)",
            "ORCHESTRATORSTARTED(-1)",
            "TASKFAILED(-1)",
            "TIMERCREATED(2)",
            "ORCHESTRATORSTARTED(-1)",
            "TIMERFIRED(-1)",
            "TASKSCHEDULED(1)");
    worker.answer(turn, child(3, "child", "again-child", "1"));
    worker.turnAnswered(fail(1, Actions.failure("E", "child")));
    Turn failed = worker.turn();
    assertThat(failed.only().getSubOrchestrationInstanceFailed().getTaskScheduledId()).isEqualTo(3);
    worker.answer(failed, timer(4, time(Instant.now())));
    worker.turnAnswered(child(3, "child", "again-child", "1"));
    Turn child = worker.turnAnswered(complete(1, "\"whole\""));
    assertThat(child.past()).isEmpty();
    Turn last = worker.turnAnswered(complete(5, "1"));
    assertThat(last.only().getSubOrchestrationInstanceCompleted().getResult().getValue())
        .isEqualTo("\"whole\"");
    assertThat(server.ended("again").getOutput().getValue()).isEqualTo("1");
  }

  @Test
  void theCustomStatusIsWhatTheLastAnswerSays() {
    server.start("status", "f", "1");
    Turn turn = worker.turn();
    worker.answer(turn.answer().setCustomStatus(StringValue.of("\"one\"")));
    assertThat(server.state("status").getCustomStatus().getValue()).isEqualTo("\"one\"");
    for (String next : List.of("\"\"", "", "0", "\"x\"", "absent")) {
      server.raise("status", "e", "1");
      turn = worker.turn();
      var answer = turn.answer();
      if (!next.equals("absent")) {
        answer.setCustomStatus(StringValue.of(next));
      }
      worker.answer(answer);
      OrchestrationState state = server.state("status");
      boolean none = next.isEmpty() || next.equals("absent");
      assertThat(state.hasCustomStatus()).as(next).isEqualTo(!none);
      if (!none) {
        assertThat(state.getCustomStatus().getValue()).isEqualTo(next);
      }
    }
    server.raise("status", "e", "1");
    turn = worker.turn();
    worker.answer(turn.answer(complete(1, "1")).setCustomStatus(StringValue.of("\"end\"")));
    assertThat(server.ended("status").getCustomStatus().getValue()).isEqualTo("\"end\"");
  }

  private static TaskFailureDetails deepFailure() {
    Value number = Value.newBuilder().setNumberValue(1.5).build();
    Value nested =
        Value.newBuilder()
            .setStructValue(
                Struct.newBuilder()
                    .putFields("n", number)
                    .putFields(
                        "nothing", Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build())
                    .putFields("text", Value.newBuilder().setStringValue("").build()))
            .build();
    Value list =
        Value.newBuilder()
            .setListValue(
                ListValue.newBuilder()
                    .addValues(number)
                    .addValues(Value.newBuilder().setBoolValue(false))
                    .addValues(nested))
            .build();
    TaskFailureDetails root =
        Actions.failure("Root", "").toBuilder()
            .setStackTrace(StringValue.of(""))
            .putProperties("list", list)
            .putProperties("big", Value.newBuilder().setNumberValue(1e300).build())
            .putProperties("int", Value.newBuilder().setNumberValue(9007199254740991d).build())
            .build();
    TaskFailureDetails middle =
        Actions.failure("Middle", "m \u00e4\ud83d\ude00").toBuilder()
            .setInnerFailure(root)
            .setIsNonRetriable(true)
            .build();
    return Actions.failure("Top", "t\nline").toBuilder()
        .setStackTrace(StringValue.of("at a\n at b"))
        .setInnerFailure(middle)
        .putProperties("nested", nested)
        .build();
  }

  @Test
  void failuresArePassedOnUnchanged() {
    TaskFailureDetails failure = deepFailure();
    server.start("parent", "f", "1");
    worker.turnAnswered(child(1, "child", "kid", "1"));
    worker.turnAnswered(schedule(1, "act", "1"));
    worker.fail(worker.activity(), failure);
    Turn kid = worker.turn();
    assertThat(kid.only().getTaskFailed().getFailureDetails()).isEqualTo(failure);
    worker.answer(kid, fail(2, failure));
    Turn parent = worker.turn();
    assertThat(parent.only().getSubOrchestrationInstanceFailed().getFailureDetails())
        .isEqualTo(failure);
    worker.answer(parent, fail(2, failure));
    OrchestrationState state = server.ended("parent");
    assertThat(state.getOrchestrationStatus())
        .isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_FAILED);
    assertThat(state.getFailureDetails()).isEqualTo(failure);
    assertThat(server.state("kid").getFailureDetails()).isEqualTo(failure);
  }

  @ParameterizedTest
  @ValueSource(strings = {"absent", "", "\"\"", "0", "false", "null", "not json {"})
  void resultsArePassedOnUnchanged(String text) {
    boolean absent = text.equals("absent");
    server.start("parent", "f", text);
    Turn start = worker.turnAnswered(child(1, "child", "kid", text));
    assertThat(start.only().getExecutionStarted().getInput().getValue()).isEqualTo(text);
    worker.turnAnswered(schedule(1, "act", text));
    WorkItem activity = worker.activity();
    assertThat(activity.getActivityRequest().hasInput()).isTrue();
    assertThat(activity.getActivityRequest().getInput().getValue()).isEqualTo(text);
    worker.answer(activity, absent ? null : text);
    Turn kid = worker.turn();
    assertThat(kid.only().getTaskCompleted().hasResult()).isEqualTo(!absent);
    worker.answer(kid, absent ? completeWithout(2) : complete(2, text));
    Turn parent = worker.turn();
    assertThat(parent.only().getSubOrchestrationInstanceCompleted().hasResult()).isEqualTo(!absent);
    server.raise("parent", "e", text);
    worker.answer(parent);
    Turn event = worker.turn();
    assertThat(event.only().getEventRaised().getInput().getValue()).isEqualTo(text);
    worker.answer(event, absent ? completeWithout(2) : complete(2, text));
    OrchestrationState state = server.ended("parent");
    assertThat(state.hasOutput()).isEqualTo(!absent);
    if (!absent) {
      assertThat(kid.only().getTaskCompleted().getResult().getValue()).isEqualTo(text);
      assertThat(parent.only().getSubOrchestrationInstanceCompleted().getResult().getValue())
          .isEqualTo(text);
      assertThat(state.getOutput().getValue()).isEqualTo(text);
    }
  }

  /** Some SDKs make null of a version that is missing, also where an empty one was asked for. */
  @Test
  void anOrchestrationWithoutAVersionIsToldSo() {
    server.start("parent", "f", "1");
    OrchestratorAction unversioned =
        OrchestratorAction.newBuilder()
            .setId(1)
            .setCreateSubOrchestration(
                CreateSubOrchestrationAction.newBuilder()
                    .setName("child")
                    .setInstanceId("kid")
                    .setVersion(text("")))
            .build();
    Turn parent = worker.turnAnswered(unversioned);
    Turn kid = worker.turn();
    for (Turn turn : List.of(parent, kid)) {
      assertThat(turn.only().getExecutionStarted().hasVersion()).as(turn.instanceId()).isTrue();
      assertThat(turn.only().getExecutionStarted().getVersion().getValue()).isEmpty();
    }
  }

  @Test
  void whatBelongsToACallIsPassedOn() {
    server.start(
        CreateInstanceRequest.newBuilder()
            .setInstanceId("call")
            .setName("f")
            .setVersion(StringValue.of("7")));
    TraceContext trace =
        TraceContext.newBuilder()
            .setTraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
            .setTraceState(StringValue.of("a=b"))
            .build();
    Turn turn = worker.turn();
    OrchestratorAction action =
        OrchestratorAction.newBuilder()
            .setId(1)
            .setScheduleTask(
                ScheduleTaskAction.newBuilder()
                    .setName("act")
                    .setVersion(StringValue.of("2"))
                    .putTags("k", "v")
                    .setParentTraceContext(trace))
            .build();
    OrchestrationTraceContext own =
        OrchestrationTraceContext.newBuilder()
            .setSpanID(StringValue.of("b7ad6b7169203331"))
            .setSpanStartTime(time(Instant.now()))
            .build();
    worker.answer(turn.answer(action, schedule(2, "other", "1")).setOrchestrationTraceContext(own));
    WorkItem first = worker.activity();
    WorkItem second = worker.activity();
    assertThat(first.getActivityRequest().getVersion().getValue()).isEqualTo("2");
    assertThat(first.getActivityRequest().getTagsMap()).isEqualTo(Map.of("k", "v"));
    assertThat(first.getActivityRequest().hasInput()).isFalse();
    assertThat(first.getActivityRequest().getParentTraceContext().getTraceParent())
        .isEqualTo(trace.getTraceParent());
    assertThat(first.getActivityRequest().getParentTraceContext().getTraceState())
        .isEqualTo(trace.getTraceState());
    assertThat(second.getActivityRequest().hasVersion()).isFalse();
    worker.answer(first, "1");
    Turn next = worker.turnAnswered();
    assertThat(next.request().getOrchestrationTraceContext()).isEqualTo(own);
    assertThat(next.past().get(2).getTaskScheduled().getTagsMap()).isEqualTo(Map.of("k", "v"));
    worker.answer(second, "1");
    assertThat(worker.turn().request().getOrchestrationTraceContext()).isEqualTo(own);
  }

  @Test
  void whatComesDuringAStepIsPartOfTheNext() {
    server.start("during", "f", "1");
    Turn first = worker.turn();
    for (int i = 0; i < 5; i++) {
      server.raise("during", "e", "" + i);
    }
    worker.answer(first);
    Turn second = worker.turn();
    assertThat(second.inbox())
        .extracting(event -> event.getEventRaised().getInput().getValue())
        .containsExactly("0", "1", "2", "3", "4");
    assertThat(kinds(second.past()))
        .containsExactly("ORCHESTRATORSTARTED(-1)", "EXECUTIONSTARTED(-1)");
    worker.answer(second, complete(1, "1"));
    assertThat(kinds(server.history("during")).subList(2, 4))
        .containsExactly("ORCHESTRATORSTARTED(-1)", "EVENTRAISED(-1)");
  }

  @Test
  void startsMayBePutOff() {
    Instant start = server.now().plusSeconds(3_600);
    server.start(
        CreateInstanceRequest.newBuilder()
            .setInstanceId("later")
            .setName("f")
            .setScheduledStartTimestamp(time(start)));
    server.raise("later", "e", "1");
    assertThat(server.state("later").getOrchestrationStatus())
        .isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_PENDING);
    server.timePassesUntil(start);
    Turn turn = worker.turn();
    assertThat(kinds(turn.events()))
        .containsExactly("ORCHESTRATORSTARTED(-1)", "EXECUTIONSTARTED(-1)", "EVENTRAISED(-1)");
    assertThat(clock(turn)).isAfterOrEqualTo(start.truncatedTo(ChronoUnit.MILLIS));
  }

  /** As SDKs answer to an event that terminates; the server ends instances itself. */
  @Test
  void anEndByItsWorkerIsShownAsItWasAnswered() {
    server.start("one", "f", "1");
    worker.turnAnswered(
        OrchestratorAction.newBuilder()
            .setId(4)
            .setCompleteOrchestration(
                CompleteOrchestrationAction.newBuilder()
                    .setOrchestrationStatus(OrchestrationStatus.ORCHESTRATION_STATUS_TERMINATED)
                    .setResult(StringValue.of("1")))
            .build());
    assertThat(server.ended("one").getOrchestrationStatus())
        .isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_TERMINATED);
    List<HistoryEvent> history = server.history("one");
    assertThat(history)
        .extracting(HistoryEvent::getEventTypeCase)
        .containsExactly(
            HistoryEvent.EventTypeCase.ORCHESTRATORSTARTED,
            HistoryEvent.EventTypeCase.EXECUTIONSTARTED,
            HistoryEvent.EventTypeCase.EXECUTIONCOMPLETED);
    assertThat(history.getLast().getEventId()).isEqualTo(4);
  }
}
