package dev.perdure.grpc.worker;

import static dev.perdure.grpc.worker.Actions.complete;
import static dev.perdure.grpc.worker.Actions.schedule;
import static dev.perdure.grpc.worker.Actions.signal;
import static dev.perdure.grpc.worker.Actions.timer;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import com.google.protobuf.Timestamp;
import dev.perdure.grpc.protocol.CompleteOrchestrationAction;
import dev.perdure.grpc.protocol.EntityBatchResult;
import dev.perdure.grpc.protocol.OperationAction;
import dev.perdure.grpc.protocol.OrchestrationState;
import dev.perdure.grpc.protocol.OrchestrationStatus;
import dev.perdure.grpc.protocol.OrchestratorAction;
import dev.perdure.grpc.protocol.OrchestratorResponse;
import dev.perdure.grpc.protocol.SendEntityMessageAction;
import dev.perdure.grpc.protocol.SendSignalAction;
import dev.perdure.grpc.protocol.StartNewOrchestrationAction;
import dev.perdure.grpc.protocol.WorkItem;
import dev.perdure.grpc.worker.FakeWorker.Turn;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BadAnswersTest {
  private final WorkerServer server = new WorkerServer();
  private final FakeWorker worker = server.worker();

  @AfterEach
  void close() {
    server.close();
  }

  private static Arguments bad(String what, OrchestratorAction... actions) {
    return Arguments.of(what, List.of(actions));
  }

  static Stream<Arguments> badAnswers() {
    Timestamp far = Timestamp.newBuilder().setSeconds(Long.MAX_VALUE).build();
    return Stream.of(
        bad("negative id", schedule(-1, "act", "1")),
        bad("the same id twice", schedule(1, "act", "1"), timer(1, far)),
        bad("an id that is under way", timer(100, far)),
        bad("no name", schedule(1, "", "1")),
        bad("child without name", Actions.child(1, "", "kid", "1")),
        bad(
            "an end that is none",
            endWith(OrchestrationStatus.ORCHESTRATION_STATUS_SUSPENDED_VALUE)),
        bad("an unknown end", endWith(77)),
        bad("an entity without key", signal(1, to("@counter", "add", "1"))),
        bad("an entity that is none", signal(1, to("counter", "add", "1"))),
        bad("no entity", signal(1, to("", "add", "1"))),
        bad("locks of nothing", Actions.lock(1, "bad", "s", List.of())),
        bad(
            "locks within locks",
            Actions.lock(1, "bad", "s", List.of("@counter@a")),
            Actions.lock(2, "bad", "t", List.of("@counter@b"))),
        bad("locks of what is no entity", Actions.lock(1, "bad", "s", List.of("x"))),
        bad(
            "an empty message",
            OrchestratorAction.newBuilder()
                .setId(1)
                .setSendEntityMessage(SendEntityMessageAction.getDefaultInstance())
                .build()));
  }

  private static dev.perdure.grpc.protocol.EntityOperationSignaledEvent.Builder to(
      String entity, String operation, String input) {
    return Actions.signal(entity, operation, input, "3f2504e0-4f89-11d3-9a0c-0305e82c3301");
  }

  private static OrchestratorAction endWith(int status) {
    return OrchestratorAction.newBuilder()
        .setId(1)
        .setCompleteOrchestration(
            CompleteOrchestrationAction.newBuilder().setOrchestrationStatusValue(status))
        .build();
  }

  private static void assertInvalid(ThrowingCallable call) {
    Assertions.assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e ->
                assertThat(e.getStatus().getCode())
                    .as(e.toString())
                    .isEqualTo(Status.Code.INVALID_ARGUMENT));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badAnswers")
  void theStepIsHandedOutAgainAndParkedInTheEnd(String what, List<OrchestratorAction> actions) {
    server.start("bad", "f", "1");
    worker.turnAnswered(timer(100, Timestamp.newBuilder().setSeconds(Long.MAX_VALUE).build()));
    server.raise("bad", "e", "1");
    OrchestratorAction[] all =
        Stream.concat(Stream.of(schedule(7, "fine", "1")), actions.stream())
            .toArray(OrchestratorAction[]::new);
    Turn last = null;
    for (int i = 0; i < WorkerServer.LOST_MAX; i++) {
      Turn turn = worker.turn();
      if (last != null) {
        assertThat(turn.inbox()).isEqualTo(last.inbox());
        assertThat(turn.past()).isEqualTo(last.past());
        assertThat(turn.token()).isNotEqualTo(last.token());
      }
      last = turn;
      assertInvalid(() -> worker.answer(turn, all));
      worker.answer(turn, all); // has been dealt with
    }
    WorkerServer.await(() -> server.explain("bad").problem() != null);
    assertThat(server.explain("bad").summary()).contains("answers").contains("set aside");
    server.start("good", "f", "1");
    assertThat(worker.turnAnswered(complete(1, "1")).instanceId()).isEqualTo("good");
    assertThat(server.ended("good").getOutput().getValue()).isEqualTo("1");
    assertThat(worker.isIdle()).isTrue();
    server.perdure().requeue("bad", "the worker was put right");
    assertThat(worker.turnAnswered(complete(1, "2")).inbox()).isEqualTo(last.inbox());
    assertThat(server.ended("bad").getOutput().getValue()).isEqualTo("2");
  }

  static Stream<Arguments> impossibleEntities() {
    String lines = "@counter@line 1\nline 2";
    return Stream.of(
        bad("a signal", signal(1, to(lines, "add", "1"))),
        bad("a call", Actions.call(1, "bad", lines, "get", "1", "3f2504e0-4f89-11d3-9a0c-0305")),
        bad("a lock", Actions.lock(1, "bad", "s", List.of("@counter@a", lines))),
        bad("a long name", signal(1, to("@" + "n".repeat(201) + "@a", "add", "1"))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("impossibleEntities")
  void codeThatAsksForAnEntityThatCannotBeFails(String what, List<OrchestratorAction> actions) {
    server.start("bad", "f", "1");
    worker.turnAnswered(
        Stream.concat(Stream.of(schedule(7, "fine", "1")), actions.stream())
            .toArray(OrchestratorAction[]::new));
    OrchestrationState ended = server.ended("bad");
    assertThat(ended.getOrchestrationStatus())
        .isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_FAILED);
    assertThat(ended.getFailureDetails().getErrorMessage()).contains("PD-1005");
    assertThat(worker.isIdle()).isTrue();
  }

  @Test
  void aSignalToAnEntityThatCannotBeIsDropped() {
    server.signal("@counter@a", "add", "1");
    WorkItem item = worker.entity();
    worker.answer(
        EntityBatchResult.newBuilder()
            .setCompletionToken(item.getCompletionToken())
            .setEntityState(StringValue.of("1"))
            .addResults(FakeWorker.success("1"))
            .addActions(signalTo("@counter@line 1\nline 2"))
            .addActions(signalTo("@counter@b")));
    WorkItem next = worker.entity();
    assertThat(next.getEntityRequestV2().getInstanceId()).isEqualTo("@counter@b");
    worker.answer(next, "1", List.of("1"));
    assertThat(server.entity("@counter@a").getEntity().getSerializedState().getValue())
        .isEqualTo("1");
  }

  private static OperationAction signalTo(String entity) {
    return OperationAction.newBuilder()
        .setSendSignal(SendSignalAction.newBuilder().setInstanceId(entity).setName("add"))
        .build();
  }

  @Test
  void unknownActionsAreLeftOut() {
    server.start("new", "f", "1");
    worker.turnAnswered(OrchestratorAction.newBuilder().setId(1).build(), schedule(2, "act", "1"));
    assertThat(worker.activity().getActivityRequest().getTaskId()).isEqualTo(2);
  }

  @Test
  void messagesToWhatIsNoOrchestrationAreDropped() {
    server.signal("@counter@a", "add", "1");
    worker.answer(worker.entity(), "1", List.of("1"));
    WorkerServer.await(() -> server.entity("@counter@a").getExists());
    server.start("odd", "f", "1");
    worker.turnAnswered(
        Actions.terminate(1, "@counter@a", "1", true),
        Actions.terminate(2, "", "1", true),
        Actions.send(3, "", "e", "1"),
        Actions.terminate(4, "@", "1", false),
        Actions.child(5, "f", "@counter@a", "1"));
    Turn turn = worker.turnAnswered(complete(6, "1"));
    assertThat(turn.only().hasSubOrchestrationInstanceFailed()).isTrue();
    assertThat(server.ended("odd").getOutput().getValue()).isEqualTo("1");
    assertThat(server.entity("@counter@a").getEntity().getSerializedState().getValue())
        .isEqualTo("1");
  }

  private void badEntityAnswer(EntityBatchResult.Builder answer) {
    server.signal("@counter@a", "add", "1");
    for (int i = 0; i < WorkerServer.LOST_MAX; i++) {
      WorkItem item = worker.entity();
      assertInvalid(
          () -> worker.answer(answer.clone().setCompletionToken(item.getCompletionToken())));
      worker.answer(answer.clone().setCompletionToken(item.getCompletionToken()));
    }
    WorkerServer.await(() -> server.explain("@counter@a").problem() != null);
    server.signal("@counter@b", "add", "1");
    WorkItem good = worker.entity();
    assertThat(good.getEntityRequestV2().getInstanceId()).isEqualTo("@counter@b");
    worker.answer(good, "1", List.of("1"));
    server.perdure().requeue("@counter@a", "again");
    worker.answer(worker.entity(), "1", List.of("1"));
    WorkerServer.await(() -> server.entity("@counter@a").getExists());
  }

  private static EntityBatchResult.Builder one() {
    return EntityBatchResult.newBuilder().addResults(FakeWorker.success("1"));
  }

  @Test
  void moreResultsThanOperations() {
    badEntityAnswer(one().addResults(FakeWorker.success("2")));
  }

  @Test
  void noResults() {
    badEntityAnswer(EntityBatchResult.newBuilder());
  }

  @Test
  void aSignalToNoEntity() {
    badEntityAnswer(
        one()
            .addActions(
                OperationAction.newBuilder()
                    .setSendSignal(SendSignalAction.newBuilder().setInstanceId("x").setName("y"))));
  }

  @Test
  void aStartWithoutName() {
    badEntityAnswer(
        one()
            .addActions(
                OperationAction.newBuilder()
                    .setStartNewOrchestration(
                        StartNewOrchestrationAction.newBuilder().setInstanceId("x"))));
  }

  /** A text of any length in the headers of an answer would make the connection hang. */
  @Test
  void whatIsWrongIsSaidInAFewWords() {
    server.start("long", "f", "1");
    Turn turn = worker.turn();
    OrchestratorResponse bad = turn.answer(signal(1, to("z".repeat(200_000), "add", "1"))).build();
    StatusRuntimeException refused =
        Assertions.catchThrowableOfType(
            StatusRuntimeException.class, () -> server.client().completeOrchestratorTask(bad));
    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refused.getStatus().getDescription())
        .contains("'zzz")
        .contains("handed out again")
        .hasSizeLessThan(2_000);
    worker.turnAnswered(complete(1, "1"));
    assertThat(server.ended("long").getOutput().getValue()).isEqualTo("1");
  }
}
