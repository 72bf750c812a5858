package dev.perdure.grpc;

import static dev.perdure.grpc.ServerFixture.about;
import static dev.perdure.grpc.ServerFixture.assertFails;
import static dev.perdure.grpc.ServerFixture.create;
import static dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_COMPLETED;
import static dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_FAILED;
import static dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_PENDING;
import static dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_RUNNING;
import static dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_SUSPENDED;
import static dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_TERMINATED;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.StringValue;
import com.google.protobuf.Timestamp;
import dev.perdure.grpc.history.WireValues;
import dev.perdure.grpc.protocol.GetInstanceResponse;
import dev.perdure.grpc.protocol.InstanceBatch;
import dev.perdure.grpc.protocol.OrchestrationState;
import dev.perdure.grpc.protocol.RaiseEventRequest;
import dev.perdure.grpc.protocol.RestartInstanceRequest;
import dev.perdure.grpc.protocol.ResumeRequest;
import dev.perdure.grpc.protocol.RewindInstanceRequest;
import dev.perdure.grpc.protocol.SkipGracefulOrchestrationTerminationsRequest;
import dev.perdure.grpc.protocol.SuspendRequest;
import dev.perdure.grpc.protocol.TerminateRequest;
import io.grpc.Status.Code;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls about one orchestration. */
class InstanceCallsTest {
  private final AtomicBoolean broken = new AtomicBoolean(true);
  private final ServerFixture server = new ServerFixture(Functions.registry(broken));

  @AfterEach
  void close() {
    server.close();
  }

  private static Timestamp at(Instant instant) {
    return WireValues.time(instant);
  }

  // ---- starting and reading -----------------------------------------------------------------

  @Test
  void anOrchestrationIsStartedAndRead() {
    String id =
        server
            .client()
            .startInstance(
                create("one", "echo")
                    .setInput(StringValue.of("{ \"a\" : 1.50 }"))
                    .setVersion(StringValue.of("1.2"))
                    .putAllTags(Map.of("colour", "red"))
                    .build())
            .getInstanceId();
    assertThat(id).isEqualTo("one");
    server.begun("one");
    OrchestrationState state = server.state("one");
    assertThat(state.getInput().getValue()).isEqualTo("{ \"a\" : 1.50 }");
    assertThat(state.getVersion().getValue()).isEqualTo("1.2");
    assertThat(state.getName()).isEqualTo("echo");
    assertThat(state.getTagsMap()).containsExactly(Map.entry("colour", "red"));
    assertThat(state.getExecutionId().getValue()).matches("[0-9a-f]{32}");
    assertThat(state.hasParentInstanceId()).isFalse();
    assertThat(state.hasScheduledStartTimestamp()).isFalse();
    assertThat(state.getCreatedTimestamp().getSeconds())
        .isLessThanOrEqualTo(state.getLastUpdatedTimestamp().getSeconds())
        .isGreaterThan(1_000_000_000L);
  }

  @Test
  void theEndIsTold() {
    server.start("one", "echo", "[1]");
    OrchestrationState state = server.ended("one");
    assertThat(state.getOrchestrationStatus()).isEqualTo(ORCHESTRATION_STATUS_COMPLETED);
    assertThat(state.getOutput().getValue()).isEqualTo("[1]");
    assertThat(state.hasCompletedTimestamp()).isTrue();
    assertThat(state.hasCustomStatus()).isFalse();
    assertThat(state.hasFailureDetails()).isFalse();
  }

  @Test
  void payloadsComeOnRequestOnly() {
    server.start("one", "fail", "1");
    OrchestrationState with = server.ended("one");
    assertThat(with.getOrchestrationStatus()).isEqualTo(ORCHESTRATION_STATUS_FAILED);
    assertThat(with.getFailureDetails().getErrorMessage()).contains("on purpose");
    assertThat(with.getFailureDetails().getErrorType()).contains("IllegalStateException");
    OrchestrationState without =
        server.client().getInstance(about("one", false)).getOrchestrationState();
    assertThat(without.hasInput()).isFalse();
    assertThat(without.hasOutput()).isFalse();
    assertThat(without.hasCustomStatus()).isFalse();
    assertThat(without.hasFailureDetails()).isFalse();
    assertThat(without.hasCompletedTimestamp()).isTrue();
  }

  @Test
  void absentEmptyAndFalsyPayloadsAreKeptApart() {
    server.client().startInstance(create("absent", "wait").build());
    assertThat(server.state("absent").hasInput()).isFalse();
    for (String text : List.of("", "0", "false", "null", "\"\"", " x ", "\u00e4\ud83d\ude00")) {
      String id = server.start("", "wait", text);
      OrchestrationState state = server.state(id);
      assertThat(state.hasInput()).as(text).isTrue();
      assertThat(state.getInput().getValue()).isEqualTo(text);
    }
  }

  @Test
  void idsAreMadeWhereNoneIsGiven() {
    String first = server.start("", "echo", "1");
    String second = server.start("", "echo", "1");
    assertThat(first).isNotEmpty().isNotEqualTo(second);
  }

  @Test
  void badStartsAreRefused() {
    for (String name : List.of("", " \t", "ec\u0007ho")) {
      assertFails(
          Code.INVALID_ARGUMENT, "name of the function", () -> server.start("x", name, "1"));
    }
    assertFails(Code.INVALID_ARGUMENT, "length", () -> server.start("x".repeat(101), "echo", "1"));
    assertThat(server.start("x".repeat(100), "echo", "1")).hasSize(100);
    assertFails(Code.INVALID_ARGUMENT, "entity", () -> server.start("@counter@a", "echo", "1"));
    assertFails(Code.INVALID_ARGUMENT, "U+0001", () -> server.start("a\u0001", "echo", "1"));
    assertFails(
        Code.INVALID_ARGUMENT,
        "nanoseconds",
        () ->
            server
                .client()
                .startInstance(
                    create("x", "echo")
                        .setScheduledStartTimestamp(Timestamp.newBuilder().setNanos(-1))
                        .build()));
    assertFails(
        Code.INVALID_ARGUMENT,
        "calendars",
        () ->
            server
                .client()
                .startInstance(
                    create("x", "echo")
                        .setScheduledStartTimestamp(
                            Timestamp.newBuilder().setSeconds(Long.MAX_VALUE))
                        .build()));
    assertFails(
        Code.INVALID_ARGUMENT,
        "limits.payloadBytesMax",
        () -> server.start("x", "echo", "x".repeat((4 << 20) + 1)));
    assertFails(
        Code.INVALID_ARGUMENT,
        "tags",
        () ->
            server
                .client()
                .startInstance(create("x", "echo").putTags("k", "v".repeat(32 << 10)).build()));
    assertFails(
        Code.INVALID_ARGUMENT, "'nnn", () -> server.start("x", "n".repeat((32 << 10) + 1), "1"));
    assertThat(server.exists("x")).isFalse();
  }

  @Test
  void aStartInTheFutureIsPendingAndOneInThePastIsNow() {
    Instant later = Instant.now().plusSeconds(3600);
    server
        .client()
        .startInstance(create("later", "echo").setScheduledStartTimestamp(at(later)).build());
    OrchestrationState state = server.state("later");
    assertThat(state.getOrchestrationStatus()).isEqualTo(ORCHESTRATION_STATUS_PENDING);
    assertThat(state.getScheduledStartTimestamp().getSeconds()).isEqualTo(later.getEpochSecond());
    server.client().terminateInstance(TerminateRequest.newBuilder().setInstanceId("later").build());
    assertThat(server.ended("later").getOrchestrationStatus())
        .isEqualTo(ORCHESTRATION_STATUS_TERMINATED);

    server
        .client()
        .startInstance(
            create("past", "echo").setScheduledStartTimestamp(at(Instant.EPOCH)).build());
    assertThat(server.ended("past").getOrchestrationStatus())
        .isEqualTo(ORCHESTRATION_STATUS_COMPLETED);
  }

  @Test
  void whatDoesNotExistIsNoError() {
    for (String id : List.of("nobody", "@counter@a")) {
      GetInstanceResponse answer = server.client().getInstance(about(id, true));
      assertThat(answer.getExists()).isFalse();
      assertThat(answer.hasOrchestrationState()).isFalse();
    }
    assertFails(Code.INVALID_ARGUMENT, "empty", () -> server.client().getInstance(about("", true)));
  }

  // ---- waiting ------------------------------------------------------------------------------

  @Test
  void waitingWithADeadlineEndsWithIt() {
    server.start("one", "wait", "1");
    assertThat(server.begun("one").getCustomStatus().getValue()).isEqualTo("\"waiting\"");
    assertFails(
        Code.DEADLINE_EXCEEDED,
        "",
        () ->
            server
                .client()
                .withDeadlineAfter(100, TimeUnit.MILLISECONDS)
                .waitForInstanceCompletion(about("one", true)));
    server.raise("one", "go", "7");
    assertThat(server.ended("one").getOutput().getValue()).isEqualTo("7");
  }

  @Test
  void anIdIsWaitedForBeforeItExists() throws Exception {
    ListenableFuture<GetInstanceResponse> begin =
        server.futures().waitForInstanceStart(about("later", false));
    ListenableFuture<GetInstanceResponse> end =
        server.futures().waitForInstanceCompletion(about("later", false));
    server.exists("later"); // the calls came before
    assertThat(begin.isDone()).isFalse();
    server.start("later", "wait", "1");
    assertThat(begin.get(30, TimeUnit.SECONDS).getOrchestrationState().getOrchestrationStatus())
        .isEqualTo(ORCHESTRATION_STATUS_RUNNING);
    assertThat(end.isDone()).isFalse();
    server.raise("later", "go", "1");
    GetInstanceResponse ended = end.get(30, TimeUnit.SECONDS);
    assertThat(ended.getExists()).isTrue();
    assertThat(ended.getOrchestrationState().hasOutput()).isFalse();
  }

  @Test
  void manyWaitAtOnce() throws Exception {
    server.start("one", "wait", "1");
    List<ListenableFuture<GetInstanceResponse>> ends = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      ends.add(server.futures().waitForInstanceCompletion(about("one", true)));
    }
    server.raise("one", "go", "1");
    for (ListenableFuture<GetInstanceResponse> end : ends) {
      assertThat(end.get(30, TimeUnit.SECONDS).getOrchestrationState().getOutput().getValue())
          .isEqualTo("1");
    }
  }

  @Test
  void aCancelledWaitDoesNotDisturbOthers() throws Exception {
    server.start("one", "wait", "1");
    ListenableFuture<GetInstanceResponse> cancelled =
        server.futures().waitForInstanceCompletion(about("one", true));
    ListenableFuture<GetInstanceResponse> other =
        server.futures().waitForInstanceCompletion(about("one", true));
    cancelled.cancel(true);
    server.raise("one", "go", "1");
    assertThat(other.get(30, TimeUnit.SECONDS).getExists()).isTrue();
  }

  @Test
  void aSuspendedInstanceHasBegunButNotEnded() {
    server
        .client()
        .startInstance(
            create("one", "wait")
                .setScheduledStartTimestamp(at(Instant.now().plusSeconds(3600)))
                .build());
    server.client().suspendInstance(SuspendRequest.newBuilder().setInstanceId("one").build());
    assertThat(server.begun("one").getOrchestrationStatus())
        .isEqualTo(ORCHESTRATION_STATUS_SUSPENDED);
  }

  @Test
  void entitiesAreNotWaitedFor() {
    assertFails(
        Code.INVALID_ARGUMENT,
        "entity",
        () -> server.client().waitForInstanceStart(about("@counter@a", true)));
  }

  @Test
  void aClosingServerEndsWaits() throws Exception {
    ListenableFuture<GetInstanceResponse> end =
        server.futures().waitForInstanceCompletion(about("never", true));
    server.exists("never");
    server.server().close();
    assertFails(
        Code.UNAVAILABLE,
        "",
        () -> {
          try {
            end.get(30, TimeUnit.SECONDS);
          } catch (java.util.concurrent.ExecutionException e) {
            throw e.getCause();
          }
        });
  }

  // ---- changing -----------------------------------------------------------------------------

  @Test
  void eventsArriveUnchanged() {
    server.start("one", "collect", "1");
    server.raise("one", "second", "\"b\"");
    server.raise("one", "first", "{\"a\":[1,2]}");
    assertThat(server.ended("one").getOutput().getValue()).isEqualTo("[{\"a\":[1,2]},\"b\"]");
    server.start("two", "wait", "1");
    server
        .client()
        .raiseEvent(RaiseEventRequest.newBuilder().setInstanceId("two").setName("go").build());
    assertThat(server.ended("two").getOrchestrationStatus())
        .isEqualTo(ORCHESTRATION_STATUS_COMPLETED);
  }

  @Test
  void suspendAndResume() {
    server.start("one", "wait", "1");
    server.begun("one");
    SuspendRequest suspend =
        SuspendRequest.newBuilder().setInstanceId("one").setReason(StringValue.of("lunch")).build();
    server.client().suspendInstance(suspend);
    server.client().suspendInstance(suspend);
    assertThat(server.state("one").getOrchestrationStatus())
        .isEqualTo(ORCHESTRATION_STATUS_SUSPENDED);
    server.raise("one", "go", "5");
    assertThat(server.state("one").getOrchestrationStatus())
        .isEqualTo(ORCHESTRATION_STATUS_SUSPENDED);
    ResumeRequest resume = ResumeRequest.newBuilder().setInstanceId("one").build();
    server.client().resumeInstance(resume);
    assertThat(server.ended("one").getOutput().getValue()).isEqualTo("5");
    server.client().resumeInstance(resume);
    server.client().suspendInstance(suspend);
    assertThat(server.state("one").getOrchestrationStatus())
        .isEqualTo(ORCHESTRATION_STATUS_COMPLETED);
  }

  @Test
  void terminationKeepsTheOutputAsGiven() {
    server.start("one", "wait", "1");
    server
        .client()
        .terminateInstance(
            TerminateRequest.newBuilder()
                .setInstanceId("one")
                .setOutput(StringValue.of("{ \"why\": null }"))
                .build());
    OrchestrationState state = server.state("one");
    assertThat(state.getOrchestrationStatus()).isEqualTo(ORCHESTRATION_STATUS_TERMINATED);
    assertThat(state.getOutput().getValue()).isEqualTo("{ \"why\": null }");
  }

  @Test
  void terminationOfAFamily() {
    server.start("top", "family", "2");
    server.begun("top-child-child");
    assertThat(server.state("top-child").getParentInstanceId().getValue()).isEqualTo("top");
    server
        .client()
        .terminateInstance(
            TerminateRequest.newBuilder().setInstanceId("top").setRecursive(true).build());
    for (String id : List.of("top", "top-child", "top-child-child")) {
      assertThat(server.state(id).getOrchestrationStatus())
          .as(id)
          .isEqualTo(ORCHESTRATION_STATUS_TERMINATED);
    }
  }

  @Test
  void terminationOfAParentAlone() {
    server.start("top", "family", "1");
    server.begun("top-child");
    server.client().terminateInstance(TerminateRequest.newBuilder().setInstanceId("top").build());
    server.raise("top-child", "go", "1");
    assertThat(server.ended("top-child").getOrchestrationStatus())
        .isEqualTo(ORCHESTRATION_STATUS_COMPLETED);
  }

  @Test
  void whatIsNotThereCannotBeChanged() {
    TerminateRequest terminate = TerminateRequest.newBuilder().setInstanceId("nobody").build();
    assertFails(Code.NOT_FOUND, "nobody", () -> server.client().terminateInstance(terminate));
    assertFails(Code.NOT_FOUND, "nobody", () -> server.raise("nobody", "go", "1"));
    assertFails(
        Code.NOT_FOUND,
        "nobody",
        () ->
            server
                .client()
                .suspendInstance(SuspendRequest.newBuilder().setInstanceId("nobody").build()));
    assertFails(
        Code.NOT_FOUND,
        "nobody",
        () ->
            server
                .client()
                .resumeInstance(ResumeRequest.newBuilder().setInstanceId("nobody").build()));
    assertFails(Code.INVALID_ARGUMENT, "entity", () -> server.raise("@counter@a", "go", "1"));
    assertFails(Code.INVALID_ARGUMENT, "empty", () -> server.raise("", "go", "1"));
  }

  @Test
  void whatHasEndedIsLeftAlone() {
    server.start("one", "echo", "1");
    server.ended("one");
    server.raise("one", "go", "1");
    server
        .client()
        .terminateInstance(
            TerminateRequest.newBuilder()
                .setInstanceId("one")
                .setOutput(StringValue.of("2"))
                .build());
    assertThat(server.state("one").getOrchestrationStatus())
        .isEqualTo(ORCHESTRATION_STATUS_COMPLETED);
    assertThat(server.state("one").getOutput().getValue()).isEqualTo("1");
  }

  @Test
  void forcedTerminationTellsWhatItCouldNotDo() {
    server.start("one", "wait", "1");
    server.start("done", "echo", "1");
    server.ended("done");
    assertThat(
            server
                .client()
                .skipGracefulOrchestrationTerminations(
                    SkipGracefulOrchestrationTerminationsRequest.newBuilder()
                        .setInstanceBatch(
                            InstanceBatch.newBuilder()
                                .addInstanceIds("one")
                                .addInstanceIds("done")
                                .addInstanceIds("nobody")
                                .addInstanceIds("@counter@a")
                                .addInstanceIds("one"))
                        .setReason(StringValue.of("\"maintenance\""))
                        .build())
                .getUnterminatedInstanceIdsList())
        .containsExactly("done", "nobody", "@counter@a");
    OrchestrationState one = server.state("one");
    assertThat(one.getOrchestrationStatus()).isEqualTo(ORCHESTRATION_STATUS_TERMINATED);
    assertThat(one.getOutput().getValue()).isEqualTo("\"maintenance\"");
    assertThat(server.state("done").getOrchestrationStatus())
        .isEqualTo(ORCHESTRATION_STATUS_COMPLETED);
  }

  // ---- rewind and restart -------------------------------------------------------------------

  private void rewind(String id) {
    server
        .client()
        .rewindInstance(
            RewindInstanceRequest.newBuilder()
                .setInstanceId(id)
                .setReason(StringValue.of("mended"))
                .build());
  }

  @Test
  void aFailedInstanceIsRewound() {
    server.start("one", "fragile", "1");
    assertThat(server.ended("one").getOrchestrationStatus()).isEqualTo(ORCHESTRATION_STATUS_FAILED);
    broken.set(false);
    rewind("one");
    assertThat(server.state("one").getOrchestrationStatus())
        .isNotEqualTo(ORCHESTRATION_STATUS_FAILED);
    OrchestrationState state = server.ended("one");
    assertThat(state.getOutput().getValue()).isEqualTo("\"whole\"");
    assertThat(state.hasFailureDetails()).isFalse();
  }

  @Test
  void onlyAFailedInstanceIsRewound() {
    server.start("one", "wait", "1");
    server.begun("one");
    assertFails(
        Code.FAILED_PRECONDITION,
        "is Running, which does not allow rewinding",
        () -> rewind("one"));
    server.raise("one", "go", "1");
    server.ended("one");
    assertFails(Code.FAILED_PRECONDITION, "is Completed", () -> rewind("one"));
    assertFails(Code.NOT_FOUND, "nobody", () -> rewind("nobody"));
  }

  private String restart(String id, boolean newId) {
    return server
        .client()
        .restartInstance(
            RestartInstanceRequest.newBuilder()
                .setInstanceId(id)
                .setRestartWithNewInstanceId(newId)
                .build())
        .getInstanceId();
  }

  @Test
  void restarts() {
    server
        .client()
        .startInstance(
            create("one", "wait")
                .setInput(StringValue.of("{\"n\": 1}"))
                .putAllTags(Map.of("a", "b"))
                .build());
    server.begun("one");
    assertFails(Code.FAILED_PRECONDITION, "has not ended", () -> restart("one", false));
    String other = restart("one", true);
    assertThat(other).isNotEqualTo("one");
    assertThat(server.state(other).getInput().getValue()).isEqualTo("{\"n\": 1}");
    server.raise("one", "go", "1");
    String execution = server.ended("one").getExecutionId().getValue();
    assertThat(restart("one", false)).isEqualTo("one");
    OrchestrationState again = server.begun("one");
    assertThat(again.getOrchestrationStatus()).isEqualTo(ORCHESTRATION_STATUS_RUNNING);
    assertThat(again.getExecutionId().getValue()).isNotEqualTo(execution);
    assertThat(again.getTagsMap()).containsEntry("a", "b");
    assertThat(again.getInput().getValue()).isEqualTo("{\"n\": 1}");
    assertFails(Code.NOT_FOUND, "nobody", () -> restart("nobody", true));
  }
}
