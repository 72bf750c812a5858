package dev.perdure.http.durable;

import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PurgeFilter;
import dev.perdure.engine.Requests;
import dev.perdure.http.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Lists and purges many instances. */
final class ListCalls {
  static final String TOKEN_HEADER = "x-ms-continuation-token";

  /** How much of payloads and states a page may have; it has at least one instance. */
  static final long PAGE_BYTES_MAX = 4 << 20;

  /** The list begins with orchestrations; tokens of the entities after them begin with this. */
  private static final char ENTITIES = 'e';

  private static final char ORCHESTRATIONS = 'o';

  private ListCalls() {}

  /**
   * A place in the list.
   *
   * @param entities whether the orchestrations are all listed
   * @param token where to go on among those; null for the beginning
   */
  private record Place(boolean entities, @Nullable String token) {
    static Place read(@Nullable String header) {
      if (header == null || header.isEmpty()) {
        return new Place(false, null);
      }
      char kind = header.charAt(0);
      if (kind != ENTITIES && kind != ORCHESTRATIONS) {
        throw new IllegalArgumentException(
            "The continuation token does not belong to this list. Pass the one that came with the page before, with the same filter, or none to begin again.");
      }
      return new Place(kind == ENTITIES, header.length() == 1 ? null : header.substring(1));
    }

    String encoded() {
      return (entities ? ENTITIES : ORCHESTRATIONS) + (token == null ? "" : token);
    }
  }

  // ---- listing ------------------------------------------------------------------------------

  static Response list(Call call) {
    Place place = Place.read(call.request().headers().first(TOKEN_HEADER));
    boolean showInput = call.wanted().flag("showInput", true);
    int size = call.wanted().pageSize();
    List<OrchestrationMetadata> orchestrations = new ArrayList<>();
    List<EntityMetadata> entities = new ArrayList<>();
    Place next = place;
    if (!place.entities()) {
      next = orchestrations(call, place, size, orchestrations);
    }
    if (next != null && next.entities()) {
      int room = size - orchestrations.size();
      next = !wantsEntities(call) ? null : room > 0 ? entities(call, next, room, entities) : next;
    }
    return Response.json(
            200,
            Json.write(
                json -> {
                  json.writeStartArray();
                  orchestrations.forEach(
                      one -> StatusJson.write(json, one, showInput, null, false));
                  entities.forEach(one -> StatusJson.write(json, one, showInput));
                  json.writeEndArray();
                }))
        .withHeader(TOKEN_HEADER, next == null ? "" : next.encoded());
  }

  private static Place orchestrations(
      Call call, Place place, int size, List<OrchestrationMetadata> into) {
    String prefix = prefix(call);
    Set<StatusName> names = call.wanted().statuses();
    OrchestrationStatus[] statuses = StatusName.existing(names);
    if (EntityId.isEntityId(prefix) || (statuses.length == 0 && !names.isEmpty())) {
      return new Place(true, null);
    }
    String name = call.wanted().text("name");
    InstanceQuery.Page page =
        call.requests()
            .query(
                (name == null ? InstanceQuery.ALL : InstanceQuery.ALL.withName(name))
                    .withStatuses(statuses)
                    .withCreated(
                        call.wanted().time("createdTimeFrom"),
                        Times.after(call.wanted().time("createdTimeTo")))
                    .withIdPrefix(prefix)
                    .withPayloads()
                    .withPageSize(size)
                    .withContinuationToken(place.token()),
                PAGE_BYTES_MAX);
    into.addAll(page.instances());
    return page.continuationToken() == null
        ? new Place(true, null)
        : new Place(false, page.continuationToken());
  }

  private static String prefix(Call call) {
    String prefix = call.wanted().text("instanceIdPrefix");
    return prefix == null ? "" : prefix;
  }

  /** Entities are always running. */
  private static boolean wantsEntities(Call call) {
    Set<StatusName> statuses = call.wanted().statuses();
    String prefix = prefix(call);
    return call.wanted().text("name") == null
        && (statuses.isEmpty() || statuses.contains(StatusName.RUNNING))
        && (prefix.isEmpty() || EntityId.isEntityId(prefix));
  }

  private static @Nullable Place entities(
      Call call, Place place, int size, List<EntityMetadata> into) {
    Instant from = call.wanted().time("createdTimeFrom");
    Instant to = Times.after(call.wanted().time("createdTimeTo"));
    Requests.Entities page =
        call.requests()
            .entities(
                new Requests.EntitiesQuery(
                    prefix(call), null, null, false, true, size, place.token()),
                PAGE_BYTES_MAX);
    page.entities().stream()
        .filter(entity -> from == null || !entity.createdAt().isBefore(from))
        .filter(entity -> to == null || entity.createdAt().isBefore(to))
        .forEach(into::add);
    return page.token() == null ? null : new Place(true, page.token());
  }

  // ---- purging ------------------------------------------------------------------------------

  /**
   * Purges what a filter selects. Unlike a list, it takes no filter that it cannot read for one
   * that is absent: it would remove more than was meant.
   */
  static Response purge(Call call) {
    Instant from = call.wanted().time("createdTimeFrom");
    if (from == null) {
      return refused("Please provide value for 'createdTimeFrom' parameter.");
    }
    Instant to = call.wanted().time("createdTimeTo");
    if (to == null && call.wanted().text("createdTimeTo") != null) {
      return refused(
          "'createdTimeTo' is no time, such as 2026-01-31T00:00:00Z. Nothing was purged.");
    }
    String noStatus = call.wanted().noStatus();
    if (noStatus != null) {
      return refused(
          "'%s' is no 'runtimeStatus'; those that can be purged are Completed, Failed and Terminated. Nothing was purged."
              .formatted(noStatus));
    }
    Set<StatusName> names = call.wanted().statuses();
    OrchestrationStatus[] statuses =
        List.of(StatusName.existing(names)).stream()
            .filter(OrchestrationStatus::isTerminal)
            .toArray(OrchestrationStatus[]::new);
    if (statuses.length == 0 && !names.isEmpty()) {
      return Response.empty(404); // what has not ended is not purged
    }
    long purged =
        call.requests()
            .purge(
                PurgeFilter.ALL_ENDED.withStatuses(statuses).withCreated(from, Times.after(to)),
                null)
            .purged();
    return purged == 0 ? Response.empty(404) : InstanceCalls.deleted(purged);
  }

  private static Response refused(String why) {
    return Response.json(400, Json.text(why));
  }
}
