package dev.perdure.grpc.worker;

import static dev.perdure.grpc.worker.Actions.call;
import static dev.perdure.grpc.worker.Actions.child;
import static dev.perdure.grpc.worker.Actions.complete;
import static dev.perdure.grpc.worker.Actions.fail;
import static dev.perdure.grpc.worker.Actions.failure;
import static dev.perdure.grpc.worker.Actions.schedule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.api.Entity;
import dev.perdure.api.EntityContext;
import dev.perdure.api.EntityId;
import dev.perdure.api.StartOptions;
import dev.perdure.api.TaskFailedException;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.OrchestrationState;
import dev.perdure.grpc.protocol.OrchestrationStatus;
import dev.perdure.grpc.protocol.WorkItem;
import dev.perdure.grpc.worker.FakeWorker.Turn;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Functions of the host and of remote workers, together. */
class MixedFunctionsTest {
  @Entity
  static class Local {
    int value;

    int add(int n) {
      return value += n;
    }

    void tellWorkers(EntityContext ctx) {
      ctx.signalEntity(EntityId.of("far", "k"), "op", "x");
      ctx.startNew("remote", "x", StartOptions.id("started"));
    }
  }

  private final WorkerServer server =
      new WorkerServer(
          FunctionRegistry.builder()
              .orchestrator(
                  "local",
                  String.class,
                  (ctx, x) -> {
                    String a = ctx.callActivity("remoteActivity", x, String.class).await();
                    String b = ctx.callSubOrchestrator("remote", a, String.class).await();
                    return ctx.callEntity(EntityId.of("far", "k"), "op", b, String.class).await();
                  })
              .orchestrator(
                  "catching",
                  ctx -> {
                    try {
                      return ctx.callActivity("remoteActivity", "x", String.class).await();
                    } catch (TaskFailedException e) {
                      return e.details().errorType() + ": " + e.details().message();
                    }
                  })
              .orchestrator("twice", String.class, (ctx, x) -> x + x)
              .activity("upper", String.class, x -> x.toUpperCase(java.util.Locale.ROOT))
              .entity(Local.class)
              .build());
  private final FakeWorker worker = server.worker();

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void codeOfTheHostCallsWorkers() {
    server.start("one", "local", "\"x\"");
    WorkItem activity = worker.activity();
    assertThat(activity.getActivityRequest().getName()).isEqualTo("remoteActivity");
    assertThat(activity.getActivityRequest().getInput().getValue()).isEqualTo("\"x\"");
    assertThat(server.perdure().audit().findings()).isEmpty();
    worker.answer(activity, "\"a\"");
    Turn child = worker.turnAnswered(complete(1, "\"b\""));
    assertThat(child.only().getExecutionStarted().getInput().getValue()).isEqualTo("\"a\"");
    assertThat(
            child
                .only()
                .getExecutionStarted()
                .getParentInstance()
                .getOrchestrationInstance()
                .getInstanceId())
        .isEqualTo("one");
    WorkItem operations = worker.entity();
    assertThat(operations.getEntityRequestV2().getInstanceId()).isEqualTo("@far@k");
    worker.answer(operations, "1", List.of("\"c\""));
    assertThat(server.ended("one").getOutput().getValue()).isEqualTo("\"c\"");
    assertThat(server.history("one"))
        .extracting(HistoryEvent::getEventTypeCase)
        .contains(
            HistoryEvent.EventTypeCase.TASKCOMPLETED,
            HistoryEvent.EventTypeCase.ENTITYOPERATIONCALLED,
            HistoryEvent.EventTypeCase.EXECUTIONCOMPLETED);
  }

  @Test
  void theClientOfTheHostStartsWhatWorkersHave() {
    String id = server.perdure().startNew("remote", "x");
    worker.turnAnswered(complete(1, "\"b\""));
    assertThat(server.ended(id).getOutput().getValue()).isEqualTo("\"b\"");
  }

  @Test
  void theClientOfTheHostRestartsWhatWorkersHave() {
    server.perdure().startNew("remote", "x", StartOptions.id("one"));
    worker.turnAnswered(complete(1, "1"));
    server.ended("one");
    server.perdure().restart("one", false);
    worker.turnAnswered(complete(1, "2"));
    assertThat(server.ended("one").getOutput().getValue()).isEqualTo("2");
  }

  @Test
  void theClientOfTheHostSignalsEntitiesThatWorkersHave() {
    server.perdure().signalEntity(EntityId.of("far", "k"), "op", "x");
    WorkItem operations = worker.entity();
    assertThat(operations.getEntityRequestV2().getInstanceId()).isEqualTo("@far@k");
    worker.answer(operations, "1", List.of("1"));
  }

  @Test
  void entitiesOfTheHostSignalAndStartWhatWorkersHave() {
    server.perdure().signalEntity(EntityId.of("local", "k"), "tellWorkers");
    List<WorkItem> came = List.of(worker.item(), worker.item());
    assertThat(came)
        .anyMatch(item -> item.getEntityRequestV2().getInstanceId().equals("@far@k"))
        .anyMatch(item -> item.getOrchestratorRequest().getInstanceId().equals("started"));
  }

  @Test
  void failuresOfWorkersReachCodeOfTheHost() {
    server.start("one", "catching", "1");
    worker.fail(worker.activity(), failure("Far.Error", "broken"));
    assertThat(server.ended("one").getOutput().getValue()).isEqualTo("\"Far.Error: broken\"");
    server.start("two", "local", "\"x\"");
    worker.answer(worker.activity(), "\"a\"");
    worker.turnAnswered(fail(1, failure("Far.Error", "broken")));
    OrchestrationState state = server.ended("two");
    assertThat(state.getOrchestrationStatus())
        .isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_FAILED);
  }

  @Test
  void workersCallCodeOfTheHost() {
    server.start("far", "remote", "1");
    worker.turnAnswered(
        schedule(1, "upper", "\"a\""),
        child(2, "twice", "kid", "\"b\""),
        call(3, "far", "@local@k", "add", "5", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
        child(4, "far", "kid2", "1"));
    List<HistoryEvent> answers = new ArrayList<>();
    while (answers.size() < 4) {
      Turn turn = worker.turn();
      if (turn.instanceId().equals("kid2")) {
        worker.answer(turn, complete(1, "\"k\""));
      } else {
        answers.addAll(turn.inbox());
        if (answers.size() < 4) {
          worker.answer(turn);
        } else {
          worker.answer(turn, complete(5, "1"));
        }
      }
    }
    assertThat(answers)
        .anyMatch(e -> e.getTaskCompleted().getResult().getValue().equals("\"A\""))
        .anyMatch(
            e -> e.getSubOrchestrationInstanceCompleted().getResult().getValue().equals("\"bb\""))
        .anyMatch(e -> e.getEntityOperationCompleted().getOutput().getValue().equals("5"));
    assertThat(server.ended("far").getOutput().getValue()).isEqualTo("1");
  }
}
