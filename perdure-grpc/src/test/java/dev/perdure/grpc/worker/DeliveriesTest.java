package dev.perdure.grpc.worker;

import static dev.perdure.grpc.worker.Actions.complete;
import static dev.perdure.grpc.worker.Actions.schedule;
import static dev.perdure.grpc.worker.Actions.send;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Int32Value;
import com.google.protobuf.StringValue;
import dev.perdure.api.Explanation;
import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.grpc.protocol.ActivityFilter;
import dev.perdure.grpc.protocol.CreateInstanceRequest;
import dev.perdure.grpc.protocol.EntityFilter;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.HistoryChunk;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.OrchestrationFilter;
import dev.perdure.grpc.protocol.OrchestrationStatus;
import dev.perdure.grpc.protocol.OrchestratorAction;
import dev.perdure.grpc.protocol.OrchestratorResponse;
import dev.perdure.grpc.protocol.ScheduleTaskAction;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc;
import dev.perdure.grpc.protocol.WorkItem;
import dev.perdure.grpc.protocol.WorkItemFilters;
import dev.perdure.grpc.protocol.WorkerCapability;
import dev.perdure.grpc.worker.FakeWorker.Turn;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How work comes to workers, and what their answers belong to. */
class DeliveriesTest {
  private final WorkerServer server = new WorkerServer();

  @AfterEach
  void close() {
    server.close();
  }

  private static GetWorkItemsRequest.Builder all() {
    return GetWorkItemsRequest.newBuilder();
  }

  // ---- to whom
  // -----------------------------------------------------------------------------------

  @Test
  void workGoesToWhoeverHasNothingElseToDo() {
    FakeWorker first = server.worker();
    FakeWorker second = server.worker();
    server.start("one", "f", "1");
    server.start("two", "f", "1");
    Turn held = first.turn();
    second.turnAnswered(schedule(1, "act", "1"));
    second.answer(second.activity(), "1");
    second.turnAnswered(complete(2, "1"));
    first.answer(held, complete(1, "1"));
    for (String id : List.of("one", "two")) {
      assertThat(server.ended(id).getOutput().getValue()).isEqualTo("1");
    }
  }

  // ---- completion tokens ------------------------------------------------------------------------

  @Test
  void answersToNothingHaveNoEffect() {
    FakeWorker worker = server.worker();
    server.start("one", "f", "1");
    Turn turn = worker.turn();
    worker.answer(turn.answer(complete(1, "\"wrong\"")).setCompletionToken("unknown"));
    worker.answer(turn.answer(complete(1, "\"wrong\"")).setCompletionToken(turn.token() + "0"));
    worker.abandonTurn("unknown");
    worker.abandonTurn("");
    worker.abandonActivity(turn.token() + "1");
    worker.answer(turn, schedule(1, "act", "1"));
    WorkItem activity = worker.activity();
    worker.answer(turn, complete(1, "\"repeated\""));
    worker.abandonTurn(turn.token());
    worker.answer(activity, "1");
    worker.answer(activity, "2");
    worker.fail(activity, Actions.failure("E", "late"));
    worker.abandonActivity(activity.getCompletionToken());
    Turn next = worker.turn();
    assertThat(next.token()).isNotEqualTo(turn.token());
    assertThat(next.only().getTaskCompleted().getResult().getValue()).isEqualTo("1");
    worker.answer(next, complete(2, "\"right\""));
    worker.answer(next, complete(2, "\"again\""));
    assertThat(server.ended("one").getOutput().getValue()).isEqualTo("\"right\"");
  }

  @Test
  void anAnswerThatComesTwiceAtOnceCountsOnce() throws Exception {
    FakeWorker worker = server.worker();
    server.start("sink", "f", "1");
    Turn sink = worker.turn();
    server.start("one", "f", "1");
    Turn turn = worker.turn();
    OrchestratorResponse answer = turn.answer(send(1, "sink", "e", "1"), complete(2, "1")).build();
    WorkerPool.Delivery delivery =
        server.pool().find(turn.token(), FunctionKind.ORCHESTRATOR, "one", 0, null);
    RemoteRun.Step step = (RemoteRun.Step) delivery.item();
    // The first is on its way, on another thread, when the second overtakes it.
    assertThat(step.addPart(delivery.number(), answer)).isTrue();
    new Answers(server.pool()).orchestrator(answer).get(30, TimeUnit.SECONDS);
    assertThat(server.ended("one").getOutput().getValue()).isEqualTo("1");
    assertThat(server.history("one")).filteredOn(HistoryEvent::hasEventSent).hasSize(1);
    worker.answer(sink, complete(1, "1"));
    assertThat(server.ended("sink").getOutput().getValue()).isEqualTo("1");
  }

  @Test
  void anAnswerOfOneKindDoesNotEndAnother() {
    FakeWorker worker = server.worker();
    server.start("kinds", "f", "1");
    Turn turn = worker.turnAnswered(schedule(1, "act", "1"));
    WorkItem activity = worker.activity();
    worker.answer(turn.answer(complete(1, "1")).setCompletionToken(activity.getCompletionToken()));
    var unused =
        worker
            .stub()
            .completeEntityTask(
                dev.perdure.grpc.protocol.EntityBatchResult.newBuilder()
                    .setCompletionToken(activity.getCompletionToken())
                    .build());
    worker.answer(activity, "1");
    worker.turnAnswered(complete(2, "1"));
    assertThat(server.ended("kinds").getOutput().getValue()).isEqualTo("1");
  }

  @Test
  void answersMayHaveNoTokens() {
    FakeWorker worker = server.worker();
    server.start("old", "f", "1");
    worker.answer(
        worker
            .turn()
            .answer(schedule(1, "act", "1"), schedule(2, "act", "2"))
            .setCompletionToken(""));
    WorkItem first = worker.activity();
    WorkItem second = worker.activity();
    var unused =
        worker
            .stub()
            .completeActivityTask(
                FakeWorker.answerTo(second)
                    .setCompletionToken("")
                    .setResult(StringValue.of("22"))
                    .build());
    Turn turn = worker.turn();
    assertThat(turn.only().getTaskCompleted().getTaskScheduledId()).isEqualTo(2);
    worker.answer(turn.answer().setCompletionToken(""));
    // Repeated: the step it could be for has ended, and no other has been sent.
    worker.answer(turn.answer(complete(1, "\"wrong\"")).setCompletionToken(""));
    unused =
        worker
            .stub()
            .completeActivityTask(
                FakeWorker.answerTo(first)
                    .setCompletionToken("")
                    .setResult(StringValue.of("11"))
                    .build());
    turn = worker.turn();
    assertThat(turn.only().getTaskCompleted().getResult().getValue()).isEqualTo("11");
    worker.answer(turn.answer(complete(3, "1")).setCompletionToken(""));
    assertThat(server.ended("old").getOutput().getValue()).isEqualTo("1");
  }

  @Test
  void answersMayComeOverAnotherConnection() {
    FakeWorker worker = server.worker();
    server.start("other", "f", "1");
    Turn turn = worker.turn();
    ManagedChannel channel = server.newChannel();
    try {
      var unused =
          TaskHubSidecarServiceGrpc.newBlockingStub(channel)
              .completeOrchestratorTask(turn.answer(complete(1, "1")).build());
    } finally {
      channel.shutdownNow();
    }
    assertThat(server.ended("other").getOutput().getValue()).isEqualTo("1");
  }

  // ---- parts ------------------------------------------------------------------------------------

  @SuppressWarnings("deprecation") // SDKs in the field do it
  private static OrchestratorResponse.Builder part(
      Turn turn, int index, boolean last, dev.perdure.grpc.protocol.OrchestratorAction... actions) {
    return turn.answer(actions)
        .setChunkIndex(Int32Value.of(index))
        .setIsPartial(!last)
        .setNumEventsProcessed(Int32Value.of(0))
        .setCustomStatus(StringValue.of("\"s\""));
  }

  @Test
  void answersMayComeInParts() {
    FakeWorker worker = server.worker();
    server.start("parts", "f", "1");
    Turn turn = worker.turn();
    worker.answer(part(turn, 0, false, schedule(1, "act", "1")));
    worker.answer(part(turn, 0, false, schedule(1, "act", "1")));
    worker.answer(part(turn, 1, false, schedule(2, "act", "2")));
    assertThat(server.status("parts")).isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_PENDING);
    assertThat(worker.isIdle()).isTrue();
    worker.answer(part(turn, 2, true, schedule(3, "act", "3")));
    worker.answer(part(turn, 2, true, schedule(3, "act", "3")));
    Set<Integer> ids = new HashSet<>();
    for (int i = 0; i < 3; i++) {
      ids.add(worker.activity().getActivityRequest().getTaskId());
    }
    assertThat(ids).containsExactlyInAnyOrder(1, 2, 3);
    assertThat(server.state("parts").getCustomStatus().getValue()).isEqualTo("\"s\"");
  }

  @Test
  void partsMayComeInAnyOrder() {
    FakeWorker worker = server.worker();
    server.start("mixed", "f", "1");
    Turn turn = worker.turn();
    worker.answer(part(turn, 1, false, schedule(2, "act", "2")));
    worker.answer(part(turn, 0, false, schedule(1, "act", "1")));
    worker.answer(part(turn, 2, true));
    Set<Integer> ids = new HashSet<>();
    for (int i = 0; i < 2; i++) {
      ids.add(worker.activity().getActivityRequest().getTaskId());
    }
    assertThat(ids).containsExactlyInAnyOrder(1, 2);
  }

  @Test
  void partsOfALostWorkerDoNotCount() {
    FakeWorker first = server.worker();
    server.start("lost", "f", "1");
    Turn turn = first.turn();
    first.answer(part(turn, 0, false, schedule(1, "wrong", "1")));
    first.close();
    WorkerServer.await(() -> server.pool().connected() == 0);
    FakeWorker second = server.worker();
    Turn again = second.turn();
    second.answer(part(turn, 1, true, complete(2, "\"wrong\"")));
    second.answer(part(again, 0, false, schedule(1, "right", "1")));
    second.answer(part(again, 1, true));
    assertThat(second.activity().getActivityRequest().getName()).isEqualTo("right");
    assertThat(second.isIdle()).isTrue();
  }

  // ---- giving back ------------------------------------------------------------------------------

  @Test
  void whatALostWorkerHadGoesToAnotherAtOnce() {
    FakeWorker first = server.worker();
    server.start("a", "f", "1");
    server.start("b", "f", "1");
    Turn a = first.turn();
    Turn b = first.turn();
    first.answer(b, schedule(1, "act", "1"));
    WorkItem activity = first.activity();
    FakeWorker second = server.worker();
    first.close();
    Turn again = null;
    WorkItem activityAgain = null;
    for (int i = 0; i < 2; i++) {
      WorkItem item = second.item();
      if (item.hasActivityRequest()) {
        activityAgain = item;
      } else {
        again = new Turn(item.getCompletionToken(), item.getOrchestratorRequest());
      }
    }
    assertThat(again.token()).isNotEqualTo(a.token());
    assertThat(again.inbox()).isEqualTo(a.inbox());
    assertThat(activityAgain.getActivityRequest()).isEqualTo(activity.getActivityRequest());
    assertThat(activityAgain.getCompletionToken()).isNotEqualTo(activity.getCompletionToken());
    second.answer(a, complete(1, "\"late\""));
    second.answer(activity, "\"late\"");
    second.answer(again, complete(1, "1"));
    second.answer(activityAgain, "2");
    Turn end = second.turnAnswered(complete(2, "2"));
    assertThat(end.only().getTaskCompleted().getResult().getValue()).isEqualTo("2");
    assertThat(server.ended("a").getOutput().getValue()).isEqualTo("1");
    assertThat(server.ended("b").getOutput().getValue()).isEqualTo("2");
  }

  @Test
  void whatIsGivenBackGoesToAnother() {
    FakeWorker first = server.worker();
    server.start("back", "f", "1");
    Turn turn = first.turn();
    FakeWorker second = server.worker();
    first.abandonTurn(turn.token());
    Turn again = second.turn();
    assertThat(again.token()).isNotEqualTo(turn.token());
    assertThat(again.inbox()).isEqualTo(turn.inbox());
    first.answer(turn, complete(1, "\"late\""));
    second.answer(again, schedule(1, "act", "1"));
    WorkItem activity = first.activity();
    first.abandonActivity(activity.getCompletionToken());
    second.answer(second.activity(), "1");
    assertThat(first.turn().only().hasTaskCompleted()).isTrue();
  }

  /** Whoever has it goes on with it, but nobody begins it anew. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anActivityOfWhatHasEndedIsNotHandedOutAgain(boolean givenBack) {
    FakeWorker first = server.worker();
    server.start("ended", "f", "1");
    first.turnAnswered(schedule(1, "charge", "1"));
    WorkItem activity = first.activity();
    server.terminate("ended", "\"no\"", false);
    server.ended("ended");
    if (givenBack) {
      first.abandonActivity(activity.getCompletionToken());
    }
    first.close();
    WorkerServer.await(() -> server.pool().connected() == 0);

    FakeWorker next = server.worker();
    server.start("other", "f", "1");
    next.turnAnswered(schedule(1, "act", "1"));

    assertThat(next.activity().getActivityRequest().getName()).isEqualTo("act");
  }

  @Test
  void whatIsGivenBackComesAgainToTheOnlyWorkerEverMoreSlowly() {
    FakeWorker worker = server.worker();
    server.start("slow", "f", "1");
    Turn turn = worker.turn();
    for (int i = 0; i < 4; i++) {
      long at = System.nanoTime();
      worker.abandonTurn(turn.token());
      if (i > 0) {
        assertThat(server.explain("slow").summary()).contains("given its step back");
      }
      turn = worker.turn();
      assertThat(System.nanoTime() - at)
          .isGreaterThanOrEqualTo(Duration.ofMillis(20L << i).toNanos());
    }
    worker.answer(turn, complete(1, "1"));
    assertThat(server.ended("slow").getOutput().getValue()).isEqualTo("1");
  }

  @Test
  void aWorkerThatWantsTheHistoryGetsTheStepAgain() {
    FakeWorker worker = server.worker();
    server.start("history", "f", "1");
    Turn turn = worker.turn();
    worker.answer(turn.answer().setRequiresHistory(true));
    Turn again = worker.turnAnswered(complete(1, "1"));
    assertThat(again.token()).isNotEqualTo(turn.token());
    assertThat(again.inbox()).isEqualTo(turn.inbox());
  }

  @Test
  void ofAStepThatIsLongerThanSdksTakeTheLengthIsTold() {
    server.start("long", "f", "\"" + "x".repeat((4 << 20) - 2) + "\"");
    for (int i = 0; i < WorkerServer.LOST_MAX; i++) {
      FakeWorker worker = server.worker();
      assertThat(worker.turn().instanceId()).isEqualTo("long");
      worker.close();
      WorkerServer.await(() -> server.pool().connected() == 0);
    }
    WorkerServer.await(() -> server.explain("long").problem() != null);
    assertThat(server.explain("long").summary())
        .containsPattern("it has 419\\d{4} bytes, and many SDKs take 4194304 at most");
  }

  @Test
  void aStepThatTakesDownItsWorkersIsParked() {
    server.start("poison", "f", "1");
    for (int i = 0; i < WorkerServer.LOST_MAX; i++) {
      FakeWorker worker = server.worker();
      assertThat(worker.turn().instanceId()).isEqualTo("poison");
      worker.close();
      WorkerServer.await(() -> server.pool().connected() == 0);
    }
    WorkerServer.await(() -> server.explain("poison").problem() != null);
    assertThat(server.explain("poison").summary())
        .contains("set aside")
        .contains("the last 3 workers that took its next step went away");
    FakeWorker worker = server.worker();
    server.start("fence", "f", "1");
    assertThat(worker.turnAnswered(complete(1, "1")).instanceId()).isEqualTo("fence");
    assertThat(worker.isIdle()).isTrue();
    server.perdure().requeue("poison", "again");
    assertThat(worker.turnAnswered(complete(1, "1")).instanceId()).isEqualTo("poison");
    assertThat(server.ended("poison").getOutput().getValue()).isEqualTo("1");
  }

  @Test
  void workersThatAreStoppedTogetherParkNothing() {
    try (WorkerServer calm =
        new WorkerServer(
            FunctionRegistry.builder().build(),
            new WorkerPool.Pace(
                Duration.ofSeconds(30), Duration.ofMillis(500), Duration.ofMillis(500)))) {
      List<FakeWorker> workers = new ArrayList<>();
      for (int i = 0; i < 2 * WorkerServer.LOST_MAX; i++) {
        workers.add(calm.worker());
      }
      calm.start("busy", "f", "1");
      WorkerServer.await(() -> workers.stream().anyMatch(worker -> !worker.isIdle()));
      workers.forEach(FakeWorker::close);
      WorkerServer.await(() -> calm.pool().connected() == 0);
      FakeWorker last = calm.worker();
      last.turnAnswered(complete(1, "1"));
      assertThat(calm.ended("busy").getOutput().getValue()).isEqualTo("1");
    }
  }

  @Test
  void anActivityThatTakesDownItsWorkersIsParked() {
    FakeWorker worker = server.worker();
    server.start("poison", "f", "1");
    worker.turnAnswered(schedule(1, "act", "1"));
    for (int i = 0; i < WorkerServer.LOST_MAX; i++) {
      var unused = worker.activity();
      worker.close();
      WorkerServer.await(() -> server.pool().connected() == 0);
      worker = server.worker();
    }
    WorkerServer.await(() -> server.explain("poison").problem() != null);
    assertThat(server.explain("poison").summary()).contains("activity 'act' (#1)");
    assertThat(worker.isIdle()).isTrue();
    server.perdure().requeue("poison", "again");
    worker.answer(worker.activity(), "1");
    worker.turnAnswered(complete(2, "1"));
    assertThat(server.ended("poison").getOutput().getValue()).isEqualTo("1");
  }

  // ---- who gets what ----------------------------------------------------------------------------

  @Test
  void noWorkerHasMoreThanItStates() {
    FakeWorker worker =
        server.worker(
            all().setMaxConcurrentOrchestrationWorkItems(2).setMaxConcurrentActivityWorkItems(1));
    for (int i = 0; i < 4; i++) {
      server.start("i" + i, "f", "1");
    }
    Turn first = worker.turn();
    Turn second = worker.turn();
    WorkerServer.await(() -> server.pool().waiting() == 2);
    assertThat(worker.isIdle()).isTrue();
    assertThat(server.explain("i3").summary()).contains("waits for a worker").contains("busy");
    worker.answer(first, schedule(1, "act", "1"), schedule(2, "act", "2"));
    List<WorkItem> next = List.of(worker.item(), worker.item());
    assertThat(next).filteredOn(WorkItem::hasActivityRequest).hasSize(1);
    assertThat(next).filteredOn(WorkItem::hasOrchestratorRequest).hasSize(1);
    worker.answer(second, complete(1, "1"));
    assertThat(worker.turn().instanceId()).isEqualTo("i3");
    assertThat(worker.isIdle()).isTrue();
    WorkerServer.await(() -> server.pool().waiting() == 1);
    worker.answer(next.stream().filter(WorkItem::hasActivityRequest).findAny().orElseThrow(), "1");
    assertThat(worker.activity().getActivityRequest().getTaskId()).isNotZero();
    assertThat(worker.isIdle()).isTrue();
  }

  @Test
  void withoutALimitAHundredAreSent() {
    FakeWorker worker = server.worker(all());
    for (int i = 0; i < 103; i++) {
      server.start("i" + i, "f", "1");
    }
    Set<String> sent = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      sent.add(worker.turn().instanceId());
    }
    assertThat(sent).hasSize(100);
    WorkerServer.await(() -> server.pool().waiting() == 3);
    assertThat(worker.isIdle()).isTrue();
  }

  @Test
  void workIsSpread() {
    List<FakeWorker> workers = List.of(server.worker(), server.worker(), server.worker());
    for (int i = 0; i < 9; i++) {
      server.start("i" + i, "f", "1");
    }
    for (FakeWorker worker : workers) {
      for (int i = 0; i < 3; i++) {
        worker.turnAnswered(complete(1, "1"));
      }
      assertThat(worker.isIdle()).isTrue();
    }
  }

  private static GetWorkItemsRequest.Builder filtered(WorkItemFilters.Builder filters) {
    return all().setMaxConcurrentEntityWorkItems(1).setWorkItemFilters(filters);
  }

  private static OrchestrationFilter orchestrator(String name, String... versions) {
    return OrchestrationFilter.newBuilder().setName(name).addAllVersions(List.of(versions)).build();
  }

  private static ActivityFilter activity(String name, String... versions) {
    return ActivityFilter.newBuilder().setName(name).addAllVersions(List.of(versions)).build();
  }

  private void start(String id, String name, String version) {
    server.start(
        CreateInstanceRequest.newBuilder()
            .setInstanceId(id)
            .setName(name)
            .setVersion(StringValue.of(version)));
  }

  @Test
  void filtersSayWhatComes() {
    FakeWorker one =
        server.worker(
            filtered(
                WorkItemFilters.newBuilder()
                    .addOrchestrations(orchestrator("f", "1"))
                    .addActivities(activity("act", "1"))));
    FakeWorker two =
        server.worker(
            filtered(
                WorkItemFilters.newBuilder()
                    .addOrchestrations(orchestrator("f", "2", ""))
                    .addOrchestrations(orchestrator("g"))));
    start("f1", "f", "1");
    assertThat(one.turnAnswered(schedule(1, "act", "1")).instanceId()).isEqualTo("f1");
    // The activity has no version of its own: that of its caller counts, and is not passed on.
    WorkItem activity = one.activity();
    assertThat(activity.getActivityRequest().hasVersion()).isFalse();
    start("f2", "f", "2");
    assertThat(two.turnAnswered(schedule(1, "act", "1")).instanceId()).isEqualTo("f2");
    start("f3", "f", "3");
    start("f", "f", "");
    assertThat(two.turnAnswered(complete(1, "1")).instanceId()).isEqualTo("f");
    start("g9", "g", "9");
    assertThat(two.turnAnswered(complete(1, "1")).instanceId()).isEqualTo("g9");
    start("F", "F", "1");
    WorkerServer.await(() -> server.pool().waiting() == 3);
    assertThat(one.isIdle()).isTrue();
    assertThat(two.isIdle()).isTrue();
    assertThat(server.explain("f3").summary())
        .contains("no connected worker has orchestrator 'f' in version '3'");
    assertThat(server.explain("F").summary()).contains("no connected worker has orchestrator 'F'");
    assertThat(server.status("f3")).isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_PENDING);
    assertThat(server.explain("f1").waits())
        .extracting(Explanation.Wait::description)
        .allMatch(wait -> !wait.contains("no connected worker"));
    assertThat(server.explain("f2").waits())
        .extracting(Explanation.Wait::description)
        .anyMatch(wait -> wait.contains("no connected worker has activity 'act'"));
    FakeWorker three =
        server.worker(
            filtered(
                WorkItemFilters.newBuilder()
                    .addOrchestrations(orchestrator("f", "3"))
                    .addActivities(activity("act", "2"))));
    List<WorkItem> items = List.of(three.item(), three.item());
    assertThat(items).filteredOn(WorkItem::hasActivityRequest).hasSize(1);
    assertThat(items).filteredOn(WorkItem::hasOrchestratorRequest).hasSize(1);
  }

  private static OrchestratorAction unversioned(int id, String name) {
    return OrchestratorAction.newBuilder()
        .setId(id)
        .setScheduleTask(
            ScheduleTaskAction.newBuilder().setName(name).setVersion(StringValue.of("")))
        .build();
  }

  /** Some SDKs state the version of each call, and state an empty one for an activity of none. */
  @Test
  void anActivityThatIsCalledAsUnversionedIsNotTakenForOneOfItsCallersVersion() {
    FakeWorker ones =
        server.worker(
            filtered(
                WorkItemFilters.newBuilder()
                    .addOrchestrations(orchestrator("f", "1"))
                    .addActivities(activity("act", "1"))));
    start("f1", "f", "1");
    ones.turnAnswered(unversioned(1, "act"), schedule(2, "act", "1"));
    WorkItem second = ones.activity();
    assertThat(second.getActivityRequest().getTaskId()).isEqualTo(2);
    assertThat(ones.isIdle()).isTrue();
    assertThat(server.explain("f1").waits())
        .extracting(Explanation.Wait::description)
        .anyMatch(wait -> wait.contains("(#1)") && wait.endsWith("has activity 'act'"))
        .anyMatch(wait -> wait.contains("(#2)") && !wait.contains("no connected worker"));
    ones.answer(second, "1");
    ones.turnAnswered();

    server.restart();
    FakeWorker unversioned =
        server.worker(filtered(WorkItemFilters.newBuilder().addActivities(activity("act", ""))));
    WorkItem item = unversioned.activity();
    assertThat(item.getActivityRequest().getTaskId()).isEqualTo(1);
    assertThat(item.getActivityRequest().hasVersion()).isTrue();
    assertThat(item.getActivityRequest().getVersion().getValue()).isEmpty();
    unversioned.answer(item, "1");
    assertThat(unversioned.isIdle()).isTrue();

    FakeWorker all = server.worker();
    Turn turn = all.turn();
    assertThat(turn.past())
        .filteredOn(HistoryEvent::hasTaskScheduled)
        .extracting(event -> event.getTaskScheduled().hasVersion())
        .containsExactly(true, false);
  }

  @Test
  void entitiesComeToWhoeverNamesThem() {
    FakeWorker none = server.worker(all()); // by its name, it may know no entities
    FakeWorker others =
        server.worker(filtered(WorkItemFilters.newBuilder().addOrchestrations(orchestrator("f"))));
    server.signal("@counter@a", "add", "1");
    WorkerServer.await(() -> server.pool().waiting() == 1);
    assertThat(server.explain("@counter@a").summary())
        .contains("no connected worker has entity 'counter'");
    FakeWorker named =
        server.worker(
            all()
                .setWorkItemFilters(
                    WorkItemFilters.newBuilder()
                        .addEntities(EntityFilter.newBuilder().setName("Counter"))));
    named.answer(named.entity(), "1", List.of("1"));
    assertThat(none.isIdle()).isTrue();
    assertThat(others.isIdle()).isTrue();
    WorkerServer.await(() -> server.entity("@counter@a").getExists());
  }

  @Test
  void withoutWorkersItIsSaid() {
    server.start("alone", "f", "1");
    WorkerServer.await(() -> server.pool().waiting() == 1);
    assertThat(server.explain("alone").summary()).contains("no worker is connected");
    FakeWorker worker = server.worker();
    Turn turn = worker.turn();
    assertThat(server.explain("alone").summary()).contains("has had its step at worker");
    worker.answer(turn, schedule(1, "act", "1"));
    var unused = worker.activity();
    worker.close();
    WorkerServer.await(() -> server.pool().waiting() == 1);
    assertThat(server.explain("alone").waits().getFirst().description())
        .contains("no worker is connected");
  }

  // ---- signs of life, and long histories --------------------------------------------------------

  @Test
  void thereAreSignsOfLife() {
    try (WorkerServer lively =
        new WorkerServer(
            FunctionRegistry.builder().build(),
            new WorkerPool.Pace(
                Duration.ofMillis(20), Duration.ofSeconds(1), Duration.ofSeconds(1)))) {
      FakeWorker worker = lively.worker();
      for (int i = 0; i < 3; i++) {
        assertThat(worker.ping().getCompletionToken()).isEmpty();
      }
      assertThat(worker.isIdle()).isTrue();
    }
  }

  @Test
  void streamsEndWithTheServer() {
    FakeWorker worker = server.worker();
    server.restart();
    var unused = worker.ended();
  }

  private static String big(int bytes) {
    return '"' + "x".repeat(bytes) + '"';
  }

  @Test
  void longHistoriesAreFetchedByThoseWhoCan() {
    FakeWorker worker =
        server.worker(all().addCapabilities(WorkerCapability.WORKER_CAPABILITY_HISTORY_STREAMING));
    server.start("long", "f", "1");
    Turn turn = worker.turn();
    assertThat(turn.request().getRequiresHistoryStreaming()).isFalse();
    List<HistoryEvent> told = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      told.addAll(turn.events());
      worker.answer(turn);
      server.raise("long", "e", big(300_000 + i));
      turn = worker.turn();
    }
    assertThat(turn.request().getRequiresHistoryStreaming()).isTrue();
    assertThat(turn.past()).isEmpty();
    List<HistoryChunk> chunks = worker.past(turn);
    assertThat(chunks).hasSizeGreaterThan(1);
    assertThat(chunks).allMatch(chunk -> chunk.getEventsCount() > 0);
    List<HistoryEvent> past = new ArrayList<>();
    chunks.forEach(chunk -> past.addAll(chunk.getEventsList()));
    assertThat(past).isEqualTo(told);
    worker.close();
    server.awaitWorkers(0);
    // Others are sent all of it, whatever its size.
    FakeWorker plain = server.worker();
    Turn whole = plain.turn();
    assertThat(whole.request().getRequiresHistoryStreaming()).isFalse();
    assertThat(whole.past()).isEqualTo(told);
    for (int i = 0; i < 3; i++) {
      server.raise("long", "e", big(1_000_000));
      plain.answer(whole);
      whole = plain.turn();
    }
    server.raise("long", "e", big(1_000_000));
    plain.answer(whole);
    whole = plain.turn();
    assertThat(whole.request().getSerializedSize()).isGreaterThan(4 << 20);
    plain.answer(whole, complete(1, "1"));
    assertThat(server.ended("long").getOutput().getValue()).isEqualTo("1");
  }
}
