package dev.perdure.engine;

import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.HistoryEvent.SubOrchestrationCompleted;
import dev.perdure.api.HistoryEvent.SubOrchestrationCreated;
import dev.perdure.api.HistoryEvent.SubOrchestrationFailed;
import dev.perdure.api.InstanceNotFoundException;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.Payload;
import dev.perdure.api.PurgeFilter;
import dev.perdure.api.StartOptions;
import dev.perdure.api.StartOptions.IdReusePolicy;
import dev.perdure.engine.partition.Command;
import dev.perdure.engine.partition.Metadata;
import dev.perdure.store.InstanceFilter;
import dev.perdure.store.InstanceRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a server asks of an engine on behalf of clients that are elsewhere. As {@link
 * dev.perdure.api.PerdureClient}, with these differences: the code of functions need not be here,
 * values are serialized already, waiting occupies no thread, and an id may be waited for before
 * there is anything of that id. Safe from any thread; all methods but {@link #await} and {@link
 * #startIfRoom} block until the answer is durable.
 */
public final class Requests {
  /** How long a termination waits for sub-orchestrations that are being terminated too. */
  private static final Duration CHILDREN_WAIT = Duration.ofSeconds(5);

  private final Engine engine;
  private final EngineClient client;
  private final EndedIds endedIds = new EndedIds();

  Requests(Engine engine, EngineClient client) {
    this.engine = engine;
    this.client = client;
  }

  // ---- starting -----------------------------------------------------------------------------

  /**
   * Starts an orchestration.
   *
   * @param options as for {@link dev.perdure.api.PerdureClient#startNew(String, Object,
   *     StartOptions)}; without a version it has none, unless the host has a default
   * @return its id
   * @throws dev.perdure.api.InstanceAlreadyExistsException if the policy refuses the id
   */
  public String start(String name, @Nullable Payload input, StartOptions options) {
    String id = idOf(options);
    return client.start(id, name, version(options), client.write("input", id, input), options);
  }

  /**
   * Starts an orchestration as {@link #start} does, without blocking.
   *
   * @return fails as {@link #start} would; it is completed by a thread of the engine. Null if there
   *     is as much unfinished work as there may be: then nothing was done, and {@link #start} would
   *     wait
   */
  public @Nullable CompletableFuture<String> startIfRoom(
      String name, @Nullable Payload input, StartOptions options) {
    String id = idOf(options);
    return client.startIfRoom(
        id, name, version(options), client.write("input", id, input), options);
  }

  private String idOf(StartOptions options) {
    client.checkUse();
    String id = options.instanceId();
    if (id == null) {
      return engine.newId();
    }
    client.checkId(id);
    return id;
  }

  private String version(StartOptions options) {
    return options.version() == null ? client.defaultVersion() : options.version();
  }

  /**
   * Starts an orchestration again, with the input, the version and the tags it has.
   *
   * @param newInstanceId whether under a new id
   * @param idReuse under its own id it must have ended, or be in a status in which this replaces it
   * @return the id
   */
  public String restart(String instanceId, boolean newInstanceId, IdReusePolicy idReuse) {
    return client.restart(
        client.restartable(instanceId, newInstanceId, idReuse), newInstanceId, idReuse);
  }

  // ---- waiting ------------------------------------------------------------------------------

  /**
   * Waits for the instance of an id to have begun or to have ended. An instance that is not there
   * yet is waited for; one that is purged or replaced is waited on for its successor; a suspended
   * one has begun.
   *
   * @param completion whether for the end
   * @return fails with {@link dev.perdure.api.HubClosedException} when the hub is closed; whoever
   *     does not want to wait any more cancels it, or completes it otherwise. Whatever depends on
   *     it should run elsewhere: it is completed by a thread of the engine
   */
  public CompletableFuture<OrchestrationMetadata> await(String instanceId, boolean completion) {
    client.checkUse();
    client.checkId(instanceId);
    CompletableFuture<OrchestrationMetadata> reply = new CompletableFuture<>();
    engine.post(instanceId, new Command.Await(instanceId, completion, true, reply));
    CompletableFuture<OrchestrationMetadata> unused =
        reply.whenComplete(
            (metadata, failure) -> {
              if (failure != null) {
                engine.post(instanceId, new Command.CancelAwait(instanceId));
              }
            });
    return reply;
  }

  // ---- ending -------------------------------------------------------------------------------

  /**
   * Ends an orchestration.
   *
   * @param output what its output will be, and that of the sub-orchestrations
   * @param recursive whether sub-orchestrations are ended too; they usually have when this returns
   * @throws dev.perdure.api.InvalidInstanceStateException if it has ended
   */
  public void terminate(String instanceId, @Nullable Payload output, boolean recursive) {
    client.checkUse();
    client.checkId(instanceId);
    CompletableFuture<@Nullable Void> reply = new CompletableFuture<>();
    engine.post(
        instanceId,
        new Command.Terminate(
            instanceId, null, client.write("output", instanceId, output), recursive, reply));
    Replies.getNullable(reply);
    if (recursive) {
      awaitChildren(instanceId);
    }
  }

  /** So that whoever purges the family next finds that all of it has ended. */
  private void awaitChildren(String instanceId) {
    long until = System.nanoTime() + CHILDREN_WAIT.toNanos();
    List<String> generation = List.of(instanceId);
    while (!generation.isEmpty()) {
      List<String> children = new ArrayList<>();
      for (String parent : generation) {
        for (String child : openChildren(parent)) {
          if (!awaitEnd(child, until - System.nanoTime())) {
            return;
          }
          children.add(child);
        }
      }
      generation = children;
    }
  }

  private List<String> openChildren(String parent) {
    List<HistoryEvent> events;
    try {
      events = client.lookups().history(parent).events();
    } catch (InstanceNotFoundException e) {
      return List.of();
    }
    Map<Integer, String> open = new LinkedHashMap<>();
    for (HistoryEvent event : events) {
      switch (event) {
        case SubOrchestrationCreated e -> open.put(e.taskId(), e.instanceId());
        case SubOrchestrationCompleted e -> open.remove(e.taskId());
        case SubOrchestrationFailed e -> open.remove(e.taskId());
        default -> {}
      }
    }
    return List.copyOf(open.values());
  }

  private boolean awaitEnd(String instanceId, long nanos) {
    CompletableFuture<OrchestrationMetadata> end = await(instanceId, true);
    try {
      end.get(nanos, TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException | ExecutionException e) {
      end.cancel(false);
      return false;
    } catch (InterruptedException e) {
      end.cancel(false);
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * What a purge did.
   *
   * @param purged instances removed
   * @param complete whether all that was asked for was done in the time given
   */
  public record Purged(long purged, boolean complete) {}

  /**
   * Removes instances of which the ids are known. What does not exist, or has not ended, is passed
   * over.
   *
   * @param recursive whether sub-orchestrations are removed too
   * @return how many were removed
   */
  public long purge(Collection<String> instanceIds, boolean recursive) {
    return client.purgeEnded(instanceIds, recursive);
  }

  /**
   * Removes all ended instances that a filter matches.
   *
   * @param budget after which no more is begun; null for no limit
   */
  public Purged purge(PurgeFilter filter, @Nullable Duration budget) {
    return client.purge(filter, budget);
  }

  // ---- listing ------------------------------------------------------------------------------

  /**
   * Lists orchestrations, each with all that is known of it. A page is as long as was asked for, or
   * the last, or as large as it may be; and there is a token exactly if something follows.
   *
   * @param query as for {@link dev.perdure.api.PerdureClient#query}; whether payloads are wanted
   *     decides whether they are shown
   * @param bytesMax how much of payloads and other state a page may have if payloads are wanted; it
   *     has at least one instance
   * @throws IllegalArgumentException if the token is none
   */
  public InstanceQuery.Page query(InstanceQuery query, long bytesMax) {
    client.checkUse();
    FullPage<OrchestrationMetadata> page =
        page(
            Lookups.filter(query, true),
            query.pageSize(),
            query.payloads() ? bytesMax : Long.MAX_VALUE,
            query.continuationToken(),
            row -> Metadata.of(row, query.payloads(), engine.converter()));
    return new InstanceQuery.Page(page.items(), page.token());
  }

  /**
   * Ids of orchestrations.
   *
   * @param ids the ids
   * @param token where the next page begins; null if this was the last
   */
  public record Ids(List<String> ids, @Nullable String token) {}

  /**
   * Lists the ids of orchestrations in the order in which they ended, so that whoever goes on from
   * a token later misses nothing that has ended since.
   *
   * @param query has terminal statuses only
   * @throws IllegalArgumentException if the token is none
   */
  public Ids ended(InstanceQuery query) {
    client.checkUse();
    long until = engine.environment().clock().millis();
    return client
        .lookups()
        .visible(
            store ->
                endedIds.page(
                    store,
                    Lookups.filter(query, false),
                    query.pageSize(),
                    query.continuationToken(),
                    until));
  }

  private <T> FullPage<T> page(
      InstanceFilter filter,
      int size,
      long bytesMax,
      @Nullable String token,
      Function<InstanceRow, T> toItem) {
    return client
        .lookups()
        .visible(store -> FullPage.read(store, filter, size, bytesMax, token, toItem));
  }

  // ---- entities -----------------------------------------------------------------------------

  /**
   * Sends an operation to an entity.
   *
   * @param at when it is to run first; null for at once
   */
  public void signalEntity(
      EntityId entity, String operation, @Nullable Payload input, @Nullable Instant at) {
    client.checkUse();
    Command.SignalEntities.Signal signal = client.signalAnywhere(entity, operation, input, at);
    CompletableFuture<@Nullable Void> reply = new CompletableFuture<>();
    engine.post(signal.entityId(), new Command.SignalEntities(List.of(signal), reply));
    Replies.getNullable(reply);
  }

  /**
   * Removes an entity for which nothing waits (no operation, not even a scheduled one, and no
   * request for its lock) and whose lock nobody holds; or one that was set aside, with whatever
   * waits. Any other is left alone.
   *
   * @return whether it was removed
   */
  public boolean purgeEntityAtRest(EntityId entity) {
    return client.purgeEntity(entity, true);
  }

  /**
   * Which entities to list.
   *
   * @param idPrefix how their ids begin, in the form {@code @name@key}; empty for any
   * @param modifiedFrom last modified at or after; null for any
   * @param modifiedTo last modified before; null for any
   * @param withoutState whether also those without state
   * @param states whether states are wanted
   * @param pageSize how many
   * @param token where the page begins; null for the first
   */
  public record EntitiesQuery(
      String idPrefix,
      @Nullable Instant modifiedFrom,
      @Nullable Instant modifiedTo,
      boolean withoutState,
      boolean states,
      int pageSize,
      @Nullable String token) {}

  /**
   * Some entities.
   *
   * @param entities the entities, by id
   * @param token where the next page begins; null if this was the last
   */
  public record Entities(List<EntityMetadata> entities, @Nullable String token) {}

  /**
   * Lists entities; the pages are as those of {@link #query}.
   *
   * @param bytesMax how much of states a page may have if they are wanted; it has at least one
   *     entity
   * @throws IllegalArgumentException if the token is none
   */
  public Entities entities(EntitiesQuery query, long bytesMax) {
    client.checkUse();
    String prefix = query.idPrefix().isEmpty() ? "@" : query.idPrefix();
    if (!EntityId.isEntityId(prefix)) {
      return new Entities(List.of(), null);
    }
    FullPage<EntityMetadata> page =
        page(
            Lookups.entityFilter(
                prefix, query.withoutState(), query.modifiedFrom(), query.modifiedTo()),
            query.pageSize(),
            query.states() ? bytesMax : Long.MAX_VALUE,
            query.token(),
            row -> Metadata.ofEntity(row, query.states(), engine.converter()));
    return new Entities(page.items(), page.token());
  }
}
