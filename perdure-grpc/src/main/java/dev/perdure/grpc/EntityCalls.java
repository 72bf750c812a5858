package dev.perdure.grpc;

import com.google.protobuf.StringValue;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.EntityStorageCleanup;
import dev.perdure.engine.Requests;
import dev.perdure.grpc.protocol.CleanEntityStorageRequest;
import dev.perdure.grpc.protocol.CleanEntityStorageResponse;
import dev.perdure.grpc.protocol.EntityQuery;
import dev.perdure.grpc.protocol.GetEntityRequest;
import dev.perdure.grpc.protocol.GetEntityResponse;
import dev.perdure.grpc.protocol.QueryEntitiesRequest;
import dev.perdure.grpc.protocol.QueryEntitiesResponse;
import dev.perdure.grpc.protocol.SignalEntityRequest;
import dev.perdure.grpc.protocol.SignalEntityResponse;
import java.util.Locale;

/** What clients do with entities. */
final class EntityCalls {
  private EntityCalls() {}

  static SignalEntityResponse signal(Hub hub, SignalEntityRequest request) {
    Ids.checkNew(request.getInstanceId());
    hub.engine()
        .requests()
        .signalEntity(
            Ids.entity(request.getInstanceId()),
            request.getName(),
            RequestFields.payload(request.hasInput(), request.getInput()),
            InstanceCalls.future(
                RequestFields.instant(
                    request.hasScheduledTime(), request.getScheduledTime(), "scheduledTime")));
    return SignalEntityResponse.getDefaultInstance();
  }

  static GetEntityResponse get(Hub hub, GetEntityRequest request) {
    EntityId id = Ids.entity(request.getInstanceId());
    return hub.engine()
        .client()
        .getEntity(id, request.getIncludeState())
        .filter(EntityMetadata::hasState)
        .map(
            entity ->
                GetEntityResponse.newBuilder()
                    .setExists(true)
                    .setEntity(States.toWire(entity))
                    .build())
        .orElse(GetEntityResponse.getDefaultInstance());
  }

  static QueryEntitiesResponse query(Hub hub, QueryEntitiesRequest request) {
    EntityQuery wanted = request.getQuery();
    Requests.Entities page =
        hub.engine()
            .requests()
            .entities(
                new Requests.EntitiesQuery(
                    prefix(wanted.getInstanceIdStartsWith().getValue()),
                    RequestFields.instant(
                        wanted.hasLastModifiedFrom(),
                        wanted.getLastModifiedFrom(),
                        "lastModifiedFrom"),
                    RequestFields.endOf(
                        RequestFields.instant(
                            wanted.hasLastModifiedTo(),
                            wanted.getLastModifiedTo(),
                            "lastModifiedTo")),
                    wanted.getIncludeTransient(),
                    wanted.getIncludeState(),
                    ListCalls.pageSize(wanted.getPageSize().getValue(), ListCalls.PAGE_SIZE_MAX),
                    ListCalls.token(wanted.getContinuationToken())),
                ListCalls.PAGE_BYTES_MAX);
    QueryEntitiesResponse.Builder answer = QueryEntitiesResponse.newBuilder();
    page.entities().forEach(entity -> answer.addEntities(States.toWire(entity)));
    if (page.token() != null) {
      answer.setContinuationToken(StringValue.of(page.token()));
    }
    return answer.build();
  }

  /** How ids begin, with the name in lower case, as it is in all ids. */
  private static String prefix(String wanted) {
    if (wanted.isEmpty()) {
      return wanted;
    }
    String id = EntityId.isEntityId(wanted) ? wanted : "@" + wanted;
    int key = id.indexOf('@', 1);
    return key < 0
        ? id.toLowerCase(Locale.ROOT)
        : id.substring(0, key).toLowerCase(Locale.ROOT) + id.substring(key);
  }

  static CleanEntityStorageResponse clean(Hub hub, CleanEntityStorageRequest request) {
    EntityStorageCleanup done =
        hub.engine()
            .client()
            .cleanEntityStorage(
                request.getRemoveEmptyEntities(), request.getReleaseOrphanedLocks());
    return CleanEntityStorageResponse.newBuilder()
        .setEmptyEntitiesRemoved(Math.clamp(done.emptyEntitiesRemoved(), 0, Integer.MAX_VALUE))
        .setOrphanedLocksReleased(Math.clamp(done.orphanedLocksReleased(), 0, Integer.MAX_VALUE))
        .build();
  }
}
