package dev.perdure.grpc.worker;

import static dev.perdure.grpc.worker.Actions.complete;
import static dev.perdure.grpc.worker.Actions.continueAsNew;
import static dev.perdure.grpc.worker.Actions.schedule;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import dev.perdure.engine.functions.FunctionRegistry;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.OrchestratorAction;
import dev.perdure.grpc.protocol.WorkItem;
import dev.perdure.grpc.worker.FakeWorker.Turn;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Workers whose SDK sends no tokens, each on a connection of its own. One that has lost its stream
 * goes on for a while with what it was sent, and its answers must not count for the work of others.
 */
class AnswersWithoutTokensTest {
  private static final Duration DOUBT = Duration.ofMillis(300);

  private final WorkerServer server =
      new WorkerServer(
          FunctionRegistry.builder().build(),
          new WorkerPool.Pace(
              Duration.ofSeconds(30), Duration.ofMillis(20), Duration.ofMillis(500), DOUBT));
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final FakeWorker first = worker();

  private FakeWorker worker() {
    ManagedChannel channel = server.newChannel();
    channels.add(channel);
    return server.worker(channel, GetWorkItemsRequest.newBuilder());
  }

  @AfterEach
  void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    server.close();
  }

  private static void answer(FakeWorker by, Turn turn, OrchestratorAction... actions) {
    by.answer(turn.answer(actions).setCompletionToken(""));
  }

  private static void answer(FakeWorker by, WorkItem activity, String result) {
    var unused =
        by.stub()
            .completeActivityTask(
                FakeWorker.answerTo(activity)
                    .setCompletionToken("")
                    .setResult(StringValue.of(result))
                    .build());
  }

  /** Ends the stream of the first worker; its connection stays. */
  private FakeWorker secondInPlaceOfFirst() {
    FakeWorker second = worker();
    first.close();
    server.awaitWorkers(1);
    return second;
  }

  @Test
  void aLateAnswerToAStepDoesNotCountForALaterOne() {
    server.start("i", "f", "1");
    Turn late = first.turn();
    FakeWorker second = secondInPlaceOfFirst();
    answer(second, second.turn(), schedule(1, "act", "1"));
    answer(second, second.activity(), "1");
    Turn last = second.turn();
    answer(first, late); // it seems to wait, with all that it was told
    answer(second, last, complete(2, "1"));
    assertThat(server.ended("i").getOutput().getValue()).isEqualTo("1");
  }

  @Test
  void eachAnswersItsOwnOfTwoTasksWithOneIdFromTwoRounds() {
    server.start("i", "f", "1");
    answer(first, first.turn(), schedule(1, "act", "1"));
    WorkItem late = first.activity();
    FakeWorker second = worker();
    server.raise("i", "e", "1");
    answer(second, second.turn(), continueAsNew(2, "2"));
    answer(second, second.turn(), schedule(1, "act", "2"));
    WorkItem wanted = second.activity();
    answer(second, wanted, "\"right\"");
    answer(first, late, "\"late\"");
    Turn turn = second.turn();
    assertThat(turn.only().getTaskCompleted().getResult().getValue()).isEqualTo("\"right\"");
    answer(second, turn, complete(2, "1"));
    assertThat(server.ended("i").getOutput().getValue()).isEqualTo("1");
  }

  @Test
  void answersMayComeOverAnyConnectionFromAWorkerThatNeverAnswersOverItsOwn() {
    FakeWorker elsewhere = secondInPlaceOfFirst();
    FakeWorker stream = worker();
    elsewhere.close();
    server.awaitWorkers(1);
    server.start("i", "f", "1");
    answer(elsewhere, stream.turn(), schedule(1, "act", "1"));
    answer(first, stream.activity(), "1");
    answer(elsewhere, stream.turn(), complete(2, "1"));
    server.ended("i");
  }

  @Test
  void whatAWorkerSaysOverAnotherConnectionFromSomeTimeOnCountsAfterAWhile() {
    server.start("i", "f", "1");
    answer(first, first.turn(), schedule(1, "act", "1"));
    answer(first, first.activity(), "1");
    Turn turn = first.turn();
    FakeWorker elsewhere = worker();
    elsewhere.close();
    server.awaitWorkers(1);
    answer(elsewhere, turn, complete(2, "\"not taken\""));
    Turn again = first.turn();
    assertThat(again.inbox()).isEqualTo(turn.inbox());
    answer(elsewhere, again, complete(2, "1"));
    assertThat(server.ended("i").getOutput().getValue()).isEqualTo("1");
  }
}
