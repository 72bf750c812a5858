package dev.perdure.grpc;

import static dev.perdure.grpc.ServerFixture.assertFails;
import static dev.perdure.grpc.ServerFixture.create;
import static dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_CANCELED;
import static dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_COMPLETED;
import static dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_FAILED;
import static dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_RUNNING;
import static dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_SUSPENDED;
import static dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_TERMINATED;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.StringValue;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.grpc.protocol.GetInstanceResponse;
import dev.perdure.grpc.protocol.OrchestrationIdReusePolicy;
import dev.perdure.grpc.protocol.OrchestrationIdReusePolicy.LegacyAction;
import dev.perdure.grpc.protocol.OrchestrationState;
import dev.perdure.grpc.protocol.OrchestrationStatus;
import dev.perdure.grpc.protocol.RestartInstanceRequest;
import dev.perdure.grpc.protocol.SuspendRequest;
import dev.perdure.grpc.protocol.TaskHubSidecarServiceGrpc;
import dev.perdure.store.memory.MemoryStore;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Starting with an id that exists. */
class IdReuseTest {
  private final ServerFixture server =
      new ServerFixture(Functions.registry(new AtomicBoolean(false)));

  @AfterEach
  void close() {
    server.close();
  }

  private void again(OrchestrationIdReusePolicy.Builder policy) {
    server
        .client()
        .startInstance(
            create("one", "wait")
                .setInput(StringValue.of("2"))
                .setOrchestrationIdReusePolicy(policy)
                .build());
  }

  private static OrchestrationIdReusePolicy.Builder replacing(OrchestrationStatus... statuses) {
    return OrchestrationIdReusePolicy.newBuilder().addAllReplaceableStatus(List.of(statuses));
  }

  private void running() {
    server.start("one", "wait", "1");
    server.begun("one");
  }

  private void completed() {
    server.start("one", "echo", "1");
    server.ended("one");
  }

  private void assertReplaced() {
    OrchestrationState state = server.begun("one");
    assertThat(state.getInput().getValue()).isEqualTo("2");
    assertThat(state.getOrchestrationStatus()).isEqualTo(ORCHESTRATION_STATUS_RUNNING);
    assertThat(state.hasOutput()).isFalse();
  }

  private void assertUntouched(OrchestrationStatus status) {
    assertThat(server.state("one").getInput().getValue()).isEqualTo("1");
    assertThat(server.state("one").getOrchestrationStatus()).isEqualTo(status);
  }

  @Test
  void aServerMayReplaceWhatRunsWhereAStartSaysNothingAndByARestart() {
    MemoryStore store = new MemoryStore(1);
    try (var engine = ServerFixture.engine(store, Functions.registry(new AtomicBoolean(false)));
        var replacing =
            GrpcServer.builder(Hubs.of("default", engine))
                .options(ServerFixture.OPTIONS)
                .idReuse(IdReusePolicy.REPLACE)
                .start()) {
      ManagedChannel channel = ServerFixture.channel(replacing.port());
      var client = TaskHubSidecarServiceGrpc.newBlockingStub(channel);
      for (String input : List.of("1", "2")) {
        assertThat(
                client
                    .startInstance(create("one", "wait").setInput(StringValue.of(input)).build())
                    .getInstanceId())
            .isEqualTo("one");
      }
      OrchestrationMetadata started = engine.client().status("one").orElseThrow();
      assertThat(started.serializedInput().text()).isEqualTo("2");

      var restart = RestartInstanceRequest.newBuilder().setInstanceId("one").build();
      assertThat(client.restartInstance(restart).getInstanceId()).isEqualTo("one");
      OrchestrationMetadata restarted = engine.client().status("one").orElseThrow();
      assertThat(restarted.executionId()).isNotEqualTo(started.executionId());
      assertThat(restarted.serializedInput().text()).isEqualTo("2");
      channel.shutdownNow();
    }
    store.close();
  }

  @Test
  void withoutAPolicyARunningOneStays() {
    running();
    assertFails(
        Code.ALREADY_EXISTS,
        "orchestration instance already exists",
        () -> server.start("one", "wait", "2"));
    assertUntouched(ORCHESTRATION_STATUS_RUNNING);
  }

  @Test
  void withoutAPolicyAnEndedOneIsReplaced() {
    completed();
    String execution = server.state("one").getExecutionId().getValue();
    server.start("one", "wait", "2");
    assertReplaced();
    assertThat(server.state("one").getExecutionId().getValue()).isNotEqualTo(execution);
  }

  @Test
  void anEmptyListReplacesNothing() {
    completed();
    assertFails(Code.ALREADY_EXISTS, "already exists", () -> again(replacing()));
    assertUntouched(ORCHESTRATION_STATUS_COMPLETED);
  }

  @Test
  void anotherStatusThanTheListedIsLeftAlone() {
    completed();
    assertFails(
        Code.ALREADY_EXISTS,
        "already exists",
        () -> again(replacing(ORCHESTRATION_STATUS_FAILED, ORCHESTRATION_STATUS_TERMINATED)));
    assertUntouched(ORCHESTRATION_STATUS_COMPLETED);
  }

  @Test
  void aRunningOneIsReplacedWhenThatMayTerminateIt() throws Exception {
    running();
    ListenableFuture<GetInstanceResponse> end =
        server.futures().waitForInstanceCompletion(ServerFixture.about("one", true));
    again(
        replacing(
            ORCHESTRATION_STATUS_RUNNING,
            ORCHESTRATION_STATUS_TERMINATED,
            ORCHESTRATION_STATUS_CANCELED));
    assertReplaced();
    assertThat(end.isDone()).as("the wait goes on for the new one").isFalse();
    server.raise("one", "go", "3");
    assertThat(end.get(30, TimeUnit.SECONDS).getOrchestrationState().getOutput().getValue())
        .isEqualTo("3");
  }

  @Test
  void aRunningOneIsNotReplacedWhenThatMayNotTerminateIt() {
    running();
    server.client().suspendInstance(SuspendRequest.newBuilder().setInstanceId("one").build());
    assertFails(
        Code.INVALID_ARGUMENT,
        "Invalid reusable statuses: cannot exclude 'Terminated' while also allowing reuse of"
            + " running instances",
        () -> again(replacing(ORCHESTRATION_STATUS_SUSPENDED, ORCHESTRATION_STATUS_COMPLETED)));
    assertUntouched(ORCHESTRATION_STATUS_SUSPENDED);
  }

  @Test
  void anEndedOneIsReplacedThoughTerminatedIsNotListed() {
    completed();
    again(replacing(ORCHESTRATION_STATUS_COMPLETED, ORCHESTRATION_STATUS_RUNNING));
    assertReplaced();
  }

  @Test
  void aPolicyForAnIdThatIsFree() {
    again(replacing(ORCHESTRATION_STATUS_RUNNING));
    assertReplaced();
  }

  @Test
  void olderClientsIgnore() {
    running();
    again(replacing(ORCHESTRATION_STATUS_RUNNING).setAction(LegacyAction.LEGACY_ACTION_IGNORE));
    assertUntouched(ORCHESTRATION_STATUS_RUNNING);
    assertFails(
        Code.ALREADY_EXISTS,
        "orchestration instance already exists",
        () ->
            again(
                replacing(ORCHESTRATION_STATUS_COMPLETED)
                    .setAction(LegacyAction.LEGACY_ACTION_IGNORE)));
  }

  @Test
  void olderClientsTerminate() {
    running();
    assertFails(
        Code.ALREADY_EXISTS,
        "orchestration instance already exists",
        () ->
            again(
                replacing(ORCHESTRATION_STATUS_COMPLETED)
                    .setAction(LegacyAction.LEGACY_ACTION_TERMINATE)));
    again(replacing(ORCHESTRATION_STATUS_RUNNING).setAction(LegacyAction.LEGACY_ACTION_TERMINATE));
    assertReplaced();
  }

  @Test
  void whatIsUnknownIsRefused() {
    assertFails(
        Code.INVALID_ARGUMENT,
        "status",
        () -> again(OrchestrationIdReusePolicy.newBuilder().addReplaceableStatusValue(99)));
    assertFails(
        Code.INVALID_ARGUMENT,
        "action is 7",
        () -> again(OrchestrationIdReusePolicy.newBuilder().setActionValue(7)));
  }

  @Test
  void ofManyAtOnceExactlyOneSucceeds() throws Exception {
    List<ListenableFuture<?>> starts = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      starts.add(server.futures().startInstance(create("one", "wait").build()));
    }
    int succeeded = 0;
    for (ListenableFuture<?> start : starts) {
      try {
        start.get(30, TimeUnit.SECONDS);
        succeeded++;
      } catch (java.util.concurrent.ExecutionException e) {
        assertThat(e).hasMessageContaining("ALREADY_EXISTS");
      }
    }
    assertThat(succeeded).isEqualTo(1);
  }
}
