package dev.perdure.grpc.worker;

import static dev.perdure.grpc.worker.Actions.complete;
import static dev.perdure.grpc.worker.Actions.failure;
import static dev.perdure.grpc.worker.Actions.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.grpc.protocol.EntityBatchResult;
import dev.perdure.grpc.protocol.EventRaisedEvent;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.WorkItem;
import dev.perdure.grpc.worker.FakeWorker.Turn;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Messages to entities as JSON in external events, and answers as events of the same form. */
class OlderEntityMessagesTest {
  private static final String A = "@counter@a";
  private static final String B = "@counter@b";

  private final WorkerServer server = new WorkerServer();
  private final FakeWorker worker = server.worker();

  @AfterEach
  void close() {
    server.close();
  }

  private static String call(String id, String operation, String input) {
    return "{\"op\":\"%s\",\"signal\":false,\"input\":\"%s\",\"id\":\"%s\",\"parent\":\"o\"}"
        .formatted(operation, input, id);
  }

  private static EventRaisedEvent answer(Turn turn) {
    return turn.only().getEventRaised();
  }

  @Test
  void aCallIsAnsweredByAnEventOfItsRequest() {
    server.start("o", "f", "1");
    worker.turnAnswered(send(1, A, "op", call("r-1", "add", "5")));
    WorkItem operations = worker.entity();
    HistoryEvent called = operations.getEntityRequestV2().getOperationRequests(0);
    assertThat(called.getEntityOperationCalled().getOperation()).isEqualTo("add");
    assertThat(called.getEntityOperationCalled().getInput().getValue()).isEqualTo("5");
    worker.answer(operations, "5", List.of("\"five\""));
    Turn next = worker.turn();
    assertThat(answer(next).getName()).isEqualTo("r-1");
    assertThat(answer(next).getInput().getValue()).isEqualTo("{\"result\":\"\\\"five\\\"\"}");
    HistoryEvent sent = next.past().getLast();
    assertThat(sent.getEventId()).isEqualTo(1);
    assertThat(sent.getEventSent().getInstanceId()).isEqualTo(A);
    assertThat(sent.getEventSent().getName()).isEqualTo("op");
    assertThat(sent.getEventSent().getInput().getValue()).isEqualTo(call("r-1", "add", "5"));
    worker.answer(next, complete(2, "1"));
    server.ended("o");
  }

  @Test
  void aFailureIsToldWithItsDetails() {
    server.start("o", "f", "1");
    worker.turnAnswered(send(1, A, "op", call("r-1", "add", "5")));
    WorkItem operations = worker.entity();
    worker.answer(
        EntityBatchResult.newBuilder()
            .setCompletionToken(operations.getCompletionToken())
            .addResults(FakeWorker.failure(failure("Overflow", "too much"))));
    Turn next = worker.turn();
    assertThat(answer(next).getName()).isEqualTo("r-1");
    assertThat(answer(next).getInput().getValue())
        .contains("\"exceptionType\":\"Overflow\"", "\"ErrorMessage\":\"too much\"");
    worker.answer(next, complete(2, "1"));
    server.ended("o");
  }

  @Test
  void locksAreGrantedByAnEventOfTheirSectionAndReleased() {
    String lock =
        "{\"id\":\"s-1\",\"parent\":\"o\",\"pos\":0,\"lockset\":[{\"name\":\"counter\",\"key\":\"a\"},{\"name\":\"counter\",\"key\":\"b\"}]}";
    String release = "{\"id\":\"s-1\",\"parent\":\"o\"}";
    server.start("o", "f", "1");
    worker.turnAnswered(send(1, A, "op", lock));
    Turn granted = worker.turn();
    assertThat(answer(granted).getName()).isEqualTo("s-1");
    assertThat(answer(granted).getInput().getValue()).contains("result");
    server.signal(B, "add", "1");
    worker.answer(granted, send(2, A, "release", release), send(3, B, "release", release));
    WorkItem released = worker.entity();
    assertThat(released.getEntityRequestV2().getInstanceId()).isEqualTo(B);
    worker.answer(released, "1", List.of("1"));
    server.raise("o", "go", "1");
    Turn last = worker.turn();
    assertThat(last.past().stream().filter(HistoryEvent::hasEventSent))
        .extracting(event -> event.getEventId() + " " + event.getEventSent().getName())
        .containsExactly("1 op", "2 release", "3 release");
    worker.answer(last, complete(4, "1"));
    server.ended("o");
  }

  @Test
  void aSignalIsDeliveredAndNotAnswered() {
    server.start("o", "f", "1");
    worker.turnAnswered(
        send(1, A, "op", "{\"op\":\"add\",\"signal\":true,\"input\":\"1\",\"id\":\"r-1\"}"),
        complete(2, "1"));
    WorkItem operations = worker.entity();
    assertThat(operations.getEntityRequestV2().getOperationRequests(0).hasEntityOperationSignaled())
        .isTrue();
    worker.answer(operations, "1", List.of("1"));
    server.ended("o");
  }

  @Test
  void afterARestartTheAnswerHasTheSameForm() {
    server.start("o", "f", "1");
    worker.turnAnswered(send(1, A, "op", call("r-1", "add", "5")));
    worker.entity();
    server.restart();
    FakeWorker again = server.worker();
    again.answer(again.entity(), "5", List.of("5"));
    Turn next = again.turn();
    assertThat(answer(next).getName()).isEqualTo("r-1");
    again.answer(next, complete(2, "1"));
    server.ended("o");
  }
}
