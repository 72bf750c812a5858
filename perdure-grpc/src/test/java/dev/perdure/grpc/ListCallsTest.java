package dev.perdure.grpc;

import static dev.perdure.grpc.ServerFixture.assertFails;
import static dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_CANCELED;
import static dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_COMPLETED;
import static dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_FAILED;
import static dev.perdure.grpc.protocol.OrchestrationStatus.ORCHESTRATION_STATUS_RUNNING;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.StringValue;
import com.google.protobuf.Timestamp;
import dev.perdure.grpc.history.WireValues;
import dev.perdure.grpc.protocol.InstanceBatch;
import dev.perdure.grpc.protocol.InstanceQuery;
import dev.perdure.grpc.protocol.ListInstanceIdsRequest;
import dev.perdure.grpc.protocol.ListInstanceIdsResponse;
import dev.perdure.grpc.protocol.OrchestrationState;
import dev.perdure.grpc.protocol.PurgeInstanceFilter;
import dev.perdure.grpc.protocol.PurgeInstancesRequest;
import dev.perdure.grpc.protocol.PurgeInstancesResponse;
import dev.perdure.grpc.protocol.QueryInstancesRequest;
import dev.perdure.grpc.protocol.QueryInstancesResponse;
import dev.perdure.grpc.protocol.TerminateRequest;
import io.grpc.Status.Code;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Listing and purging. */
class ListCallsTest {
  private final ServerFixture server =
      new ServerFixture(Functions.registry(new AtomicBoolean(true)));

  @AfterEach
  void close() {
    server.close();
  }

  private QueryInstancesResponse query(InstanceQuery.Builder query) {
    return server
        .client()
        .queryInstances(QueryInstancesRequest.newBuilder().setQuery(query).build());
  }

  private static List<String> ids(QueryInstancesResponse page) {
    return page.getOrchestrationStateList().stream()
        .map(OrchestrationState::getInstanceId)
        .toList();
  }

  private List<String> all(InstanceQuery.Builder query) {
    List<String> ids = new ArrayList<>();
    QueryInstancesResponse page;
    do {
      page = query(query);
      ids.addAll(ids(page));
      query.setContinuationToken(page.getContinuationToken());
    } while (page.hasContinuationToken());
    return ids;
  }

  private void oneOfEach() {
    server.start("a-completed", "echo", "1");
    server.start("a-failed", "fail", "2");
    server.start("b-running", "wait", "3");
    server.ended("a-completed");
    server.ended("a-failed");
    server.begun("b-running");
  }

  private static Timestamp at(Instant instant) {
    return WireValues.time(instant);
  }

  // ---- queries ------------------------------------------------------------------------------

  @Test
  void filters() {
    oneOfEach();
    assertThat(ids(query(InstanceQuery.newBuilder())))
        .containsExactlyInAnyOrder("a-completed", "a-failed", "b-running");
    assertThat(
            ids(
                query(
                    InstanceQuery.newBuilder()
                        .addRuntimeStatus(ORCHESTRATION_STATUS_COMPLETED)
                        .addRuntimeStatus(ORCHESTRATION_STATUS_RUNNING)
                        .addRuntimeStatus(ORCHESTRATION_STATUS_CANCELED))))
        .containsExactlyInAnyOrder("a-completed", "b-running");
    assertThat(
            ids(
                query(
                    InstanceQuery.newBuilder()
                        .setInstanceIdPrefix(StringValue.of("a-"))
                        .addRuntimeStatus(ORCHESTRATION_STATUS_FAILED))))
        .containsExactly("a-failed");
    assertThat(ids(query(InstanceQuery.newBuilder().setInstanceIdPrefix(StringValue.of("z")))))
        .isEmpty();
    assertThat(
            ids(query(InstanceQuery.newBuilder().addRuntimeStatus(ORCHESTRATION_STATUS_CANCELED))))
        .isEmpty();
    assertThat(query(InstanceQuery.newBuilder()).hasContinuationToken()).isFalse();
  }

  @Test
  void creationWindowsIncludeBothEnds() {
    oneOfEach();
    Timestamp created = server.state("a-failed").getCreatedTimestamp();
    assertThat(
            ids(
                query(
                    InstanceQuery.newBuilder()
                        .setCreatedTimeFrom(created)
                        .setCreatedTimeTo(created))))
        .contains("a-failed");
    assertThat(
            ids(
                query(
                    InstanceQuery.newBuilder()
                        .setCreatedTimeFrom(at(Instant.now().plusSeconds(60))))))
        .isEmpty();
    assertThat(
            ids(
                query(
                    InstanceQuery.newBuilder()
                        .setCreatedTimeTo(at(Instant.now().minusSeconds(60))))))
        .isEmpty();
  }

  @Test
  void payloadsComeOnRequestOnly() {
    oneOfEach();
    InstanceQuery.Builder failed =
        InstanceQuery.newBuilder().addRuntimeStatus(ORCHESTRATION_STATUS_FAILED);
    OrchestrationState without = query(failed).getOrchestrationState(0);
    assertThat(without.hasInput()).isFalse();
    assertThat(without.hasFailureDetails()).isFalse();
    assertThat(without.getExecutionId().getValue()).isNotEmpty();
    assertThat(without.hasCompletedTimestamp()).isTrue();
    OrchestrationState with = query(failed.setFetchInputsAndOutputs(true)).getOrchestrationState(0);
    assertThat(with.getInput().getValue()).isEqualTo("2");
    assertThat(with.getFailureDetails().getErrorMessage()).contains("on purpose");
  }

  @Test
  void pagesAreAsLongAsWasAskedFor() {
    IntStream.range(0, 21).forEach(i -> server.start("i" + i, "wait", "1"));
    List<Integer> sizes = new ArrayList<>();
    List<String> seen = new ArrayList<>();
    InstanceQuery.Builder query = InstanceQuery.newBuilder().setMaxInstanceCount(5);
    String second = null;
    while (true) {
      QueryInstancesResponse page = query(query);
      sizes.add(page.getOrchestrationStateCount());
      seen.addAll(ids(page));
      if (!page.hasContinuationToken()) {
        break;
      }
      assertThat(page.getContinuationToken()).isNotEqualTo(query.getContinuationToken());
      query.setContinuationToken(page.getContinuationToken());
      if (sizes.size() == 2) {
        second = page.getContinuationToken().getValue();
      }
    }
    assertThat(sizes).containsExactly(5, 5, 5, 5, 1);
    assertThat(seen).hasSize(21).doesNotHaveDuplicates();
    assertThat(
            all(
                InstanceQuery.newBuilder()
                    .setMaxInstanceCount(4)
                    .setContinuationToken(StringValue.of(second))))
        .isEqualTo(seen.subList(10, 21));
    QueryInstancesResponse full = query(InstanceQuery.newBuilder().setMaxInstanceCount(21));
    assertThat(full.getOrchestrationStateCount()).isEqualTo(21);
    assertThat(full.hasContinuationToken()).isFalse();
    assertThat(ids(query(InstanceQuery.newBuilder().setMaxInstanceCount(Integer.MAX_VALUE))))
        .hasSize(21);
    assertThat(ids(query(InstanceQuery.newBuilder().setContinuationToken(StringValue.of("")))))
        .as("an empty token is none")
        .hasSize(21);
  }

  @Test
  void aPageOfLargePayloadsIsShort() {
    String large = "x".repeat(1 << 20);
    for (int i = 0; i < 5; i++) {
      server.start("i" + i, "wait", '"' + large + '"');
    }
    InstanceQuery.Builder query = InstanceQuery.newBuilder().setFetchInputsAndOutputs(true);
    assertThat(query(query).getSerializedSize()).isLessThan(4 << 20);
    assertThat(all(query)).hasSize(5);
    assertThat(ids(query(InstanceQuery.newBuilder()))).hasSize(5);
  }

  @Test
  void badQueriesAreRefused() {
    assertFails(
        Code.INVALID_ARGUMENT,
        "page size",
        () -> query(InstanceQuery.newBuilder().setMaxInstanceCount(-1)));
    assertFails(
        Code.INVALID_ARGUMENT,
        "token",
        () -> query(InstanceQuery.newBuilder().setContinuationToken(StringValue.of("0"))));
    assertFails(
        Code.INVALID_ARGUMENT,
        "status",
        () -> query(InstanceQuery.newBuilder().addRuntimeStatusValue(42)));
  }

  @Test
  void subOrchestrationsAreListedAndEntitiesAreNot() {
    server.start("top", "family", "1");
    server.begun("top-child");
    server
        .client()
        .signalEntity(
            dev.perdure.grpc.protocol.SignalEntityRequest.newBuilder()
                .setInstanceId("@counter@a")
                .setName("add")
                .setInput(StringValue.of("1"))
                .build());
    assertThat(ids(query(InstanceQuery.newBuilder())))
        .containsExactlyInAnyOrder("top", "top-child");
  }

  // ---- ids ----------------------------------------------------------------------------------

  private ListInstanceIdsResponse list(ListInstanceIdsRequest.Builder request) {
    return server.client().listInstanceIds(request.build());
  }

  @Test
  void idsOfWhatHasEnded() {
    oneOfEach();
    assertThat(list(ListInstanceIdsRequest.newBuilder()).getInstanceIdsList())
        .containsExactlyInAnyOrder("a-completed", "a-failed");
    assertThat(
            list(ListInstanceIdsRequest.newBuilder().addRuntimeStatus(ORCHESTRATION_STATUS_RUNNING))
                .getInstanceIdsList())
        .isEmpty();
    assertThat(
            list(ListInstanceIdsRequest.newBuilder().addRuntimeStatus(ORCHESTRATION_STATUS_FAILED))
                .getInstanceIdsList())
        .containsExactly("a-failed");
    Timestamp completed = server.state("a-failed").getCompletedTimestamp();
    assertThat(
            list(ListInstanceIdsRequest.newBuilder()
                    .setCompletedTimeFrom(completed)
                    .setCompletedTimeTo(completed))
                .getInstanceIdsList())
        .contains("a-failed");
    assertThat(
            list(ListInstanceIdsRequest.newBuilder()
                    .setCompletedTimeFrom(at(Instant.now().plusSeconds(60))))
                .getInstanceIdsList())
        .isEmpty();
    ListInstanceIdsResponse first = list(ListInstanceIdsRequest.newBuilder().setPageSize(1));
    ListInstanceIdsResponse second =
        list(
            ListInstanceIdsRequest.newBuilder()
                .setPageSize(1)
                .setLastInstanceKey(first.getLastInstanceKey()));
    assertThat(first.hasLastInstanceKey()).isTrue();
    assertThat(second.hasLastInstanceKey()).isFalse();
    assertThat(List.of(first.getInstanceIds(0), second.getInstanceIds(0)))
        .containsExactlyInAnyOrder("a-completed", "a-failed");
  }

  // ---- purging ------------------------------------------------------------------------------

  private PurgeInstancesResponse purge(PurgeInstancesRequest.Builder request) {
    PurgeInstancesResponse answer = server.client().purgeInstances(request.build());
    assertThat(answer.hasIsComplete()).isTrue();
    return answer;
  }

  private int purge(String id, boolean recursive) {
    return purge(PurgeInstancesRequest.newBuilder().setInstanceId(id).setRecursive(recursive))
        .getDeletedInstanceCount();
  }

  @Test
  void purgeById() {
    oneOfEach();
    assertThat(purge("a-completed", false)).isEqualTo(1);
    assertThat(server.exists("a-completed")).isFalse();
    assertThat(purge("a-completed", true)).isZero();
    assertThat(purge("b-running", false)).isZero();
    assertThat(purge("b-running", true)).isZero();
    assertThat(server.exists("b-running")).isTrue();
    assertFails(Code.INVALID_ARGUMENT, "empty", () -> purge("", false));
    assertFails(
        Code.INVALID_ARGUMENT,
        "Name one",
        () -> purge(PurgeInstancesRequest.newBuilder().setRecursive(true)));
  }

  @Test
  void purgeOfAFamilyRightAfterItsTermination() {
    server.start("top", "family", "2");
    server.begun("top-child-child");
    server
        .client()
        .terminateInstance(
            TerminateRequest.newBuilder().setInstanceId("top").setRecursive(true).build());
    assertThat(purge("top", true)).isEqualTo(3);
    assertThat(server.exists("top-child-child")).isFalse();
  }

  @Test
  void purgeOfAParentAlone() {
    server.start("top", "family", "1");
    server.begun("top-child");
    server.raise("top-child", "go", "1");
    server.ended("top");
    assertThat(purge("top", false)).isEqualTo(1);
    assertThat(server.exists("top-child")).isTrue();
  }

  @Test
  void purgeOfABatch() {
    oneOfEach();
    assertThat(
            purge(
                    PurgeInstancesRequest.newBuilder()
                        .setInstanceBatch(
                            InstanceBatch.newBuilder()
                                .addAllInstanceIds(
                                    List.of(
                                        "a-completed",
                                        "a-completed",
                                        "b-running",
                                        "nobody",
                                        "a-failed"))))
                .getDeletedInstanceCount())
        .isEqualTo(2);
  }

  @Test
  void purgeByFilter() {
    oneOfEach();
    PurgeInstancesRequest.Builder nothing =
        PurgeInstancesRequest.newBuilder()
            .setPurgeInstanceFilter(
                PurgeInstanceFilter.newBuilder().addRuntimeStatus(ORCHESTRATION_STATUS_RUNNING));
    assertThat(purge(nothing).getDeletedInstanceCount()).isZero();
    PurgeInstancesRequest.Builder failed =
        PurgeInstancesRequest.newBuilder()
            .setPurgeInstanceFilter(
                PurgeInstanceFilter.newBuilder()
                    .setCreatedTimeFrom(at(Instant.now().minusSeconds(600)))
                    .setCreatedTimeTo(at(Instant.now()))
                    .setTimeout(Duration.newBuilder().setSeconds(60))
                    .addRuntimeStatus(ORCHESTRATION_STATUS_FAILED));
    PurgeInstancesResponse answer = purge(failed);
    assertThat(answer.getDeletedInstanceCount()).isEqualTo(1);
    assertThat(answer.getIsComplete().getValue()).isTrue();
    PurgeInstancesRequest.Builder rest =
        PurgeInstancesRequest.newBuilder()
            .setPurgeInstanceFilter(PurgeInstanceFilter.getDefaultInstance());
    assertThat(purge(rest).getDeletedInstanceCount()).isEqualTo(1);
    assertThat(server.exists("b-running")).isTrue();
  }
}
