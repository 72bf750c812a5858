package dev.perdure.grpc;

import com.google.protobuf.BoolValue;
import com.google.protobuf.Duration;
import com.google.protobuf.StringValue;
import dev.perdure.api.EntityId;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PurgeFilter;
import dev.perdure.engine.Requests;
import dev.perdure.grpc.protocol.ListInstanceIdsRequest;
import dev.perdure.grpc.protocol.ListInstanceIdsResponse;
import dev.perdure.grpc.protocol.PurgeInstanceFilter;
import dev.perdure.grpc.protocol.PurgeInstancesRequest;
import dev.perdure.grpc.protocol.PurgeInstancesResponse;
import dev.perdure.grpc.protocol.QueryInstancesRequest;
import dev.perdure.grpc.protocol.QueryInstancesResponse;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What clients do with many orchestrations: list and remove them. */
final class ListCalls {
  /** Of clients that do not say how much they want. */
  static final int PAGE_SIZE = 100;

  /** Some clients ask for two thousand million. */
  static final int PAGE_SIZE_MAX = 1_000;

  private static final int IDS_PAGE_SIZE_MAX = 5_000;

  /** Half of what most clients take in one message. */
  static final long PAGE_BYTES_MAX = 2 << 20;

  private ListCalls() {}

  /** The size of a page, given what a client asked for. */
  static int pageSize(int wanted, int most) {
    if (wanted < 0) {
      throw new IllegalArgumentException(
          "The page size is %d; use 1 or more, or 0 for %d.".formatted(wanted, PAGE_SIZE));
    }
    return wanted == 0 ? PAGE_SIZE : Math.min(wanted, most);
  }

  static QueryInstancesResponse query(Hub hub, QueryInstancesRequest request) {
    dev.perdure.grpc.protocol.InstanceQuery wanted = request.getQuery();
    Set<OrchestrationStatus> statuses =
        OrchestrationStatuses.fromWire(wanted.getRuntimeStatusList());
    int size = pageSize(wanted.getMaxInstanceCount(), PAGE_SIZE_MAX);
    InstanceQuery query =
        InstanceQuery.ALL
            .withStatuses(statuses.toArray(OrchestrationStatus[]::new))
            .withCreated(
                RequestFields.instant(
                    wanted.hasCreatedTimeFrom(), wanted.getCreatedTimeFrom(), "createdTimeFrom"),
                RequestFields.endOf(
                    RequestFields.instant(
                        wanted.hasCreatedTimeTo(), wanted.getCreatedTimeTo(), "createdTimeTo")))
            .withIdPrefix(wanted.getInstanceIdPrefix().getValue())
            .withPageSize(size)
            .withContinuationToken(token(wanted.getContinuationToken()));
    if (wanted.getFetchInputsAndOutputs()) {
      query = query.withPayloads();
    }
    if (statuses.isEmpty() && wanted.getRuntimeStatusCount() > 0) {
      return QueryInstancesResponse.getDefaultInstance(); // statuses that no instance ever has
    }
    InstanceQuery.Page page = hub.engine().requests().query(query, PAGE_BYTES_MAX);
    QueryInstancesResponse.Builder answer = QueryInstancesResponse.newBuilder();
    page.instances()
        .forEach(
            instance ->
                answer.addOrchestrationState(
                    States.toWire(instance, wanted.getFetchInputsAndOutputs())));
    if (page.continuationToken() != null) {
      answer.setContinuationToken(StringValue.of(page.continuationToken()));
    }
    return answer.build();
  }

  /** A token; null if it is absent or empty, which means the first page. */
  static @Nullable String token(StringValue token) {
    return token.getValue().isEmpty() ? null : token.getValue();
  }

  static ListInstanceIdsResponse ids(Hub hub, ListInstanceIdsRequest request) {
    Set<OrchestrationStatus> statuses = terminal(request.getRuntimeStatusList());
    if (statuses.isEmpty()) {
      return ListInstanceIdsResponse.getDefaultInstance();
    }
    Requests.Ids page =
        hub.engine()
            .requests()
            .ended(
                InstanceQuery.ALL
                    .withStatuses(statuses.toArray(OrchestrationStatus[]::new))
                    .withCompleted(
                        RequestFields.instant(
                            request.hasCompletedTimeFrom(),
                            request.getCompletedTimeFrom(),
                            "completedTimeFrom"),
                        RequestFields.endOf(
                            RequestFields.instant(
                                request.hasCompletedTimeTo(),
                                request.getCompletedTimeTo(),
                                "completedTimeTo")))
                    .withPageSize(pageSize(request.getPageSize(), IDS_PAGE_SIZE_MAX))
                    .withContinuationToken(token(request.getLastInstanceKey())));
    ListInstanceIdsResponse.Builder answer =
        ListInstanceIdsResponse.newBuilder().addAllInstanceIds(page.ids());
    if (page.token() != null) {
      answer.setLastInstanceKey(StringValue.of(page.token()));
    }
    return answer.build();
  }

  /** The terminal ones of some statuses, or all terminal ones if none are given. */
  private static Set<OrchestrationStatus> terminal(
      List<dev.perdure.grpc.protocol.OrchestrationStatus> wanted) {
    Set<OrchestrationStatus> statuses =
        wanted.isEmpty()
            ? new LinkedHashSet<>(List.of(OrchestrationStatus.values()))
            : OrchestrationStatuses.fromWire(wanted);
    statuses.removeIf(status -> !status.isTerminal());
    return statuses;
  }

  // ---- purging ------------------------------------------------------------------------------

  static PurgeInstancesResponse purge(Hub hub, PurgeInstancesRequest request) {
    return switch (request.getRequestCase()) {
      case INSTANCEID -> purge(hub, List.of(request.getInstanceId()), request);
      case INSTANCEBATCH -> purge(hub, request.getInstanceBatch().getInstanceIdsList(), request);
      case PURGEINSTANCEFILTER ->
          purge(hub, request.getPurgeInstanceFilter(), request.getRecursive());
      case REQUEST_NOT_SET ->
          throw new IllegalArgumentException(
              "The purge names neither an instance, nor a batch of them, nor a filter. Name one.");
    };
  }

  private static PurgeInstancesResponse purge(
      Hub hub, List<String> ids, PurgeInstancesRequest request) {
    List<String> orchestrations = new ArrayList<>();
    long purged = 0;
    for (String id : ids) {
      Ids.checkPresent(id);
      if (!EntityId.isEntityId(id)) {
        orchestrations.add(id);
      } else if (!request.getIsOrchestration()
          && hub.engine().client().purgeEntity(EntityId.parse(id))) {
        purged++;
      }
    }
    return purged(
        purged + hub.engine().requests().purge(orchestrations, request.getRecursive()), true);
  }

  private static PurgeInstancesResponse purge(
      Hub hub, PurgeInstanceFilter wanted, boolean recursive) {
    Set<OrchestrationStatus> statuses = terminal(wanted.getRuntimeStatusList());
    if (statuses.isEmpty()) {
      return purged(0, true);
    }
    PurgeFilter filter =
        PurgeFilter.ALL_ENDED
            .withStatuses(statuses.toArray(OrchestrationStatus[]::new))
            .withCreated(
                RequestFields.instant(
                    wanted.hasCreatedTimeFrom(), wanted.getCreatedTimeFrom(), "createdTimeFrom"),
                RequestFields.endOf(
                    RequestFields.instant(
                        wanted.hasCreatedTimeTo(), wanted.getCreatedTimeTo(), "createdTimeTo")))
            .withRecursive(recursive);
    Requests.Purged result =
        hub.engine()
            .requests()
            .purge(filter, wanted.hasTimeout() ? duration(wanted.getTimeout()) : null);
    return purged(result.purged(), result.complete());
  }

  private static java.time.Duration duration(Duration wire) {
    try {
      return java.time.Duration.ofSeconds(wire.getSeconds(), wire.getNanos());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("The timeout is too long for a duration.", e);
    }
  }

  private static PurgeInstancesResponse purged(long count, boolean complete) {
    return PurgeInstancesResponse.newBuilder()
        .setDeletedInstanceCount(Math.clamp(count, 0, Integer.MAX_VALUE))
        .setIsComplete(BoolValue.of(complete))
        .build();
  }
}
