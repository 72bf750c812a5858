package dev.perdure.testing;

import dev.perdure.api.AuditReport;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntityMetadata;
import dev.perdure.api.EntityQuery;
import dev.perdure.api.EntitySignal;
import dev.perdure.api.EntityStorageCleanup;
import dev.perdure.api.Explanation;
import dev.perdure.api.FunctionRef;
import dev.perdure.api.HistoryEvent;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.InvalidInstanceStateException;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.OrchestrationStatus;
import dev.perdure.api.PerdureClient;
import dev.perdure.api.PurgeFilter;
import dev.perdure.api.StartOptions;
import dev.perdure.engine.functions.EntityProxies;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The client of a test hub: stays the same over restarts, lets time pass where it waits, and where
 * hosts are killed on purpose asks again until there is an answer.
 */
final class HubClient implements PerdureClient {
  private final TestHub hub;
  private final Lives lives;
  private final AtomicInteger ids = new AtomicInteger();

  HubClient(TestHub hub, Lives lives) {
    this.hub = hub;
    this.lives = lives;
  }

  private <T extends @Nullable Object> T ask(Function<PerdureClient, T> request) {
    return lives.ask((engine, again) -> request.apply(engine.client()));
  }

  private void tell(Consumer<PerdureClient> request) {
    lives.<@Nullable Void>ask(
        (engine, again) -> {
          request.accept(engine.client());
          return null;
        });
  }

  /** What a request did the first time, whose answer got lost, it need not be able to do again. */
  private void manage(Consumer<PerdureClient> request) {
    lives.<@Nullable Void>ask(
        (engine, again) -> {
          try {
            request.accept(engine.client());
          } catch (InvalidInstanceStateException e) {
            if (!again) {
              throw e;
            }
          }
          return null;
        });
  }

  // ---- starting -----------------------------------------------------------------------------

  @Override
  public String startNew(String name, @Nullable Object input, StartOptions options) {
    return startOnce(options, (client, chosen) -> client.startNew(name, input, chosen));
  }

  @Override
  public String startNewByReference(
      FunctionRef.ToOrchestrator orchestrator, @Nullable Object input, StartOptions options) {
    return startOnce(
        options, (client, chosen) -> client.startNewByReference(orchestrator, input, chosen));
  }

  /** Starts once, however often it has to be asked. */
  private String startOnce(
      StartOptions options, BiFunction<PerdureClient, StartOptions, String> start) {
    String id = options.instanceId();
    if (id == null) {
      // Readable, and the same in every run of a test.
      id = "instance-" + ids.incrementAndGet();
    }
    StartOptions chosen = options.withInstanceId(id);
    String known = id;
    Optional<String> before = executionOf(known);
    return lives.ask(
        (engine, again) ->
            again && !executionOf(known).equals(before)
                ? known // the first time did it, and only the answer got lost
                : start.apply(engine.client(), chosen));
  }

  private Optional<String> executionOf(String id) {
    try {
      return status(id, false).map(OrchestrationMetadata::executionId);
    } catch (RuntimeException e) {
      return Optional.empty(); // whatever is wrong with the id, starting will say
    }
  }

  @Override
  public String restart(String instanceId, boolean newInstanceId) {
    if (newInstanceId) {
      Set<String> before = instancesIfItMayDie();
      return lives.ask(
          (engine, again) -> {
            Set<String> made = again ? instances() : new LinkedHashSet<>();
            made.removeAll(before);
            return made.isEmpty()
                ? engine.client().restart(instanceId, true)
                : made.iterator().next();
          });
    }
    Optional<String> before = executionOf(instanceId);
    return lives.ask(
        (engine, again) ->
            again && !executionOf(instanceId).equals(before)
                ? instanceId
                : engine.client().restart(instanceId, false));
  }

  // ---- waiting: time passes -------------------------------------------------------------------

  @Override
  public OrchestrationMetadata waitForStart(String instanceId, Duration timeout) {
    return hub.isActivity()
        ? ask(client -> client.waitForStart(instanceId, timeout))
        : hub.waitFor(
            instanceId,
            timeout,
            status -> status != OrchestrationStatus.PENDING,
            "its code has run");
  }

  @Override
  public OrchestrationMetadata waitForCompletion(String instanceId, Duration timeout) {
    return hub.isActivity()
        ? ask(client -> client.waitForCompletion(instanceId, timeout))
        : hub.waitFor(instanceId, timeout, OrchestrationStatus::isTerminal, "it has ended");
  }

  // ---- managing -----------------------------------------------------------------------------

  @Override
  public void raiseEvent(String instanceId, String eventName, @Nullable Object payload) {
    manage(client -> client.raiseEvent(instanceId, eventName, payload));
  }

  @Override
  public void suspend(String instanceId, @Nullable String reason) {
    manage(client -> client.suspend(instanceId, reason));
  }

  @Override
  public void resume(String instanceId, @Nullable String reason) {
    manage(client -> client.resume(instanceId, reason));
  }

  @Override
  public void terminate(String instanceId, @Nullable String reason, boolean recursive) {
    manage(client -> client.terminate(instanceId, reason, recursive));
  }

  @Override
  public void rewind(String instanceId, @Nullable String reason) {
    manage(client -> client.rewind(instanceId, reason));
  }

  @Override
  public void requeue(String instanceId, @Nullable String reason) {
    manage(client -> client.requeue(instanceId, reason));
  }

  @Override
  public int purge(String instanceId, boolean recursive) {
    return (int) removed(client -> client.purge(instanceId, recursive));
  }

  @Override
  public long purge(PurgeFilter filter) {
    return removed(client -> client.purge(filter));
  }

  /** Counts what is gone where the answer to the first request got lost. */
  private long removed(ToLongFunction<PerdureClient> purge) {
    Set<String> before = instancesIfItMayDie();
    return lives.ask(
        (engine, again) -> {
          long removed = purge.applyAsLong(engine.client());
          if (!again) {
            return removed;
          }
          Set<String> left = instances();
          return before.stream().filter(id -> !left.contains(id)).count();
        });
  }

  private Set<String> instancesIfItMayDie() {
    return lives.mayDie() ? instances() : Set.of();
  }

  /** The ids of all instances, the oldest first. */
  private Set<String> instances() {
    Set<String> ids = new LinkedHashSet<>();
    InstanceQuery query = InstanceQuery.ALL;
    while (true) {
      InstanceQuery.Page page = query(query);
      page.instances().forEach(instance -> ids.add(instance.instanceId()));
      if (page.continuationToken() == null) {
        return ids;
      }
      query = query.withContinuationToken(page.continuationToken());
    }
  }

  // ---- looking ------------------------------------------------------------------------------

  @Override
  public Optional<OrchestrationMetadata> status(String instanceId, boolean withPayloads) {
    return ask(client -> client.status(instanceId, withPayloads));
  }

  @Override
  public InstanceQuery.Page query(InstanceQuery query) {
    return ask(client -> client.query(query));
  }

  @Override
  public List<HistoryEvent> history(String instanceId) {
    return ask(client -> client.history(instanceId));
  }

  @Override
  public AuditReport audit() {
    return ask(PerdureClient::audit);
  }

  @Override
  public Explanation explain(String instanceId) {
    return ask(client -> client.explain(instanceId));
  }

  // ---- entities -----------------------------------------------------------------------------

  @Override
  public void signalEntity(
      EntityId entity, String operation, @Nullable Object input, @Nullable Instant at) {
    tell(client -> client.signalEntity(entity, operation, input, at));
  }

  @Override
  public void signalEntities(Collection<EntitySignal> signals) {
    tell(client -> client.signalEntities(signals));
  }

  @Override
  public void signalEntityByReference(
      EntityId entity,
      FunctionRef.ToEntityOperation operation,
      @Nullable Object input,
      @Nullable Instant at) {
    tell(client -> client.signalEntityByReference(entity, operation, input, at));
  }

  @Override
  public <T> T signalProxy(Class<T> operations, EntityId entity) {
    return EntityProxies.signalProxy(
        operations, (operation, input) -> signalEntity(entity, operation, input, null));
  }

  @Override
  public Optional<EntityMetadata> getEntity(EntityId entity, boolean withState) {
    return ask(client -> client.getEntity(entity, withState));
  }

  @Override
  public EntityQuery.Page queryEntities(EntityQuery query) {
    return ask(client -> client.queryEntities(query));
  }

  @Override
  public boolean purgeEntity(EntityId entity) {
    return ask(client -> client.purgeEntity(entity));
  }

  @Override
  public EntityStorageCleanup cleanEntityStorage(
      boolean removeEmptyEntities, boolean releaseOrphanedLocks) {
    return ask(client -> client.cleanEntityStorage(removeEmptyEntities, releaseOrphanedLocks));
  }
}
