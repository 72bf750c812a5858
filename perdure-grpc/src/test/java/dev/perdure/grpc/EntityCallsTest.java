package dev.perdure.grpc;

import static dev.perdure.grpc.ServerFixture.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Int32Value;
import com.google.protobuf.StringValue;
import com.google.protobuf.Timestamp;
import dev.perdure.grpc.history.WireValues;
import dev.perdure.grpc.protocol.CleanEntityStorageRequest;
import dev.perdure.grpc.protocol.CleanEntityStorageResponse;
import dev.perdure.grpc.protocol.EntityMetadata;
import dev.perdure.grpc.protocol.EntityQuery;
import dev.perdure.grpc.protocol.GetEntityRequest;
import dev.perdure.grpc.protocol.GetEntityResponse;
import dev.perdure.grpc.protocol.PurgeInstancesRequest;
import dev.perdure.grpc.protocol.QueryEntitiesRequest;
import dev.perdure.grpc.protocol.QueryEntitiesResponse;
import dev.perdure.grpc.protocol.SignalEntityRequest;
import io.grpc.Status.Code;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EntityCallsTest {
  private final ServerFixture server =
      new ServerFixture(Functions.registry(new AtomicBoolean(false)));

  @AfterEach
  void close() {
    server.close();
  }

  private static SignalEntityRequest.Builder add(String id) {
    return SignalEntityRequest.newBuilder()
        .setInstanceId(id)
        .setName("add")
        .setInput(StringValue.of("5"));
  }

  /** Sends an operation, and waits until it has run. */
  private void run(String id) {
    server.client().signalEntity(add(id).build());
    server.engine().whenAtRest().join();
  }

  private GetEntityResponse get(String id, boolean state) {
    return server
        .client()
        .getEntity(GetEntityRequest.newBuilder().setInstanceId(id).setIncludeState(state).build());
  }

  private QueryEntitiesResponse query(EntityQuery.Builder query) {
    return server.client().queryEntities(QueryEntitiesRequest.newBuilder().setQuery(query).build());
  }

  private List<String> ids(EntityQuery.Builder query) {
    List<String> ids = new ArrayList<>();
    QueryEntitiesResponse page;
    do {
      page = query(query);
      page.getEntitiesList().forEach(entity -> ids.add(entity.getInstanceId()));
      query.setContinuationToken(page.getContinuationToken());
    } while (page.hasContinuationToken());
    return ids;
  }

  @Test
  void signalsChangeStateWhateverTheCaseOfTheName() {
    run("@Counter@Key @1");
    run("@counter@Key @1");
    GetEntityResponse answer = get("@COUNTER@Key @1", true);
    assertThat(answer.getExists()).isTrue();
    EntityMetadata entity = answer.getEntity();
    assertThat(entity.getInstanceId()).isEqualTo("@counter@Key @1");
    assertThat(entity.getSerializedState().getValue()).isEqualTo("{\"value\":10}");
    assertThat(entity.hasLockedBy()).isFalse();
    assertThat(entity.getBacklogQueueSize()).isZero();
    assertThat(entity.getLastModifiedTime().getSeconds()).isGreaterThan(1_000_000_000L);
    assertThat(get("@counter@Key @1", false).getEntity().hasSerializedState()).isFalse();
    assertThat(get("@counter@key @1", true).getExists()).as("the case of keys matters").isFalse();
  }

  @Test
  void anEntityWithoutStateDoesNotExist() {
    assertThat(get("@counter@a", true).getExists()).isFalse();
    server
        .client()
        .signalEntity(
            add("@counter@a")
                .setScheduledTime(WireValues.time(Instant.now().plusSeconds(3600)))
                .build());
    GetEntityResponse answer = get("@counter@a", true);
    assertThat(answer.getExists()).isFalse();
    assertThat(answer.hasEntity()).isFalse();
    assertThat(ids(EntityQuery.newBuilder())).isEmpty();
    assertThat(ids(EntityQuery.newBuilder().setIncludeTransient(true)))
        .containsExactly("@counter@a");
  }

  @Test
  void aTimeThatHasPassedIsNow() {
    server
        .client()
        .signalEntity(add("@counter@a").setScheduledTime(Timestamp.getDefaultInstance()).build());
    server.engine().whenAtRest().join();
    assertThat(get("@counter@a", true).getExists()).isTrue();
  }

  @Test
  void badSignalsAreRefused() {
    for (String id : List.of("counter", "@counter", "@@a", "")) {
      assertThat(
              ServerFixture.failure(() -> server.client().signalEntity(add(id).build())).getCode())
          .as(id)
          .isEqualTo(Code.INVALID_ARGUMENT);
    }
    assertFails(
        Code.INVALID_ARGUMENT,
        "length",
        () -> server.client().signalEntity(add("@counter@" + "x".repeat(92)).build()));
    run("@counter@" + "x".repeat(91));
    assertFails(
        Code.INVALID_ARGUMENT,
        "operation",
        () -> server.client().signalEntity(add("@counter@a").setName("").build()));
  }

  @Test
  void queries() {
    for (String id : List.of("@counter@a", "@counter@b", "@counter@c")) {
      run(id);
    }
    assertThat(ids(EntityQuery.newBuilder()))
        .containsExactly("@counter@a", "@counter@b", "@counter@c");
    assertThat(ids(EntityQuery.newBuilder().setInstanceIdStartsWith(StringValue.of("@COUNTER@b"))))
        .containsExactly("@counter@b");
    assertThat(ids(EntityQuery.newBuilder().setInstanceIdStartsWith(StringValue.of("@Cou"))))
        .hasSize(3);
    assertThat(ids(EntityQuery.newBuilder().setInstanceIdStartsWith(StringValue.of("@other@"))))
        .isEmpty();
    Timestamp modified = get("@counter@b", false).getEntity().getLastModifiedTime();
    assertThat(
            ids(EntityQuery.newBuilder().setLastModifiedFrom(modified).setLastModifiedTo(modified)))
        .contains("@counter@b");
    QueryEntitiesResponse page =
        query(EntityQuery.newBuilder().setPageSize(Int32Value.of(2)).setIncludeState(true));
    assertThat(page.getEntitiesList())
        .hasSize(2)
        .allMatch(entity -> entity.getSerializedState().getValue().equals("{\"value\":5}"));
    QueryEntitiesResponse last =
        query(
            EntityQuery.newBuilder()
                .setPageSize(Int32Value.of(1))
                .setContinuationToken(page.getContinuationToken()));
    assertThat(last.getEntities(0).getInstanceId()).isEqualTo("@counter@c");
    assertThat(last.getEntities(0).hasSerializedState()).isFalse();
    assertThat(last.hasContinuationToken()).isFalse();
  }

  @Test
  void purgeAndCleanUp() {
    run("@counter@a");
    run("@counter@b");
    PurgeInstancesRequest purge =
        PurgeInstancesRequest.newBuilder().setInstanceId("@Counter@a").build();
    assertThat(
            server
                .client()
                .purgeInstances(purge.toBuilder().setIsOrchestration(true).build())
                .getDeletedInstanceCount())
        .isZero();
    assertThat(server.client().purgeInstances(purge).getDeletedInstanceCount()).isEqualTo(1);
    assertThat(server.client().purgeInstances(purge).getDeletedInstanceCount()).isZero();
    assertThat(get("@counter@a", true).getExists()).isFalse();
    CleanEntityStorageResponse cleaned =
        server
            .client()
            .cleanEntityStorage(
                CleanEntityStorageRequest.newBuilder()
                    .setRemoveEmptyEntities(true)
                    .setReleaseOrphanedLocks(true)
                    .build());
    assertThat(cleaned.hasContinuationToken()).isFalse();
    assertThat(cleaned.getEmptyEntitiesRemoved()).isZero();
    assertThat(cleaned.getOrphanedLocksReleased()).isZero();
    assertThat(get("@counter@b", true).getExists()).isTrue();
  }
}
