package dev.perdure.grpc.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.engine.functions.FunctionKind;
import dev.perdure.grpc.protocol.ActivityFilter;
import dev.perdure.grpc.protocol.GetWorkItemsRequest;
import dev.perdure.grpc.protocol.OrchestrationFilter;
import dev.perdure.grpc.protocol.WorkItemFilters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SDKs do not agree on what it means to name nothing of a kind. */
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
    return new Connection(
            new WorkerIdentity("one", agent, null),
            null,
            GetWorkItemsRequest.newBuilder().setWorkItemFilters(filters).build(),
            new WorkSink.Local(new IdleWorker()),
            server.pool())
        .wants(kind, name, "");
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
}
