package dev.perdure.grpc.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.grpc.protocol.ActivityFilter;
import dev.perdure.grpc.protocol.CreateInstanceRequest;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.OrchestrationFilter;
import dev.perdure.grpc.protocol.WorkItemFilters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SDKs do not agree on what it means to name nothing of a kind, nor whether case matters. */
class FilterFamiliesTest {
  private static final WorkItemFilters ONE_ORCHESTRATOR =
      WorkItemFilters.newBuilder()
          .addOrchestrations(OrchestrationFilter.newBuilder().setName("f"))
          .build();

  private final WorkerServer server = new WorkerServer();

  @AfterEach
  void close() {
    server.close();
  }

  private boolean wants(String agent, WorkItemFilters filters, FunctionKind kind, String name) {
    return wants(agent, filters, kind, name, "");
  }

  private boolean wants(
      String agent, WorkItemFilters filters, FunctionKind kind, String name, String version) {
    return new Connection(
            new WorkerIdentity("one", agent, null),
            null,
            GetWorkItemsRequest.newBuilder().setWorkItemFilters(filters).build(),
            new Elsewhere(),
            server.pool())
        .wants(kind, name, version);
  }

  /** The way to a worker in another process, which nothing takes. */
  private static final class Elsewhere implements WorkSink {
    @Override
    public boolean isReady() {
      return false;
    }

    @Override
    public int send(Item item, WorkRequest request, String token) {
      return 0;
    }

    @Override
    public void ping() {}

    @Override
    public void end() {}

    @Override
    public void fail(Throwable cause) {}
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc-go/1.80.0", "DurableTask-Go/0.9 (Worker) grpc-go/1.80.0"})
  void goWantsEverythingOfAKindOfWhichItNamesNothing(String agent) {
    assertThat(wants(agent, ONE_ORCHESTRATOR, FunctionKind.ORCHESTRATOR, "f")).isTrue();
    assertThat(wants(agent, ONE_ORCHESTRATOR, FunctionKind.ORCHESTRATOR, "g")).isFalse();
    assertThat(wants(agent, ONE_ORCHESTRATOR, FunctionKind.ACTIVITY, "a")).isTrue();
    assertThat(wants(agent, ONE_ORCHESTRATOR, FunctionKind.ENTITY, "e"))
        .as("it may know none")
        .isFalse();
  }

  @Test
  void goNamesWhatCannotBeWhenItWantsNothingOfAKind() {
    WorkItemFilters none =
        ONE_ORCHESTRATOR.toBuilder()
            .addActivities(ActivityFilter.newBuilder().setName("\u0000nothing"))
            .build();
    assertThat(wants("grpc-go/1.80.0", none, FunctionKind.ACTIVITY, "a")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "durabletask-python/1.4 grpc-python/1.7",
        "durabletask-dotnet/1.2 grpc-dotnet/2.7",
        "grpc-java-netty/1.85.0",
        "grpc-node-js/1.14"
      })
  void othersWantNothingOfIt(String agent) {
    assertThat(wants(agent, ONE_ORCHESTRATOR, FunctionKind.ORCHESTRATOR, "f")).isTrue();
    assertThat(wants(agent, ONE_ORCHESTRATOR, FunctionKind.ACTIVITY, "a")).isFalse();
  }

  // ---- case -------------------------------------------------------------------------------------

  private static final WorkItemFilters HELLO =
      WorkItemFilters.newBuilder()
          .addOrchestrations(
              OrchestrationFilter.newBuilder().setName("SayHello").addVersions("v1-RC"))
          .addActivities(ActivityFilter.newBuilder().setName("Greet").addVersions("v1-RC"))
          .build();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "durabletask-dotnet/1.2 grpc-dotnet/2.7",
        "grpc-dotnet/2.76.0 (.NET 10.0.0; CLR 10.0.0; net10.0; linux; x64)",
        "grpc-csharp/2.46 grpc-c/24.0",
        "DurableTask-Go/0.9 (Worker) grpc-go/1.80.0",
        "grpc-go/1.80.0"
      })
  void toDotNetAndGoCaseDoesNotMatter(String agent) {
    assertThat(wants(agent, HELLO, FunctionKind.ORCHESTRATOR, "sayHello", "V1-rc")).isTrue();
    assertThat(wants(agent, HELLO, FunctionKind.ACTIVITY, "GREET", "v1-rc")).isTrue();
    assertThat(wants(agent, HELLO, FunctionKind.ORCHESTRATOR, "sayHello", "v2")).isFalse();
    assertThat(wants(agent, HELLO, FunctionKind.ORCHESTRATOR, "sayHelloo", "v1-RC")).isFalse();
  }

  @Test
  void spellingsOfOneNameAreOneName() {
    WorkItemFilters two =
        HELLO.toBuilder()
            .addOrchestrations(
                OrchestrationFilter.newBuilder().setName("SAYHELLO").addVersions("v2"))
            .build();
    assertThat(wants("grpc-go/1.80.0", two, FunctionKind.ORCHESTRATOR, "sayhello", "V1-RC"))
        .isTrue();
    assertThat(wants("grpc-go/1.80.0", two, FunctionKind.ORCHESTRATOR, "SayHello", "V2")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "durabletask-python/1.4 grpc-python/1.7",
        "durabletask-java/1.9 grpc-java-netty/1.85.0",
        "durabletask-js/0.4.0 grpc-node-js/1.14",
        "some-sdk-of-tomorrow/1.0",
        ""
      })
  void toOthersItDoes(String agent) {
    assertThat(wants(agent, HELLO, FunctionKind.ORCHESTRATOR, "SayHello", "v1-RC")).isTrue();
    assertThat(wants(agent, HELLO, FunctionKind.ORCHESTRATOR, "sayHello", "v1-RC")).isFalse();
    assertThat(wants(agent, HELLO, FunctionKind.ACTIVITY, "Greet", "v1-rc")).isFalse();
  }

  @Test
  void whatWaitsForAWorkerIsExplainedTheSameWay() {
    GetWorkItemsRequest.Builder hello = GetWorkItemsRequest.newBuilder().setWorkItemFilters(HELLO);
    FakeWorker exact = server.worker("durabletask-js/0.4.0", hello);
    server.start(
        CreateInstanceRequest.newBuilder()
            .setInstanceId("i")
            .setName("sayHello")
            .setVersion(StringValue.of("V1-RC")));
    WorkerServer.await(() -> server.pool().waiting() == 1);
    assertThat(server.explain("i").summary())
        .contains("no connected worker has orchestrator 'sayHello' in version 'V1-RC'");

    FakeWorker inAnyCase = server.worker("durabletask-dotnet/1.2", hello);
    assertThat(inAnyCase.turn().instanceId()).isEqualTo("i");
    assertThat(exact.isIdle()).isTrue();
    assertThat(server.pool().obstacle(FunctionKind.ORCHESTRATOR, "sayHello", "V1-RC")).isNull();
  }
}
